import Kernels

extension LinearAlgebra {
  /// Computes determinants `[...]`, by getrf; the product of the pivots neither over- nor underflows on the way.
  ///
  /// 1 for a matrix without elements, 0 for one with a zero pivot, NaN where a number isn't finite.
  ///
  /// - Throws: `TensorError` for other than square matrices.
  public static func determinant(_ a: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    try LUFactors(a, "linalg.det", defaultFloat: defaultFloat).determinant()
  }

  /// Computes the signs of determinants (1, -1 or 0) and the natural logarithms of their absolute values.
  ///
  /// 0 and -infinity for a zero pivot, 1 and 0 for a matrix without elements, NaN where a number isn't finite.
  ///
  /// - Throws: `TensorError` for other than square matrices.
  public static func signAndLogarithmOfDeterminant(
    _ a: Tensor, defaultFloat: DType = .float32
  ) throws -> (sign: Tensor, logarithm: Tensor) {
    try LUFactors(a, "linalg.slogdet", defaultFloat: defaultFloat).signAndLogarithm()
  }

  /// Counts the singular values larger than a tolerance, int64 `[...]`.
  ///
  /// The tolerance is the larger of `absolute` and `relative` times the largest singular value. Without `relative`, it is the larger of m and
  /// n times the dtype's epsilon, or 0 when `absolute` is given.
  ///
  /// - Throws: `TensorError` for fewer than two dimensions, NaN or infinity.
  public static func rank(
    _ a: Tensor, absolute: Double? = nil, relative: Double? = nil, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let s = try singularValues(a, "linalg.matrix_rank", defaultFloat)
    let last = s.rank - 1
    guard s.shape[last] > 0 else { return try Tensor(.int64, a.batch) }
    let longest = Double(Swift.max(a.shape[a.rank - 2], a.shape[a.rank - 1]))
    let factor = relative ?? (absolute == nil ? longest * s.dtype.epsilon : 0)
    let largest = try s.narrow(last, 0, 1).to(.float64)
    let limit = try Tensor.apply(
      .maximum, .tensor(try Tensor.apply(.multiply, .tensor(largest), .scalar(.number(factor)))),
      .scalar(.number(absolute ?? 0)))
    return try Tensor.compare(.greater, .tensor(s), .tensor(limit)).reduced(.sum, along: [last])
  }

  /// Computes the Moore-Penrose pseudoinverse `[..., n, m]`, by singular values.
  ///
  /// Singular values up to `relative` times the largest count as 0; nil is the larger of m and n times the dtype's epsilon.
  ///
  /// - Throws: `TensorError` as `svd`.
  public static func pseudoinverse(
    _ a: Tensor, relative: Double? = nil, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let source = try a.asMatrices("linalg.pinv", defaultFloat)
    let (m, n) = (source.shape[a.rank - 2], source.shape[a.rank - 1])
    guard source.count > 0 else { return try Tensor(source.dtype, Extents(Array(source.batch) + [n, m])) }
    let factors = try svd(source, fullMatrices: false, "linalg.pinv", source.dtype)
    let (s, last) = (factors.s, a.rank - 2)
    let factor = relative ?? Double(Swift.max(m, n)) * source.dtype.epsilon
    let limit = try Tensor.apply(.multiply, .tensor(try s.narrow(last, 0, 1).to(.float64)), .scalar(.number(factor)))
    let keeps = try Tensor.compare(.greater, .tensor(s), .tensor(limit))
    let inverses = try Tensor.choose(
      keeps, .tensor(try s.applying(.reciprocal)), .scalar(0.0), defaultFloat: source.dtype)
    let scaled = try Tensor.apply(
      .multiply, try factors.u.transpose(last, last + 1), try inverses.unsqueeze(last + 1))
    return try Tensor.matmul(try factors.vh.transpose(last, last + 1), scaled)
  }

  /// Computes condition numbers `[...]`: `|A| |A^-1|` in the norm given, infinite for singular matrices.
  ///
  /// Without a norm, or of 2, it is the largest singular value over the smallest, also of rectangles; -2 is the reverse. The other norms are for
  /// square matrices.
  ///
  /// - Throws: `TensorError` for NaN or infinity, unknown norms, and no elements.
  public static func conditionNumber(
    _ a: Tensor, _ order: NormOrder? = nil, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let operation = "linalg.cond"
    let order = order ?? .power(2)
    let source = try a.asMatrices(operation, square: Swift.abs(order.exponent ?? 0) != 2, defaultFloat)
    guard source.shape[a.rank - 2] > 0, source.shape[a.rank - 1] > 0 else {
      throw TensorError.expected(operation: operation, expected: "at least one element", got: "shape \(a.shape)")
    }
    if let exponent = order.exponent, Swift.abs(exponent) == 2 {
      let s = try singularValues(source, operation, defaultFloat)
      let (largest, smallest) = (try s.select(s.rank - 1, 0), try s.select(s.rank - 1, s.shape[s.rank - 1] - 1))
      let ratio =
        try exponent > 0
        ? Tensor.apply(.divide, largest, smallest) : Tensor.apply(.divide, smallest, largest)
      // 0 / 0 of a matrix of zeros
      return try Tensor.choose(
        try ratio.testing(.isNaN), .scalar(.number(.infinity)), .tensor(ratio), defaultFloat: source.dtype)
    }
    return try conditionByInverse(source, order, operation)
  }

  private static func conditionByInverse(_ a: Tensor, _ order: NormOrder, _ operation: String) throws -> Tensor {
    let singular = try LUFactors(a, operation).singular()
    let identity = try Tensor.eye(a.shape[a.rank - 1], a.dtype)
    let mask = try singular.unsqueeze(a.rank - 2).unsqueeze(a.rank - 1)
    let safe = try Tensor.choose(mask, .tensor(identity), .tensor(a))
    let sizes = try [a, inverse(safe, operation, a.dtype)].map {
      try norm($0, order, along: [a.rank - 2, a.rank - 1], operation: operation)
    }
    return try Tensor.choose(
      singular, .scalar(.number(.infinity)), .tensor(try Tensor.apply(.multiply, sizes[0], sizes[1])))
  }

  /// Raises square matrices to an integer power by repeated squaring; 0 gives the identity, negative powers those of the inverse.
  ///
  /// Integers and masks stay whole numbers for powers of at least 0.
  ///
  /// - Throws: `TensorError` for other than square matrices, and for a negative power of a singular one.
  public static func power(_ a: Tensor, _ exponent: Int, defaultFloat: DType = .float32) throws -> Tensor {
    let operation = "linalg.matrix_power"
    let checked = try a.asMatrices(operation, square: true, defaultFloat)
    var base = exponent < 0 ? try inverse(checked, operation, defaultFloat) : a.dtype == .bool ? try a.to(.int64) : a
    var (rest, result): (UInt, Tensor?) = (exponent.magnitude, nil)
    while rest > 0 {
      if rest & 1 == 1 { result = try result.map { try Tensor.matmul($0, base) } ?? base }
      rest >>= 1
      if rest > 0 { base = try Tensor.matmul(base, base) }
    }
    if let result { return result === a ? try result.clone() : result }
    let identity = try Tensor(base.dtype, base.shape)
    try identity.mainDiagonal().fill(1)
    return identity
  }
}
