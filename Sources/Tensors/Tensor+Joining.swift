import Kernels

extension Tensor {
  /// Joins tensors along a dimension they have; the other extents must be equal.
  ///
  /// Dtypes meet as in arithmetic.
  ///
  /// - Throws: `TensorError` for no tensors, a dimension that doesn't exist, or extents that differ.
  public static func cat(_ tensors: [Tensor], along dimension: Int = 0) throws -> Tensor {
    guard let first = tensors.first else {
      throw TensorError.expected(operation: "cat", expected: "at least one tensor", got: "none")
    }
    try first.requireDimension(dimension, "cat")
    var (shape, dtype) = (first.shape, first.dtype)
    shape[dimension] = 0
    for (place, tensor) in tensors.enumerated() {
      var extents = tensor.shape
      if dimension < extents.count { extents[dimension] = shape[dimension] }
      guard extents == shape else {
        throw TensorError.expected(
          operation: "cat", expected: "tensor \(place + 1) to match \(first.shape) but for dimension \(dimension + 1)",
          got: "\(tensor.shape)")
      }
      // extents of tensors in memory can be repeated so often by expansion that their sum overflows
      let (sum, overflow) = shape[dimension].addingReportingOverflow(tensor.shape[dimension])
      guard !overflow else {
        throw TensorError.outOfMemory(requested: Int.max, live: MemoryAccount.live, limit: MemoryAccount.limit)
      }
      shape[dimension] = sum
      dtype = meet(dtype, tensor.dtype)
    }
    let result = try Tensor(dtype, shape, zeroed: false)
    var start = 0
    for tensor in tensors {
      try result.narrow(dimension, start, tensor.shape[dimension]).write(tensor)
      start += tensor.shape[dimension]
    }
    return result
  }

  /// Joins tensors of one shape along a new dimension before dimension `dimension`.
  ///
  /// - Throws: `TensorError` for no tensors, a place that doesn't exist, a ninth dimension, or shapes that differ.
  public static func stack(_ tensors: [Tensor], along dimension: Int = 0) throws -> Tensor {
    guard let first = tensors.first else {
      throw TensorError.expected(operation: "stack", expected: "at least one tensor", got: "none")
    }
    for (place, tensor) in tensors.enumerated() where tensor.shape != first.shape {
      throw TensorError.expected(
        operation: "stack", expected: "tensor \(place + 1) to have shape \(first.shape)", got: "\(tensor.shape)")
    }
    return try cat(tensors.map { try $0.unsqueeze(dimension) }, along: dimension)
  }

  private static func meet(_ a: DType, _ b: DType) -> DType {
    if a == b { return a }
    if a.isFloat && b.isFloat { return .float64 }
    return a.isFloat ? a : b.isFloat ? b : .int64
  }
}
