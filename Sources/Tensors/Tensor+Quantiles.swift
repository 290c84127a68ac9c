import Kernels

extension Tensor {
  /// Finds quantiles, of the whole or along dimensions, linearly interpolated as NumPy's are: at position `q (n - 1)` of the sorted data.
  ///
  /// The result is `[fractions, ...]`, or has no such dimension for one 0-dim fraction. NaN among the data makes NaN. Floats keep their dtype;
  /// integers and masks give `defaultFloat`.
  ///
  /// - Parameters:
  ///   - fractions: a vector or a 0-dim tensor of numbers in 0...1.
  ///   - dimensions: what to reduce, from 0; nil for the whole.
  ///   - keepDimensions: whether reduced dimensions stay with extent 1.
  ///   - defaultFloat: the dtype of the result for integers.
  /// - Returns: the quantiles, `[fractions, ...]`.
  /// - Throws: `TensorError` for no elements, fractions outside 0...1, and dimensions that don't exist or come twice.
  public func quantiles(
    _ fractions: Tensor, along dimensions: [Int]? = nil, keepDimensions: Bool = false, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let wanted = try fractions.doubles()
    guard fractions.rank <= 1, wanted.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
      let got = wanted.first { !($0 >= 0 && $0 <= 1) }.map { "\($0)" } ?? "shape \(fractions.shape)"
      throw TensorError.expected(operation: "quantile", expected: "numbers or a vector in 0 to 1", got: got)
    }
    let lines = try LineStack(self, dimensions, "quantile")
    let results = try Tensor(.float64, [wanted.count, lines.data.shape[0]], zeroed: false)
    if results.count > 0, let type = lines.data.dtype.floatType { try lines.quantiles(type, wanted, results) }
    var extents = keepDimensions ? lines.fold.kept : lines.fold.outer
    if fractions.rank == 1 {
      guard extents.count < Extents.maximumRank else {
        throw TensorError.expected(
          operation: "quantile", expected: "fewer than \(Extents.maximumRank) dimensions beside the quantiles",
          got: "\(extents)")
      }
      extents.insert(wanted.count, at: 0)
    }
    return try results.to(dtype.isFloat ? dtype : defaultFloat).reshape(extents)
  }

  /// Finds the median, of the whole or along dimensions: the middle of the sorted data, the mean of the middle two for an even count.
  ///
  /// NaN among the data makes NaN. Floats keep their dtype; integers and masks give `defaultFloat`.
  ///
  /// - Throws: `TensorError` for no elements, and dimensions that don't exist or come twice.
  public func median(
    along dimensions: [Int]? = nil, keepDimensions: Bool = false, defaultFloat: DType = .float32
  ) throws -> Tensor {
    try medians(dimensions, keepDimensions, defaultFloat).values
  }

  /// Finds the medians along a dimension, and the int64 indices (from 0) of the middle elements.
  ///
  /// The index is that of the first element equal to the middle one; for an even count, to the lower of the middle two, though the value
  /// is their mean. A line with NaN gives NaN and the index of the first.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist or has no elements.
  public func medians(
    along dimension: Int, keepDimension: Bool = false, defaultFloat: DType = .float32
  ) throws -> (values: Tensor, indices: Tensor) {
    try medians([dimension], keepDimension, defaultFloat)
  }

  private func medians(
    _ dimensions: [Int]?, _ keep: Bool, _ defaultFloat: DType
  ) throws -> (values: Tensor, indices: Tensor) {
    let lines = try LineStack(self, dimensions, "median")
    let values = try Tensor(.float64, [lines.data.shape[0]], zeroed: false)
    let indices = try Tensor(.int64, [lines.data.shape[0]], zeroed: false)
    if values.count > 0, let type = lines.data.dtype.floatType { try lines.medians(type, values, indices) }
    let extents = keep ? lines.fold.kept : lines.fold.outer
    return (
      try values.to(dtype.isFloat ? dtype : defaultFloat).reshape(extents), try indices.reshape(extents)
    )
  }
}

/// What is reduced to one number each, as the rows of a contiguous float matrix.
private struct LineStack {
  let fold: Fold
  let data: Tensor

  init(_ tensor: Tensor, _ dimensions: [Int]?, _ operation: String) throws {
    fold = try Fold(tensor, dimensions, operation)
    try tensor.requireElements(fold.length, operation)
    let reduced = fold.dimensions
    let order = (0..<tensor.rank).filter { !reduced.contains($0) } + reduced.sorted()
    // integers are ordered as float64: beyond 2^53 they are rounded, as the result is
    let source = try tensor.permute(order).to(tensor.dtype.isFloat ? tensor.dtype : .float64)
    data = try source.reshape([fold.outer.product, fold.length]).contiguous()
  }

  func quantiles<T: FloatElement>(_ type: T.Type, _ fractions: [Double], _ results: Tensor) throws {
    let scratch = try Storage(data.dtype, count: fold.length, zeroed: false)
    try withExtendedLifetime((data, scratch)) {
      try QuantileKernel.quantiles(
        data.pointer(T.self), lines: data.shape[0], count: fold.length, fractions: fractions, results.pointer(),
        scratch: scratch.base.assumingMemoryBound(to: T.self))
    }
  }

  func medians<T: FloatElement>(_ type: T.Type, _ values: Tensor, _ indices: Tensor) throws {
    let scratch = try Storage(data.dtype, count: fold.length, zeroed: false)
    try withExtendedLifetime((data, scratch)) {
      try QuantileKernel.medians(
        data.pointer(T.self), lines: data.shape[0], count: fold.length, values.pointer(), indices.pointer(),
        scratch: scratch.base.assumingMemoryBound(to: T.self))
    }
  }
}
