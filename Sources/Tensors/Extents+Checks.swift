// The checks of arguments that Lua passes on. Dimensions and indices count from 0 in Swift, and from 1 in what users read.

extension Extents {
  /// Makes extents for a new tensor from what a user gave.
  ///
  /// - Throws: `TensorError` in the name of `operation` for more than eight dimensions or a negative extent.
  public static func checked(_ values: some Collection<Int>, _ operation: String) throws -> Extents {
    guard values.count <= maximumRank else {
      throw TensorError.expected(
        operation: operation, expected: "at most \(maximumRank) dimensions", got: "\(values.count)")
    }
    let extents = Extents(values)
    try extents.requireNotNegative(operation)
    return extents
  }

  func requireNotNegative(_ operation: String) throws {
    for extent in self where extent < 0 {
      throw TensorError.expected(operation: operation, expected: "extents of at least 0", got: "\(self)")
    }
  }

  /// The product of the extents, nil when it overflows.
  var checkedProduct: Int? {
    if contains(0) { return 0 }
    var result = 1
    for extent in self {
      let (product, overflow) = result.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      result = product
    }
    return result
  }

  /// Finds the shape two shapes broadcast to, aligned at the last dimension.
  ///
  /// - Throws: `TensorError.shapesDoNotBroadcast` when two extents differ and neither is 1.
  public static func broadcast(_ left: Extents, _ right: Extents, _ operation: String) throws -> Extents {
    if left == right { return left }
    let rank = Swift.max(left.count, right.count)
    var shape = Extents(repeating: 1, count: rank)
    for back in 1...rank {
      let first = back <= left.count ? left[left.count - back] : 1
      let second = back <= right.count ? right[right.count - back] : 1
      guard first == second || first == 1 || second == 1 else {
        throw TensorError.shapesDoNotBroadcast(operation: operation, left, right)
      }
      shape[rank - back] = first == 1 ? second : first
    }
    guard shape.checkedProduct != nil else {
      throw TensorError.outOfMemory(requested: Int.max, live: MemoryAccount.live, limit: MemoryAccount.limit)
    }
    return shape
  }
}

extension Tensor {
  /// Refuses a dimension (counted from 0) that the tensor doesn't have.
  func requireDimension(_ dimension: Int, _ operation: String) throws {
    guard dimension >= 0 && dimension < rank else {
      let expected = rank == 0 ? "a tensor with dimensions" : "a dimension from 1 to \(rank)"
      throw TensorError.expected(
        operation: operation, expected: expected, got: rank == 0 ? "a 0-dim tensor" : "\(Scalar.shown(dimension))")
    }
  }

  /// Refuses an index (counted from 0) outside a dimension.
  func requireIndex(_ index: Int, along dimension: Int, _ operation: String) throws {
    guard index >= 0 && index < shape[dimension] else {
      throw TensorError.expected(
        operation: operation, expected: "an index from 1 to \(shape[dimension]) along dimension \(dimension + 1)",
        got: "\(Scalar.shown(index))")
    }
  }
}

extension Scalar {
  /// An index as users count, from 1.
  static func shown(_ index: Int) -> Scalar { .integer(Int64(index &+ 1)) }
}
