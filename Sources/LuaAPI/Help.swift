import CLua

extension FunctionRecord {
  /// `help`.
  static let help = FunctionRecord(
    "sonde.help", "Shows the documentation of a function, a method or a type; without an argument, what there is.",
    [Parameter("topic", .any, default: "nil", "a name such as 'nn.mlp', a function, or an object")],
    returns: "nothing; it prints", errors: "a name that is not known",
    example: "help('sonde.zeros')"
  ) { call in
    let text = try call.helpText()
    try check(sonde_try_global(call.lua, "print"))
    _ = try call.push(text)
    try check(sonde_try_call(call.lua, 1, 0))
    return 0
  }

  /// The page about this function.
  var page: String {
    let names = parameters.map { $0.defaultText == nil ? $0.name : "[\($0.name)]" } + (options.isEmpty ? [] : ["{...}"])
    var lines = ["\(name)(\(names.joined(separator: ", ")))", "  \(summary)"]
    lines += parameters.map { FunctionRecord.line($0) }
    if !options.isEmpty { lines += ["  options:"] + options.map { FunctionRecord.line($0) } }
    lines.append("  returns: \(returns)")
    if !errors.isEmpty { lines.append("  errors: \(errors)") }
    lines.append("  example: \(example)")
    return lines.joined(separator: "\n")
  }

  private static func line(_ parameter: Parameter) -> String {
    let fallback = parameter.defaultText.map { " (default: \($0))" } ?? ""
    return "    \(parameter.name): \(parameter.type.text), \(parameter.meaning)\(fallback)"
  }
}

extension TypeRecord {
  /// The page about this type: its fields and methods.
  var page: String {
    var lines = ["\(type.name): \(summary)"]
    if !properties.isEmpty { lines += ["  fields:"] + properties.map { "    \($0.name): \($0.summary)" } }
    let names = methods.map(\.shortName)
    if !names.isEmpty { lines += ["  methods:"] + wrapped(names) }
    return lines.joined(separator: "\n")
  }
}

/// Words in lines of at most 76 columns, indented by four.
private func wrapped(_ words: [String]) -> [String] {
  var lines: [String] = []
  var line = "   "
  for word in words {
    if line.count + word.count + 1 > 76 {
      lines.append(line)
      line = "   "
    }
    line += " " + word
  }
  return lines + [line]
}

extension Call {
  /// The text for whatever the topic is.
  fileprivate func helpText() throws -> String {
    switch argument(0) {
    case .absent: return session.overview
    case .function(let index):
      let record = sonde_record_of(lua, index)
      guard record >= 0 else { throw failure("this function is not one of Sonde's; help knows only those") }
      return session.records[Int(record)].page
    case .object(_, let type), .closed(let type): return session.types[Int(type.rawValue)].page
    case .string(let name): return try helpText(on: name)
    default: return try helpText(on: argument(0).text)
    }
  }

  private func helpText(on name: String) throws -> String {
    let records = session.records
    let full = name.hasPrefix("sonde.") || records.contains { $0.name == name } ? name : "sonde.\(name)"
    let asMethod = full.split(separator: ".").suffix(2).joined(separator: ":")
    if let record = records.first(where: { $0.name == full || $0.name == name || $0.name == asMethod }) {
      return record.page
    }
    if let type = session.types.first(where: { $0.type.name == name }) { return type.page }
    let methods = records.filter { $0.shortName == name }
    if !methods.isEmpty { return methods.map(\.page).joined(separator: "\n\n") }
    let candidates = records.flatMap { [$0.name, $0.shortName] } + session.types.map(\.type.name)
    throw failure("nothing is known about '\(name)'\(suggestion(for: name, among: candidates))")
  }
}

extension Session {
  /// What `help()` shows: every function by name, and the types.
  fileprivate var overview: String {
    let functions = records.filter { $0.receiver == nil && $0.name != "sonde.next" }
    var lines = [
      "Sonde looks inside deep networks. help('name') or ?name shows a page; expressions print themselves.",
      "Wrong arguments, and tensors beyond --memory-limit, raise an error everywhere; pages tell what else does.",
    ]
    let groups = ["sonde", "nn", "optim", "data", "theory"]
    for group in groups {
      let names = functions.filter { $0.name.hasPrefix(group + ".") }.map { String($0.name.dropFirst(group.count + 1)) }
      if !names.isEmpty { lines += ["  \(group):"] + wrapped(names) }
    }
    lines += ["  types:"] + wrapped(types.filter { !$0.summary.isEmpty }.map { "'\($0.type.name)'" })
    return lines.joined(separator: "\n")
  }
}
