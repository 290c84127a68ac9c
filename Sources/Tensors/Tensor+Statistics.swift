import Kernels

extension Tensor {
  /// Computes `log sum e^x` of the whole or along dimensions, without overflow; -infinity of no elements, NaN where there is one.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist or comes twice.
  public func logSumExp(
    along dimensions: [Int]? = nil, keepDimensions: Bool = false, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let source = dtype.isFloat ? self : try to(defaultFloat)
    let fold = try Fold(self, dimensions, "logsumexp")
    let extents = keepDimensions ? fold.kept : fold.outer
    if fold.length == 0 { return try Tensor.full(extents, .number(-.infinity), source.dtype) }
    if let line = try source.logSumExpOfLines(fold.dimensions) { return try line.reshape(extents) }
    let largest = try source.reduced(.maximum, along: dimensions, keepDimensions: true)
    // an infinite largest element would leave infinity minus infinity
    let shift = try Tensor.choose(
      largest.testing(.isFinite), .tensor(largest), .scalar(0.0), defaultFloat: source.dtype)
    let powers = try Tensor.apply(.subtract, source, shift).applyInPlace(.exponential)
    let sums = try powers.reduced(.sum, along: dimensions, keepDimensions: true).applyInPlace(.logarithm)
    return try sums.applyInPlace(.add, .tensor(shift)).reshape(extents)
  }

  /// `logSumExp` along one dimension, or of elements that lie one after another; nil along several others.
  private func logSumExpOfLines(_ dimensions: Extents) throws -> Tensor? {
    let whole = dimensions.count == rank && isContiguous
    guard whole || dimensions.count == 1, let type = dtype.floatType else { return nil }
    let lines = whole ? try reshape([count]) : self
    return try lines.logSumExp(type, whole ? 0 : dimensions[0])
  }

  private func logSumExp<T: FloatElement>(_ type: T.Type, _ dimension: Int) throws -> Tensor {
    let outer = across(dimension)
    let result = try Tensor(dtype, outer.shape, zeroed: false)
    let (count, step) = (shape[dimension], strides[dimension])
    try Walk(outer.shape, outer.strides, result.strides).forEachPlane { plane in
      try plane.shared(each: count) {
        try Lines.logSumExp($0, pointer(T.self), result.pointer(), count: count, step: step)
      }
    }
    return result
  }

  /// The covariances of variables, `[variables, variables]`, of one variable a 0-dim tensor.
  ///
  /// `C = (X - mean) (X - mean)^T / (n - 1)`, or `/ n` when not `unbiased`; n is the number of observations. Rows are variables and columns
  /// observations as in NumPy's cov, or the reverse (`rowVariables` false); a vector is one variable. Computed in double.
  ///
  /// - Throws: `TensorError` for more than two dimensions or none.
  public func covariance(
    rowVariables: Bool = true, unbiased: Bool = true, defaultFloat: DType = .float32
  ) throws -> Tensor {
    try covariance("cov", rowVariables, unbiased).to(dtype.isFloat ? dtype : defaultFloat)
  }

  /// The correlation coefficients of variables: `C[i][j] / sqrt(C[i][i] C[j][j])` of their covariances, limited to -1...1; NaN for a constant variable.
  ///
  /// - Throws: `TensorError` for more than two dimensions or none.
  public func correlations(rowVariables: Bool = true, defaultFloat: DType = .float32) throws -> Tensor {
    let covariances = try covariance("corrcoef", rowVariables, true)
    let target = dtype.isFloat ? dtype : defaultFloat
    if covariances.rank == 0 { return try Tensor.apply(.divide, covariances, covariances).to(target) }
    let count = covariances.shape[0]
    let diagonal = Tensor(storage: covariances.storage, shape: [count], strides: [count + 1])
    let deviations = try diagonal.applying(.squareRoot)
    let scaled = try Tensor.apply(.divide, covariances, deviations.unsqueeze(1))
    try scaled.applyInPlace(.divide, .tensor(deviations))
    return try scaled.clampInPlace(low: -1, high: 1).to(target)
  }

  private func covariance(_ operation: String, _ rowVariables: Bool, _ unbiased: Bool) throws -> Tensor {
    guard rank == 1 || rank == 2 else {
      throw TensorError.expected(operation: operation, expected: "a vector or a matrix", got: "shape \(shape)")
    }
    let wide = try to(.float64)
    let rows = try rank == 1 ? wide.unsqueeze(0) : rowVariables ? wide : wide.transposed()
    let means = try rows.reduced(.mean, along: [1], keepDimensions: true)
    let distances = try Tensor.apply(.subtract, rows, means)
    let products = try Tensor.matmul(distances, distances.transposed())
    let divisor = Double(Swift.max(rows.shape[1] - (unbiased ? 1 : 0), 0))
    let result = try products.applyInPlace(.divide, .scalar(.number(divisor)))
    return result.count == 1 ? try result.reshape([]) : result
  }

  /// Computes `self + weight (end - self)`, all broadcast: this tensor at weight 0, `end` at 1.
  ///
  /// - Throws: `TensorError` when shapes don't broadcast.
  public func interpolated(to end: Operand, weight: Operand, defaultFloat: DType = .float32) throws -> Tensor {
    let gap = try Tensor.apply(.subtract, end, .tensor(self), defaultFloat: defaultFloat)
    let share = try Tensor.apply(.multiply, weight, .tensor(gap), defaultFloat: defaultFloat)
    return try Tensor.apply(.add, .tensor(self), .tensor(share), defaultFloat: defaultFloat)
  }

  /// Computes x above 0 and `slope x` below; integers give `defaultFloat`.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func leakyReLU(slope: Double = 0.01, defaultFloat: DType = .float32) throws -> Tensor {
    let source = dtype.isFloat ? self : try to(defaultFloat)
    let mask = try Tensor.compare(.greater, .tensor(source), .scalar(0))
    let below = try Tensor.apply(.multiply, source, .number(slope))
    return try Tensor.choose(mask, .tensor(source), .tensor(below))
  }

  /// Replaces NaN and infinities by numbers; infinities by the largest finite numbers of the dtype unless told.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func withoutNaN(
    _ value: Double = 0, positiveInfinity: Double? = nil, negativeInfinity: Double? = nil
  ) throws -> Tensor {
    if !dtype.isFloat { return try clone() }
    let limit = dtype == .float32 ? Double(Float.greatestFiniteMagnitude) : .greatestFiniteMagnitude
    let result = try clone()
    let above = try Tensor.compare(.equal, .tensor(self), .scalar(.number(.infinity)))
    let below = try Tensor.compare(.equal, .tensor(self), .scalar(.number(-.infinity)))
    try result.maskedFill(try testing(.isNaN), .number(value))
    try result.maskedFill(above, .number(positiveInfinity ?? limit))
    return try result.maskedFill(below, .number(negativeInfinity ?? -limit))
  }

  /// Asks of every pair of elements whether `|a - b| <= absolute + relative |b|`, broadcast; the result is a mask.
  ///
  /// Computed in double. Equal infinities are close; NaN is close to nothing, or to NaN where `equalNaN` says so.
  ///
  /// - Throws: `TensorError` when shapes don't broadcast.
  public static func close(
    _ left: Operand, _ right: Operand, relative: Double = 1e-5, absolute: Double = 1e-8, equalNaN: Bool = false
  ) throws -> Tensor {
    let shape = try Extents.broadcast(left.shape, right.shape, "isclose")
    return try Side.with(left, right, .float64, shape, "isclose") { a, b in
      let mask = try Tensor(.bool, shape, zeroed: false)
      try mask.forEachPlane(a, b) {
        try Elementwise.close(
          $0, mask.pointer(), a.pointer(Double.self), b.pointer(), relative: relative, absolute: absolute,
          equalNaN: equalNaN)
      }
      return mask
    }
  }

  /// Whether both have the same shape and equal elements, whatever their dtypes; NaN equals nothing.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func isEqual(to other: Tensor) throws -> Bool {
    guard shape == other.shape else { return false }
    let same = try Tensor.compare(.equal, .tensor(self), .tensor(other))
    return try same.reduced(.all).loadInteger(at: 0) == 1
  }
}
