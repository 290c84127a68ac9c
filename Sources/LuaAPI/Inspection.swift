import CLua

extension FunctionRecord {
  /// `sonde.inspect`.
  static let inspect = FunctionRecord(
    "sonde.inspect",
    "Writes a value as text that shows what tables hold, in a stable order; the prompt shows tables so.",
    [
      Parameter("value", .any, "what to write"),
      // no options of the record's: a table of named fields in the place of the value would be taken for them
      Parameter(
        "options", .table, default: "{depth=3, items=20}",
        "depth: how many levels of tables are shown, 1 to 64; items: how many elements and how many other fields of each, "
          + "1 to 10000, and in all no more than 10 times that"),
    ],
    returns: "a string: one line if it fits, tensors by their first numbers, <cycle> for a table inside itself",
    errors: "a depth or a number of items out of range",
    example:
      "assert(sonde.inspect({1, 2, name='x', t=sonde.ones(2)}) == '{1, 2, name = \"x\", t = tensor float32 [2] (1, 1)}')"
  ) { call in
    guard call.arguments.count > 0 else { throw call.failure("argument 1 'value' expected a value, got nothing") }
    let (depth, items) = try call.limits()
    var text = ValueText(call, depth: depth, items: items)
    return try call.push(try text.write(at: 1))
  }
}

extension Call {
  /// The options of `inspect`.
  fileprivate func limits() throws -> (depth: Int, items: Int) {
    var limits = ["depth": 3, "items": 20]
    let most = ["depth": 64, "items": 10_000]
    guard case .table(let options) = argument(1) else { return (3, 20) }
    try forEachPair(in: options) { key, index in
      guard let name = key.asString, let limit = most[name] else {
        let cure = suggestion(for: key.asString ?? "", among: ["depth", "items"], otherwise: "")
        throw failure("unknown option \(key.text)\(cure)")
      }
      let value = LuaValue(lua, index)
      guard let number = value.asInteger, 1...limit ~= number else {
        throw failure("option '\(name)' expected 1 to \(limit), got \(value.text)")
      }
      limits[name] = number
    }
    return (limits["depth"] ?? 3, limits["items"] ?? 20)
  }
}

extension FunctionRecord {
  /// What the prompt shows of a value: the text of `sonde.inspect` for the width and with the colours of the terminal.
  static let shown = FunctionRecord(
    "prompt.shown", "Writes a value for the screen.",
    [
      Parameter("value", .any, default: "nil", "what to write"),
      Parameter("plain", .boolean, default: "false", "whether colours are left out"),
    ],
    returns: "a string", example: ""
  ) { call in
    var screen = Screen.output
    if case .boolean(true) = call.argument(1) { screen = Screen(columns: screen.columns) }
    var text = ValueText(call, depth: 3, items: 20, screen: screen)
    return try call.push(try text.write(at: 1))
  }
}

extension Session {
  /// Pushes the function that writes a value for the screen, in colours unless its second argument is true; answers Lua's status.
  public func pushInspector() -> Int32 {
    sonde_try_record(lua, runtime, hidden[FunctionRecord.shown.name] ?? 0, -1)
  }
}
