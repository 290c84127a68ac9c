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
    let keys = try record.keys?(&call) ?? []
    var position = 0
    if let key = call.argument(1).asString {
      guard let found = keys.firstIndex(of: key) else { throw call.failure("no key '\(key)' to go on from") }
      position = found + 1
    }
    guard position < keys.count else { return call.pushNil() }
    _ = try call.push(keys[position])
    // The value is read as `object[key]` would be.
    lua_settop(call.lua, 1)
    _ = try call.push(keys[position])
    var reader = Call(session: call.session, lua: call.lua, who: type.name)
    lua_pushvalue(call.lua, 2)
    _ = try reader.handle(.index, of: record)
    return 2
  }
}
