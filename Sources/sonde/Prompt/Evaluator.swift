import CLua
import LuaAPI

/// How a chunk ended.
enum ChunkOutcome {
  /// To its end, or to its `return`; what Ctrl-C has cut short without an error counts as interrupted.
  case completed
  /// It does not compile: nothing ran.
  case refused
  case failed
  case interrupted
}

/// Runs chunks at the prompt, keeps their results and prints them.
final class Evaluator {
  private let compiler: ChunkCompiler

  init(compiler: ChunkCompiler) { self.compiler = compiler }

  private var interpreter: Interpreter { compiler.interpreter }
  private var lua: LuaState { interpreter.lua }

  /// Runs the chunk whose function, or the message of whose error, the compiler has left on the stack.
  @discardableResult
  func run(_ chunk: Chunk) -> ChunkOutcome {
    guard lua_type(lua, -1) == LUA_TFUNCTION else {
      sonde_complain_error(lua, nil)
      return .refused
    }
    let interrupts = sonde_interrupt_count()
    let status = interpreter.run(arguments: 0, results: LUA_MULTRET, hold: true)
    let wasInterrupted = sonde_interrupt_count() != interrupts
    if report(status) { showResults(of: chunk) }
    return wasInterrupted ? .interrupted : status == LUA_OK ? .completed : .failed
  }

  /// Keeps and prints what a chunk has left on the stack.
  private func showResults(of chunk: Chunk) {
    let results = lua_gettop(lua)
    guard results > 0, report(keepFirst()), !chunk.isSilenced, inspectTables(results) else { return }
    // several lines each: side by side they would run into each other
    let hasObjects = (1...results).contains { lua_type(lua, $0) == LUA_TUSERDATA }
    guard results > 1, hasObjects, printsItself else { return show(results) }
    for index in 1...results where lua_checkstack(lua, LUA_MINSTACK) != 0 {
      lua_pushvalue(lua, index)
      show(1)
      lua_settop(lua, results)
    }
  }

  /// Calls `print` with the values on top.
  private func show(_ count: Int32) {
    let status = sonde_run_print(lua, interpreter.session.runtime, count)
    if status != LUA_OK || lua_type(lua, -1) == LUA_TSTRING { sonde_complain_error(lua, nil) }
  }

  /// Sets `_` to the first result, raw: a module that forbids new globals has nothing to say here.
  private func keepFirst() -> Int32 {
    guard lua_checkstack(lua, LUA_MINSTACK) != 0 else { return LUA_OK }
    lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    lua_pushvalue(lua, 1)
    let status = sonde_try_set_field(lua, lua_gettop(lua) - 1, "_")
    if status == LUA_OK { sonde_pop(lua, 1) }
    return status
  }

  /// Puts the text that `sonde.inspect` gives in the place of each table, unless `print` is a user's own, which gets the tables.
  private func inspectTables(_ results: Int32) -> Bool {
    for index in 1...results where lua_type(lua, index) == LUA_TTABLE {
      guard lua_checkstack(lua, LUA_MINSTACK) != 0, printsItself else { return true }
      var status = interpreter.session.pushInspector()
      lua_pushvalue(lua, index)
      if status == LUA_OK { status = interpreter.run(arguments: 1, results: 1, hold: true) }
      guard report(status) else { return false }
      lua_copy(lua, -1, index)
      lua_settop(lua, results)
    }
    return true
  }

  /// Whether `print` is Lua's own, as far as can be told.
  private var printsItself: Bool {
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    guard lua_checkstack(lua, LUA_MINSTACK) != 0 else { return false }
    lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    return sonde_try_get_field(lua, lua_gettop(lua), "print") == LUA_OK && lua_iscfunction(lua, -1) != 0
  }

  /// Tells an error without the program's name.
  func report(_ status: Int32) -> Bool {
    if status != LUA_OK { sonde_complain_error(lua, nil) }
    return status == LUA_OK
  }
}
