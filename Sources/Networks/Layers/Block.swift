import Kernels
import Tensors

/// A row of an mlp: Linear, [norm], activation, [norm], dropout; the head is a block of a Linear alone.
public final class Block: Layer {
  /// The affine map.
  public let linear: Linear
  /// The nonlinearity, nil in a head.
  public internal(set) var activation: Activation?
  /// The normalisation, nil while off.
  public internal(set) var norm: Normalisation?
  /// Where the normalisation stands, or stood last.
  public internal(set) var normPosition: NormalisationPosition
  /// The dropout after everything else, nil without.
  public let dropout: Dropout?

  let shelf: NormalisationShelf

  init(
    linear: Linear, activation: Activation?, dropout: Dropout? = nil,
    normPosition: NormalisationPosition = .before, shelf: NormalisationShelf = NormalisationShelf()
  ) {
    self.linear = linear
    self.activation = activation
    self.dropout = dropout
    self.normPosition = normPosition
    self.shelf = shelf
    super.init()
    linear.activationAfter = activation
  }

  /// Whether the block is a head: a Linear without an activation.
  public var isHead: Bool { activation == nil }

  /// The kind: `Block`, or `Linear` for a head.
  public override var kind: String { isHead ? "Linear" : "Block" }

  /// The number of inputs, nil until it is known.
  public override var inputFeatures: Int? { linear.inputFeatures }

  /// The dtype of the weights.
  public override var dtype: DType? { linear.dtype }

  /// The Linear's outputs.
  public override func outputFeatures(_ features: Int?) -> Int? { linear.outputs }

  /// The parts' parameters: `linear.weight`, `norm.weight`, `activation.weight`; without prefix in a head.
  public override var parameters: [(name: String, tensor: Tensor)] {
    if isHead { return linear.parameters }
    return named("linear", linear.parameters) + named("norm", norm?.parameters ?? [])
      + named("activation", activation?.parameters ?? [])
  }

  /// The running statistics: `norm.running_mean`, `norm.running_var`.
  public override var buffers: [(name: String, tensor: Tensor)] { named("norm", norm?.buffers ?? []) }

  /// The parts in order, for example `Block(Linear(100 -> 100), ReLU, BatchNorm(100))`.
  public override var description: String {
    if isHead { return linear.description }
    return "Block(" + components.map(\.description).joined(separator: ", ") + ")"
  }

  override var components: [Layer] {
    var list: [Layer] = [linear]
    if normPosition == .before, let norm { list.append(norm) }
    if let activation { list.append(activation) }
    if normPosition == .after, let norm { list.append(norm) }
    if let dropout { list.append(dropout) }
    return list
  }

  override func settle(inputFeatures features: Int, position: Int) throws {
    try linear.settle(inputFeatures: features, position: position)
  }

  override func copy(_ copies: Copies) throws -> Layer {
    let block = Block(
      linear: try copies.layer(linear), activation: try activation.map(copies.layer),
      dropout: try dropout.map(copies.layer), normPosition: normPosition, shelf: try shelf.copy(copies))
    block.norm = try norm.map(copies.layer)
    return block
  }

  private func named(
    _ prefix: String, _ list: [(name: String, tensor: Tensor)]
  ) -> [(name: String, tensor: Tensor)] {
    list.map { ("\(prefix).\($0.name)", $0.tensor) }
  }
}
