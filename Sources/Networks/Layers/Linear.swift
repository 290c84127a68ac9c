import Kernels
import Tensors

/// The affine map `z = h W^T + b` of a batch `h` `[batch, in]`; `W` shows as `[out, in]`.
///
/// The weight is stored `[in, out]`, the order the product is fastest in. A layer made without `inputs` learns them at
/// the first forward, or when its network is built from known shapes.
public final class Linear: Layer {
  /// The number of outputs.
  public let outputs: Int
  /// Whether a bias is added.
  public let hasBias: Bool
  /// The weight `[out, in]`, nil until the number of inputs is known.
  public private(set) var weight: Tensor?
  /// The bias `[out]`, nil without one or until the number of inputs is known.
  public private(set) var bias: Tensor?
  /// How the weight is drawn; nil is PyTorch's default, uniform within +-1/sqrt(in) for weight and bias.
  public internal(set) var initialiser: Initialiser?

  private let elementType: DType
  private let generator: Generator
  var activationAfter: Activation?
  /// The weight's changes when it was drawn with no activation known after it; nil once it is known, and for copies.
  private var drawnAt: Int?

  /// Makes a layer and draws its weights, or leaves that until `inputs` is known.
  ///
  /// With an initialiser the bias starts at 0; without one both follow PyTorch's `nn.Linear`.
  ///
  /// - Throws: `NetworkError` for sizes below 1; `TensorError.outOfMemory`; what a custom initialiser throws.
  public init(
    inputs: Int? = nil, outputs: Int, bias: Bool = true, initialiser: Initialiser? = nil, dtype: DType = .float32,
    generator: Generator
  ) throws {
    try NetworkError.require(inputs ?? 1, atLeast: 1, "nn.Linear", "inputs")
    try NetworkError.require(outputs, atLeast: 1, "nn.Linear", "outputs")
    try NetworkError.requireFloat(dtype, "nn.Linear")
    self.outputs = outputs
    self.hasBias = bias
    self.initialiser = initialiser
    self.elementType = dtype
    self.generator = generator
    super.init()
    if let inputs { try allocate(inputs) }
  }

  /// Makes a layer whose numbers are all 0, to be filled with saved ones; nothing is drawn.
  init(
    unfilled inputs: Int, outputs: Int, bias: Bool, initialiser: Initialiser?, dtype: DType, generator: Generator
  ) throws {
    self.outputs = outputs
    self.hasBias = bias
    self.initialiser = initialiser?.withoutFunction
    self.elementType = dtype
    self.generator = generator
    super.init()
    weight = try ParameterLayout.matrix(dtype, inputs: inputs, outputs: outputs)
    self.bias = bias ? try ParameterLayout.vector(dtype, outputs, 0) : nil
  }

  private init(copying other: Linear, _ copies: Copies) throws {
    outputs = other.outputs
    hasBias = other.hasBias
    initialiser = other.initialiser
    elementType = other.elementType
    generator = copies.generator(other.generator)
    weight = try other.weight.map(copies.tensor)
    bias = try other.bias.map(copies.tensor)
    super.init()
  }

  /// The kind, `Linear`.
  public override var kind: String { "Linear" }

  /// The number of inputs, nil until it is known.
  public override var inputFeatures: Int? { weight?.shape[1] }

  /// The dtype of the weights.
  public override var dtype: DType? { elementType }

  /// The number of outputs, whatever the input.
  public override func outputFeatures(_ features: Int?) -> Int? { outputs }

  override var passesFeatures: Bool { false }

  /// The weight and the bias, once they exist.
  public override var parameters: [(name: String, tensor: Tensor)] {
    var list: [(name: String, tensor: Tensor)] = []
    if let weight { list.append(("weight", weight)) }
    if let bias { list.append(("bias", bias)) }
    return list
  }

  /// The layer with its sizes, for example `Linear(100 -> 30)`.
  public override var description: String {
    "Linear(\(inputFeatures.map(String.init) ?? "?") -> \(outputs))"
  }

  /// What the standard deviation of the initialiser's scheme is multiplied by, for the activation that follows; 1 without one.
  public var gainFactor: Double { initialiser?.gainFactor(activationAfter) ?? 1 }

  override func copy(_ copies: Copies) throws -> Layer { try Linear(copying: self, copies) }

  override var isSettled: Bool { weight != nil }

  override func settle(inputFeatures features: Int, label: String) throws {
    if weight == nil { try allocate(features) }
  }

  /// Learns which activation follows, on whose gain the weight's scheme may depend.
  ///
  /// A weight that was drawn without it, and not changed since, is scaled from the gain it got to the one it asks for.
  func settleGain(for activation: Activation) throws {
    activationAfter = activation
    guard let weight, let initialiser, let changes = drawnAt, changes == weight.storage.version else { return }
    drawnAt = nil
    let ratio = initialiser.gainFactor(activation) / initialiser.gainFactor(nil)
    if ratio != 1, !initialiser.isCustom { _ = try weight.applyInPlace(.multiply, .scalar(.number(ratio))) }
  }

  /// What takes back that the layer learns its inputs from now on; nil where it knows them.
  func reopening() -> (() -> Void)? {
    guard weight == nil else { return nil }
    let (initialiser, state) = (initialiser, generator.state)
    return {
      self.weight = nil
      self.bias = nil
      self.initialiser = initialiser
      self.generator.state = state
    }
  }

  /// Draws the weight anew as it was drawn at first, and the bias.
  func redraw(_ generator: Generator) throws {
    if let initialiser { return try draw(initialiser, generator) }
    if let weight { try fillByDefault(weight, bias, generator) }
  }

  /// PyTorch's default.
  private func fillByDefault(_ weight: Tensor, _ bias: Tensor?, _ generator: Generator) throws {
    let bound = 1 / Double(weight.shape[1]).squareRoot()
    try generator.fillUniform(weight, low: -bound, high: bound)
    if let bias { try generator.fillUniform(bias, low: -bound, high: bound) }
  }

  /// Draws the weight anew and sets the bias to 0.
  func draw(_ initialiser: Initialiser, _ generator: Generator) throws {
    guard let weight else { return }
    try initialiser.fill(weight, activation: activationAfter, generator: generator)
    try bias?.fill(0)
    self.initialiser = initialiser.withoutFunction
  }

  private func allocate(_ inputs: Int) throws {
    let matrix = try ParameterLayout.matrix(elementType, inputs: inputs, outputs: outputs)
    let vector = hasBias ? try ParameterLayout.vector(elementType, outputs, 0) : nil
    if let initialiser {
      try initialiser.fill(matrix, activation: activationAfter, generator: generator)
    } else {
      try fillByDefault(matrix, vector, generator)
    }
    weight = matrix
    bias = vector
    drawnAt = activationAfter == nil ? matrix.storage.version : nil
    initialiser = initialiser?.withoutFunction
  }
}
