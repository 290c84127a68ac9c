import Kernels
import Tensors

/// How a residual block of an mlp adds its input.
public struct ResidualForm: Equatable, Sendable {
  /// Whether the activation stands behind the sum, as in ResNet, rather than inside the branch.
  public var isActivatedAfter: Bool
  /// The factor of the branch.
  public var scale: Double

  /// Makes a form; the activation is inside the branch and the factor 1 unless said.
  public init(isActivatedAfter: Bool = false, scale: Double = 1) {
    self.isActivatedAfter = isActivatedAfter
    self.scale = scale
  }

  /// How a description begins.
  var text: String { "x + " + (scale == 1 ? "" : "\(scale) ") }
}

/// Adds its input to what a branch of layers makes of it: `y = x + scale f(x)`, or `y = phi(x + scale f(x))`.
///
/// Without an activation of its own it is the form of He et al. 2016, whose branch is normalisation, activation, Linear;
/// with one that of 2015. A `shortcut` maps the input where the branch changes the number of features.
public final class Residual: Layer {
  /// The layers of the branch, in order.
  public internal(set) var layers: [Layer]
  /// The factor of the branch.
  public let scale: Double
  /// What maps the input in the other way around the branch, nil for the input itself.
  public let shortcut: Linear?
  /// The nonlinearity behind the sum, nil for none.
  public internal(set) var activation: Activation?
  /// The normalisation behind that nonlinearity, which surgery puts there; nil for none.
  public internal(set) var norm: Normalisation?

  /// How many residual layers inside one another there may be: what goes over them is recursive, and files nest so deep.
  public static let deepestNesting = 40

  /// How many residual layers there are inside one another, this one counted.
  private let nesting: Int

  /// Makes a residual layer; a branch whose sizes are known must give as many features as go around it.
  ///
  /// - Throws: `NetworkError` for an empty branch, a layer used twice or part of a network, a scale that is not finite,
  ///   different dtypes, sizes that don't fit, and residual layers too deep inside one another.
  public init(
    _ layers: [Layer], scale: Double = 1, shortcut: Linear? = nil, activation: Activation? = nil
  ) throws {
    guard !layers.isEmpty else { throw NetworkError.expected("nn.Residual", "at least one layer", "none") }
    self.layers = layers
    self.scale = try Residual.checkedScale(scale, "nn.Residual")
    self.shortcut = shortcut
    self.activation = activation
    nesting = try Residual.nesting(around: layers)
    super.init()
    try LayerList.admit(Array(family.dropFirst()), "nn.Residual")
    try LayerList.checkNames(inner, "nn.Residual")
    try LayerList.keepingOpen([self]) { try fit(features: inputFeatures, "nn.Residual") }
  }

  private init(copying other: Residual, _ copies: Copies) throws {
    layers = try other.layers.map(copies.layer)
    scale = other.scale
    shortcut = try other.shortcut.map(copies.layer)
    activation = try other.activation.map(copies.layer)
    norm = try other.norm.map(copies.layer)
    nesting = other.nesting
    super.init()
  }

  private static func nesting(around layers: [Layer]) throws -> Int {
    let nesting = 1 + (layers.compactMap { ($0 as? Residual)?.nesting }.max() ?? 0)
    guard nesting <= deepestNesting else {
      throw NetworkError.expected(
        "nn.Residual", "at most \(deepestNesting) residual layers inside one another", "\(nesting)")
    }
    return nesting
  }

  static func checkedScale(_ scale: Double, _ who: String) throws -> Double {
    guard scale.isFinite else { throw NetworkError.expected(who, "a finite scale of the branch", "\(scale)") }
    return scale
  }

  /// The kind, `Residual`.
  public override var kind: String { "Residual" }

  /// What the shortcut takes, or the first layer of the branch that knows.
  public override var inputFeatures: Int? { LayerList.inputFeatures(layers) ?? shortcut?.inputFeatures }

  /// The dtype of the first layer that has numbers.
  public override var dtype: DType? { inner.firstResult(of: \.layer.dtype) }

  /// The branch's features.
  public override func outputFeatures(_ features: Int?) -> Int? {
    LayerList.outputFeatures(layers, features) ?? shortcut?.outputs
  }

  override var passesFeatures: Bool { shortcut == nil }

  /// The parameters by the place in the branch, such as `0.weight`, and those of `shortcut`, `activation` and `norm`.
  public override var parameters: [(name: String, tensor: Tensor)] { innerParameters }

  /// The running statistics by the same names.
  public override var buffers: [(name: String, tensor: Tensor)] { innerBuffers }

  /// The layers of the branch by name or position from 0, then shortcut, activation and norm.
  public override var inner: [(name: String, layer: Layer)] {
    let around: [(String, Layer?)] = [("shortcut", shortcut), ("activation", activation), ("norm", norm)]
    return layers.enumerated().map { ($1.name ?? "\($0)", $1) }
      + around.compactMap { name, layer in layer.map { (name, $0) } }
  }

  /// The parts, for example `Residual(x + BatchNorm(30), ReLU, Linear(30 -> 30))`.
  public override var description: String {
    let way = shortcut.map { "\($0.description)" } ?? "x"
    let factor = scale == 1 ? "" : "\(scale) "
    let branch = layers.map(\.description).joined(separator: ", ")
    let after = [activation, norm].compactMap { $0?.description }.map { "; \($0)" }.joined()
    return "Residual(\(way) + \(factor)\(branch)\(after))"
  }

  override var components: [Layer] {
    layers.flatMap(\.components) + [shortcut, activation, norm].compactMap { $0 as Layer? }
  }

  override var pieces: [Piece] {
    let after = [activation, norm].compactMap { $0 as Layer? }
    return [.branch(Branch(layers: layers, scale: scale, shortcut: shortcut, after: after))]
  }

  override var isSettled: Bool { components.allSatisfy(\.isSettled) }

  override func settle(inputFeatures features: Int, label: String) throws { try fit(features: features, label) }

  override func copy(_ copies: Copies) throws -> Layer { try Residual(copying: self, copies) }

  /// Settles the branch and the shortcut, and checks that they can be added.
  private func fit(features: Int?, _ label: String) throws {
    let width = try LayerList.settle(layers, features: features) { "\(label), branch layer \($0 + 1)" }
    if let features { try shortcut?.settle(inputFeatures: features, label: label) }
    guard let features, let width else { return }
    if let shortcut {
      guard shortcut.inputFeatures == features, shortcut.outputs == width else {
        throw NetworkError.expected(
          label, "a shortcut Linear(\(features) -> \(width)) beside its branch", shortcut.description)
      }
    } else if width != features {
      throw NetworkError.expected(
        label, "a branch that gives as many features as it takes, \(features)",
        "\(width) from \(layers[layers.count - 1].description); a shortcut = nn.Linear(\(features), \(width)) adds them up"
      )
    }
  }
}
