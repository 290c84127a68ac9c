import CLua
import Networks
import Tensors

/// A global or local of the user's, as a list of variables shows it.
public struct SessionVariable {
  /// Its name.
  public let name: String
  /// What it is, `tensor float32 [3]`.
  public let kind: String
  /// The value itself where it is short; of objects and tables nothing, for their text may be the user's.
  public let value: String
  /// The bytes of what it holds, where that can be told.
  public let bytes: Int?
  /// The blocks of tensor memory behind it, by their identity, with their bytes.
  public let storages: [ObjectIdentifier: Int]
}

extension Session {
  /// Lists the globals that the user has set, also those of Lua's and ours that were changed; sorted by name.
  ///
  /// Nothing of the user's runs. Globals whose names are no text in UTF-8 are left out.
  public func userGlobals() -> [SessionVariable] {
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    guard lua_checkstack(lua, 64) != 0 else { return [] }
    lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    let call = Call(session: self, lua: lua, who: "globals")
    var found: [SessionVariable] = []
    try? call.forEachPair(in: lua_gettop(lua)) { key, value in
      guard let name = key.asString, !Session.isOurs(name) else { return }
      if let preset = presetGlobals[name], preset == lua_topointer(lua, value) { return }
      found.append(variable(named: name, at: value))
    }
    return found.sorted { $0.name < $1.name }
  }

  /// Whether the program sets a global itself.
  private static func isOurs(_ name: String) -> Bool { ["arg", "_", "_1", "_2"].contains(name) }

  /// Describes the value at an absolute stack index.
  public func variable(named name: String, at index: Int32) -> SessionVariable {
    let storages = Session.storages(of: LuaValue(lua, index))
    var bytes: Int? = storages.isEmpty ? nil : storages.values.reduce(0, +)
    if lua_type(lua, index) == LUA_TSTRING { bytes = Int(clamping: lua_rawlen(lua, index)) }
    return SessionVariable(
      name: name, kind: kind(at: index), value: shortValue(at: index), bytes: bytes, storages: storages)
  }

  private func shortValue(at index: Int32) -> String {
    switch LuaValue(lua, index) {
    case .boolean, .integer, .number, .string:
      var text = ValueText(Call(session: self, lua: lua, who: "globals"), depth: 1, items: 1)
      return (try? text.write(at: index)) ?? ""
    default: return ""
    }
  }

  private static func storages(of value: LuaValue) -> [ObjectIdentifier: Int] {
    guard case .object(let object, _) = value else { return [:] }
    let tensors = (object as? Network).map { Array($0.parameters.values) } ?? (object as? Tensor).map { [$0] } ?? []
    let pairs = tensors.map { (ObjectIdentifier($0.storage), $0.storage.bytes) }
    return Dictionary(pairs) { first, _ in first }
  }
}

extension Session {
  /// Pushes the function of a record itself, whatever a user has made of the name; answers Lua's status.
  public func pushFunction(_ name: String) -> Int32 {
    let index = records.firstIndex { $0.name == name } ?? 0
    return sonde_try_record(lua, runtime, Int32(index), -1)
  }

  /// The text of the string at an absolute stack index, invalid UTF-8 repaired; empty for other values.
  public func text(at index: Int32) -> String {
    lua_type(lua, index) == LUA_TSTRING ? LuaValue.text(lua, index) : ""
  }

  /// Whether two values at absolute stack indices are one object of ours.
  public func isSameObject(_ left: Int32, _ right: Int32) -> Bool {
    guard case .object(let object, _) = LuaValue(lua, left), case .object(let other, _) = LuaValue(lua, right) else {
      return false
    }
    return object === other
  }

  /// The name of the global that holds the object at an absolute stack index; nil where none does.
  public func global(holdingObjectAt index: Int32) -> String? {
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    guard lua_checkstack(lua, 64) != 0 else { return nil }
    lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    var names: [String] = []
    try? Call(session: self, lua: lua, who: "globals").forEachPair(in: lua_gettop(lua)) { key, value in
      if let name = key.asString, !Session.isOurs(name), isSameObject(index, value) { names.append(name) }
    }
    return names.min()
  }
}
