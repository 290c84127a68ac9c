import Kernels
import Tensors

/// A row of an mlp: Linear, [norm], activation, [norm], dropout; the head is a block of a Linear alone.
///
/// A residual block adds its input: with the activation inside the branch `y = x + scale f(x)`, f being all its parts, or
/// behind the sum `y = f2(x + scale f1(x))`, f1 being the Linear and a normalisation before the activation, f2 the rest. A
/// block whose input has other features than its output adds nothing.
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

  /// How the input is added, nil where it is not.
  public let residual: ResidualForm?

  let shelf: NormalisationShelf

  init(
    linear: Linear, activation: Activation?, dropout: Dropout? = nil,
    normPosition: NormalisationPosition = .before, residual: ResidualForm? = nil,
    shelf: NormalisationShelf = NormalisationShelf()
  ) {
    self.linear = linear
    self.activation = activation
    self.dropout = dropout
    self.normPosition = normPosition
    self.residual = residual
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

  override var passesFeatures: Bool { false }

  /// The parts' parameters: `linear.weight`, `norm.weight`, `activation.weight`; without prefix in a head.
  public override var parameters: [(name: String, tensor: Tensor)] {
    isHead ? linear.parameters : innerParameters
  }

  /// The running statistics: `norm.running_mean`, `norm.running_var`.
  public override var buffers: [(name: String, tensor: Tensor)] { innerBuffers }

  /// The parts with their names: linear, norm, activation, dropout.
  public override var inner: [(name: String, layer: Layer)] {
    let parts: [(String, Layer?)] = [
      ("linear", linear), ("norm", norm), ("activation", activation), ("dropout", dropout),
    ]
    return parts.compactMap { name, layer in layer.map { (name, $0) } }
  }

  /// The parts in order, for example `Block(Linear(100 -> 100), ReLU, BatchNorm(100))`; with `x +` where the
  /// input is added, and what stands behind the sum after a semicolon.
  public override var description: String {
    if isHead { return linear.description }
    guard case .branch(let branch)? = pieces.first, let residual else {
      return "Block(" + Block.list(components) + ")"
    }
    let after = branch.after.isEmpty ? "" : "; " + Block.list(branch.after)
    return "Block(\(residual.text)\(Block.list(branch.layers))\(after))"
  }

  private static func list(_ layers: [Layer]) -> String { layers.map(\.description).joined(separator: ", ") }

  /// Whether the input is added to the output: a residual block whose sizes agree.
  public var addsInput: Bool { residual != nil && !isHead && linear.inputFeatures == linear.outputs }

  override var components: [Layer] {
    var list: [Layer] = [linear]
    if normPosition == .before, let norm { list.append(norm) }
    if let activation { list.append(activation) }
    if normPosition == .after, let norm { list.append(norm) }
    if let dropout { list.append(dropout) }
    return list
  }

  override var pieces: [Piece] {
    guard addsInput, let residual else { return components.map(Piece.component) }
    let ofBranch = residual.isActivatedAfter ? components.prefix { $0 !== activation } : components[...]
    return [
      .branch(
        Branch(
          layers: Array(ofBranch), scale: residual.scale, after: Array(components.dropFirst(ofBranch.count))))
    ]
  }

  override var isSettled: Bool { linear.isSettled }

  override func settle(inputFeatures features: Int, label: String) throws {
    try linear.settle(inputFeatures: features, label: label)
  }

  override func copy(_ copies: Copies) throws -> Layer {
    let block = Block(
      linear: try copies.layer(linear), activation: try activation.map(copies.layer),
      dropout: try dropout.map(copies.layer), normPosition: normPosition, residual: residual,
      shelf: try shelf.copy(copies))
    block.norm = try norm.map(copies.layer)
    return block
  }
}
