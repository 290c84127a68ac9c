import Kernels

/// Linear algebra on the last two dimensions of tensors, `[..., m, n]`: decompositions, equations, determinants, norms.
///
/// Every function takes a batch of matrices in the leading dimensions and works on one after the other, stopping between two on Ctrl-C.
/// float32 and float64 are computed in their own precision by the LAPACK inside OpenBLAS; integers and masks are made `defaultFloat`.
/// Matrices of no elements give what NumPy gives. Unless a function says otherwise, NaN and infinity are refused. Messages count
/// rows, columns, pivots and matrices from 1.
public enum LinearAlgebra {}

/// The factors of `A = U diag(S) Vh`.
public struct SingularValueDecomposition {
  /// The left singular vectors, columns of `[..., m, k]`, or `[..., m, m]` of full matrices.
  public let u: Tensor
  /// The singular values `[..., k]`, descending; k is the smaller of m and n.
  public let s: Tensor
  /// The right singular vectors, rows of `[..., k, n]`, or `[..., n, n]` of full matrices.
  public let vh: Tensor
}

extension LinearAlgebra {
  /// Computes singular values and vectors, `A = U diag(S) Vh`, by gesdd.
  ///
  /// The sign of each pair of vectors is arbitrary, and so is the basis where values are equal. Unlike NumPy's and PyTorch's, the
  /// factors are reduced unless `fullMatrices`, which completes U and Vh to square matrices.
  ///
  /// - Throws: `TensorError` for fewer than two dimensions, NaN or infinity, and matrices that LAPACK does not finish or can't count.
  public static func svd(
    _ a: Tensor, fullMatrices: Bool = false, defaultFloat: DType = .float32
  ) throws -> SingularValueDecomposition {
    try svd(a, fullMatrices: fullMatrices, "linalg.svd", defaultFloat)
  }

  static func svd(
    _ a: Tensor, fullMatrices: Bool, _ operation: String, _ defaultFloat: DType
  ) throws -> SingularValueDecomposition {
    let matrix = try ColumnMajor(copying: try a.asMatrices(operation, defaultFloat))
    let (m, n, dtype, batch) = (matrix.rows, matrix.columns, matrix.dtype, matrix.batch)
    let less = Swift.min(m, n)
    let u = try ColumnMajor(dtype, batch, rows: m, columns: fullMatrices ? m : less)
    let vh = try ColumnMajor(dtype, batch, rows: fullMatrices ? n : less, columns: n)
    let s = try Tensor(dtype, Extents(Array(batch) + [less]))
    if less == 0 {
      for square in [u.tensor, vh.tensor] { try square.mainDiagonal().fill(1) }
    } else {
      try decompose(matrix, fullMatrices ? .full : .reduced, s, u, vh, operation)
    }
    return SingularValueDecomposition(u: try u.tensor.contiguous(), s: s, vh: try vh.tensor.contiguous())
  }

  /// Computes the singular values alone, `[..., min(m, n)]`, descending.
  ///
  /// - Throws: `TensorError` as `svd`.
  public static func singularValues(_ a: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    try singularValues(a, "linalg.svdvals", defaultFloat)
  }

  static func singularValues(_ a: Tensor, _ operation: String, _ defaultFloat: DType) throws -> Tensor {
    let matrix = try ColumnMajor(copying: try a.asMatrices(operation, defaultFloat))
    let s = try Tensor(matrix.dtype, Extents(Array(matrix.batch) + [Swift.min(matrix.rows, matrix.columns)]))
    if s.count > 0 { try decompose(matrix, .none, s, matrix, matrix, operation) }
    return s
  }

  private static func decompose(
    _ matrix: ColumnMajor, _ vectors: LAPACK.Vectors, _ s: Tensor, _ u: ColumnMajor, _ vh: ColumnMajor,
    _ operation: String
  ) throws {
    let (m, n, dtype) = (matrix.rows, matrix.columns, matrix.dtype)
    try matrix.requireFinite(operation)
    let work = try LAPACK.svdWorkspace(dtype, operation, vectors, rows: m, columns: n)
    try matrix.forEachMatrix { index in
      let converged = try AbandonableWork.run(steps: matrix.steps) {
        let values = s.address + index * Swift.min(m, n) * dtype.size
        return LAPACK.svd(
          dtype, vectors, rows: m, columns: n, matrix.matrix(index), s: values, u: u.matrix(index),
          vh: vh.matrix(index), work)
      }
      if !converged { throw unfinished(operation, matrix, index) }
    }
  }

  static func unfinished(_ operation: String, _ matrix: ColumnMajor, _ index: Int) -> TensorError {
    .expected(
      operation: operation, expected: "a matrix on which the algorithm converges",
      got: "\(matrix.name(of: index)) on which it does not")
  }

  /// Computes `A = Q R` with orthonormal columns in Q and an upper triangle R, by geqrf.
  ///
  /// Q is `[..., m, k]` and R `[..., k, n]`, k being the smaller of m and n, or m when `complete`. The diagonal of R may be negative,
  /// as in NumPy. NaN and infinity spread.
  ///
  /// - Throws: `TensorError` for fewer than two dimensions and matrices that LAPACK can't count.
  public static func qr(
    _ a: Tensor, complete: Bool = false, defaultFloat: DType = .float32
  ) throws -> (q: Tensor, r: Tensor) {
    let matrix = try ColumnMajor(copying: try a.asMatrices("linalg.qr", defaultFloat))
    let (m, n, dtype, batch) = (matrix.rows, matrix.columns, matrix.dtype, matrix.batch)
    let less = Swift.min(m, n)
    let columns = complete ? m : less
    let q = try ColumnMajor(dtype, batch, rows: m, columns: columns)
    if less == 0 {
      try q.tensor.mainDiagonal().fill(1)
      return (try q.tensor.contiguous(), try Tensor(dtype, Extents(Array(batch) + [columns, n])))
    }
    let work = try LAPACK.qrWorkspace(dtype, "linalg.qr", rows: m, columns: Swift.max(n, columns))
    let tau = try Storage(dtype, count: less, zeroed: false)
    try matrix.forEachMatrix { index in
      try AbandonableWork.run(steps: matrix.steps) {
        LAPACK.qr(dtype, rows: m, columns: n, matrix.matrix(index), tau: tau.base, work)
        q.matrix(index).copyMemory(from: matrix.matrix(index), byteCount: m * less * dtype.size)
        LAPACK.orthogonal(dtype, rows: m, columns: columns, reflectors: less, q.matrix(index), tau: tau.base, work)
      }
    }
    let r = try matrix.tensor.narrow(matrix.tensor.rank - 2, 0, less).upperTriangle()
    guard columns > less else { return (try q.tensor.contiguous(), r) }
    let below = try Tensor(dtype, Extents(Array(batch) + [columns - less, n]))
    return (try q.tensor.contiguous(), try Tensor.cat([r, below], along: r.rank - 2))
  }

  /// Computes the eigenvalues `[..., n]`, ascending, and orthonormal eigenvectors, columns of `[..., n, n]`, of symmetric matrices, by syevd.
  ///
  /// Only the lower triangle is read: whether the matrix is symmetric is not checked. The sign of each vector is arbitrary, and so is
  /// the basis where eigenvalues are equal.
  ///
  /// - Throws: `TensorError` for other than square matrices, NaN or infinity, and matrices that LAPACK does not finish or can't count.
  public static func eigh(_ a: Tensor, defaultFloat: DType = .float32) throws -> (values: Tensor, vectors: Tensor) {
    let (values, matrix) = try eigh(a, vectors: true, "linalg.eigh", defaultFloat)
    return (values, try matrix.tensor.contiguous())
  }

  /// Computes the eigenvalues of symmetric matrices alone; see `eigh`.
  ///
  /// - Throws: `TensorError` as there.
  public static func symmetricEigenvalues(_ a: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    try eigh(a, vectors: false, "linalg.eigvalsh", defaultFloat).values
  }

  private static func eigh(
    _ a: Tensor, vectors: Bool, _ operation: String, _ defaultFloat: DType
  ) throws -> (values: Tensor, matrix: ColumnMajor) {
    let matrix = try ColumnMajor(copying: try a.asMatrices(operation, square: true, defaultFloat))
    let (n, dtype) = (matrix.columns, matrix.dtype)
    let values = try Tensor(dtype, Extents(Array(matrix.batch) + [n]))
    if values.count == 0 { return (values, matrix) }
    // what is not read need not be finite
    try matrix.tensor.clearTriangle(above: true)
    try matrix.requireFinite(operation)
    let work = try LAPACK.eighWorkspace(dtype, operation, vectors: vectors, n)
    try matrix.forEachMatrix { index in
      let converged = try AbandonableWork.run(steps: matrix.steps) {
        LAPACK.eigh(
          dtype, vectors: vectors, n, matrix.matrix(index), values: values.address + index * n * dtype.size, work)
      }
      if !converged { throw unfinished(operation, matrix, index) }
    }
    return (values, matrix)
  }

  /// Computes the Cholesky factor L, a lower triangle with `A = L L^T`, or with `upper` the upper triangle U with `A = U^T U`, by potrf.
  ///
  /// Only the triangle that is asked for is read: whether the matrix is symmetric is not checked.
  ///
  /// - Throws: `TensorError` for other than square matrices, NaN or infinity, and a matrix that isn't positive definite, naming the
  ///   first leading minor.
  public static func cholesky(_ a: Tensor, upper: Bool = false, defaultFloat: DType = .float32) throws -> Tensor {
    let operation = "linalg.cholesky"
    let matrix = try ColumnMajor(copying: try a.asMatrices(operation, square: true, defaultFloat))
    if matrix.matrices == 0 { return try matrix.tensor.contiguous() }
    try matrix.tensor.clearTriangle(above: !upper)
    try matrix.requireFinite(operation)
    try matrix.forEachMatrix { index in
      let order = try AbandonableWork.run(steps: matrix.steps) {
        LAPACK.cholesky(matrix.dtype, upper: upper, matrix.rows, matrix.matrix(index))
      }
      guard order == 0 else {
        throw TensorError.expected(
          operation: operation, expected: "a positive definite matrix",
          got: "\(matrix.name(of: index)) whose leading minor of order \(order) is not positive definite")
      }
    }
    return try matrix.tensor.contiguous()
  }
}

extension Tensor {
  /// Views the main diagonals of the last two dimensions.
  func mainDiagonal() throws -> Tensor { try diagonal(0, first: rank - 2, second: rank - 1) }
}
