import Kernels

// Element by element along one dimension: gather, scatter, take and put. Indices are int64 and count from 0.

extension Tensor {
  /// The way along a dimension that an index for every element tells.
  private func along(_ dimension: Int, _ indices: Tensor, _ operation: String) throws -> Reach {
    try requireDimension(dimension, operation)
    var fits = indices.rank == rank
    for other in 0..<rank where fits && other != dimension { fits = indices.shape[other] <= shape[other] }
    guard fits else {
      throw TensorError.expected(
        operation: operation,
        expected: "indices of \(rank) dimensions within shape \(shape) but for dimension \(dimension + 1)",
        got: "\(indices.shape)")
    }
    try requireIndices(indices, along: dimension, operation)
    var steps = strides
    steps[dimension] = 0
    return Reach(
      shape: indices.shape, strides: steps, offsets: indices, offsetStrides: indices.strides, step: strides[dimension])
  }

  /// Takes one element along a dimension for every index: `result[i][j] = self[indices[i][j]][j]` for the first of two dimensions.
  ///
  /// The result has the shape of `indices`, which has as many dimensions as this tensor and, but for the dimension, no larger extents.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, and indices that don't fit or are not int64.
  public func gather(_ dimension: Int, _ indices: Tensor) throws -> Tensor {
    try picked(try along(dimension, indices, "gather"))
  }

  /// Writes elements along a dimension: `self[indices[i][j]][j] = source[i][j]` for the first of two dimensions; returns self.
  ///
  /// `source` is a number, or a tensor with extents of at least those of `indices`. Of equal places the last in row-major order stays.
  /// The dtype stays; numbers are converted as `copy(from:)` does.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, indices or a source that don't fit, and expanded views.
  @discardableResult
  public func scatter(_ dimension: Int, _ indices: Tensor, _ source: Operand) throws -> Tensor {
    try requireWritable("scatter_")
    let reach = try along(dimension, indices, "scatter_")
    try place(try terms(source, indices, "scatter_"), reach)
    return self
  }

  /// Adds elements along a dimension: `self[indices[i][j]][j] += source[i][j]` for the first of two dimensions; returns self.
  ///
  /// As `scatter`; equal places add up in row-major order.
  ///
  /// - Throws: `TensorError` as `scatter`, for masks, and for floats added to int64.
  @discardableResult
  public func scatterAdd(_ dimension: Int, _ indices: Tensor, _ source: Operand) throws -> Tensor {
    try requireWritable("scatter_add_")
    try requireSums(source, "scatter_add_")
    let reach = try along(dimension, indices, "scatter_add_")
    try add(try terms(source, indices, "scatter_add_"), reach)
    return self
  }

  /// Refuses to add what the dtype can't hold.
  func requireSums(_ source: Operand, _ operation: String) throws {
    var isFloat = false
    switch source {
    case .tensor(let tensor): isFloat = tensor.dtype.isFloat
    case .scalar(let scalar): isFloat = !scalar.isInteger
    }
    guard dtype.isFloat || (dtype == .int64 && !isFloat) else {
      throw TensorError.expected(
        operation: operation, expected: "sums that dtype \(dtype) can hold",
        got: "\(isFloat ? "floats" : "integers"); to(\"float32\") first")
    }
  }

  /// The part of a source that indices use, in this dtype.
  private func terms(_ source: Operand, _ indices: Tensor, _ operation: String) throws -> Tensor {
    switch source {
    case .scalar(let scalar): return try spread(scalar, to: indices.shape, operation)
    case .tensor(let tensor):
      var fits = tensor.rank == indices.rank
      for dimension in 0..<indices.rank where fits { fits = indices.shape[dimension] <= tensor.shape[dimension] }
      guard fits else {
        throw TensorError.expected(
          operation: operation, expected: "a source of at least the extents of the indices, \(indices.shape)",
          got: "\(tensor.shape)")
      }
      let part = Tensor(
        storage: tensor.storage, shape: indices.shape, strides: tensor.strides, offset: tensor.offset)
      return try part.to(dtype)
    }
  }

  /// Takes elements along a dimension at indices that broadcast with this tensor over all other dimensions.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist, other ranks, shapes that don't broadcast and indices that don't fit.
  public func takeAlong(_ dimension: Int, _ indices: Tensor) throws -> Tensor {
    try requireDimension(dimension, "take_along_dim")
    guard indices.rank == rank else {
      throw TensorError.expected(
        operation: "take_along_dim", expected: "indices of \(rank) dimensions", got: "\(indices.shape)")
    }
    var (own, others) = (shape, indices.shape)
    (own[dimension], others[dimension]) = (1, 1)
    var common = try Extents.broadcast(own, others, "take_along_dim")
    common[dimension] = shape[dimension]
    let source = try expanded(to: common, "take_along_dim")
    common[dimension] = indices.shape[dimension]
    return try source.picked(
      try source.along(dimension, indices.expanded(to: common, "take_along_dim"), "take_along_dim"))
  }

  /// The way to the elements of this vector.
  private func flat(_ indices: Tensor) -> Reach {
    Reach(
      shape: indices.shape, strides: Extents(repeating: 0, count: indices.rank), offsets: indices,
      offsetStrides: indices.strides, step: strides[0])
  }

  /// Takes elements at indices that count this tensor's in row-major order; the result has the shape of `indices`.
  ///
  /// - Throws: `TensorError` for indices that aren't int64 or lie outside.
  public func take(_ indices: Tensor) throws -> Tensor {
    let line = try reshape([count])
    try line.requireIndices(indices, along: 0, "take")
    return try line.picked(line.flat(indices))
  }

  /// Writes or adds elements at indices that count this tensor's in row-major order; returns self.
  ///
  /// `source` is a number or a tensor with as many elements as `indices`. Of equal indices the last stays, or all add up (`accumulating`).
  ///
  /// - Throws: `TensorError` for indices that don't fit, another number of elements, sums the dtype can't hold, and expanded views.
  @discardableResult
  public func put(_ indices: Tensor, _ source: Operand, accumulating: Bool = false) throws -> Tensor {
    try requireWritable("put_")
    if accumulating { try requireSums(source, "put_") }
    let line = try reshape([count])
    try line.requireIndices(indices, along: 0, "put_")
    let values: Tensor
    switch source {
    case .scalar(let scalar): values = try spread(scalar, to: indices.shape, "put_")
    case .tensor(let tensor):
      guard tensor.count == indices.count else {
        throw TensorError.expected(
          operation: "put_", expected: "as many elements as indices, \(indices.count)", got: "\(tensor.count)")
      }
      values = try tensor.reshape(indices.shape).to(dtype)
    }
    try accumulating ? line.add(values, line.flat(indices)) : line.place(values, line.flat(indices))
    // strides that allow no view of a line made a copy
    if line.storage !== storage { try write(line.reshape(shape)) }
    return self
  }
}
