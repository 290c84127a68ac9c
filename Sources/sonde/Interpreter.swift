import CLua
import LuaAPI

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Runs chunks, files and scripts in a session, and reports errors as lua.c does.
struct Interpreter {
  let session: Session
  /// The name before messages: how the program was called.
  let program: String

  var lua: LuaState { session.lua }

  /// Writes a message to standard error, behind the program's name when there is one.
  static func complain(_ text: String, program: String?) {
    sonde_complain((program.map { "\($0): " } ?? "") + text + "\n")
  }

  /// Tells the error value on top of the stack, if the status is one, and pops it; answers whether all was well.
  func report(_ status: Int32, program: String?) -> Bool {
    guard status != LUA_OK else { return true }
    Interpreter.complain(errorText(), program: program)
    sonde_pop(lua, 1)
    return false
  }

  /// The text of the error value on top.
  func errorText() -> String {
    var length = 0
    guard lua_type(lua, -1) == LUA_TSTRING, let bytes = lua_tolstring(lua, -1, &length) else {
      return "(error object is a \(String(cString: lua_typename(lua, lua_type(lua, -1)))) value)"
    }
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
  }

  /// Compiles and runs a string.
  func execute(_ text: String, name: String) -> Bool {
    var copy = text
    let status = copy.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { sonde_try_load(lua, $0.baseAddress, $0.count, name) }
    }
    return report(status == LUA_OK ? run(arguments: 0) : status, program: program)
  }

  /// `require`s a module into a global; `name` is `mod` or `global=mod`.
  func require(_ name: String) -> Bool {
    let parts = name.split(separator: "=", maxSplits: 1).map(String.init)
    let global = parts.first ?? name
    var status = sonde_try_global(lua, "require")
    if status == LUA_OK {
      let module = parts.last ?? name
      status = sonde_try_string(lua, module, module.utf8.count)
    }
    if status == LUA_OK { status = run(arguments: 1, results: 1) }
    if status == LUA_OK { status = sonde_try_set_global(lua, global) }
    return report(status, program: program)
  }

  /// Runs a file, or standard input for nil, with arguments.
  func runFile(_ path: String?, arguments: [String]) -> Bool {
    var status = path.map { sonde_try_load_file(lua, $0) } ?? sonde_try_load_file(lua, nil)
    guard lua_checkstack(lua, Int32(clamping: arguments.count + 20)) != 0 else {
      return report(sonde_try_string(lua, "too many arguments to script", 28), program: program)
    }
    for argument in arguments where status == LUA_OK {
      status = sonde_try_string(lua, argument, argument.utf8.count)
    }
    return report(status == LUA_OK ? run(arguments: Int32(arguments.count)) : status, program: program)
  }

  /// Calls the function below its arguments on the stack, under Ctrl-C.
  func run(arguments: Int32, results: Int32 = 0, hold: Bool = false) -> Int32 {
    sonde_run(lua, session.runtime, arguments, results, hold)
  }

  /// Runs what LUA_INIT_5_4 or LUA_INIT hold: a file behind an @, or Lua text.
  func runInit() -> Bool {
    for name in ["LUA_INIT_5_4", "LUA_INIT"] {
      guard let value = getenv(name) else { continue }
      let text = String(cString: value)
      return text.first == "@" ? runFile(String(text.dropFirst()), arguments: []) : execute(text, name: "=\(name)")
    }
    return true
  }

  /// Sets the global `arg`: the script at 0, its arguments from 1, what stands before it at negative indices.
  func setArguments(_ argv: [String], script: Int) -> Bool {
    var status = sonde_try_table(lua, Int32(clamping: argv.count - script), 1)
    let table = lua_gettop(lua)
    for (index, word) in argv.enumerated() where status == LUA_OK {
      status = sonde_try_string(lua, word, word.utf8.count)
      if status == LUA_OK { status = sonde_try_set_index(lua, table, lua_Integer(index - script)) }
    }
    if status == LUA_OK { status = sonde_try_set_global(lua, "arg") }
    return report(status, program: program)
  }
}
