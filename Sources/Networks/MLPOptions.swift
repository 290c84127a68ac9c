import Kernels
import Tensors

/// The options of `nn.mlp`, with their defaults.
public struct MLPOptions {
  /// The number of input features; nil learns it at the first forward.
  public var inputs: Int?
  /// The most hidden blocks there may be.
  static let largestDepth = 100_000

  /// The units of each hidden block.
  public var width = 100
  /// The number of hidden blocks.
  public var depth = 20
  /// The outputs of a Linear head after the blocks; nil for none.
  public var outputs: Int?
  /// The nonlinearity of the blocks.
  public var activation = ActivationFunction.relu
  /// The slope below 0 of a leaky ReLU or the first one of a PReLU; nil for PyTorch's.
  public var slope: Double?
  /// How weights are drawn; nil is `he_normal` for the ReLU family (`ActivationFunction.isReLUFamily`), else
  /// `xavier_normal`.
  public var initialiser: Initialiser?
  /// Whether the blocks have biases, which start at 0; the head always has one.
  public var bias = true
  /// The normalisation of the blocks, nil for none.
  public var norm: NormalisationKind?
  /// Where the normalisation stands.
  public var normPosition = NormalisationPosition.before
  /// What is added to the variance inside the root.
  public var eps = 1e-5
  /// The weight of the new batch in the running statistics; nil averages all batches.
  public var momentum: Double? = 0.1
  /// Whether the normalisations have gamma and beta.
  public var affine = true
  /// How each block's input is added to its output, where both have as many features; nil for no residual connections.
  public var residual: ResidualForm?
  /// The probability of dropout after each block; 0 for none.
  public var dropout = 0.0
  /// What the network computes in.
  public var dtype = DType.float32
  /// The seed of the network's own generator; nil draws from the generator it is made with.
  public var seed: UInt64?

  /// Makes options with the defaults.
  public init() {}
}

extension ActivationFunction {
  /// How mlp draws weights unless said: `he_normal` for the ReLU family, else `xavier_normal`.
  public var defaultInitialiser: Initialiser {
    isReLUFamily
      ? Initialiser(.heNormal, name: "he_normal") : Initialiser(.xavierNormal, name: "xavier_normal")
  }

  /// Whether mlp draws weights by `he_normal` for this function: relu, leaky_relu, prelu, elu, gelu and silu.
  public var isReLUFamily: Bool {
    switch self {
    case .relu, .leakyReLU, .prelu, .elu, .gelu, .silu: true
    case .linear, .selu, .tanh, .sigmoid, .softplus, .hardtanh: false
    }
  }
}
