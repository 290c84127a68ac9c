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
  private let usesReadline = isatty(STDIN_FILENO) != 0
  private static let historyLimit = 10_000

  init(_ interpreter: Interpreter) { self.interpreter = interpreter }

  private var lua: LuaState { interpreter.lua }

  /// What came of asking for a line.
  private enum Input {
    case line(String)
    case cleared
    case end
  }

  /// Reads, runs and prints until the input ends.
  func loop() {
    let history = usesReadline ? HistoryFile.path() : nil
    if let history { sonde_history_load(history) }
    while let chunk = readChunk() {
      if usesReadline { sonde_history_add(chunk) }
      run(chunk)
      lua_settop(lua, 0)
    }
    if let history, !sonde_history_save(history, Int32(Prompt.historyLimit)) {
      Interpreter.complain("the history could not be written to '\(history)'", program: interpreter.program)
    }
    print("")
    sonde_flush()
  }

  // MARK: Reading

  /// Reads lines until they make a whole chunk; nil at the end of the input. The compiled function is left on the stack.
  private func readChunk() -> String? {
    var text = ""
    while true {
      switch readLine(continues: !text.isEmpty) {
      case .end:
        return nil
      case .cleared:
        text = ""
        lua_settop(lua, 0)
      case .line(let line):
        text = text.isEmpty ? line : text + "\n" + line
        if text.trimmed.isEmpty {
          text = ""
          continue
        }
        lua_settop(lua, 0)
        if !isIncomplete(text) { return text }
      }
    }
  }

  private func readLine(continues: Bool) -> Input {
    let prompt = promptText(continues ? "_PROMPT2" : "_PROMPT", default: continues ? ">> " : "> ")
    guard usesReadline else {
      print(prompt, terminator: "")
      sonde_flush()
      return Swift.readLine().map { .line($0) } ?? .end
    }
    var status: Int32 = 0
    let line = sonde_read_line(prompt, &status)
    defer { free(line) }
    switch Int(status) {
    case SONDE_CLEARED: return .cleared
    case SONDE_LINE: return line.map { .line(String(cString: $0)) } ?? .end
    default: return .end
    }
  }

  /// The global `_PROMPT` or `_PROMPT2`, as lua.c reads it before every line.
  private func promptText(_ global: String, default fallback: String) -> String {
    guard sonde_try_global(lua, global) == LUA_OK, lua_type(lua, -1) != LUA_TNIL,
      sonde_try_tostring(lua, lua_gettop(lua)) == LUA_OK
    else {
      lua_settop(lua, 0)
      return fallback
    }
    defer { lua_settop(lua, 0) }
    return interpreter.errorText()
  }

  /// Compiles as an expression, then as statements, and leaves the function or the message on the stack.
  private func isIncomplete(_ text: String) -> Bool {
    if text.first == "?" { return false }
    if load(expression(text)) == LUA_OK { return false }
    lua_settop(lua, 0)
    guard load(text) != LUA_OK else { return false }
    let incomplete = interpreter.errorText().hasSuffix("<eof>")
    if incomplete { lua_settop(lua, 0) }
    return incomplete
  }

  private func load(_ text: String) -> Int32 {
    var copy = text
    return copy.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { sonde_try_load(lua, $0.baseAddress, $0.count, "=stdin") }
    }
  }

  /// `= x` and `x` both mean `return x`.
  private func expression(_ text: String) -> String {
    "return " + (text.first == "=" ? String(text.dropFirst()) : text)
  }

  // MARK: Running

  private func run(_ text: String) {
    if text.first == "?" { return showHelp(String(text.dropFirst()).trimmed) }
    guard lua_type(lua, -1) == LUA_TFUNCTION else {
      Interpreter.complain(interpreter.errorText(), program: nil)
      return
    }
    guard interpreter.report(interpreter.run(arguments: 0, results: LUA_MULTRET, hold: true), program: nil) else {
      return
    }
    let results = lua_gettop(lua)
    guard results > 0 else { return }
    lua_pushvalue(lua, 1)
    guard interpreter.report(sonde_try_set_global(lua, "_"), program: nil) else { return }
    if text.trimmed.last != ";" { printResults(results) }
  }

  private func printResults(_ count: Int32) {
    guard interpreter.report(sonde_try_global(lua, "print"), program: nil) else { return }
    sonde_insert(lua, 1)
    let status = interpreter.run(arguments: count, hold: true)
    guard status != LUA_OK else { return }
    Interpreter.complain("error calling 'print' (\(interpreter.errorText()))", program: nil)
  }

  private func showHelp(_ topic: String) {
    var status = sonde_try_global(lua, "help")
    if status == LUA_OK, !topic.isEmpty { status = sonde_try_string(lua, topic, topic.utf8.count) }
    if status == LUA_OK { status = interpreter.run(arguments: topic.isEmpty ? 0 : 1, hold: true) }
    _ = interpreter.report(status, program: nil)
  }
}

/// Where the history of the prompt is kept: `sonde/history` under XDG's state directory.
enum HistoryFile {
  /// The path, its directories made; nil without a home.
  static func path() -> String? {
    let state = getenv("XDG_STATE_HOME").map { String(cString: $0) } ?? ""
    let home = getenv("HOME").map { String(cString: $0) } ?? ""
    guard !state.isEmpty || !home.isEmpty else { return nil }
    var path = state.isEmpty ? home : state
    for part in (state.isEmpty ? [".local", "state"] : []) + ["sonde"] {
      path += "/" + part
      mkdir(path, 0o700)
    }
    return path + "/history"
  }
}
