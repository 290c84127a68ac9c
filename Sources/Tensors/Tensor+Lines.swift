import Kernels

// Functions along one dimension, counted from 0. Indices in results count from 0 too; Lua sees them from 1.

extension Tensor {
  /// The extents without a dimension, to walk its lines.
  func across(_ dimension: Int) -> (shape: Extents, strides: Extents) {
    var (shape, strides) = (shape, strides)
    shape.remove(at: dimension)
    strides.remove(at: dimension)
    return (shape, strides)
  }

  private func requireLine(_ dimension: Int, _ operation: String) throws {
    try requireDimension(dimension, operation)
    guard shape[dimension] > 0 else {
      throw TensorError.expected(operation: operation, expected: "at least one element", got: "shape \(shape)")
    }
  }

  /// Finds the smallest or largest elements along a dimension and their int64 indices (from 0): the first of equals, NaN before all.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist or has no elements.
  public func extremes(
    largest: Bool, along dimension: Int, keepDimension: Bool = false
  ) throws -> (values: Tensor, indices: Tensor) {
    try extremes(largest, dimension, keepDimension, largest ? "max" : "min")
  }

  /// Finds the index (from 0) of the smallest or largest element along a dimension, or in row-major order of the whole.
  ///
  /// The result is int64. The first of equals counts, and the first NaN before all.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, or no elements.
  public func extremeIndices(
    largest: Bool, along dimension: Int? = nil, keepDimension: Bool = false
  ) throws -> Tensor {
    let operation = largest ? "argmax" : "argmin"
    if let dimension { return try extremes(largest, dimension, keepDimension, operation).indices }
    try requireElements(count, operation)
    let index = try reshape([count]).extremes(largest, 0, false, operation).indices
    return keepDimension ? try index.reshape(Extents(repeating: 1, count: rank)) : index
  }

  private func extremes(
    _ largest: Bool, _ dimension: Int, _ keep: Bool, _ operation: String
  ) throws -> (values: Tensor, indices: Tensor) {
    try requireLine(dimension, operation)
    let outer = across(dimension)
    let values = try Tensor(dtype, outer.shape, zeroed: false)
    let indices = try Tensor(.int64, outer.shape, zeroed: false)
    try extremes(dtype.elementType, largest, dimension, values, indices)
    return keep ? (try values.unsqueeze(dimension), try indices.unsqueeze(dimension)) : (values, indices)
  }

  private func extremes<T: StoredElement>(
    _ type: T.Type, _ largest: Bool, _ dimension: Int, _ values: Tensor, _ indices: Tensor
  ) throws {
    let outer = across(dimension)
    let (count, step) = (shape[dimension], strides[dimension])
    try Walk(outer.shape, outer.strides, values.strides, indices.strides).forEachPlane { plane in
      try plane.shared(each: count, step: step) {
        try Lines.extremes(
          largest: largest, $0, pointer(T.self), values.pointer(), indices.pointer(), count: count, step: step)
      }
    }
  }

  /// Sums up to every element along a dimension; floats accumulate in double, integers and masks give int64.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist.
  public func cumulativeSum(along dimension: Int) throws -> Tensor {
    try cumulated(products: false, dimension, "cumsum")
  }

  /// Multiplies up to every element along a dimension; floats accumulate in double, integers and masks give int64, wrapping around.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist.
  public func cumulativeProduct(along dimension: Int) throws -> Tensor {
    try cumulated(products: true, dimension, "cumprod")
  }

  private func cumulated(products: Bool, _ dimension: Int, _ operation: String) throws -> Tensor {
    try requireDimension(dimension, operation)
    let source = dtype == .bool ? try to(.int64) : self
    let result = try Tensor(source.dtype, shape, zeroed: false)
    switch source.dtype {
    case .float32: try source.cumulate(products, dimension, Float.self, result, initial: products ? 1.0 : 0.0)
    case .float64: try source.cumulate(products, dimension, Double.self, result, initial: products ? 1.0 : 0.0)
    case .int64, .bool:
      try source.cumulate(products, dimension, Int64.self, result, initial: (products ? 1 : 0) as Int64)
    }
    return result
  }

  private func cumulate<T: StoredElement, A: StoredElement>(
    _ products: Bool, _ dimension: Int, _ type: T.Type, _ result: Tensor, initial: A
  ) throws {
    // lines without elements may be many
    if count == 0 { return }
    let (outer, target) = (across(dimension), result.across(dimension))
    let (length, steps) = (shape[dimension], (strides[dimension], result.strides[dimension]))
    try Walk(outer.shape, outer.strides, target.strides).forEachPlane { plane in
      try plane.shared(each: length, step: steps.0) {
        try Lines.cumulate(
          products: products, $0, pointer(T.self), result.pointer(), count: length, steps: steps, initial: initial)
      }
    }
  }

  /// Computes softmax `e^x / sum e^x` along a dimension, or its logarithm, without overflow; sums in double.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist.
  public func softmax(along dimension: Int, logarithm: Bool = false, defaultFloat: DType = .float32) throws -> Tensor {
    try requireDimension(dimension, logarithm ? "log_softmax" : "softmax")
    let source = dtype.isFloat ? self : try to(defaultFloat)
    let result = try Tensor(source.dtype, shape, zeroed: false)
    if count > 0, let type = source.dtype.floatType { try source.softmax(type, dimension, logarithm, result) }
    return result
  }

  private func softmax<T: FloatElement>(_ type: T.Type, _ dimension: Int, _ logarithm: Bool, _ result: Tensor) throws {
    let (outer, target) = (across(dimension), result.across(dimension))
    let (length, steps) = (shape[dimension], (strides[dimension], result.strides[dimension]))
    try Walk(outer.shape, outer.strides, target.strides).forEachPlane { plane in
      try plane.shared(each: length) {
        try Lines.softmax(
          logarithm: logarithm, $0, pointer(T.self), result.pointer(), count: length, steps: steps)
      }
    }
  }

  /// Sorts along a dimension: the elements in order and the int64 indices (from 0) they had.
  ///
  /// Equal elements keep their order; NaN comes last, ascending or descending.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist.
  public func sorted(along dimension: Int, descending: Bool = false) throws -> (values: Tensor, indices: Tensor) {
    try requireDimension(dimension, "sort")
    let values = try Tensor(dtype, shape, zeroed: false)
    let indices = try Tensor(.int64, shape, zeroed: false)
    if count > 0 { try sort(dtype.elementType, dimension, descending, values, indices) }
    return (values, indices)
  }

  private func sort<T: StoredElement>(
    _ type: T.Type, _ dimension: Int, _ descending: Bool, _ values: Tensor, _ indices: Tensor
  ) throws {
    let scratch = try Storage(.int64, count: 4 * shape[dimension], zeroed: false)
    let (outer, value, index) = (across(dimension), values.across(dimension), indices.across(dimension))
    try Walk(outer.shape, outer.strides, value.strides, index.strides).forEachPlane {
      try SortKernel.sort(
        descending: descending, $0, pointer(T.self), values.pointer(), indices.pointer(), count: shape[dimension],
        steps: (strides[dimension], values.strides[dimension], indices.strides[dimension]),
        scratch: scratch.base.assumingMemoryBound(to: UInt64.self))
    }
  }
}
