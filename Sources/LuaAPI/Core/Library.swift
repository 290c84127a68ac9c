import CData
import CLua
import Kernels

/// The part of Sonde that is written in Lua: the files of `Library`, each a chunk that answers a table of functions.
///
/// A file is loaded at the first call of a function of it. Its globals are a table of its own: Lua's as they were before any
/// script ran, `sonde`, `nn`, `optim`, `data`, `theory` and `plot`, and what `FunctionRecord.libraryFunctions` holds. Chunks are named
/// `=sonde:`, by which errors know to blame the line of the user's that called, not ours.
final class Library {
  /// Where the registry keeps the table of the globals.
  private(set) var globals: Int32 = LUA_NOREF
  /// Where Lua's own `print` is among them: the library has another.
  static let ownPrint = "lua_print"
  /// Where it keeps the table that each file has answered, by the file's name.
  private var files: [String: Int32] = [:]

  /// Keeps the globals as they are now; the table `sonde` is at `root`.
  func prepare(_ call: Call, root: Int32) throws {
    let lua = call.lua
    let top = lua_gettop(lua)
    try check(sonde_try_table(lua, 0, 48))
    let table = lua_gettop(lua)
    lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    try call.forEachPair(in: lua_gettop(lua)) { name, value in
      if let name = name.asString { call.session.presetGlobals[name] = .some(lua_topointer(lua, value)) }
      lua_pushvalue(lua, value - 1)
      lua_pushvalue(lua, value)
      try check(sonde_try_set(lua, table))
    }
    lua_settop(lua, table)
    try check(sonde_try_get_field(lua, table, "print"))
    try check(sonde_try_set_field(lua, table, Library.ownPrint))
    for name in ["nn", "optim", "data", "theory", "plot"] {
      try check(sonde_try_get_field(lua, root, name))
      try check(sonde_try_set_field(lua, table, name))
    }
    try call.set("sonde") {
      lua_pushvalue(lua, root)
      return 1
    }
    for record in FunctionRecord.libraryFunctions {
      try call.pushHidden(record)
      try check(sonde_try_set_field(lua, table, record.shortName))
    }
    try check(sonde_try_reference(lua, &globals))
    lua_settop(lua, top)
  }

  /// Pushes the table of a file, which is loaded where it has not been.
  func push(_ file: String, _ call: Call) throws {
    if files[file] == nil { try load(file, call) }
    lua_rawgeti(call.lua, sonde_registry(), lua_Integer(files[file] ?? LUA_NOREF))
  }

  /// Pushes a function of a file.
  func push(_ function: String, of file: String, _ call: Call) throws {
    let lua = call.lua
    try push(file, call)
    let table = lua_gettop(lua)
    try check(sonde_try_get_field(lua, table, function))
    lua_copy(lua, -1, table)
    lua_settop(lua, table)
  }

  private func load(_ file: String, _ call: Call) throws {
    let lua = call.lua
    let text = sonde_embedded_file("library/\(file).lua")
    guard let bytes = text.bytes else { throw call.failure("the library has no file '\(file)'") }
    try bytes.withMemoryRebound(to: CChar.self, capacity: text.length) {
      try check(sonde_try_load(lua, $0, text.length, "=sonde:\(file).lua"))
    }
    lua_rawgeti(lua, sonde_registry(), lua_Integer(globals))
    // the only upvalue of a chunk
    lua_setupvalue(lua, -2, 1)
    try check(sonde_try_call(lua, 0, 1))
    var reference = LUA_NOREF
    try check(sonde_try_reference(lua, &reference))
    files[file] = reference
  }
}

/// An object whose methods are the library's: they get its state, a Lua table, as their first argument.
final class LibraryObject {
  let state: LuaReference

  init(_ state: LuaReference) { self.state = state }
}

extension FunctionRecord {
  /// Makes the record of a function that is written in Lua, `function` of `Library/file.lua`.
  ///
  /// It is called with the arguments as they came, once they are known to fit; the first of a `LibraryObject`'s method is its state.
  init(
    _ name: String, _ summary: String, _ parameters: [Parameter] = [], variadic: Bool = false,
    options: [Parameter] = [], returns: String, errors: String = "", example: String, receiver: ObjectType? = nil,
    library file: String, _ function: String
  ) {
    self.init(
      name, summary, parameters, variadic: variadic, options: options, returns: returns, errors: errors,
      example: example, receiver: receiver, library: (file, function)
    ) { call in try call.runLibrary(file, function) }
  }
}

extension PropertyRecord {
  /// A field that a function of the library answers; it gets the object's state.
  init(_ name: String, _ summary: String, library file: String, _ function: String) {
    self.init(name, summary) { call in try call.runLibrary(file, function, given: 1) }
  }
}

extension Call {
  /// Calls a function of the library with the arguments from the stack, `given` of them or all, and gives its results back.
  ///
  /// An interrupt inside blames the user's line as well.
  func runLibrary(_ file: String, _ function: String, given: Int32? = nil) throws -> Int32 {
    let count = given ?? argumentTop
    guard lua_checkstack(lua, count + 64) != 0 else { throw LuaFailure.message("not enough memory") }
    let top = lua_gettop(lua)
    try session.library.push(function, of: file, self)
    for index in stride(from: 1, through: count, by: 1) {
      if index == 1, let object = receiver as? LibraryObject {
        object.state.push(self)
      } else {
        lua_pushvalue(lua, index)
      }
    }
    session.libraryDepth += 1
    let status = sonde_try_call(lua, count, LUA_MULTRET)
    session.libraryDepth -= 1
    if status != LUA_OK, sonde_error_ends(lua, "interrupted!", 12) { throw Interrupted() }
    try LuaAPI.check(status)
    return lua_gettop(lua) - top
  }

  /// The element that a function of the library answers for the object's state and the key; without a result there is none.
  func libraryElement(_ file: String, _ function: String) throws -> Int32? {
    let count = try runLibrary(file, function, given: 2)
    return count == 0 ? nil : count
  }

  /// Reads the one result that a function of the library gives for the object's state.
  func library<Result>(_ file: String, _ function: String, _ read: (LuaValue) throws -> Result) throws -> Result {
    try restoring {
      let count = try runLibrary(file, function, given: 1)
      return try read(LuaValue(lua, lua_gettop(lua) - count + 1))
    }
  }
}
