import Kernels

extension Tensor {
  /// Multiplies matrices, as NumPy's matmul: `[..., m, k]` by `[..., k, n]` gives `[..., m, n]`, leading dimensions broadcast.
  ///
  /// A vector on the left is a row and on the right a column, and its dimension goes away again; two vectors give their dot product. Transposes and other
  /// views with one stride of 1 are read in place. Floats of different size meet in float64 and a float with integers or a mask in that float;
  /// integers and masks give int64, exact but for wrapping around. Two tensors never need `defaultFloat`.
  ///
  /// - Throws: `TensorError` when inner extents differ, leading ones don't broadcast, an operand is 0-dim, or an extent is beyond 2^31 - 1.
  public static func matmul(_ left: Tensor, _ right: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    guard left.rank > 0, right.rank > 0 else {
      throw TensorError.expected(
        operation: "matmul", expected: "tensors of at least 1 dimension", got: "\(left.shape) and \(right.shape)")
    }
    let dtype = Operand.common(.tensor(left), .tensor(right), defaultFloat: defaultFloat)
    let a = try left.rank == 1 ? left.to(dtype).unsqueeze(0) : left.to(dtype)
    let b = try right.rank == 1 ? right.to(dtype).unsqueeze(1) : right.to(dtype)
    guard a.shape[a.rank - 1] == b.shape[b.rank - 2] else {
      throw TensorError.expected(
        operation: "matmul", expected: "inner extents to agree", got: "\(left.shape) and \(right.shape)")
    }
    let batch = try Extents.broadcast(a.batch, b.batch, "matmul")
    let (rows, inner, columns) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
    let result = try Tensor(dtype, try Extents.checked(Array(batch) + [rows, columns], "matmul"), zeroed: inner == 0)
    if let type = dtype.floatType {
      try result.multiply(type, a, b, batch)
    } else {
      try result.multiplyIntegers(a, b, batch)
    }
    var shape = batch
    if left.rank > 1 { shape.append(rows) }
    if right.rank > 1 { shape.append(columns) }
    return shape == result.shape ? result : try result.view(shape)
  }

  /// Writes the products of two stacks of matrices into this contiguous tensor, zeroed when there is nothing to add up.
  private func multiply<T: FloatElement>(_ type: T.Type, _ a: Tensor, _ b: Tensor, _ batch: Extents) throws {
    let (left, right) = (try Matrix(a), try Matrix(b))
    let (rows, columns) = (left.rows, right.columns)
    if count == 0 || left.columns == 0 { return }
    try Tensor.forEachPair(left.tensor, right.tensor, batch) { place in
      try Products.multiply(
        rows: rows, columns: columns, inner: left.columns,
        a: left.tensor.pointer(T.self) + place[1], leadingA: left.step, transposeA: left.isTransposed,
        b: right.tensor.pointer(T.self) + place[2], leadingB: right.step, transposeB: right.isTransposed,
        c: pointer(T.self) + place[0] * rows * columns, leadingC: columns)
    }
  }

  /// Writes the products of two stacks of int64 matrices into this contiguous tensor.
  private func multiplyIntegers(_ a: Tensor, _ b: Tensor, _ batch: Extents) throws {
    let (rows, inner, columns) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
    if count == 0 || inner == 0 { return }
    try Tensor.forEachPair(a, b, batch) { place in
      try MatrixKernels.multiply(
        rows: rows, columns: columns, inner: inner,
        a: a.pointer(Int64.self) + place[1], stepsA: (a.strides[a.rank - 2], a.strides[a.rank - 1]),
        b: b.pointer(Int64.self) + place[2], stepsB: (b.strides[b.rank - 2], b.strides[b.rank - 1]),
        c: pointer(Int64.self) + place[0] * rows * columns)
    }
  }

  /// Calls `body` with the number of each product and where in memory its factors begin.
  private static func forEachPair(
    _ left: Tensor, _ right: Tensor, _ batch: Extents, _ body: (SIMD4<Int>) throws -> Void
  ) throws {
    let (first, second) = (left.batchStrides(batch), right.batchStrides(batch))
    try Walk(batch, batch.contiguousStrides, first, second).forEachPlane { plane in
      for row in 0..<plane.rows {
        for column in 0..<plane.columns {
          try body(
            plane.first &+ plane.rowStrides &* SIMD4(repeating: row)
              &+ plane.columnStrides &* SIMD4(repeating: column))
        }
      }
    }
  }

  /// Multiplies two stacks of matrices, `[batch, m, k]` by `[batch, k, n]`, without broadcasting.
  ///
  /// - Throws: `TensorError` for other ranks, batches or inner extents that differ.
  public static func batchedMatmul(_ left: Tensor, _ right: Tensor) throws -> Tensor {
    guard left.rank == 3, right.rank == 3, left.shape[0] == right.shape[0], left.shape[2] == right.shape[1] else {
      throw TensorError.expected(
        operation: "bmm", expected: "shapes [batch, m, k] and [batch, k, n]",
        got: "\(left.shape) and \(right.shape); matmul broadcasts")
    }
    return try matmul(left, right)
  }

  /// Multiplies two vectors element by element and sums, to a 0-dim tensor; 0 of none.
  ///
  /// - Throws: `TensorError` for other ranks than 1 or lengths that differ.
  public static func dot(_ left: Tensor, _ right: Tensor) throws -> Tensor {
    guard left.rank == 1, left.shape == right.shape else {
      throw TensorError.expected(
        operation: "dot", expected: "two vectors of one length", got: "\(left.shape) and \(right.shape)")
    }
    return try matmul(left, right)
  }

  /// Multiplies every element of a vector `[m]` by every element of a vector `[n]`, to `[m, n]`.
  ///
  /// - Throws: `TensorError` for other ranks than 1, and without memory.
  public static func outer(_ left: Tensor, _ right: Tensor) throws -> Tensor {
    guard left.rank == 1, right.rank == 1 else {
      throw TensorError.expected(
        operation: "outer", expected: "two vectors",
        got: "\(left.shape) and \(right.shape); reshape(-1) makes a vector")
    }
    return try apply(.multiply, try left.unsqueeze(1), try right.unsqueeze(0))
  }

  /// The strides of the leading dimensions, 0 where they are repeated.
  private func batchStrides(_ batch: Extents) -> Extents {
    var steps = Extents(repeating: 0, count: batch.count)
    let lead = batch.count - (rank - 2)
    for dimension in 0..<(rank - 2) where shape[dimension] != 1 { steps[lead + dimension] = strides[dimension] }
    return steps
  }
}

/// The last two dimensions of a tensor as BLAS reads them.
private struct Matrix {
  let tensor: Tensor
  let rows: Int
  let columns: Int
  /// The distance between neighbouring rows as stored.
  let step: Int
  /// Whether the stored matrix is the transpose.
  let isTransposed: Bool

  /// Takes a view whose rows or columns lie without gaps as it is, and a copy of any other.
  ///
  /// - Throws: `TensorError` for an extent that BLAS can't count.
  init(_ original: Tensor) throws {
    rows = original.shape[original.rank - 2]
    columns = original.shape[original.rank - 1]
    guard rows <= Int32.max, columns <= Int32.max else {
      throw TensorError.expected(
        operation: "matmul", expected: "extents up to \(Int32.max)", got: "\(original.shape)")
    }
    let (rowStep, columnStep) = (original.strides[original.rank - 2], original.strides[original.rank - 1])
    if (columnStep == 1 || columns == 1) && (rowStep >= columns || rows == 1) && rowStep <= Int32.max {
      (tensor, step, isTransposed) = (original, max(rowStep, columns), false)
    } else if (rowStep == 1 || rows == 1) && (columnStep >= rows || columns == 1) && columnStep <= Int32.max {
      (tensor, step, isTransposed) = (original, max(columnStep, rows), true)
    } else {
      (tensor, step, isTransposed) = (try original.clone(), columns, false)
    }
  }
}
