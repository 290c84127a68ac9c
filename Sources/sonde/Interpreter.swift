import CLua
import LuaAPI

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Runs chunks, files and scripts in a session, and reports errors as lua.c does.
///
/// A class: whoever holds it sees the session that `:reset` puts in the place of another.
final class Interpreter {
  private(set) var session: Session
  /// The name before messages: how the program was called.
  let program: Word

  init(session: Session, program: Word) {
    (self.session, self.program) = (session, program)
  }

  /// Closes the session and goes on in a fresh one; nothing may hold a value of the old one.
  func replaceSession(with fresh: Session) {
    session.close()
    session = fresh
  }

  var lua: LuaState { session.lua }

  /// Tells the error value on top of the stack, if the status is one, and pops it; answers whether all was well.
  func report(_ status: Int32) -> Bool {
    if status != LUA_OK { sonde_complain_error(lua, program) }
    return status == LUA_OK
  }

  /// Compiles and runs a string.
  func execute(_ text: Word, name: String) -> Bool {
    let status = sonde_try_load(lua, text, strlen(text), name)
    return report(status == LUA_OK ? run(arguments: 0) : status)
  }

  /// `require`s a module into a global; `name` is `mod` or `global=mod`.
  func require(_ name: Word) -> Bool {
    let equals = strchr(name, Int32(UInt8(ascii: "=")))
    let module = equals.map { Word($0) + 1 } ?? name
    var global = Array(UnsafeBufferPointer(start: name, count: equals.map { Word($0) - name } ?? strlen(name)))
    global.append(0)
    var status = sonde_try_global(lua, "require")
    if status == LUA_OK { status = sonde_try_string(lua, module, strlen(module)) }
    if status == LUA_OK { status = run(arguments: 1, results: 1) }
    if status == LUA_OK { status = sonde_try_set_global(lua, global) }
    return report(status)
  }

  /// Runs a file, or standard input for nil.
  func runFile(_ path: Word?) -> Bool {
    let status = sonde_try_load_file(lua, path)
    return report(status == LUA_OK ? run(arguments: 0) : status)
  }

  /// Runs a script, or standard input for nil, with what the global `arg` holds then.
  func runScript(_ path: Word?) -> Bool {
    var status = sonde_try_load_file(lua, path)
    var count: Int32 = 0
    if status == LUA_OK { status = sonde_try_arguments(lua, &count) }
    return report(status == LUA_OK ? run(arguments: count) : status)
  }

  /// Calls the function below its arguments on the stack, under Ctrl-C.
  func run(arguments: Int32, results: Int32 = 0, hold: Bool = false) -> Int32 {
    sonde_run(lua, session.runtime, arguments, results, hold)
  }

  /// Whether LUA_INIT_5_4 or LUA_INIT is set.
  static var hasInit: Bool { getenv("LUA_INIT_5_4") != nil || getenv("LUA_INIT") != nil }

  /// Runs what LUA_INIT_5_4 or else LUA_INIT holds: a file behind an @, or Lua text.
  func runInit() -> Bool {
    for name in ["LUA_INIT_5_4", "LUA_INIT"] {
      guard let value = getenv(name) else { continue }
      let isFile = value.pointee == CChar(UInt8(ascii: "@"))
      return isFile ? runFile(value + 1) : execute(value, name: "=\(name)")
    }
    return true
  }

  /// Sets the global `arg`: the script at 0, its arguments from 1, what stands before it at negative indices.
  func setArguments(_ words: [Word], script: Int) -> Bool {
    var status = sonde_try_table(lua, Int32(clamping: words.count - script), Int32(clamping: script + 1))
    let table = lua_gettop(lua)
    for (index, word) in words.enumerated() where status == LUA_OK {
      status = sonde_try_string(lua, word, strlen(word))
      if status == LUA_OK { status = sonde_try_set_index(lua, table, lua_Integer(index - script)) }
    }
    if status == LUA_OK { status = sonde_try_set_global(lua, "arg") }
    return report(status)
  }
}
