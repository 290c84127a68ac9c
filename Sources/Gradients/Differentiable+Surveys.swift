import Kernels
import Tensors

extension Differentiable {
  /// Computes `log sum e^x`; see `Tensor.logSumExp`.
  ///
  /// - Throws: as `Tensor.logSumExp`.
  public static func logSumExp(
    _ x: Tensor, along dimensions: [Int]? = nil, keepDimensions: Bool = false, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let result = try x.logSumExp(along: dimensions, keepDimensions: keepDimensions, defaultFloat: defaultFloat)
    var kept = x.shape
    for dimension in dimensions ?? Array(0..<x.rank) { kept[dimension] = 1 }
    return try Tape.record("logsumexp", result, [x], saving: [.input(0), .result]) { [kept] step in
      let share = try apply(.exponential, try apply(.subtract, try step.saved(0), try reshape(try step.saved(1), kept)))
      // infinity minus infinity: no element has a share, or the infinite one has no slope that a number could tell
      let none = try share.testing(.isNaN)
      let known = try choose(none, .scalar(0.0), .tensor(share))
      return [try apply(.multiply, known, try reshape(step.gradient, kept))]
    }
  }

  /// Computes covariances; see `Tensor.covariance`.
  ///
  /// - Throws: as `Tensor.covariance`.
  public static func covariance(
    _ x: Tensor, rowVariables: Bool = true, unbiased: Bool = true, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let result = try x.covariance(rowVariables: rowVariables, unbiased: unbiased, defaultFloat: defaultFloat)
    guard Anomaly.isWatched || Tape.records([x]) else { return result }
    return try to(try covariances(x, rowVariables, unbiased), x.dtype)
  }

  /// The covariances in float64.
  private static func covariances(_ x: Tensor, _ rowVariables: Bool, _ unbiased: Bool) throws -> Tensor {
    let wide = try to(x, .float64)
    let rows = try x.rank == 1 ? unsqueeze(wide, 0) : rowVariables ? wide : transposed(wide)
    let distances = try apply(.subtract, rows, try reduced(.mean, rows, along: [1], keepDimensions: true))
    let divisor = Double(Swift.max(rows.shape[1] - (unbiased ? 1 : 0), 0))
    let result = try apply(.divide, try matmul(distances, try transposed(distances)), divisor)
    return result.count == 1 ? try reshape(result, []) : result
  }

  /// Computes correlation coefficients; see `Tensor.correlations`.
  ///
  /// - Throws: as `Tensor.correlations`.
  public static func correlations(
    _ x: Tensor, rowVariables: Bool = true, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let plain = try x.correlations(rowVariables: rowVariables, defaultFloat: defaultFloat)
    guard Anomaly.isWatched || Tape.records([x]) else { return plain }
    let covariances = try covariances(x, rowVariables, true)
    if covariances.rank == 0 { return try to(try apply(.divide, covariances, covariances), x.dtype) }
    let deviations = try apply(.squareRoot, try diagonal(covariances))
    let scaled = try apply(.divide, try apply(.divide, covariances, try unsqueeze(deviations, 1)), deviations)
    return try to(try clamp(scaled, low: -1, high: 1), x.dtype)
  }

  /// Computes `start + weight (end - start)`; see `Tensor.interpolated`.
  ///
  /// - Throws: as `Tensor.interpolated`.
  public static func interpolated(
    _ start: Tensor, to end: Operand, weight: Operand, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let gap = try apply(.subtract, end, .tensor(start), defaultFloat: defaultFloat)
    let share = try apply(.multiply, weight, .tensor(gap), defaultFloat: defaultFloat)
    return try apply(.add, .tensor(start), .tensor(share), defaultFloat: defaultFloat)
  }

  /// Computes x above 0 and `slope x` below; see `Tensor.leakyReLU`.
  ///
  /// - Throws: as `Tensor.leakyReLU`.
  public static func leakyReLU(_ x: Tensor, slope: Double = 0.01, defaultFloat: DType = .float32) throws -> Tensor {
    let result = try x.leakyReLU(slope: slope, defaultFloat: defaultFloat)
    return try Tape.record("leaky_relu", result, [x], saving: [.input(0)]) { step in
      let above = try Tensor.compare(.greater, .tensor(try step.saved(0)), .scalar(0))
      let below = try apply(.multiply, step.gradient, slope)
      return [try choose(above, .tensor(step.gradient), .tensor(below))]
    }
  }

  /// Replaces NaN and infinities; see `Tensor.withoutNaN`.
  ///
  /// What is replaced gets no gradient.
  ///
  /// - Throws: as `Tensor.withoutNaN`.
  public static func withoutNaN(
    _ x: Tensor, _ value: Double = 0, positiveInfinity: Double? = nil, negativeInfinity: Double? = nil
  ) throws -> Tensor {
    let result = try x.withoutNaN(value, positiveInfinity: positiveInfinity, negativeInfinity: negativeInfinity)
    guard result.dtype.isFloat else { return result }
    return try Tape.record("nan_to_num", result, [x], saving: [.input(0)]) { step in
      [try choose(try step.saved(0).testing(.isFinite), .tensor(step.gradient), .scalar(0.0))]
    }
  }

  /// Multiplies up to every element along a dimension; see `Tensor.cumulativeProduct`.
  ///
  /// - Throws: as `Tensor.cumulativeProduct`.
  public static func cumulativeProduct(_ x: Tensor, along dimension: Int) throws -> Tensor {
    let result = try x.cumulativeProduct(along: dimension)
    guard result.dtype.isFloat else { return result }
    return try Tape.record("cumprod", result, [x], saving: [.input(0), .result]) { step in
      let (x, y, g) = (try step.saved(0), try step.saved(1), step.gradient)
      let hasZero = try Tensor.compare(.equal, .tensor(x), .scalar(0)).reduced(.any).item().double != 0
      if hasZero { return [try cumulativeProductBesideZeros(x, g, dimension)] }
      return [try apply(.divide, try sumBehind(try apply(.multiply, g, y), dimension), x)]
    }
  }

  /// What lies behind every element along a dimension, itself included.
  static func sumBehind(_ x: Tensor, _ dimension: Int) throws -> Tensor {
    try flipped(try cumulativeSum(try flipped(x, [dimension]), along: dimension), [dimension])
  }

  /// For every slice, the products from it on with a 1 in its place: quadratic, for lines with zeros alone.
  private static func cumulativeProductBesideZeros(_ x: Tensor, _ g: Tensor, _ dimension: Int) throws -> Tensor {
    let extent = x.shape[dimension]
    let slices = try (0..<extent).map { index in
      try Interrupt.check()
      let one = try Tensor.full(try x.narrow(dimension, index, 1).shape, .number(1), x.dtype)
      let parts = [try narrow(x, dimension, 0, index), one, try narrow(x, dimension, index + 1, extent - index - 1)]
      let products = try cumulativeProduct(try cat(parts, along: dimension), along: dimension)
      let behind = try narrow(try apply(.multiply, products, g), dimension, index, extent - index)
      return try reduced(.sum, behind, along: [dimension], keepDimensions: true)
    }
    return try cat(slices, along: dimension)
  }
}
