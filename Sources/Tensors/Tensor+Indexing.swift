import Kernels

extension Tensor {
  /// Copies the slices of a dimension at `indices`, a vector of int64 counted from 0, into a new tensor.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, other indices, or one outside the extent.
  public func indexSelect(_ dimension: Int, _ indices: Tensor) throws -> Tensor {
    let places = try checked(indices, dimension, "index_select")
    var extents = shape
    extents[dimension] = places.count
    let result = try Tensor(dtype, extents, zeroed: false)
    let source = try contiguous()
    try source.select(dtype.elementType, dimension, places, into: result)
    return result
  }

  private func select<T: StoredElement>(
    _ type: T.Type, _ dimension: Int, _ indices: Tensor, into result: Tensor
  ) throws {
    if result.count == 0 { return }
    let parts = slices(dimension)
    try Gather.select(
      result.pointer(T.self), pointer(), outer: parts.outer, extent: shape[dimension], inner: parts.inner,
      indices: indices.pointer(), count: indices.count)
  }

  /// Adds slice i of `source` to the slice at `indices[i]` of a dimension, for every i; returns self.
  ///
  /// `source` has this shape but for its extent along the dimension, the number of indices. Equal indices add up.
  ///
  /// - Throws: `TensorError` for other dtypes than floats, shapes or indices that don't fit, and expanded views.
  @discardableResult
  public func indexAdd(_ dimension: Int, _ indices: Tensor, _ source: Tensor) throws -> Tensor {
    let places = try checked(indices, dimension, "index_add_")
    try requireWritable("index_add_")
    var extents = shape
    extents[dimension] = places.count
    guard let type = dtype.floatType, source.shape == extents else {
      throw TensorError.expected(
        operation: "index_add_", expected: "floats and a source of shape \(extents)",
        got: "\(dtype) and \(source.shape)")
    }
    let terms = try source.to(dtype).contiguous()
    try changeContiguously { try $0.add(type, dimension, places, overlaps(terms) ? terms.clone() : terms) }
    return self
  }

  private func add<T: FloatElement>(_ type: T.Type, _ dimension: Int, _ indices: Tensor, _ terms: Tensor) throws {
    if terms.count == 0 { return }
    let parts = slices(dimension)
    try Gather.add(
      pointer(T.self), terms.pointer(), outer: parts.outer, extent: shape[dimension], inner: parts.inner,
      indices: indices.pointer(), count: indices.count)
  }

  private func slices(_ dimension: Int) -> (outer: Int, inner: Int) {
    (Extents(shape.prefix(dimension)).product, Extents(shape.suffix(rank - dimension - 1)).product)
  }

  /// Runs a change on this tensor, or on a contiguous copy that is written back.
  private func changeContiguously(_ change: (Tensor) throws -> Void) throws {
    let dense = try contiguous()
    try change(dense)
    if dense !== self { try write(dense) }
  }

  private func checked(_ indices: Tensor, _ dimension: Int, _ operation: String) throws -> Tensor {
    try requireDimension(dimension, operation)
    guard indices.rank == 1, indices.dtype == .int64 else {
      throw TensorError.expected(
        operation: operation, expected: "a vector of int64 indices", got: "\(indices.dtype) \(indices.shape)")
    }
    let places = try indices.contiguous()
    for index in 0..<places.count {
      try requireIndex(Int(places.loadInteger(at: places.offset + index)), along: dimension, operation)
    }
    return places
  }
}

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
    let positions = try mask.positions()
    try changeContiguously { dense in
      let merged = try dense.merged(for: mask)
      var extents = merged.shape
      extents[0] = positions.count
      let values = try Tensor(dtype, extents, zeroed: false)
      switch value {
      case .scalar(let scalar): try values.fill(scalar)
      case .tensor(let tensor): try values.copy(from: tensor)
      }
      try merged.assign(dtype.elementType, positions, values)
    }
    return self
  }

  private func assign<T: StoredElement>(_ type: T.Type, _ indices: Tensor, _ values: Tensor) throws {
    if values.count == 0 { return }
    try Gather.assign(
      pointer(T.self), values.pointer(), outer: 1, extent: shape[0], inner: slices(0).inner, indices: indices.pointer(),
      count: indices.count)
  }

  /// A 0-dim mask of an eight-dimensional tensor would need a ninth dimension.
  private func requireMaskRank(_ mask: Tensor) throws {
    guard mask.rank > 0 || rank < Extents.maximumRank else {
      throw TensorError.expected(operation: "mask", expected: "a mask with dimensions", got: "a 0-dim mask")
    }
  }
}
