extension Initialiser {
  /// How weights were drawn: the name as the user wrote it, and the gain; of a function only that it was one.
  var configuration: Configuration {
    let isFunction = if case .custom = scheme { true } else { false }
    // spaces of all kinds say nothing in a name
    let name = String(self.name.unicodeScalars.filter { $0.properties.generalCategory != .control }.prefix(200))
    let isCustom = isFunction || (try? Initialiser(parsing: name)) == nil
    let gain: Configuration =
      switch self.gain {
      case .standard: .text("standard")
      case .unit: .text("unit")
      case .torch: .text("torch")
      case .number(let number): .number(number)
      }
    return .object(["name": .text(name), "gain": gain, "function": .boolean(isCustom)])
  }

  /// Reads what `configuration` wrote.
  ///
  /// - Throws: `ConfigurationError`; `NetworkError` for an unknown name or wrong arguments.
  init(_ saved: SavedLayer) throws {
    let name = try saved.text("name")
    let gain = try Initialiser.gain(saved)
    if try saved.boolean("function") {
      self = Initialiser(.custom { _, _, _, _ in throw Initialiser.functionIsGone }, gain: gain, name: name)
    } else {
      self = try Initialiser(parsing: name, gain: gain)
    }
    try saved.finish()
  }

  private static func gain(_ saved: SavedLayer) throws -> Gain {
    guard let word = try? saved.text("gain") else { return .number(try saved.number("gain")) }
    switch word {
    case "standard": return .standard
    case "unit": return .unit
    case "torch": return .torch
    default: throw saved.unexpected("gain", "a number, 'standard', 'unit' or 'torch'")
    }
  }
}
