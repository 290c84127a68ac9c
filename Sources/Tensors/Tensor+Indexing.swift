import Kernels

// Indices are int64 and count from 0 here; errors count from 1, as users do.

/// How elements are reached through a tensor of offsets: the shape of what is moved, and the strides over it.
struct Reach {
  /// The shape of what is picked or written.
  let shape: Extents
  /// The strides of the tensor that is reached, 0 along dimensions that the offsets tell.
  let strides: Extents
  /// The int64 offsets.
  let offsets: Tensor
  /// The strides of the offsets, 0 along dimensions they don't depend on.
  let offsetStrides: Extents
  /// The distance in elements that an offset of 1 means.
  let step: Int
}

extension Tensor {
  /// Copies what lies at the places of a reach into a new tensor.
  func picked(_ reach: Reach) throws -> Tensor {
    let result = try Tensor(dtype, reach.shape, zeroed: false)
    try result.pick(dtype.elementType, from: self, reach)
    return result
  }

  private func pick<T: StoredElement>(_ type: T.Type, from source: Tensor, _ reach: Reach) throws {
    try withExtendedLifetime((source, reach.offsets)) {
      try Walk(shape, strides, reach.strides, reach.offsetStrides).forEachPlane {
        try $0.shared {
          try Gather.pick($0, pointer(T.self), source.pointer(), reach.offsets.pointer(), step: reach.step)
        }
      }
    }
  }

  /// Copies `source`, of the shape of a reach and this dtype, to its places in row-major order: of equal places the last stays.
  func place(_ source: Tensor, _ reach: Reach) throws {
    let reach = try apart(reach)
    try place(dtype.elementType, overlaps(source) ? source.clone() : source, reach)
  }

  private func place<T: StoredElement>(_ type: T.Type, _ source: Tensor, _ reach: Reach) throws {
    try withExtendedLifetime((source, reach.offsets)) {
      try Walk(reach.shape, source.strides, reach.strides, reach.offsetStrides, logicalOrder: true).forEachPlane {
        try Gather.place($0, source.pointer(T.self), pointer(), reach.offsets.pointer(), step: reach.step)
      }
    }
  }

  /// Adds `source`, of the shape of a reach and this dtype, to its places in row-major order.
  func add(_ source: Tensor, _ reach: Reach) throws {
    let reach = try apart(reach)
    let terms = try overlaps(source) ? source.clone() : source
    switch dtype {
    case .float32: try add(Float.self, terms, reach)
    case .float64: try add(Double.self, terms, reach)
    case .int64, .bool: try add(Int64.self, terms, reach)
    }
  }

  private func add<T: StoredElement>(_ type: T.Type, _ source: Tensor, _ reach: Reach) throws {
    try withExtendedLifetime((source, reach.offsets)) {
      try Walk(reach.shape, source.strides, reach.strides, reach.offsetStrides, logicalOrder: true).forEachPlane {
        try Gather.add($0, source.pointer(T.self), pointer(), reach.offsets.pointer(), step: reach.step)
      }
    }
  }

  /// Copies offsets that lie in this tensor's own memory before it changes.
  private func apart(_ reach: Reach) throws -> Reach {
    guard overlaps(reach.offsets) else { return reach }
    let dense = try Tensor(
      storage: reach.offsets.storage, shape: reach.shape, strides: reach.offsetStrides, offset: reach.offsets.offset
    ).clone()
    return Reach(
      shape: reach.shape, strides: reach.strides, offsets: dense, offsetStrides: dense.strides, step: reach.step)
  }

  /// Refuses other indices than int64 within the extent of a dimension.
  func requireIndices(_ indices: Tensor, along dimension: Int, _ operation: String) throws {
    guard indices.dtype == .int64 else {
      throw TensorError.expected(operation: operation, expected: "int64 indices", got: "\(indices.dtype)")
    }
    var outside: Int64?
    try Walk(indices.shape, indices.strides).forEachPlane { plane in
      if outside == nil { outside = try Gather.firstOutside(plane, indices.pointer(), extent: shape[dimension]) }
    }
    if let outside { try requireIndex(Int(outside), along: dimension, operation) }
  }

  /// The way to the slices of a dimension at a vector of indices.
  func slices(_ dimension: Int, _ indices: Tensor, _ operation: String) throws -> Reach {
    try requireDimension(dimension, operation)
    guard indices.rank == 1, indices.dtype == .int64 else {
      throw TensorError.expected(
        operation: operation, expected: "a vector of int64 indices", got: "\(indices.dtype) \(indices.shape)")
    }
    try requireIndices(indices, along: dimension, operation)
    var (extents, steps, offsetSteps) = (shape, strides, Extents(repeating: 0, count: rank))
    extents[dimension] = indices.count
    steps[dimension] = 0
    offsetSteps[dimension] = indices.strides[0]
    return Reach(
      shape: extents, strides: steps, offsets: indices, offsetStrides: offsetSteps, step: strides[dimension])
  }

  /// Copies the slices of a dimension at `indices`, a vector of int64 counted from 0, into a new tensor.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, other indices, or one outside the extent.
  public func indexSelect(_ dimension: Int, _ indices: Tensor) throws -> Tensor {
    try picked(try slices(dimension, indices, "index_select"))
  }

  /// Adds slice i of `source` to the slice at `indices[i]` of a dimension, for every i; returns self.
  ///
  /// `source` has this shape but for its extent along the dimension, the number of indices. Equal indices add up, in order.
  ///
  /// - Throws: `TensorError` for masks, floats added to int64, shapes or indices that don't fit, and expanded views.
  @discardableResult
  public func indexAdd(_ dimension: Int, _ indices: Tensor, _ source: Tensor) throws -> Tensor {
    let reach = try slices(dimension, indices, "index_add_")
    try requireWritable("index_add_")
    try requireSums(.tensor(source), "index_add_")
    try requireShape(of: source, reach, "index_add_")
    try add(try source.to(dtype), reach)
    return self
  }

  /// Copies slice i of `source` to the slice at `indices[i]` of a dimension, for every i; returns self.
  ///
  /// Of equal indices the last stays. `source` has this shape but for its extent along the dimension, the number of indices; it is converted as `copy(from:)` does.
  ///
  /// - Throws: `TensorError` for shapes or indices that don't fit, and expanded views.
  @discardableResult
  public func indexCopy(_ dimension: Int, _ indices: Tensor, _ source: Tensor) throws -> Tensor {
    let reach = try slices(dimension, indices, "index_copy_")
    try requireWritable("index_copy_")
    try requireShape(of: source, reach, "index_copy_")
    try place(try source.to(dtype), reach)
    return self
  }

  private func requireShape(of source: Tensor, _ reach: Reach, _ operation: String) throws {
    guard source.shape == reach.shape else {
      throw TensorError.expected(
        operation: operation, expected: "a source of shape \(reach.shape)", got: "\(source.shape)")
    }
  }

  /// Sets the slices of a dimension at `indices` to one value; returns self.
  ///
  /// - Throws: `TensorError` for indices that don't fit, a value that int64 can't hold, and expanded views.
  @discardableResult
  public func indexFill(_ dimension: Int, _ indices: Tensor, _ value: Scalar) throws -> Tensor {
    let reach = try slices(dimension, indices, "index_fill_")
    try requireWritable("index_fill_")
    try place(try spread(value, to: reach.shape, "index_fill_"), reach)
    return self
  }

  /// One number of this dtype, expanded to a shape.
  func spread(_ value: Scalar, to shape: Extents, _ operation: String) throws -> Tensor {
    if dtype == .int64 { _ = try value.integer(for: operation) }
    return try Tensor.scalar(value, dtype).expanded(to: shape, operation)
  }
}
