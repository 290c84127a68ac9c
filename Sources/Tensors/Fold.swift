import Kernels

/// The dimensions a reduction runs over and what it leaves.
struct Fold {
  /// The dimensions, each once.
  let dimensions: Extents
  /// The input's shape with extent 1 along them.
  let kept: Extents
  /// The input's shape without them.
  let outer: Extents
  /// The number of elements reduced to one.
  let length: Int
  /// The way through the input and the results.
  let walk: Walk

  init(_ tensor: Tensor, _ wanted: [Int]?, _ operation: String) throws {
    var reduced = Extents(repeating: wanted == nil ? 1 : 0, count: tensor.rank)
    for dimension in wanted ?? [] {
      try tensor.requireDimension(dimension, operation)
      guard reduced[dimension] == 0 else {
        throw TensorError.expected(
          operation: operation, expected: "each dimension once", got: "\(dimension + 1) twice")
      }
      reduced[dimension] = 1
    }
    var (kept, outer, length, dimensions) = (tensor.shape, Extents(), 1, Extents())
    for dimension in 0..<tensor.rank {
      if reduced[dimension] == 1 {
        dimensions.append(dimension)
        length &*= tensor.shape[dimension]
        kept[dimension] = 1
      } else {
        outer.append(tensor.shape[dimension])
      }
    }
    var strides = kept.contiguousStrides
    for dimension in dimensions { strides[dimension] = 0 }
    self.dimensions = dimensions
    self.kept = kept
    self.outer = outer
    self.length = length
    walk = Walk(tensor.shape, tensor.strides, strides)
  }
}

extension Fold {
  /// Runs the kernel of a reduction over the walk; a large one in parts, on several threads at once.
  ///
  /// A part has accumulators that no other has, or, where all have the same, a copy of them as they are at the start, and `join`
  /// brings the copies together in order. How the walk is cut depends on shape and strides alone, so results never depend on threads.
  ///
  /// - Throws: what `kernel` and `join` throw, and `TensorError.outOfMemory`.
  func gather<A: StoredElement>(
    _ type: A.Type, _ totals: Tensor, _ kernel: (Plane, UnsafeMutablePointer<A>) throws -> Void,
    join: (Plane, UnsafePointer<A>, UnsafeMutablePointer<A>) throws -> Void
  ) throws {
    let accumulators = totals.pointer(A.self)
    guard let cut = ReductionCut(walk, results: totals.count) else {
      return try walk.forEachPlane { try kernel($0, accumulators) }
    }
    if cut.isOfResults {
      return try WorkerPool.run(chunks: cut.count) { part in
        try walk.part(cut.dimension, cut.range(part)).forEachPlane { try kernel($0, accumulators) }
      }
    }
    // each at the start of a line of the cache
    let apart = (totals.count + 63) / 64 * 64
    let copies = try Tensor(totals.dtype, [cut.count, apart], zeroed: false)
    let copy = copies.pointer(A.self)
    for part in 0..<cut.count { (copy + part * apart).update(from: accumulators, count: totals.count) }
    try WorkerPool.run(chunks: cut.count) { part in
      try walk.part(cut.dimension, cut.range(part)).forEachPlane { try kernel($0, copy + part * apart) }
    }
    let plane = Plane(
      rows: cut.count, columns: totals.count, first: .zero, rowStrides: SIMD4(apart, 0, 0, 0),
      columnStrides: SIMD4(1, 1, 0, 0))
    try join(plane, copy, accumulators)
  }
}
