/// The nonlinearities a layer can apply to each number, with PyTorch's names, constants and defaults.
public enum ActivationFunction: UInt8, CaseIterable, Sendable {
  /// `x`.
  case linear
  /// `max(x, 0)`, slope 0 at 0.
  case relu
  /// `x` above 0, `slope x` below; the slope is 0.01 unless said.
  case leakyReLU
  /// `x` above 0, `weight x` below, the weight being learned; it starts at 0.25.
  case prelu
  /// `x` above 0, `exp(x) - 1` below.
  case elu
  /// `lambda x` above 0, `lambda alpha (exp(x) - 1)` below (Klambauer et al. 2017).
  case selu
  /// `x Phi(x)`, exact by the error function.
  case gelu
  /// `x / (1 + exp(-x))`, also known as swish.
  case silu
  /// The hyperbolic tangent.
  case tanh
  /// `1 / (1 + exp(-x))`.
  case sigmoid
  /// `log(1 + exp(x))`; `x` itself above 20.
  case softplus
  /// `x` cut to [-1, 1], slope 0 at and beyond the ends.
  case hardtanh

  /// SELU's factor.
  @inlinable public static var seluScale: Double { 1.0507009873554805 }
  /// SELU's scale of the exponential branch, without the factor.
  @inlinable public static var seluAlpha: Double { 1.6732632423543772 }
  /// Where softplus becomes the identity, as in PyTorch.
  @inlinable public static var softplusThreshold: Double { 20.0 }

  /// The name in options, for example `leaky_relu`.
  public var name: String {
    switch self {
    case .leakyReLU: "leaky_relu"
    default: "\(self)"
    }
  }

  /// The name of the layer, for example `LeakyReLU`.
  public var layerName: String {
    switch self {
    case .linear: "Identity"
    case .relu: "ReLU"
    case .leakyReLU: "LeakyReLU"
    case .prelu: "PReLU"
    case .elu: "ELU"
    case .selu: "SELU"
    case .gelu: "GELU"
    case .silu: "SiLU"
    case .tanh: "Tanh"
    case .sigmoid: "Sigmoid"
    case .softplus: "Softplus"
    case .hardtanh: "Hardtanh"
    }
  }

  /// The slope below 0 where none is given: 0.01 for the leaky kind, 0.25 for the learned one, 0 for all others.
  public var defaultSlope: Double {
    switch self {
    case .leakyReLU: 0.01
    case .prelu: 0.25
    default: 0
    }
  }

  /// Finds a function by its option name, nil when there is none.
  public init?(name: String) {
    guard let match = ActivationFunction.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// Whether the slope follows from the output alone, so that the input need not be kept; `slope` is that below 0.
  public func derivesFromOutput(slope: Double) -> Bool {
    switch self {
    case .linear, .relu, .elu, .selu, .tanh, .sigmoid, .hardtanh: true
    case .leakyReLU: slope > 0
    case .prelu, .gelu, .silu, .softplus: false
    }
  }
}
