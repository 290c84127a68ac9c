import Gradients
import Kernels
import Tensors

/// How parameters lie in memory.
enum ParameterLayout {
  /// Makes a vector parameter of `count` numbers, all `value`.
  static func vector(_ dtype: DType, _ count: Int, _ value: Double, trained: Bool = true) throws -> Tensor {
    let tensor = try Tensor(dtype, [count])
    if value != 0 { try tensor.fill(.number(value)) }
    tensor.requiresGradient = trained
    return tensor
  }

  /// Makes a weight matrix stored `[inputs, outputs]` and shown as `[outputs, inputs]`.
  static func matrix(_ dtype: DType, inputs: Int, outputs: Int) throws -> Tensor {
    let stored = try Tensor(dtype, [inputs, outputs])
    let shown = Tensor(storage: stored.storage, shape: [outputs, inputs], strides: [1, Swift.max(outputs, 1)])
    shown.requiresGradient = true
    return shown
  }

  /// Makes a copy with the same layout and flag.
  static func duplicate(_ tensor: Tensor) throws -> Tensor {
    let copy = try Accumulation.zeros(like: tensor)
    try copy.copy(from: tensor)
    copy.requiresGradient = tensor.requiresGradient
    return copy
  }
}
