import Kernels
import Tensors

// The backward rules of decompositions, for symmetric input where the forward reads one triangle. Where singular values or
// eigenvalues are equal, their vectors have no derivative: the gradient is infinite or NaN unless nothing flows into them.

extension Differentiable {
  /// Computes singular values and vectors; see `LinearAlgebra.svd`.
  ///
  /// Gradients are those of the reduced factors (Giles 2008, eq. 3.4, and its completion for rectangles).
  ///
  /// - Throws: as `LinearAlgebra.svd`; in the backward for gradients of full matrices' vectors.
  public static func svd(
    _ a: Tensor, fullMatrices: Bool = false, defaultFloat: DType = .float32
  ) throws -> SingularValueDecomposition {
    let factors = try LinearAlgebra.svd(a, fullMatrices: fullMatrices, defaultFloat: defaultFloat)
    let results = [factors.u, factors.s, factors.vh]
    let (dtype, isSquare) = (a.dtype, a.rank >= 2 && a.shape[a.rank - 1] == a.shape[a.rank - 2])
    try Tape.record("linalg.svd", results: results, [a], saving: [.output(0), .output(1), .output(2)]) { step in
      let g = step.gradients
      guard !fullMatrices || isSquare || (g[0] == nil && g[2] == nil) else {
        throw TensorError.expected(
          operation: "linalg.svd", expected: "full_matrices=false for gradients of u and vh", got: "true")
      }
      let (u, s, vh) = (try step.saved(0), try step.saved(1), try step.saved(2))
      let less = s.shape[s.rank - 1]
      let (left, right) = (try narrow(u, u.rank - 1, 0, less), try narrow(vh, vh.rank - 2, 0, less))
      return [try to(try svdGradient(g, left, s, right), dtype)]
    }
    return factors
  }

  private static func svdGradient(_ g: [Tensor?], _ u: Tensor, _ s: Tensor, _ vh: Tensor) throws -> Tensor {
    let (v, ut) = (try adjoint(vh), try adjoint(u))
    let (row, column) = (try unsqueeze(s, s.rank - 1), try unsqueeze(s, s.rank))
    var inner = try g[1].map { try diagonalMatrix($0) } ?? apply(.multiply, try diagonalMatrix(s), 0)
    if g[0] != nil || g[2] != nil {
      let squares = try apply(.square, s)
      let gaps = try gaps(squares)
      if let gu = g[0] {
        let turn = try apply(.divide, try skew(try matmul(ut, gu)), gaps)
        inner = try apply(.add, inner, try apply(.multiply, turn, row))
      }
      if let gvh = g[2] {
        let turn = try apply(.divide, try skew(try matmul(vh, try adjoint(gvh))), gaps)
        inner = try apply(.add, inner, try apply(.multiply, turn, column))
      }
    }
    var total = try matmul(u, try matmul(inner, vh))
    // what lies outside the spaces that the vectors span
    if let gu = g[0], u.shape[u.rank - 2] > u.shape[u.rank - 1] {
      let outside = try apply(.subtract, gu, try matmul(u, try matmul(ut, gu)))
      total = try apply(.add, total, try matmul(try apply(.divide, outside, row), vh))
    }
    if let gvh = g[2], vh.shape[vh.rank - 1] > vh.shape[vh.rank - 2] {
      let outside = try apply(.subtract, gvh, try matmul(try matmul(gvh, v), vh))
      total = try apply(.add, total, try matmul(u, try apply(.divide, outside, column)))
    }
    return total
  }

  /// `x_j - x_i` in row i and column j, 1 on the diagonal.
  private static func gaps(_ x: Tensor) throws -> Tensor {
    let differences = try apply(.subtract, try unsqueeze(x, x.rank - 1), try unsqueeze(x, x.rank))
    return try apply(.add, differences, try Tensor.eye(x.shape[x.rank - 1], x.dtype))
  }

  /// `x - x^T`.
  private static func skew(_ x: Tensor) throws -> Tensor { try apply(.subtract, x, try adjoint(x)) }

  /// The matrices with the vectors `[..., n]` on their diagonals.
  static func diagonalMatrix(_ x: Tensor) throws -> Tensor {
    try apply(.multiply, try unsqueeze(x, x.rank), try Tensor.eye(x.shape[x.rank - 1], x.dtype))
  }

  /// Computes singular values alone; see `LinearAlgebra.singularValues`.
  ///
  /// - Throws: as `LinearAlgebra.singularValues`.
  public static func singularValues(_ a: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    if Tape.records([a]) { return try svd(a, defaultFloat: defaultFloat).s }
    return try Tape.record("linalg.svdvals", try LinearAlgebra.singularValues(a, defaultFloat: defaultFloat), [a]) {
      _ in
      []
    }
  }

  /// Computes eigenvalues and eigenvectors of symmetric matrices; see `LinearAlgebra.eigh`.
  ///
  /// The gradient is `V (diag(g_w) + V^T g_V / (w_j - w_i)) V^T` (Giles 2008, eq. 3.1).
  ///
  /// - Throws: as `LinearAlgebra.eigh`.
  public static func eigh(_ a: Tensor, defaultFloat: DType = .float32) throws -> (values: Tensor, vectors: Tensor) {
    let (values, vectors) = try LinearAlgebra.eigh(a, defaultFloat: defaultFloat)
    let dtype = a.dtype
    try Tape.record("linalg.eigh", results: [values, vectors], [a], saving: [.output(0), .output(1)]) { step in
      let (w, v) = (try step.saved(0), try step.saved(1))
      var inner = try step.gradients[0].map { try diagonalMatrix($0) } ?? apply(.multiply, try diagonalMatrix(w), 0)
      if let g = step.gradients[1] {
        let turn = try apply(.divide, try matmul(try adjoint(v), g), try gaps(w))
        let off = try apply(.subtract, .scalar(1.0), .tensor(try Tensor.eye(w.shape[w.rank - 1], w.dtype)))
        inner = try apply(.add, inner, try apply(.multiply, turn, off))
      }
      return [try to(try matmul(v, try matmul(inner, try adjoint(v))), dtype)]
    }
    return (values, vectors)
  }

  /// Computes eigenvalues of symmetric matrices alone; see `LinearAlgebra.symmetricEigenvalues`.
  ///
  /// - Throws: as `LinearAlgebra.symmetricEigenvalues`.
  public static func symmetricEigenvalues(_ a: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    if Tape.records([a]) { return try eigh(a, defaultFloat: defaultFloat).values }
    return try LinearAlgebra.symmetricEigenvalues(a, defaultFloat: defaultFloat)
  }

  /// Computes `A = Q R`; see `LinearAlgebra.qr`.
  ///
  /// The gradient follows Liao et al. 2019, eq. 5, and for wide matrices eq. 8.
  ///
  /// - Throws: as `LinearAlgebra.qr`; in the backward for complete factors of tall matrices, and a singular R.
  public static func qr(
    _ a: Tensor, complete: Bool = false, defaultFloat: DType = .float32
  ) throws -> (q: Tensor, r: Tensor) {
    let (q, r) = try LinearAlgebra.qr(a, complete: complete, defaultFloat: defaultFloat)
    let (dtype, shape) = (a.dtype, a.shape)
    try Tape.record("linalg.qr", results: [q, r], [a], saving: [.output(0), .output(1), .input(0)]) { step in
      guard !complete || shape[shape.count - 2] <= shape[shape.count - 1] else {
        throw TensorError.expected(
          operation: "linalg.qr", expected: "mode 'reduced' for gradients of tall matrices", got: "'complete'")
      }
      let (q, r) = (try step.saved(0), try step.saved(1))
      let g = try qrGradient(step.gradients, q, r, try step.saved(2))
      return [try to(g, dtype)]
    }
    return (q, r)
  }

  private static func qrGradient(_ g: [Tensor?], _ q: Tensor, _ r: Tensor, _ a: Tensor) throws -> Tensor {
    let gq = try g[0] ?? zeros(q.shape, q.dtype)
    let gr = try g[1] ?? zeros(r.shape, r.dtype)
    let (k, n, last) = (r.shape[r.rank - 2], r.shape[r.rank - 1], r.rank - 1)
    guard n > k else { return try tallGradient(gq, gr, q, r) }
    // A = [X Y], R = [U V]: X = Q U, and Y = Q V hangs on X through Q
    let (y, gv) = (try narrow(to(a, r.dtype), last, k, n - k), try narrow(gr, last, k, n - k))
    let shared = try apply(.add, gq, try matmul(y, try adjoint(gv)))
    let gx = try tallGradient(shared, try narrow(gr, last, 0, k), q, try narrow(r, last, 0, k))
    return try cat([gx, try matmul(q, gv)], along: last)
  }

  /// `(g_Q + Q copyltu(R g_R^T - g_Q^T Q)) R^-T`, where copyltu mirrors the lower triangle.
  private static func tallGradient(_ gq: Tensor, _ gr: Tensor, _ q: Tensor, _ r: Tensor) throws -> Tensor {
    let m = try apply(.subtract, try matmul(r, try adjoint(gr)), try matmul(try adjoint(gq), q))
    let below = try lowerTriangle(m, -1)
    let diagonal = try apply(.multiply, m, try Tensor.eye(m.shape[m.rank - 1], m.dtype))
    let mirrored = try apply(.add, try apply(.add, below, try adjoint(below)), diagonal)
    let right = try apply(.add, gq, try matmul(q, mirrored))
    // X R^T = B is R X^T = B^T
    return try adjoint(try solveTriangular(r, try adjoint(right), upper: true))
  }

  /// Computes Cholesky factors; see `LinearAlgebra.cholesky`.
  ///
  /// The gradient is the symmetric `L^-T P L^-1` with P the lower triangle of `L^T g`, its diagonal halved (Murray 2016, eq. 10).
  ///
  /// - Throws: as `LinearAlgebra.cholesky`.
  public static func cholesky(_ a: Tensor, upper: Bool = false, defaultFloat: DType = .float32) throws -> Tensor {
    let result = try LinearAlgebra.cholesky(a, upper: upper, defaultFloat: defaultFloat)
    let dtype = a.dtype
    return try Tape.record("linalg.cholesky", result, [a], saving: [.result]) { step in
      let l = upper ? try adjoint(try step.saved(0)) : try step.saved(0)
      let g = upper ? try adjoint(step.gradient) : step.gradient
      let product = try matmul(try adjoint(l), g)
      let n = l.shape[l.rank - 1]
      let half = try apply(
        .subtract, .scalar(1.0), .tensor(try Tensor.eye(n, l.dtype).applyInPlace(.multiply, .scalar(0.5))))
      let p = try apply(.multiply, try lowerTriangle(product), half)
      let once = try solveTriangular(l, p, transposed: true)
      let s = try solveTriangular(l, try adjoint(once), transposed: true)
      return [try to(try apply(.multiply, try apply(.add, s, try adjoint(s)), 0.5), dtype)]
    }
  }
}
