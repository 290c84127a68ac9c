import Kernels
import Tensors

/// A nonlinearity applied to each number.
public final class Activation: Layer {
  /// Which function.
  public let function: ActivationFunction
  /// The learned slope `[1]` below 0 of a PReLU, nil for all others.
  public private(set) var weight: Tensor?

  private let fixedSlope: Double
  private let elementType: DType

  /// Makes an activation; `slope` is that below 0 of a leaky ReLU (0.01) or the first one of a PReLU (0.25).
  ///
  /// - Throws: `NetworkError` for a slope that is not finite; `TensorError.outOfMemory`.
  public init(_ function: ActivationFunction, slope: Double? = nil, dtype: DType = .float32) throws {
    let slope = slope ?? function.defaultSlope
    guard slope.isFinite else { throw NetworkError.expected("nn.\(function.layerName)", "a finite slope", "\(slope)") }
    try NetworkError.requireFloat(dtype, "nn.\(function.layerName)")
    self.function = function
    self.fixedSlope = slope
    self.elementType = dtype
    weight = function == .prelu ? try ParameterLayout.vector(dtype, 1, slope) : nil
    super.init()
  }

  private init(copying other: Activation, _ copies: Copies) throws {
    function = other.function
    fixedSlope = other.fixedSlope
    elementType = other.elementType
    weight = try other.weight.map(copies.tensor)
    super.init()
  }

  /// A new one of the same function, a PReLU's slope where it started.
  func renewed() throws -> Activation {
    let new = try Activation(function, slope: fixedSlope, dtype: elementType)
    if isFrozen { new.setFrozen(true) }
    return new
  }

  /// The slope below 0 as it stands: the learned one of a PReLU.
  public var slope: Double {
    guard let weight else { return fixedSlope }
    return elementType == .float64 ? weight.pointer(Double.self).pointee : Double(weight.pointer(Float.self).pointee)
  }

  /// The kind, for example `ReLU`.
  public override var kind: String { function.layerName }

  /// The dtype of a PReLU's slope.
  public override var dtype: DType? { weight?.dtype }

  /// A PReLU's slope as `weight`.
  public override var parameters: [(name: String, tensor: Tensor)] {
    weight.map { [("weight", $0)] } ?? []
  }

  /// The layer, for example `ReLU` or `LeakyReLU(0.01)`.
  public override var description: String {
    function == .leakyReLU ? "\(kind)(\(fixedSlope))" : kind
  }

  override func copy(_ copies: Copies) throws -> Layer { try Activation(copying: self, copies) }
}
