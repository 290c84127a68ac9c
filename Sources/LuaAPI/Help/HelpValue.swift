import CLua

extension Call {
  /// The page about the value at an absolute stack index, which a variable of that name holds.
  func page(ofValueAt index: Int32, named name: String?) throws -> HelpPage {
    switch LuaValue(lua, index) {
    case .function: return try page(ofFunctionAt: index, named: name)
    case .object(let object, let type): return try page(of: object, type, at: index, named: name)
    case .closed(let type): return session.types[Int(type.rawValue)].page
    case .table:
      if let module = try moduleName(at: index), let page = HelpIndex.shared.entry(module)?.page { return page }
    case .other("userdata"):
      if let page = try pageOfFile(at: index) { return page }
    default: break
    }
    return try page(ofDataAt: index, named: name)
  }

  // MARK: Objects and data

  /// The page of an object's type, with a line about the object itself.
  private func page(of object: AnyObject, _ type: ObjectType, at index: Int32, named name: String?) throws -> HelpPage {
    var page = session.types[Int(type.rawValue)].page
    var line = "\(name ?? "This") is \(type.described)" + (try restoring { try shortText(at: index) })
    if let layer = (object as? LayerHandle)?.layer, HelpIndex.shared.entry("nn.\(layer.kind)") != nil {
      line += ", as ?nn.\(layer.kind) tells"
    }
    page.parts.insert(HelpPage.Part(nil, [.text(line + ".")]), at: 0)
    return page
  }

  /// What an object shows behind a colon, where that is a line.
  private func shortText(at index: Int32) throws -> String {
    if let tensor = LuaValue(lua, index).asTensor { return ": \(tensor.summary())" }
    try check(sonde_try_tostring(lua, index))
    let text = LuaValue.text(lua, lua_gettop(lua))
    return text.contains("\n") || text.count > 100 ? "" : ": \(text)"
  }

  /// What a plain value is, and what it holds.
  private func page(ofDataAt index: Int32, named name: String?) throws -> HelpPage {
    let kind = LuaValue(lua, index)
    var page = HelpPage(heading: name ?? String(cString: lua_typename(lua, lua_type(lua, index))))
    let shown = try restoring {
      var text = ValueText(self, depth: 2, items: 12)
      return try text.write(at: index)
    }
    switch kind {
    case .string, .boolean, .integer, .number, .table: page.add(Call.described(kind), [.code(shown)])
    default: page.add(nil, [.text("a value of Lua's type \(String(cString: lua_typename(lua, lua_type(lua, index))))")])
    }
    return page
  }

  private static func described(_ value: LuaValue) -> String {
    switch value {
    case .string(let text): "a string of \(text.utf8.count) bytes"
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .number: "a float"
    default: "a table"
    }
  }

  /// The page of an open file of Lua's, nil for other userdata.
  private func pageOfFile(at index: Int32) throws -> HelpPage? {
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    guard lua_getmetatable(lua, index) != 0 else { return nil }
    try check(sonde_try_get_field(lua, sonde_registry(), "FILE*"))
    return lua_rawequal(lua, -1, -2) != 0 ? HelpIndex.shared.entry("file")?.page : nil
  }

  // MARK: Modules and Lua's own functions

  /// The name of the module or library of Lua that the table is, nil for any other.
  func moduleName(at index: Int32) throws -> String? {
    for name in HelpModule.all.map(\.name) + LuaManual.libraries.map(\.name) where try isGlobal(name, at: index) {
      return name
    }
    return nil
  }

  /// The name of the function of Lua's that the value is.
  func luaName(at index: Int32) throws -> LuaName? {
    try LuaManual.libraries.lazy.flatMap(\.members).first { try isGlobal($0.name, at: index) }
  }

  /// Whether a value is what Lua or Sonde had under that name at the start.
  private func isGlobal(_ name: String, at index: Int32) throws -> Bool {
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    guard lua_checkstack(lua, 32) != 0 else { throw LuaFailure.message("not enough memory") }
    if name.hasPrefix("file:") {
      try check(sonde_try_get_field(lua, sonde_registry(), "FILE*"))
      guard lua_type(lua, -1) == LUA_TTABLE else { return false }
      try check(sonde_try_get_field(lua, lua_gettop(lua), "__index"))
    } else {
      lua_rawgeti(lua, sonde_registry(), lua_Integer(session.library.globals))
    }
    let path = name == "print" ? Library.ownPrint : name.replacing("file:", with: "")
    for part in path.split(separator: ".") {
      guard lua_type(lua, -1) == LUA_TTABLE else { return false }
      try check(sonde_try_get_field(lua, lua_gettop(lua), String(part)))
    }
    return lua_rawequal(lua, -1, index) != 0
  }

  // MARK: Functions

  private func page(ofFunctionAt index: Int32, named name: String?) throws -> HelpPage {
    let record = sonde_record_of(lua, index)
    if record >= 0 { return session.records[Int(record)].page }
    if let own = try luaName(at: index), let page = HelpIndex.shared.entry(own.name)?.page { return page }
    guard let function = LuaFunctionText(self, at: index) else {
      var page = HelpPage(heading: "\(name ?? "function")(...)")
      page.add(nil, [.text("A function written in C, of a module: nothing is known of its parameters.")])
      return page
    }
    return function.page(named: name)
  }
}
