import Kernels
import Tensors

extension Differentiable {
  /// Computes determinants; see `LinearAlgebra.determinant`.
  ///
  /// The gradient is `g det(A) A^-T`, or where a determinant is 0 that of the singular values' product, the matrix of cofactors.
  ///
  /// - Throws: as `LinearAlgebra.determinant`.
  public static func determinant(_ a: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    let (result, dtype) = (try LinearAlgebra.determinant(a, defaultFloat: defaultFloat), a.dtype)
    return try Tape.record("linalg.det", result, [a], saving: [.input(0), .result]) { step in
      let (a, y) = (try to(try step.saved(0), step.gradient.dtype), try step.saved(1))
      let singular = try Tensor.compare(.equal, .tensor(y), .scalar(0)).reduced(.any).item().double != 0
      let g = try matrixFactor(step.gradient)
      if singular { return [try to(try apply(.multiply, g, try cofactors(a)), dtype)] }
      let slope = try apply(.multiply, try adjoint(try inverse(a)), try matrixFactor(y))
      return [try to(try apply(.multiply, g, slope), dtype)]
    }
  }

  /// `det(U V^T) U diag(products of the other singular values) V^T`.
  private static func cofactors(_ a: Tensor) throws -> Tensor {
    let factors = try svd(a)
    let others = try productsOfOthers(factors.s, along: [factors.s.rank - 1])
    let turn = try LinearAlgebra.determinant(try Tensor.matmul(factors.u, factors.vh))
    let scaled = try apply(.multiply, factors.u, try unsqueeze(others, others.rank - 1))
    return try apply(.multiply, try matmul(scaled, factors.vh), try matrixFactor(turn))
  }

  /// Numbers `[...]` as factors of matrices `[..., m, n]`.
  private static func matrixFactor(_ x: Tensor) throws -> Tensor {
    try unsqueeze(try unsqueeze(x, x.rank), x.rank + 1)
  }

  /// Computes signs and logarithms of determinants; see `LinearAlgebra.signAndLogarithmOfDeterminant`.
  ///
  /// The gradient of the logarithm is `A^-T`.
  ///
  /// - Throws: as `LinearAlgebra.signAndLogarithmOfDeterminant`; in the backward for singular matrices.
  public static func signAndLogarithmOfDeterminant(
    _ a: Tensor, defaultFloat: DType = .float32
  ) throws -> (sign: Tensor, logarithm: Tensor) {
    let (sign, logarithm) = try LinearAlgebra.signAndLogarithmOfDeterminant(a, defaultFloat: defaultFloat)
    let dtype = a.dtype
    try Tape.record("linalg.slogdet", logarithm, [a], saving: [.input(0)]) { step in
      let slope = try adjoint(try inverse(try to(try step.saved(0), step.gradient.dtype)))
      return [try to(try apply(.multiply, slope, try matrixFactor(step.gradient)), dtype)]
    }
    return (sign, logarithm)
  }

  /// Computes norms; see `LinearAlgebra.norm`.
  ///
  /// Where a norm of a power is 0, its gradient is 0.
  ///
  /// - Throws: as `LinearAlgebra.norm`.
  public static func norm(
    _ a: Tensor, _ order: NormOrder? = nil, along dimensions: [Int]? = nil, keepDimensions: Bool = false,
    defaultFloat: DType = .float32
  ) throws -> Tensor {
    let plain = try LinearAlgebra.norm(
      a, order, along: dimensions, keepDimensions: keepDimensions, defaultFloat: defaultFloat)
    guard Anomaly.isWatched || Tape.records([a]) else { return plain }
    guard let dimensions = dimensions ?? order.map({ _ in Array(Swift.max(a.rank - 2, 0)..<a.rank) }) else {
      return try reduced(.norm, a, keepDimensions: keepDimensions)
    }
    let kept =
      try dimensions.count == 2
      ? matrixNorm(a, order ?? .frobenius, dimensions[0], dimensions[1])
      : vectorNorm(a, order?.exponent ?? 2, dimensions)
    return kept.shape == plain.shape ? kept : try reshape(kept, plain.shape)
  }

  // Both keep the dimensions with extent 1.

  private static func vectorNorm(_ a: Tensor, _ exponent: Double, _ dimensions: [Int]) throws -> Tensor {
    switch exponent {
    case 2: return try reduced(.norm, a, along: dimensions, keepDimensions: true)
    case 1: return try reduced(.sum, try apply(.absolute, a), along: dimensions, keepDimensions: true)
    case .infinity, -.infinity:
      let reduction: Reduction = exponent > 0 ? .maximum : .minimum
      return try reduced(reduction, try apply(.absolute, a), along: dimensions, keepDimensions: true)
    default: return try powerNorm(a, exponent, dimensions)
    }
  }

  /// The rule is `g sign(x) (|x| / y)^(p-1)`.
  private static func powerNorm(_ a: Tensor, _ exponent: Double, _ dimensions: [Int]) throws -> Tensor {
    let result = try dimensionwise(a, exponent, dimensions)
    return try Tape.record("linalg.norm", result, [a], saving: [.input(0), .result]) { step in
      let (x, y) = (try step.saved(0), try step.saved(1))
      let ratio = try apply(.power, try apply(.divide, try apply(.absolute, x), y), exponent - 1)
      let slope = try apply(.multiply, try apply(.sign, x), ratio)
      let still = try Tensor.compare(.equal, .tensor(try Tensor.apply(.multiply, x, y)), .scalar(0))
      let counts = exponent == 0 ? try apply(.multiply, x, 0) : try choose(still, .scalar(0.0), .tensor(slope))
      return [try apply(.multiply, counts, step.gradient)]
    }
  }

  private static func dimensionwise(_ a: Tensor, _ exponent: Double, _ dimensions: [Int]) throws -> Tensor {
    guard dimensions.isEmpty else {
      return try LinearAlgebra.norm(a, .power(exponent), along: dimensions, keepDimensions: true)
    }
    return try LinearAlgebra.norm(a, .power(exponent))
  }

  private static func matrixNorm(_ a: Tensor, _ order: NormOrder, _ rows: Int, _ columns: Int) throws -> Tensor {
    func sums(_ along: Int, _ across: Int, largest: Bool) throws -> Tensor {
      let totals = try reduced(.sum, try apply(.absolute, a), along: [along], keepDimensions: true)
      return try reduced(largest ? .maximum : .minimum, totals, along: [across], keepDimensions: true)
    }
    switch order {
    case .frobenius: return try reduced(.norm, a, along: [rows, columns], keepDimensions: true)
    case .power(1), .power(-1): return try sums(rows, columns, largest: order == .power(1))
    case .power(.infinity), .power(-.infinity): return try sums(columns, rows, largest: order == .power(.infinity))
    default: return try spectralNorm(a, order, rows, columns)
    }
  }

  private static func spectralNorm(_ a: Tensor, _ order: NormOrder, _ rows: Int, _ columns: Int) throws -> Tensor {
    let others = (0..<a.rank).filter { $0 != rows && $0 != columns }
    let s = try singularValues(try permute(a, others + [rows, columns]))
    let reduction: Reduction = order == .nuclear ? .sum : order == .power(2) ? .maximum : .minimum
    let values = try reduced(reduction, s, along: [s.rank - 1], keepDimensions: true)
    var kept = a.shape
    (kept[rows], kept[columns]) = (1, 1)
    return try reshape(values, kept)
  }

  /// Computes condition numbers; see `LinearAlgebra.conditionNumber`.
  ///
  /// - Throws: as `LinearAlgebra.conditionNumber`; singular matrices on the tape, whose condition has no gradient.
  public static func conditionNumber(
    _ a: Tensor, _ order: NormOrder? = nil, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let plain = try LinearAlgebra.conditionNumber(a, order, defaultFloat: defaultFloat)
    guard Tape.records([a]) else { return plain }
    let order = order ?? .power(2)
    if let exponent = order.exponent, Swift.abs(exponent) == 2 {
      let s = try singularValues(a)
      let (first, last) = (try select(s, s.rank - 1, 0), try select(s, s.rank - 1, s.shape[s.rank - 1] - 1))
      return try exponent > 0 ? apply(.divide, first, last) : apply(.divide, last, first)
    }
    let sizes = try [a, inverse(a)].map { try norm($0, order, along: [a.rank - 2, a.rank - 1]) }
    return try apply(.multiply, sizes[0], sizes[1])
  }
}
