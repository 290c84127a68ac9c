import Tensors

/// One setting of an optimiser: its name, as PyTorch has it, and what it may be.
public struct OptimiserSetting: Sendable {
  /// What numbers a setting takes; a flag is 0 or 1.
  public enum Range: Sendable {
    /// Finite and 0 or more.
    case positive
    /// 0 or more and below 1.
    case belowOne
    /// From 0 to 1.
    case fraction
    /// Any finite number.
    case finite
    /// Yes or no, 1 or 0.
    case flag
  }

  /// The name; `beta1` and `beta2` are PyTorch's `betas`.
  public let name: String
  /// What it may be.
  public let range: Range
  /// What it is where nothing is said.
  public let fallback: Double
  /// What it does, in a few words.
  public let meaning: String

  init(_ name: String, _ fallback: Double, _ meaning: String) { self.init(name, .positive, fallback, meaning) }

  init(_ name: String, _ range: Range, _ fallback: Double, _ meaning: String) {
    self.name = name
    self.range = range
    self.fallback = fallback
    self.meaning = meaning
  }

  /// The step's factor, which every optimiser has.
  static func rate(_ fallback: Double) -> OptimiserSetting { OptimiserSetting("lr", fallback, "the learning rate") }

  /// Weight decay through the gradient.
  static let decay = OptimiserSetting(
    "weight_decay", 0, "the factor of a parameter's own value in its gradient")

  /// The direction.
  static let maximise = OptimiserSetting("maximize", .flag, 0, "whether steps go up the gradient")

  /// Whether it is yes or no.
  public var isFlag: Bool {
    if case .flag = range { return true }
    return false
  }

  /// How messages ask for it; nil for what fits.
  func objection(to value: Double) -> String? {
    switch range {
    case .positive: value >= 0 && value.isFinite ? nil : "\(name) of 0 or more"
    case .belowOne: value >= 0 && value < 1 ? nil : "\(name) of at least 0 and below 1"
    case .fraction: value >= 0 && value <= 1 ? nil : "\(name) from 0 to 1"
    case .finite: value.isFinite ? nil : "a finite \(name)"
    case .flag: value == 0 || value == 1 ? nil : "\(name) of 0 or 1"
    }
  }
}

/// The kind of an optimiser: its name, its settings, what it remembers of each parameter.
public struct OptimiserRule: Sendable {
  /// The name, such as `AdamW`.
  public let name: String
  /// The settings in the order of PyTorch's arguments.
  public let settings: [OptimiserSetting]
  /// The names of the tensors kept for a parameter, PyTorch's.
  public let buffers: [String]
  /// How many of them, from the first, are kept whatever the settings.
  let always: Int

  /// Who speaks in messages.
  var who: String { "optim.\(name)" }
}

/// The settings of a group of parameters, each within its range.
public struct OptimiserSettings: Sendable {
  /// Whose settings they are.
  public let rule: OptimiserRule
  private var values: [Double]

  /// The defaults.
  init(_ rule: OptimiserRule) {
    self.rule = rule
    values = rule.settings.map(\.fallback)
  }

  /// The value of a setting; 0 for a name that there isn't.
  public subscript(name: String) -> Double {
    for (index, setting) in rule.settings.enumerated() where setting.name == name { return values[index] }
    return 0
  }

  /// These settings with others in the place of some; either all fit or none is taken.
  ///
  /// - Throws: `NetworkError` for an unknown name, a value out of range, and settings that don't go together.
  func with(_ given: [String: Double]) throws -> OptimiserSettings {
    var result = self
    for (name, value) in given.sorted(by: { $0.key < $1.key }) {
      guard let index = rule.settings.firstIndex(where: { $0.name == name }) else {
        throw NetworkError.unknownName(
          rule.who, what: "setting", name: name, nearest: nearestName(to: name, among: rule.settings.map(\.name)))
      }
      if let objection = rule.settings[index].objection(to: value) {
        throw NetworkError.expected(rule.who, objection, "\(value)")
      }
      result.values[index] = value
    }
    return try result.checked()
  }

  /// Nesterov's momentum wants momentum, all of it.
  private func checked() throws -> OptimiserSettings {
    guard self["nesterov"] != 0 else { return self }
    let (momentum, dampening) = (self["momentum"], self["dampening"])
    guard momentum > 0, dampening == 0 else {
      throw NetworkError.expected(
        rule.who, "momentum above 0 and dampening 0 with nesterov", "momentum \(momentum) and dampening \(dampening)")
    }
    return self
  }

  /// Sets the rate without a check: a caller's own, of a range known.
  mutating func setRate(_ rate: Double) {
    if let index = rule.settings.firstIndex(where: { $0.name == "lr" }) { values[index] = rate }
  }
}
