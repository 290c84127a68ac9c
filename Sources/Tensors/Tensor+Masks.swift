import Kernels

extension Tensor {
  /// Finds where a mask is true: int64 indices (from 0) in row-major order.
  ///
  /// - Throws: `TensorError` when it is no mask.
  public func positions() throws -> Tensor {
    guard dtype == .bool else {
      throw TensorError.expected(operation: "mask", expected: "a mask of dtype bool", got: dtype.name)
    }
    let (mask, found) = (try contiguous(), try Tensor(.int64, [count], zeroed: false))
    let length = try withExtendedLifetime(mask) {
      try Gather.positions(mask.pointer(), count: count, found.pointer())
    }
    return try found.narrow(0, 0, length)
  }

  /// Finds the indices (from 0) of the elements other than 0, also known as argwhere: int64 `[k, rank]`, in row-major order.
  ///
  /// NaN is other than 0.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func nonzero() throws -> Tensor {
    let found = try isNonzero().positions()
    let indices = try Tensor(.int64, [found.count, rank], zeroed: false)
    let extents = Array(shape)
    try extents.withUnsafeBufferPointer {
      try Gather.unravel(found.pointer(), count: found.count, extents: $0, indices.pointer())
    }
    return indices
  }

  /// Counts the elements other than 0, of the whole or along dimensions, as int64.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist or comes twice.
  public func countNonzero(along dimensions: [Int]? = nil, keepDimensions: Bool = false) throws -> Tensor {
    try isNonzero().reduced(.sum, along: dimensions, keepDimensions: keepDimensions)
  }

  /// The mask of elements other than 0: itself for a mask.
  func isNonzero() throws -> Tensor {
    dtype == .bool ? self : try Tensor.compare(.notEqual, .tensor(self), .scalar(0))
  }

  /// Views the tensor with the dimensions of a mask as one, `[mask.count, ...]`, copying where strides forbid.
  private func merged(for mask: Tensor) throws -> Tensor {
    guard mask.dtype == .bool, mask.rank <= rank, mask.shape.elementsEqual(shape.prefix(mask.rank)) else {
      throw TensorError.expected(
        operation: "mask", expected: "a mask of dtype bool with the leading extents of \(shape)",
        got: "\(mask.dtype) \(mask.shape)")
    }
    var extents: Extents = [mask.count]
    for extent in shape.dropFirst(mask.rank) where extents.count < Extents.maximumRank { extents.append(extent) }
    return try reshape(extents)
  }

  /// Copies what lies under a mask: the elements for a mask of this shape, `[k, ...]` for one of its leading extents.
  ///
  /// - Throws: `TensorError` for a mask of another dtype or shape.
  public func masked(by mask: Tensor) throws -> Tensor {
    try requireMaskRank(mask)
    return try merged(for: mask).indexSelect(0, try mask.positions())
  }

  /// Writes a number or a tensor, broadcast to the shape `masked(by:)` gives, under a mask; returns self.
  ///
  /// - Throws: `TensorError` for a mask of another dtype or shape, values that don't broadcast or fit the dtype, and expanded views.
  @discardableResult
  public func assign(_ value: Operand, under mask: Tensor) throws -> Tensor {
    try requireWritable("mask")
    try requireMaskRank(mask)
    let dense = try contiguous()
    let merged = try dense.merged(for: mask)
    let reach = try merged.slices(0, try mask.positions(), "mask")
    switch value {
    case .scalar(let scalar): try merged.place(try spread(scalar, to: reach.shape, "mask"), reach)
    case .tensor(let tensor): try merged.place(try tensor.to(dtype).expanded(to: reach.shape, "mask"), reach)
    }
    if dense !== self { try write(dense) }
    return self
  }

  /// A 0-dim mask of an eight-dimensional tensor would need a ninth dimension.
  private func requireMaskRank(_ mask: Tensor) throws {
    guard mask.rank > 0 || rank < Extents.maximumRank else {
      throw TensorError.expected(operation: "mask", expected: "a mask with dimensions", got: "a 0-dim mask")
    }
  }

  private static func requireMask(_ mask: Tensor, _ operation: String) throws {
    guard mask.dtype == .bool else {
      throw TensorError.expected(operation: operation, expected: "a mask of dtype bool", got: mask.dtype.name)
    }
  }

  /// Copies the elements under a mask, both broadcast together, into a vector in row-major order.
  ///
  /// - Throws: `TensorError` when `mask` is no mask or the shapes don't broadcast.
  public func maskedSelect(_ mask: Tensor) throws -> Tensor {
    try Tensor.requireMask(mask, "masked_select")
    let common = try Extents.broadcast(shape, mask.shape, "masked_select")
    let chosen = try mask.expanded(to: common, "masked_select")
    return try expanded(to: common, "masked_select").masked(by: chosen)
  }

  /// Sets the elements under a mask, broadcast to this shape, to one value; returns self.
  ///
  /// - Throws: `TensorError` when `mask` is no mask or doesn't broadcast to this shape, for a value that int64 can't hold, and expanded views.
  @discardableResult
  public func maskedFill(_ mask: Tensor, _ value: Scalar) throws -> Tensor {
    try requireWritable("masked_fill_")
    try Tensor.requireMask(mask, "masked_fill_")
    let chosen = try mask.expanded(to: shape, "masked_fill_")
    let constant = try spread(value, to: shape, "masked_fill_")
    try choose(dtype.elementType, overlaps(chosen) ? chosen.clone() : chosen, constant)
    return self
  }

  private func choose<T: StoredElement>(_ type: T.Type, _ mask: Tensor, _ constant: Tensor) throws {
    try withExtendedLifetime((mask, constant)) {
      try Walk(shape, strides, mask.strides, constant.strides, strides).forEachPlane {
        try Elementwise.choose($0, pointer(T.self), mask.pointer(), constant.pointer(), pointer())
      }
    }
  }

  /// Copies the first elements of `source` in row-major order to the places under a mask, broadcast to this shape; returns self.
  ///
  /// - Throws: `TensorError` when `mask` is no mask or doesn't broadcast to this shape, for too few elements, and expanded views.
  @discardableResult
  public func maskedScatter(_ mask: Tensor, _ source: Tensor) throws -> Tensor {
    try requireWritable("masked_scatter_")
    try Tensor.requireMask(mask, "masked_scatter_")
    let chosen = try mask.expanded(to: shape, "masked_scatter_")
    let wanted = try chosen.countNonzero().item().double
    guard Double(source.count) >= wanted else {
      throw TensorError.expected(
        operation: "masked_scatter_", expected: "a source of at least \(Int(wanted)) elements", got: "\(source.count)")
    }
    return try assign(.tensor(source.reshape([source.count]).narrow(0, 0, Int(wanted))), under: chosen)
  }

  /// Combines two tensors as masks, broadcast: numbers count as true where they are other than 0.
  ///
  /// - Throws: `TensorError` when shapes don't broadcast.
  public static func combine(_ operation: LogicalOperation, _ left: Operand, _ right: Operand) throws -> Tensor {
    let shape = try Extents.broadcast(left.shape, right.shape, operation.rawValue)
    return try Side.with(left.asMask(), right.asMask(), .bool, shape, operation.rawValue) { a, b in
      let mask = try Tensor(.bool, shape, zeroed: false)
      try mask.forEachPlane(a, b) {
        try Elementwise.combine(operation, $0, mask.pointer(), a.pointer(), b.pointer())
      }
      return mask
    }
  }
}

extension Operand {
  fileprivate func asMask() throws -> Operand {
    if case .tensor(let tensor) = self { return .tensor(try tensor.isNonzero()) }
    return self
  }
}
