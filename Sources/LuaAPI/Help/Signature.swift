/// How a call of a function is written, with what is taken where nothing is given.
extension FunctionRecord {
  /// The name with its parameters: `sonde.arange(a, [b], step=1, {dtype=})`, `nn.mlp{inputs=100, ...}`.
  var signature: String {
    let names = parameters.enumerated().map { index, parameter in
      parameter.written + (variadic && index == parameters.count - 1 ? "..." : "")
    }
    if options.isEmpty { return "\(name)(\(names.joined(separator: ", ")))" }
    let table = "{\(options.map { "\($0.name)=\($0.shortDefault)" }.joined(separator: ", "))}"
    return names.isEmpty ? name + table : "\(name)(\((names + [table]).joined(separator: ", ")))"
  }
}

extension Parameter {
  /// The parameter in a signature: its name, with a default that is a short piece of Lua, or in brackets.
  fileprivate var written: String {
    guard defaultText != nil else { return name }
    return shortDefault.isEmpty ? "[\(name)]" : "\(name)=\(shortDefault)"
  }

  /// The default where it is a number, a short text or a flag, else nothing.
  fileprivate var shortDefault: String {
    guard let text = defaultText, text.count <= 16 else { return "" }
    if text == "true" || text == "false" || Double(text) != nil { return text }
    return text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"") ? text : ""
  }

  /// What help says of the parameter: its type, meaning and default.
  var explanation: String {
    let fallback = defaultText.flatMap { $0 == "nil" ? nil : " (default: \($0))" } ?? ""
    let isOptional = defaultText == "nil" ? " (may be left out)" : ""
    return "\(type.text): \(meaning)\(fallback)\(isOptional)"
  }
}
