import Kernels

// Diagonals and triangles. Diagonal k lies k places right of the main one, or below it when negative.

extension Tensor {
  /// Views a diagonal of two dimensions, which go away; the diagonal is the last dimension of the view.
  ///
  /// The view can be written, and it is empty where the matrix has no such diagonal. `first` counts rows, `second` columns.
  ///
  /// - Throws: `TensorError` for dimensions that don't exist or are one.
  public func diagonal(_ diagonal: Int = 0, first: Int = 0, second: Int = 1) throws -> Tensor {
    guard rank >= 2 else {
      throw TensorError.expected(
        operation: "diagonal", expected: "a tensor of at least 2 dimensions", got: "shape \(shape)")
    }
    try requireDimension(first, "diagonal")
    try requireDimension(second, "diagonal")
    guard first != second else {
      throw TensorError.expected(
        operation: "diagonal", expected: "two dimensions", got: "\(Scalar.shown(first)) twice")
    }
    let (down, right) = Tensor.start(of: diagonal)
    let length = Swift.min(Tensor.left(of: shape[first], down), Tensor.left(of: shape[second], right))
    var (extents, steps) = (shape, strides)
    for dimension in [Swift.max(first, second), Swift.min(first, second)] {
      extents.remove(at: dimension)
      steps.remove(at: dimension)
    }
    extents.append(length)
    steps.append(strides[first] &+ strides[second])
    let start = length == 0 ? offset : offset + down * strides[first] + right * strides[second]
    return Tensor(storage: storage, shape: extents, strides: steps, offset: start)
  }

  /// How far down and right the first element of a diagonal lies.
  private static func start(of diagonal: Int) -> (down: Int, right: Int) {
    // the smallest integer has no opposite
    diagonal < 0 ? (-Swift.max(diagonal, -Int.max), 0) : (0, diagonal)
  }

  private static func left(of extent: Int, _ skipped: Int) -> Int { Swift.max(0, extent - Swift.min(skipped, extent)) }

  /// Makes a square matrix with this vector on a diagonal and 0 elsewhere, or a vector of the diagonal of this matrix, copied.
  ///
  /// - Throws: `TensorError` for other than 1 or 2 dimensions, and without memory.
  public func diag(_ diagonal: Int = 0) throws -> Tensor {
    guard rank == 1 || rank == 2 else {
      throw TensorError.expected(
        operation: "diag", expected: "a vector or a matrix", got: "shape \(shape); diagonal takes any rank")
    }
    if rank == 2 { return try self.diagonal(diagonal).clone() }
    let (down, right) = Tensor.start(of: diagonal)
    let (extent, overflow) = shape[0].addingReportingOverflow(down + right)
    guard !overflow else {
      throw TensorError.outOfMemory(requested: Int.max, live: MemoryAccount.live, limit: MemoryAccount.limit)
    }
    let matrix = try Tensor(dtype, [extent, extent])
    try matrix.diagonal(diagonal).write(self)
    return matrix
  }

  /// Sums the main diagonal of a matrix to a 0-dim tensor; integers and masks give int64.
  ///
  /// - Throws: `TensorError` for another rank than 2.
  public func trace() throws -> Tensor {
    guard rank == 2 else {
      throw TensorError.expected(operation: "trace", expected: "a matrix", got: "shape \(shape)")
    }
    return try diagonal().reduced(.sum)
  }

  /// Copies the matrices of the last two dimensions with 0 above a diagonal.
  ///
  /// - Throws: `TensorError` for fewer than two dimensions, and without memory.
  public func lowerTriangle(_ diagonal: Int = 0) throws -> Tensor {
    try requireMatrices("tril")
    return try clone().clearTriangle(above: true, diagonal)
  }

  /// Copies the matrices of the last two dimensions with 0 below a diagonal.
  ///
  /// - Throws: `TensorError` for fewer than two dimensions, and without memory.
  public func upperTriangle(_ diagonal: Int = 0) throws -> Tensor {
    try requireMatrices("triu")
    return try clone().clearTriangle(above: false, diagonal)
  }

  private func requireMatrices(_ operation: String) throws {
    guard rank >= 2 else {
      throw TensorError.expected(
        operation: operation, expected: "a matrix or a batch of matrices", got: "shape \(shape)")
    }
  }

  /// Sets what lies above or below a diagonal to 0, a row or a column of all matrices at a time, whichever are fewer; returns self.
  @discardableResult
  func clearTriangle(above: Bool, _ diagonal: Int = 0) throws -> Tensor {
    let (rows, columns) = (shape[rank - 2], shape[rank - 1])
    // further out, nothing or everything is cleared just as well
    let diagonal = Swift.max(-rows, Swift.min(diagonal, columns))
    let byRows = rows <= columns
    let (line, across) = byRows ? (rank - 2, rank - 1) : (rank - 1, rank - 2)
    if count == 0 { return self }
    for index in 0..<shape[line] {
      let extent = shape[across]
      // of a row, what lies right of `index + diagonal`; of a column, what lies over `index - diagonal`
      let place = byRows ? index + diagonal : index - diagonal
      let tail = byRows == above
      let from = tail ? Swift.max(0, Swift.min(extent, place + 1)) : 0
      let to = tail ? extent : Swift.max(0, Swift.min(extent, place))
      try narrow(line, index, 1).narrow(across, from, to - from).fill(0)
    }
    return self
  }
}
