import CLua
import CReadline
import LuaAPI

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The interactive prompt: expressions print themselves, errors and Ctrl-C keep the session.
struct Prompt {
  let interpreter: Interpreter
  private let isTerminal = isatty(STDIN_FILENO) != 0
  private static let historyLimit: Int32 = 10_000

  init(_ interpreter: Interpreter) { self.interpreter = interpreter }

  private var lua: LuaState { interpreter.lua }

  /// What came of asking for a line.
  private enum Input {
    case line([UInt8])
    case cleared
    case end
  }

  /// Reads, runs and prints until the input ends.
  func loop() {
    if isTerminal {
      sonde_prompt_begin()
      sonde_history_open(HistoryFile.path(), Prompt.historyLimit)
    }
    while let chunk = readChunk() {
      run(chunk)
      lua_settop(lua, 0)
    }
    lua_settop(lua, 0)
    print("")
    sonde_flush()
    if isTerminal { sonde_prompt_end() }
  }

  // MARK: Reading

  /// Reads lines until they make a whole chunk; nil at the end of the input.
  ///
  /// What `compile` has pushed is left on the stack.
  private func readChunk() -> Chunk? {
    var chunk = Chunk()
    while true {
      switch readLine(continues: !chunk.isBlank) {
      case .end where chunk.isBlank: return nil
      case .end:
        // As in lua.c, what was left unfinished is told as an error.
        _ = isComplete(chunk)
        return keep(chunk)
      case .cleared: chunk = Chunk()
      case .line(let line):
        chunk.append(line)
        if chunk.isBlank {
          chunk = Chunk()
        } else if isComplete(chunk) {
          return keep(chunk)
        }
      }
    }
  }

  private func keep(_ chunk: Chunk) -> Chunk {
    if isTerminal { sonde_history_add(chunk.historyEntry) }
    return chunk
  }

  private func readLine(continues: Bool) -> Input {
    let prompt = promptText(continues ? "_PROMPT2" : "_PROMPT", default: continues ? ">> " : "> ")
    return isTerminal ? readTerminal(prompt) : readPlain(prompt)
  }

  private func readTerminal(_ prompt: [CChar]) -> Input {
    var status: Int32 = 0
    let line = sonde_read_line(prompt, &status)
    defer { free(line) }
    guard let line else { return Int(status) == SONDE_CLEARED ? .cleared : .end }
    return .line(Array(UnsafeRawBufferPointer(start: line, count: strlen(line))))
  }

  /// Reads what is piped in, and shows prompt and line as they would stand on a terminal.
  private func readPlain(_ prompt: [CChar]) -> Input {
    sonde_write(prompt, strlen(prompt))
    sonde_flush()
    var length = 0
    guard let line = sonde_read_plain_line(&length) else { return .end }
    defer { free(line) }
    sonde_write(line, length)
    sonde_write("\n", 1)
    sonde_flush()
    return .line(Array(UnsafeRawBufferPointer(start: line, count: length)))
  }

  /// The global `_PROMPT` or `_PROMPT2` as text, asked for before every line; what can't be used gives the default.
  private func promptText(_ global: String, default fallback: String) -> [CChar] {
    lua_settop(lua, 0)
    let status = sonde_run_prompt(lua, interpreter.session.runtime, global)
    defer { lua_settop(lua, 0) }
    guard status == LUA_OK, lua_type(lua, -1) == LUA_TSTRING, let text = lua_tolstring(lua, -1, nil) else {
      return Array(fallback.utf8CString)
    }
    return Array(UnsafeBufferPointer(start: text, count: strlen(text) + 1))
  }

  // MARK: Compiling

  /// Compiles as an expression, then as statements, and leaves the function or the message on the stack.
  private func isComplete(_ chunk: Chunk) -> Bool {
    lua_settop(lua, 0)
    if chunk.topic != nil || load(chunk.expression) == LUA_OK { return true }
    let unfinished = isUnfinished
    if chunk.isMarkedExpression { return !unfinished }
    lua_settop(lua, 0)
    return load(chunk.bytes) == LUA_OK || !(unfinished || isUnfinished)
  }

  /// Whether the message on top says that the text ended too early.
  private var isUnfinished: Bool { sonde_error_ends(lua, "<eof>", 5) }

  private func load(_ text: [UInt8]) -> Int32 {
    text.withUnsafeBytes { bytes in
      sonde_try_load(lua, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, "=stdin")
    }
  }

  // MARK: Running

  private func run(_ chunk: Chunk) {
    if let topic = chunk.topic { return showHelp(topic) }
    guard lua_type(lua, -1) == LUA_TFUNCTION else { return sonde_complain_error(lua, nil) }
    guard report(interpreter.run(arguments: 0, results: LUA_MULTRET, hold: true)) else { return }
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

  private func showHelp(_ topic: [UInt8]) {
    var status = sonde_try_global(lua, "help")
    if status == LUA_OK, !topic.isEmpty {
      status = topic.withUnsafeBytes { sonde_try_string(lua, $0.baseAddress, $0.count) }
    }
    if status == LUA_OK { status = interpreter.run(arguments: topic.isEmpty ? 0 : 1, hold: true) }
    _ = report(status)
  }

  /// Tells an error without the program's name.
  private func report(_ status: Int32) -> Bool {
    if status != LUA_OK { sonde_complain_error(lua, nil) }
    return status == LUA_OK
  }
}
