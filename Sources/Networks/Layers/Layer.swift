import Kernels
import Tensors

/// A part of a network: a component such as `Linear`, or a block of them.
///
/// A layer holds settings and tensors; how a run of layers is computed is the matter of a `Plan`.
public class Layer {
  /// The kind as a user types it, for example `BatchNorm`.
  public var kind: String { "Layer" }

  /// The user's name for the layer, by which a network knows it beside its position; nil without one.
  public internal(set) final var name: String?

  /// What training changes, by PyTorch's names inside the layer, in stable order.
  public var parameters: [(name: String, tensor: Tensor)] { [] }

  /// What a checkpoint holds beside the parameters: running statistics.
  public var buffers: [(name: String, tensor: Tensor)] { [] }

  /// The features of the output for an input of `features`; nil while unknown.
  public func outputFeatures(_ features: Int?) -> Int? { features }

  /// The features the layer takes, nil where it takes any or doesn't know yet.
  public var inputFeatures: Int? { nil }

  /// Whether the output always has as many features as the input, so that what is behind it tells of what is before it.
  var passesFeatures: Bool { true }

  /// The dtype the layer computes in, nil where it has no numbers of its own.
  public var dtype: DType? { nil }

  /// The layer as error messages and tables show it, for example `Linear(100 -> 30)`.
  public var description: String { kind }

  /// A deep copy; `copies` makes those of its tensors.
  func copy(_ copies: Copies) throws -> Layer { Layer() }

  /// The components the layer stands for, in the order they are computed.
  var components: [Layer] { [self] }

  /// What a plan computes in the layer's place, in order.
  var pieces: [Piece] { [.component(self)] }

  /// The layers inside, with the names by which parameters and messages know them.
  public var inner: [(name: String, layer: Layer)] { [] }

  /// Whether the layer's sizes are known.
  var isSettled: Bool { true }

  /// Settles what was left open until the number of input features is known; `label` is how messages name the layer.
  ///
  /// - Throws: `NetworkError` where what is inside doesn't fit; `TensorError.outOfMemory`.
  func settle(inputFeatures: Int, label: String) throws {}

  /// The layer and all layers inside it, outer ones first.
  final var family: [Layer] { [self] + inner.flatMap(\.layer.family) }

  /// The parameters of the layers inside, named by them.
  final var innerParameters: [(name: String, tensor: Tensor)] {
    inner.flatMap { name, layer in layer.parameters.map { ("\(name).\($0.name)", $0.tensor) } }
  }

  /// The running statistics of the layers inside, named by them.
  final var innerBuffers: [(name: String, tensor: Tensor)] {
    inner.flatMap { name, layer in layer.buffers.map { ("\(name).\($0.name)", $0.tensor) } }
  }

  /// The network whose row the layer is: a plan is kept by its network, so that no other may change the layer.
  public internal(set) final weak var owner: Network?

  init() {}
}

/// What a layer is computed as.
enum Piece {
  /// A component, which a stage may take in.
  case component(Layer)
  /// A branch that is added to what goes around it.
  case branch(Branch)
}

/// A sum `y = after(shortcut(x) + scale f(x))` around the layers of f.
struct Branch {
  /// The layers of f, never empty.
  let layers: [Layer]
  /// The factor of the branch.
  let scale: Double
  /// What maps the input to the branch's features; nil for the input itself.
  var shortcut: Linear?
  /// Activation, normalisation and dropout behind the sum.
  var after: [Layer] = []
}
