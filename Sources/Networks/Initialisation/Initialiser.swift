import Tensors

/// How a weight matrix `[out, in]` is drawn, with its gain.
public struct Initialiser {
  /// A function that makes the weight: shape `[out, in]`, fan in, fan out, generator.
  public typealias Custom = (_ shape: Extents, _ fanIn: Int, _ fanOut: Int, _ generator: Generator) throws -> Tensor

  /// The schemes, by the names in options.
  public enum Scheme {
    /// Normal with this standard deviation.
    case normal(std: Double)
    /// Uniform in [low, high).
    case uniform(low: Double, high: Double)
    /// All numbers equal; `zeros` is `constant(0)`.
    case constant(Double)
    /// Normal with variance `gain^2 2 / (in + out)` (Glorot & Bengio 2010, eq. 12).
    case xavierNormal
    /// Uniform within `+-gain sqrt(6 / (in + out))` (Glorot & Bengio 2010, eq. 16).
    case xavierUniform
    /// Normal with variance `gain^2 / in`, the gain being `sqrt(2 / (1 + slope^2))` unless said (He et al. 2015, eq. 10
    /// for a slope of 0, eq. 15).
    case heNormal
    /// Uniform within `+-gain sqrt(3 / in)`, the gain as for `heNormal`.
    case heUniform
    /// Normal with variance `gain^2 / in` (LeCun et al. 1998, section 4.6).
    case lecunNormal
    /// Rows or columns orthonormal, times the gain (Saxe et al. 2014).
    case orthogonal
    /// As `orthogonal`, until `Network.lsuv` scales each layer's outputs (Mishkin & Matas 2016, algorithm 1).
    case lsuv
    /// A function of the caller's.
    case custom(Custom)
  }

  /// What the scheme's standard deviation is multiplied by.
  public enum Gain: Equatable, Sendable {
    /// The scheme's own: `sqrt(2 / (1 + slope^2))` for He, 1 for all others.
    case standard
    /// This number.
    case number(Double)
    /// `1 / sqrt(E phi(z)^2)` of the layer's activation, `z` standard normal.
    case unit
    /// PyTorch's `calculate_gain` of the layer's activation: relu sqrt 2, tanh 5/3, selu 3/4, ...
    case torch
  }

  /// The scheme.
  public var scheme: Scheme
  /// The gain.
  public var gain: Gain
  /// The specification as a user wrote it, for tables and the history.
  public var name: String

  /// The scheme and a gain that was asked for, as tables show them, for example `xavier_normal, gain=1.5`.
  public var text: String {
    switch gain {
    case .standard: name
    case .number(let number): "\(name), gain=\(Losses.text(number))"
    case .unit: "\(name), gain=\"unit\""
    case .torch: "\(name), gain=\"torch\""
    }
  }

  /// The arguments of `init(...)` that ask for it, as a user would type them.
  var arguments: String {
    if isCustom { return name }
    return gain == .standard ? "\"\(name)\"" : "{\"\(name)\"\(text.dropFirst(name.count))}"
  }

  /// Whether a function of the caller's draws the weights.
  var isCustom: Bool { if case .custom = scheme { true } else { false } }

  /// Whether the weights wait for `Network.lsuv`.
  public var awaitsData: Bool { if case .lsuv = scheme { true } else { false } }

  /// The initialiser to remember once weights are drawn: a function may hold the network it draws for, and would keep it alive.
  var withoutFunction: Initialiser {
    guard case .custom = scheme else { return self }
    return Initialiser(.custom { _, _, _, _ in throw Initialiser.functionIsGone }, gain: gain, name: name)
  }

  /// What remains of a function can't draw.
  static var functionIsGone: NetworkError { .expected("init", "the function to draw again with", "only its name") }

  /// Makes an initialiser of a scheme.
  public init(_ scheme: Scheme, gain: Gain = .standard, name: String = "custom") {
    self.scheme = scheme
    self.gain = gain
    self.name = name
  }
}
