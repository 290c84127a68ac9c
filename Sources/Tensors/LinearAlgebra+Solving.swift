import Kernels

/// What least squares find.
public struct LeastSquares {
  /// The x of least |b - A x|, and of least |x| among several: `[..., n, k]`, or `[..., n]` for vectors.
  public let solution: Tensor
  /// The sums of squared residuals, `[..., k]`; none, `[0]`, unless m > n and every matrix has rank n.
  public let residuals: Tensor
  /// The ranks, int64 `[...]`: how many singular values are larger than the tolerance.
  public let rank: Tensor
  /// The singular values of A, `[..., min(m, n)]`, descending.
  public let singularValues: Tensor
}

extension LinearAlgebra {
  /// Solves `A X = B` for square A `[..., n, n]` and B `[..., n, k]`, or vectors b `[n]` or `[..., n]`, by getrf and getrs.
  ///
  /// B is a batch of vectors when its shape is A's without the last dimension, as in PyTorch. Leading dimensions broadcast. A is
  /// factored once for each of its own matrices. NaN and infinity in B spread.
  ///
  /// - Throws: `TensorError` when A is singular, not finite or not square, or shapes don't agree.
  public static func solve(_ a: Tensor, _ b: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    let (left, right, isVector) = try equation(a, b, "linalg.solve", square: true, defaultFloat)
    let x = try LUFactors(left, "linalg.solve").solve(right)
    return isVector ? try x.squeeze(x.rank - 1) : x
  }

  /// Brings both sides of an equation to one float dtype, and a vector or a batch of vectors to columns.
  private static func equation(
    _ a: Tensor, _ b: Tensor, _ operation: String, square: Bool = false, vectors: Bool = true, _ defaultFloat: DType
  ) throws -> (Tensor, Tensor, isVector: Bool) {
    let common = Operand.common(.tensor(a), .tensor(b), defaultFloat: defaultFloat)
    let dtype = common.isFloat ? common : defaultFloat
    let left = try a.to(dtype).asMatrices(operation, square: square, dtype)
    let isVector = vectors && (b.rank == 1 || b.shape == Extents(a.shape.prefix(a.rank - 1)))
    let right = try isVector ? b.to(dtype).unsqueeze(b.rank) : b.to(dtype).asMatrices(operation, dtype)
    guard right.shape[right.rank - 2] == left.shape[left.rank - 2] else {
      throw rowsDiffer(a, b, operation)
    }
    return (left, right, isVector)
  }

  static func requireRows(_ b: Tensor, _ rows: Int, _ a: Tensor, _ operation: String) throws {
    guard b.shape[b.rank - 2] == rows else { throw rowsDiffer(a, b, operation) }
  }

  private static func rowsDiffer(_ a: Tensor, _ b: Tensor, _ operation: String) -> TensorError {
    .expected(
      operation: operation, expected: "as many rows on both sides of the equation", got: "\(a.shape) and \(b.shape)")
  }

  /// Inverts square matrices, by getrf and getrs.
  ///
  /// - Throws: `TensorError` when a matrix is singular, not finite or not square.
  public static func inverse(_ a: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    try inverse(a, "linalg.inv", defaultFloat)
  }

  static func inverse(_ a: Tensor, _ operation: String, _ defaultFloat: DType) throws -> Tensor {
    let factors = try LUFactors(a, operation, defaultFloat: defaultFloat)
    return try factors.solve(try .eye(a.shape[a.rank - 1], factors.dtype), operation)
  }

  /// Solves `A X = B` for a triangle A, or `X A = B` unless `left`, by substitution (trtrs); the other triangle is not read.
  ///
  /// A is the lower triangle unless `upper`, its diagonal taken as ones when `unit`, and transposed before when `transposed`. Shapes are
  /// those of `solve`; vectors are for `left` alone. NaN and infinity spread.
  ///
  /// - Throws: `TensorError` when a diagonal element is zero, or shapes don't agree.
  public static func solveTriangular(
    _ a: Tensor, _ b: Tensor, upper: Bool = false, left: Bool = true, unit: Bool = false, transposed: Bool = false,
    _ operation: String = "linalg.solve_triangular", defaultFloat: DType = .float32
  ) throws -> Tensor {
    if left || b.rank < 2 {
      let (triangle, right, isVector) = try equation(a, b, operation, square: true, defaultFloat)
      let x = try substitute(triangle, right, upper: upper, unit: unit, transposed: transposed, operation)
      return try isVector ? x.squeeze(x.rank - 1) : x
    }
    // X A = B is A^T X^T = B^T
    let sides = try b.transpose(b.rank - 2, b.rank - 1)
    let (triangle, right, _) = try equation(a, sides, operation, square: true, vectors: false, defaultFloat)
    let x = try substitute(triangle, right, upper: upper, unit: unit, transposed: !transposed, operation)
    return try x.transpose(x.rank - 2, x.rank - 1).contiguous()
  }

  private static func substitute(
    _ a: Tensor, _ b: Tensor, upper: Bool, unit: Bool, transposed: Bool, _ operation: String
  ) throws -> Tensor {
    let triangle = try ColumnMajor(copying: a)
    let batch = try Extents.broadcast(triangle.batch, b.batch, operation)
    let x = try ColumnMajor(
      copying: try b.broadcast(to: try Extents.checked(Array(batch) + b.shape.suffix(2), operation)))
    try x.forEachMatrix { index in
      let own = triangle.index(of: index, in: batch)
      let place = try AbandonableWork.run(steps: triangle.steps(with: x)) {
        LAPACK.solveTriangular(
          x.dtype, upper: upper, transposed: transposed, unit: unit, x.rows, columns: x.columns,
          triangle: triangle.matrix(own), b: x.matrix(index))
      }
      guard place == 0 else {
        throw TensorError.expected(
          operation: operation, expected: "a nonsingular triangle",
          got: "\(triangle.name(of: own)) whose diagonal element \(place) is zero")
      }
    }
    return try x.tensor.contiguous()
  }

  /// Solves `A X = B` with the Cholesky factor of A: L with `A = L L^T`, or with `upper` U with `A = U^T U`.
  ///
  /// - Throws: `TensorError` when a diagonal element of the factor is zero, or shapes don't agree.
  public static func solveCholesky(
    _ factor: Tensor, _ b: Tensor, upper: Bool = false, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let operation = "linalg.cholesky_solve"
    let inner = try solveTriangular(
      factor, b, upper: upper, transposed: upper, operation, defaultFloat: defaultFloat)
    return try solveTriangular(factor, inner, upper: upper, transposed: !upper, operation, defaultFloat: defaultFloat)
  }

  /// Finds the X of least |B - A X|, of any A `[..., m, n]`, by singular values (gelsd).
  ///
  /// Singular values up to `tolerance` times the largest count as 0; nil is the larger of m and n times the dtype's epsilon. B is
  /// `[..., m, k]`, or vectors as in `solve`.
  ///
  /// - Throws: `TensorError` for NaN or infinity on either side, shapes that don't agree, and matrices that LAPACK does not finish.
  public static func leastSquares(
    _ a: Tensor, _ b: Tensor, tolerance: Double? = nil, defaultFloat: DType = .float32
  ) throws -> LeastSquares {
    let (left, right, isVector) = try equation(a, b, "linalg.lstsq", defaultFloat)
    let batch = try Extents.broadcast(left.batch, right.batch, "linalg.lstsq")
    let problem = try LeastSquaresProblem(left, right, batch)
    try problem.solve(tolerance)
    return try problem.result(isVector: isVector)
  }
}
