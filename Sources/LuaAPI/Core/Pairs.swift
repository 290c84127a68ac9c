import CLua

extension FunctionRecord {
  /// The function that `pairs(object)` answers: from a key to the next key and its value.
  static let pairsIterator = FunctionRecord(
    "sonde.next", "Steps through the fields that pairs walks, in their stable order.",
    [Parameter("object", .any, "an object of Sonde's"), Parameter("key", .any, default: "nil", "the key before")],
    returns: "the next key and its value, nil at the end",
    example: "for name, value in pairs(nn.mlp{inputs=2, width=2, depth=1}.parameters) do assert(value) end"
  ) { call in
    guard case .object(_, let type) = call.argument(0) else {
      throw call.failure("argument 1 'object' expected an object of Sonde's, got \(call.argument(0).text)")
    }
    let record = call.session.types[Int(type.rawValue)]
    try call.readReceiver(type)
    let elements = record.walksElements ? try record.length?(&call) ?? 0 : 0
    let keys = try record.keys?(&call) ?? []
    let position = try call.position(after: call.argument(1), elements, keys)
    guard position < elements + keys.count else { return call.pushNil() }
    let key = position < elements ? nil : keys[position - elements]
    _ = try call.push(key: key, position)
    // The value is read as `object[key]` would be.
    lua_settop(call.lua, 1)
    _ = try call.push(key: key, position)
    var reader = Call(session: call.session, lua: call.lua, who: type.name)
    lua_pushvalue(call.lua, 2)
    _ = try reader.handle(.index, of: record)
    return 2
  }
}

extension Call {
  /// Pushes a name, or without one the number of the element at `position` from 0.
  fileprivate func push(key: String?, _ position: Int) throws -> Int32 {
    if let key { return try push(key) }
    return push(position + 1)
  }

  /// The place, from 0, behind a key among the elements and then the keys that `pairs` walks.
  fileprivate func position(after key: LuaValue, _ elements: Int, _ keys: [String]) throws -> Int {
    if let name = key.asString {
      guard let found = keys.firstIndex(of: name) else { throw failure("no key '\(name)' to go on from") }
      return elements + found + 1
    }
    guard let index = key.asInteger else { return 0 }
    guard 1...max(elements, 1) ~= index else { throw failure("no key \(index) to go on from") }
    return index
  }
}
