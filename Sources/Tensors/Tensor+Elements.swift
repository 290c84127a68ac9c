import Kernels

extension Tensor {
  /// Reads the element at an index of the storage as a double, unchecked: the caller has it from `position`.
  public func load(at position: Int) -> Double {
    switch dtype {
    case .float32: Double(storage.base.assumingMemoryBound(to: Float.self)[position])
    case .float64: storage.base.assumingMemoryBound(to: Double.self)[position]
    case .int64: Double(storage.base.assumingMemoryBound(to: Int64.self)[position])
    case .bool: Double(storage.base.assumingMemoryBound(to: UInt8.self)[position])
    }
  }

  /// Reads the element at an index of the storage of an int64 tensor or a mask exactly, unchecked.
  public func loadInteger(at position: Int) -> Int64 {
    dtype == .int64
      ? storage.base.assumingMemoryBound(to: Int64.self)[position]
      : Int64(storage.base.assumingMemoryBound(to: UInt8.self)[position])
  }

  /// Writes a double to an index of the storage, unchecked; for int64 it is whole and within range.
  public func store(_ value: Double, at position: Int) {
    switch dtype {
    case .float32: storage.base.assumingMemoryBound(to: Float.self)[position] = Float(value)
    case .float64: storage.base.assumingMemoryBound(to: Double.self)[position] = value
    case .int64: storage.base.assumingMemoryBound(to: Int64.self)[position] = Int64(value)
    case .bool: storage.base.assumingMemoryBound(to: UInt8.self)[position] = value != 0 ? 1 : 0
    }
  }

  /// Writes an integer to an index of the storage, unchecked.
  public func store(_ value: Int64, at position: Int) {
    if dtype == .int64 {
      storage.base.assumingMemoryBound(to: Int64.self)[position] = value
    } else {
      store(Double(value), at: position)
    }
  }

  /// Finds where the element at `indices` (one a dimension, counted from 0) lies in the storage.
  ///
  /// - Throws: `TensorError` for another number of indices or one outside its extent; it counts from 1.
  public func position(of indices: Extents, _ operation: String = "index") throws -> Int {
    guard indices.count == rank else {
      throw TensorError.expected(operation: operation, expected: "\(rank) indices", got: "\(indices.count)")
    }
    var position = offset
    for dimension in 0..<rank {
      try requireIndex(indices[dimension], along: dimension, operation)
      position += indices[dimension] * strides[dimension]
    }
    return position
  }

  /// Reads one element: an integer for int64, else a float (0 or 1 for a mask).
  ///
  /// - Throws: `TensorError` for another number of indices or one outside its extent.
  public func element(at indices: Extents) throws -> Scalar {
    let position = try position(of: indices)
    return dtype == .int64 ? .integer(loadInteger(at: position)) : .number(load(at: position))
  }

  /// Writes one element, rounded to the dtype.
  ///
  /// - Throws: `TensorError` for wrong indices, an expanded view, or a fraction in int64.
  public func setElement(_ value: Scalar, at indices: Extents) throws {
    try requireWritable("index")
    let position = try position(of: indices)
    if dtype == .int64 {
      store(try value.integer(for: "index"), at: position)
    } else {
      store(value.double, at: position)
    }
  }

  /// The number in a tensor of one element.
  ///
  /// - Throws: `TensorError` when there are more or none.
  public func item() throws -> Scalar {
    guard count == 1 else {
      throw TensorError.expected(operation: "item", expected: "a tensor of one element", got: "shape \(shape)")
    }
    return dtype == .int64 ? .integer(loadInteger(at: offset)) : .number(load(at: offset))
  }

  /// Calls `body` with the storage index of every element in row-major order.
  func forEachPosition(_ body: (Int) throws -> Void) throws {
    try Walk(shape, strides, logicalOrder: true).forEachPlane { plane in
      for row in 0..<plane.rows {
        try Interrupt.check()
        let start = offset + plane.first[0] + row * plane.rowStrides[0]
        for column in 0..<plane.columns { try body(start + column * plane.columnStrides[0]) }
      }
    }
  }

  /// Refuses to list more elements than memory may hold, as expanded views can have.
  private func requireListable() throws {
    guard count <= Swift.min(MemoryAccount.limit / 8, 1 << 34) else {
      throw TensorError.outOfMemory(
        requested: count.multipliedReportingOverflow(by: 8).overflow ? Int.max : count * 8, live: MemoryAccount.live,
        limit: MemoryAccount.limit)
    }
  }

  /// The elements as doubles in row-major order.
  ///
  /// - Throws: `Interrupted`, `TensorError.outOfMemory` for an expanded view of too many elements.
  public func doubles() throws -> [Double] {
    try requireListable()
    var values = [Double]()
    values.reserveCapacity(count)
    try forEachPosition { values.append(load(at: $0)) }
    return values
  }

  /// The elements of an int64 tensor or a mask in row-major order.
  ///
  /// - Throws: `TensorError` for floats.
  public func integers() throws -> [Int64] {
    guard !dtype.isFloat else {
      throw TensorError.expected(operation: "integers", expected: "dtype int64 or bool", got: dtype.name)
    }
    try requireListable()
    var values = [Int64]()
    values.reserveCapacity(count)
    try forEachPosition { values.append(loadInteger(at: $0)) }
    return values
  }
}
