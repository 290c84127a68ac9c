import Kernels
import Tensors

extension Differentiable {
  /// Joins tensors along a dimension; see `Tensor.cat`.
  ///
  /// - Throws: as `Tensor.cat`.
  public static func cat(_ tensors: [Tensor], along dimension: Int = 0) throws -> Tensor {
    let result = try Tensor.cat(tensors, along: dimension)
    let parts = tensors.map { (length: $0.shape[dimension], dtype: $0.dtype) }
    return try Tape.record("cat", result, tensors) { step in
      var start = 0
      return try parts.enumerated().map { place, part in
        defer { start += part.length }
        guard step.wants(place) else { return nil }
        return try to(try narrow(step.gradient, dimension, start, part.length), part.dtype)
      }
    }
  }

  /// Joins tensors of one shape along a new dimension; see `Tensor.stack`.
  ///
  /// - Throws: as `Tensor.stack`.
  public static func stack(_ tensors: [Tensor], along dimension: Int = 0) throws -> Tensor {
    let result = try Tensor.stack(tensors, along: dimension)
    let dtypes = tensors.map(\.dtype)
    return try Tape.record("stack", result, tensors) { step in
      try dtypes.enumerated().map { place, dtype in
        step.wants(place) ? try to(try select(step.gradient, dimension, place), dtype) : nil
      }
    }
  }
}
