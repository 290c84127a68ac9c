import Kernels

// Order: parts of a sort, distinct values, places in sorted data. Dimensions and indices count from 0.

extension Tensor {
  /// Finds the `count` largest or smallest elements along a dimension, in order, and their int64 indices.
  ///
  /// They are the first of a sort: of equal elements those before come first, and NaN comes last whichever way, so that it is found only
  /// where there is too little else.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, or a count below 0 or above the extent.
  public func top(_ count: Int, along dimension: Int, largest: Bool = true) throws -> (values: Tensor, indices: Tensor)
  {
    try requireDimension(dimension, "topk")
    guard count >= 0, count <= shape[dimension] else {
      throw TensorError.expected(
        operation: "topk", expected: "k from 0 to \(shape[dimension]) along dimension \(dimension + 1)", got: "\(count)"
      )
    }
    var extents = shape
    extents[dimension] = count
    let values = try Tensor(dtype, extents, zeroed: false)
    let indices = try Tensor(.int64, extents, zeroed: false)
    if values.count > 0 { try top(dtype.elementType, dimension, largest, values, indices) }
    return (values, indices)
  }

  private func top<T: StoredElement>(
    _ type: T.Type, _ dimension: Int, _ largest: Bool, _ values: Tensor, _ indices: Tensor
  ) throws {
    let (extent, wanted) = (shape[dimension], values.shape[dimension])
    let words = SortKernel.topScratch(count: extent, wanted: wanted)
    let scratch = try Storage(.int64, count: words, zeroed: false)
    let (outer, value, index) = (across(dimension), values.across(dimension), indices.across(dimension))
    try withExtendedLifetime(scratch) {
      try Walk(outer.shape, outer.strides, value.strides, index.strides).forEachPlane {
        try SortKernel.top(
          largest: largest, wanted: wanted, $0, pointer(T.self), values.pointer(), indices.pointer(), count: extent,
          steps: (strides[dimension], values.strides[dimension], indices.strides[dimension]),
          scratch: scratch.base.assumingMemoryBound(to: UInt64.self))
      }
    }
  }

  /// What `distinct` finds.
  public struct Distinct {
    /// The values, ascending; NaN is one value, and the last.
    public let values: Tensor
    /// For every element of the tensor, in its shape, the int64 index of its value.
    public let inverse: Tensor
    /// How often each value occurs, int64.
    public let counts: Tensor
  }

  /// Finds the distinct elements in ascending order, also known as unique; all NaN count as one, as do zeros of either sign.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func distinct() throws -> Distinct {
    let (sorted, order) = try reshape([count]).sorted(along: 0)
    let inverse = try Tensor(.int64, shape, zeroed: false)
    let counts = try Tensor(.int64, [count], zeroed: false)
    let found = try distinct(dtype.elementType, sorted, order, inverse, counts)
    // copies, so that no long memory stays behind a few values
    return Distinct(
      values: try sorted.narrow(0, 0, found).clone(), inverse: inverse, counts: try counts.narrow(0, 0, found).clone())
  }

  private func distinct<T: StoredElement>(
    _ type: T.Type, _ sorted: Tensor, _ order: Tensor, _ inverse: Tensor, _ counts: Tensor
  ) throws -> Int {
    try OrderKernel.distinct(
      sorted.pointer(T.self), order: order.pointer(), count: count, inverse: inverse.pointer(),
      counts: counts.pointer())
  }

  /// Finds where values would go into this ascending vector: for each how many elements lie below it, or also equal it (`right`).
  ///
  /// The int64 result has the shape of `values`. NaN counts as larger than all others. That the vector is ascending isn't checked.
  ///
  /// - Throws: `TensorError` when this is no vector.
  public func search(_ values: Tensor, right: Bool = false) throws -> Tensor {
    guard rank == 1 else {
      throw TensorError.expected(operation: "searchsorted", expected: "a sorted vector", got: "shape \(shape)")
    }
    var common = Operand.common(.tensor(self), .tensor(values), defaultFloat: .float64)
    // beside a float an integer would be rounded
    if dtype.isFloat != values.dtype.isFloat { common = .float64 }
    let places = try Tensor(.int64, values.shape, zeroed: false)
    try places.search(common.elementType, values.to(common), in: to(common).contiguous(), right)
    return places
  }

  private func search<T: StoredElement>(_ type: T.Type, _ values: Tensor, in sorted: Tensor, _ right: Bool) throws {
    try withExtendedLifetime(sorted) {
      try forEachPlane(values) {
        try OrderKernel.search(
          $0, pointer(), values.pointer(T.self), in: sorted.pointer(), count: sorted.count, right: right)
      }
    }
  }

  /// Counts how often each whole number from 0 occurs in an int64 tensor, or adds up the weights of its elements.
  ///
  /// The result is a vector with an element for every number up to the largest, at least `minimumLength`: int64, or with weights a float of
  /// their dtype, added up in double.
  ///
  /// - Throws: `TensorError` for other dtypes, negative numbers, weights of another shape, and without memory.
  public func tally(weights: Tensor? = nil, minimumLength: Int = 0, defaultFloat: DType = .float32) throws -> Tensor {
    guard dtype == .int64, minimumLength >= 0 else {
      throw TensorError.expected(
        operation: "bincount", expected: "int64 numbers and a minlength of at least 0",
        got: "\(dtype) and \(minimumLength)")
    }
    var length = minimumLength
    if count > 0 {
      let least = try reduced(.minimum).loadInteger(at: 0)
      guard least >= 0 else {
        throw TensorError.expected(
          operation: "bincount", expected: "whole numbers from 1", got: "\(Scalar.shown(Int(least)))")
      }
      let largest = Int(try reduced(.maximum).loadInteger(at: 0))
      guard largest < Int.max else {
        throw TensorError.outOfMemory(requested: Int.max, live: MemoryAccount.live, limit: MemoryAccount.limit)
      }
      length = Swift.max(length, largest + 1)
    }
    let numbers = try contiguous()
    guard let weights else {
      let counts = try Tensor(.int64, [length])
      try OrderKernel.tally(numbers.pointer(), count: count, counts.pointer())
      return counts
    }
    guard weights.shape == shape else {
      throw TensorError.expected(operation: "bincount", expected: "weights of shape \(shape)", got: "\(weights.shape)")
    }
    let (terms, totals) = (try weights.to(.float64).contiguous(), try Tensor(.float64, [length]))
    try withExtendedLifetime((numbers, terms)) {
      try OrderKernel.tally(numbers.pointer(), weights: terms.pointer(), count: count, totals.pointer())
    }
    return try totals.to(weights.dtype.isFloat ? weights.dtype : defaultFloat)
  }
}
