import Kernels
import Tensors

/// A part of a network: a component such as `Linear`, or a block of them.
///
/// A layer holds settings and tensors; how a run of layers is computed is the matter of a `Plan`.
public class Layer {
  /// The kind as a user types it, for example `BatchNorm`.
  public var kind: String { "Layer" }

  /// What training changes, by PyTorch's names inside the layer, in stable order.
  public var parameters: [(name: String, tensor: Tensor)] { [] }

  /// What a checkpoint holds beside the parameters: running statistics.
  public var buffers: [(name: String, tensor: Tensor)] { [] }

  /// The features of the output for an input of `features`; nil while unknown.
  public func outputFeatures(_ features: Int?) -> Int? { features }

  /// The features the layer takes, nil where it takes any or doesn't know yet.
  public var inputFeatures: Int? { nil }

  /// The dtype the layer computes in, nil where it has no numbers of its own.
  public var dtype: DType? { nil }

  /// The layer as error messages and tables show it, for example `Linear(100 -> 30)`.
  public var description: String { kind }

  /// A deep copy; `copies` makes those of its tensors.
  func copy(_ copies: Copies) throws -> Layer { Layer() }

  /// The components the layer stands for, in the order they are computed.
  var components: [Layer] { [self] }

  /// Settles what was left open until the number of input features is known.
  func settle(inputFeatures: Int, position: Int) throws {}

  /// The network whose row the layer is: a plan is kept by its network, so that no other may change the layer.
  final weak var owner: Network?

  init() {}
}
