import CLua
import LuaAPI

extension Evaluator {
  /// Keeps what a chunk has left on the stack, and prints it unless it is silenced.
  func showResults(isSilenced: Bool) {
    let results = lua_gettop(lua)
    guard results > 0, report(keepFirst()), !isSilenced, inspect(results) else { return }
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

  /// Sets `_` to the first result, `_1` and `_2` to what `_` was for the results before, raw: a module that forbids new globals
  /// has nothing to say here.
  private func keepFirst() -> Int32 {
    guard lua_checkstack(lua, LUA_MINSTACK) != 0 else { return LUA_OK }
    let results = lua_gettop(lua)
    lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    for (name, older) in [("_1", "_2"), ("_", "_1")] {
      var status = sonde_try_get_field(lua, results + 1, name)
      if status == LUA_OK { status = sonde_try_set_field(lua, results + 1, older) }
      if status != LUA_OK { return status }
    }
    lua_pushvalue(lua, 1)
    let status = sonde_try_set_field(lua, results + 1, "_")
    if status == LUA_OK {
      noteResults(globals: results + 1)
      lua_settop(lua, results)
    }
    return status
  }

  /// Tells Lua's side which functions are results, so that tracebacks don't take these names for theirs.
  private func noteResults(globals: Int32) {
    for (number, name) in ["_", "_1", "_2"].enumerated() {
      let isFunction = sonde_try_get_field(lua, globals, name) == LUA_OK && lua_type(lua, -1) == LUA_TFUNCTION
      sonde_note_result(interpreter.session.runtime, Int32(number), isFunction ? lua_topointer(lua, -1) : nil)
      lua_settop(lua, globals)
    }
  }

  /// Puts the text that the prompt shows of tables and functions in their place, unless `print` is a user's own, which gets them.
  private func inspect(_ results: Int32) -> Bool {
    for index in 1...results where [LUA_TTABLE, LUA_TFUNCTION].contains(lua_type(lua, index)) {
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
}
