import Kernels
import Tensors

extension Differentiable {
  /// Solves `A X = B`; see `LinearAlgebra.solve`.
  ///
  /// The gradients are `g_B = A^-T g` and `g_A = -g_B X^T`.
  ///
  /// - Throws: as `LinearAlgebra.solve`.
  public static func solve(_ a: Tensor, _ b: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    guard Anomaly.isWatched || Tape.records([a, b]), a.rank >= 2 else {
      return try LinearAlgebra.solve(a, b, defaultFloat: defaultFloat)
    }
    let isVector = b.rank == 1 || b.shape == Extents(a.shape.prefix(a.rank - 1))
    if isVector {
      // checks the shapes as the user gave them
      _ = try b.shape[b.rank - 1] == a.shape[a.rank - 2] ? nil : LinearAlgebra.solve(a, b)
      let x = try solve(a, try unsqueeze(b, b.rank), defaultFloat: defaultFloat)
      return try squeeze(x, x.rank - 1)
    }
    let result = try LinearAlgebra.solve(a, b, defaultFloat: defaultFloat)
    let (first, second) = ((a.shape, a.dtype), (b.shape, b.dtype))
    return try Tape.record("linalg.solve", result, [a, b], saving: [.input(0), .result]) { step in
      let gb = try solve(try adjoint(try step.saved(0)), step.gradient)
      let ga = step.wants(0) ? try product(gb, try step.saved(1)) : nil
      return [
        try ga.map { try reduce($0, to: first.0, first.1) },
        step.wants(1) ? try reduce(gb, to: second.0, second.1) : nil,
      ]
    }
  }

  /// `-g X^T`.
  private static func product(_ g: Tensor, _ x: Tensor) throws -> Tensor {
    try apply(.negative, try matmul(g, try adjoint(x)))
  }

  /// Solves with a triangle; see `LinearAlgebra.solveTriangular`.
  ///
  /// - Throws: as `LinearAlgebra.solveTriangular`.
  public static func solveTriangular(
    _ a: Tensor, _ b: Tensor, upper: Bool = false, left: Bool = true, unit: Bool = false, transposed: Bool = false,
    operation: String = "linalg.solve_triangular", defaultFloat: DType = .float32
  ) throws -> Tensor {
    guard Anomaly.isWatched || Tape.records([a, b]), a.rank >= 2, left || b.rank >= 2 else {
      return try LinearAlgebra.solveTriangular(
        a, b, upper: upper, left: left, unit: unit, transposed: transposed, operation, defaultFloat: defaultFloat)
    }
    if !left {
      let x = try solveTriangular(
        a, try adjoint(b), upper: upper, unit: unit, transposed: !transposed, operation: operation,
        defaultFloat: defaultFloat)
      return try adjoint(x)
    }
    let result = try LinearAlgebra.solveTriangular(
      a, b, upper: upper, unit: unit, transposed: transposed, operation, defaultFloat: defaultFloat)
    let isVector = b.rank == 1 || b.shape == Extents(a.shape.prefix(a.rank - 1))
    let (first, second) = ((a.shape, a.dtype), (b.shape, b.dtype))
    return try Tape.record(operation, result, [a, b], saving: [.input(0), .result]) { step in
      var (g, x) = (step.gradient, try step.saved(1))
      if isVector { (g, x) = (try unsqueeze(g, g.rank), try unsqueeze(x, x.rank)) }
      let gb = try solveTriangular(try step.saved(0), g, upper: upper, unit: unit, transposed: !transposed)
      let ofB = step.wants(1) ? try reduce(isVector ? try squeeze(gb, gb.rank - 1) : gb, to: second.0, second.1) : nil
      guard step.wants(0) else { return [nil, ofB] }
      let whole = try product(gb, x)
      let ga = transposed ? try adjoint(whole) : whole
      let triangle = try upper ? upperTriangle(ga, unit ? 1 : 0) : lowerTriangle(ga, unit ? -1 : 0)
      return [try reduce(triangle, to: first.0, first.1), ofB]
    }
  }

  /// Solves with a Cholesky factor; see `LinearAlgebra.solveCholesky`.
  ///
  /// - Throws: as `LinearAlgebra.solveCholesky`.
  public static func solveCholesky(
    _ factor: Tensor, _ b: Tensor, upper: Bool = false, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let operation = "linalg.cholesky_solve"
    let inner = try solveTriangular(
      factor, b, upper: upper, transposed: upper, operation: operation, defaultFloat: defaultFloat)
    return try solveTriangular(
      factor, inner, upper: upper, transposed: !upper, operation: operation, defaultFloat: defaultFloat)
  }

  /// Inverts square matrices; see `LinearAlgebra.inverse`.
  ///
  /// The gradient is `-Y^T g Y^T`.
  ///
  /// - Throws: as `LinearAlgebra.inverse`.
  public static func inverse(_ a: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    let (result, dtype) = (try LinearAlgebra.inverse(a, defaultFloat: defaultFloat), a.dtype)
    return try Tape.record("linalg.inv", result, [a], saving: [.result]) { step in
      let yt = try adjoint(try step.saved(0))
      return [try to(try apply(.negative, try matmul(yt, try matmul(step.gradient, yt))), dtype)]
    }
  }

  /// Computes pseudoinverses; see `LinearAlgebra.pseudoinverse`.
  ///
  /// The gradient is that of matrices of one rank (Golub and Pereyra 1973, eq. 4.12).
  ///
  /// - Throws: as `LinearAlgebra.pseudoinverse`.
  public static func pseudoinverse(
    _ a: Tensor, relative: Double? = nil, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let result = try LinearAlgebra.pseudoinverse(a, relative: relative, defaultFloat: defaultFloat)
    let dtype = a.dtype
    return try Tape.record("linalg.pinv", result, [a], saving: [.input(0), .result]) { step in
      let a = try to(try step.saved(0), step.gradient.dtype)
      return [try to(try pseudoinverseGradient(step.gradient, a, try step.saved(1)), dtype)]
    }
  }

  /// `-P^T g P^T + (I - A P) g^T P P^T + P^T P g^T (I - P A)`.
  private static func pseudoinverseGradient(_ g: Tensor, _ a: Tensor, _ p: Tensor) throws -> Tensor {
    let (pt, gt) = (try adjoint(p), try adjoint(g))
    let direct = try matmul(pt, try matmul(g, pt))
    let rows = try matmul(gt, try matmul(p, pt))
    let columns = try matmul(try matmul(pt, p), gt)
    let outsideRows = try apply(.subtract, rows, try matmul(a, try matmul(p, rows)))
    let outsideColumns = try apply(.subtract, columns, try matmul(try matmul(columns, p), a))
    return try apply(.subtract, try apply(.add, outsideRows, outsideColumns), direct)
  }

  /// Finds the X of least |B - A X|; see `LinearAlgebra.leastSquares`.
  ///
  /// The solution alone is on the tape.
  ///
  /// - Throws: as `LinearAlgebra.leastSquares`.
  public static func leastSquares(
    _ a: Tensor, _ b: Tensor, tolerance: Double? = nil, defaultFloat: DType = .float32
  ) throws -> LeastSquares {
    let found = try LinearAlgebra.leastSquares(a, b, tolerance: tolerance, defaultFloat: defaultFloat)
    let isVector = b.rank == 1 || b.shape == Extents(a.shape.prefix(Swift.max(a.rank - 1, 0)))
    let (first, second) = ((a.shape, a.dtype), (b.shape, b.dtype))
    try Tape.record("linalg.lstsq", found.solution, [a, b], saving: [.input(0), .input(1)]) { step in
      let dtype = step.gradient.dtype
      var (g, b) = (step.gradient, try to(try step.saved(1), dtype))
      if isVector { (g, b) = (try unsqueeze(g, g.rank), try unsqueeze(b, b.rank)) }
      let a = try to(try step.saved(0), dtype)
      let p = try pseudoinverse(a, relative: tolerance)
      let gb = try matmul(try adjoint(p), g)
      let ofB = step.wants(1) ? try reduce(isVector ? try squeeze(gb, gb.rank - 1) : gb, to: second.0, second.1) : nil
      guard step.wants(0) else { return [nil, ofB] }
      let ga = try pseudoinverseGradient(try matmul(g, try adjoint(b)), a, p)
      return [try reduce(ga, to: first.0, first.1), ofB]
    }
    return found
  }

  /// Raises square matrices to an integer power; see `LinearAlgebra.power`.
  ///
  /// - Throws: as `LinearAlgebra.power`.
  public static func power(_ a: Tensor, _ exponent: Int, defaultFloat: DType = .float32) throws -> Tensor {
    guard Anomaly.isWatched || Tape.records([a]), exponent != 0, a.rank >= 2,
      a.shape[a.rank - 1] == a.shape[a.rank - 2]
    else { return try LinearAlgebra.power(a, exponent, defaultFloat: defaultFloat) }
    var base = exponent < 0 ? try inverse(a, defaultFloat: defaultFloat) : a
    var (rest, result): (UInt, Tensor?) = (exponent.magnitude, nil)
    while rest > 0 {
      if rest & 1 == 1 { result = try result.map { try matmul($0, base) } ?? base }
      rest >>= 1
      if rest > 0 { base = try matmul(base, base) }
    }
    guard let result else { return try clone(a) }
    return result === a ? try clone(a) : result
  }
}
