import CLua

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where a user's own files of the program are.
enum UserFiles {
  /// What runs at the start of a prompt: `sonde/init.lua` under XDG's configuration directory; nil without a home.
  ///
  /// The XDG Base Directory Specification has relative paths in `XDG_CONFIG_HOME` ignored.
  static var initFile: String? {
    (directory("XDG_CONFIG_HOME") ?? directory("HOME").map { $0 + "/.config" }).map { $0 + "/sonde/init.lua" }
  }

  /// A path as it was typed: without quotes around it, and with the user's directory for a `~`.
  static func path(typed text: String) -> String {
    var path = text
    if let quote = text.first, quote == "\"" || quote == "'", text.count > 1, text.last == quote {
      path = String(text.dropFirst().dropLast())
    }
    guard path == "~" || path.hasPrefix("~/"), let home = directory("HOME") else { return path }
    return home + path.dropFirst()
  }

  /// An absolute path from the environment.
  private static func directory(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
  }
}

extension Prompt {
  /// Runs the user's init.lua, where there is one; what is wrong with it is told, and the prompt comes.
  func runInitFile() {
    guard !arguments.ignoresEnvironment, let path = UserFiles.initFile, access(path, F_OK) == 0 else { return }
    let lua = interpreter.lua
    defer { lua_settop(lua, 0) }
    let compiled = evaluator.report(sonde_try_load_file(lua, path))
    let isWhole = compiled && evaluator.call(arguments: 0)
    if !isWhole { sonde_complain("the prompt goes on without the rest of \(path)\n") }
    if compiled { record.add(.file(path, isWhole: isWhole)) }
  }

  /// Says how one leaves when a word is typed that others know for it and that means nothing here.
  func tellHowToLeave(_ chunk: Chunk) -> Bool {
    let word = String(decoding: chunk.bytes, as: UTF8.self).trimmed
    guard ["exit", "quit", "exit()", "quit()"].contains(word) else { return false }
    let lua = interpreter.lua
    let name = String(word.prefix(4))
    lua_settop(lua, 0)
    defer { if lua_gettop(lua) > 0 { lua_settop(lua, 0) } }
    lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    let isKnown =
      evaluator.locals.names.contains(name)
      || sonde_try_get_field(lua, 1, name) == LUA_OK && lua_type(lua, -1) != LUA_TNIL
    if !isKnown {
      print(":quit or Ctrl-D leaves")
      return true
    }
    _ = reader.compiler.isComplete(chunk)
    runAndRecord(chunk)
    return true
  }
}
