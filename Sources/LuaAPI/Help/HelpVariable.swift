import CLua

extension Call {
  /// A step from a value to one inside it.
  private enum Step {
    case field(String)
    case index(Int)
  }

  /// Pushes what a chain such as `net[1].linear` leads to from a variable; false, and nothing pushed, where it leads nowhere.
  ///
  /// Tables are read raw, so that no function of the user's runs; of objects only ours are asked.
  func pushVariable(_ chain: String) throws -> Bool {
    guard let steps = Call.steps(chain), case .field(let root)? = steps.first else { return false }
    let top = lua_gettop(lua)
    guard lua_checkstack(lua, 32) != 0 else { throw LuaFailure.message("not enough memory") }
    if session.pushLocal?(root) != true {
      lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
      try pushField(.field(root))
      lua_rotate(lua, -2, -1)
      sonde_pop(lua, 1)
    }
    for step in steps.dropFirst() where lua_type(lua, -1) != LUA_TNIL {
      lua_copy(lua, -1, top + 1)
      lua_settop(lua, top + 1)
      try pushField(step)
      lua_copy(lua, -1, top + 1)
      lua_settop(lua, top + 1)
    }
    if lua_type(lua, -1) != LUA_TNIL { return true }
    lua_settop(lua, top)
    return false
  }

  /// Pushes a field of the value on top, nil where there is none; a method of a string is that of the library.
  private func pushField(_ step: Step) throws {
    let value = lua_gettop(lua)
    switch LuaValue(lua, value) {
    case .table: try pushRaw(step, of: value, levels: 10)
    case .object:
      try push(step)
      if sonde_try_index(lua, value) != LUA_OK {
        lua_settop(lua, value)
        lua_pushnil(lua)
      }
    case .string:
      lua_rawgeti(lua, sonde_registry(), lua_Integer(session.library.globals))
      try check(sonde_try_get_field(lua, lua_gettop(lua), "string"))
      try pushRaw(step, of: lua_gettop(lua), levels: 0)
    default: lua_pushnil(lua)
    }
  }

  /// Reads a table, and the tables that its metatable's `__index` leads to.
  private func pushRaw(_ step: Step, of table: Int32, levels: Int) throws {
    try push(step)
    lua_rawget(lua, table)
    guard lua_type(lua, -1) == LUA_TNIL, levels > 0, lua_getmetatable(lua, table) != 0 else { return }
    try check(sonde_try_get_field(lua, lua_gettop(lua), "__index"))
    guard lua_type(lua, -1) == LUA_TTABLE, lua_checkstack(lua, 32) != 0 else { return lua_pushnil(lua) }
    try pushRaw(step, of: lua_gettop(lua), levels: levels - 1)
  }

  private func push(_ step: Step) throws {
    switch step {
    case .field(let name): _ = try push(name)
    case .index(let number): _ = push(number)
    }
  }

  /// The steps of a chain of names, `.name`, `:name`, `[1]` and `['name']`; nil for any other text.
  private static func steps(_ chain: String) -> [Step]? {
    var steps: [Step] = []
    var rest = chain[...]
    while !rest.isEmpty {
      if steps.isEmpty || rest.first == "." || rest.first == ":" {
        if !steps.isEmpty { rest.removeFirst() }
        let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        guard let first = name.first, !first.isNumber else { return nil }
        steps.append(.field(String(name)))
        rest = rest[name.endIndex...]
      } else {
        guard rest.first == "[", let end = rest.firstIndex(of: "]") else { return nil }
        let key = rest[rest.index(after: rest.startIndex)..<end]
        if let number = Int(key) {
          steps.append(.index(number))
        } else {
          guard key.count > 2, let quote = key.first, quote == key.last, quote == "'" || quote == "\"" else {
            return nil
          }
          steps.append(.field(String(key.dropFirst().dropLast())))
        }
        rest = rest[rest.index(after: end)...]
      }
    }
    return steps
  }
}
