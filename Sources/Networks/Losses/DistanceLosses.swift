import Gradients
import Tensors

extension Losses {
  /// The mean of `(y - t)^2` over all numbers, or with `weight` `sum w (y - t)^2 / sum w`.
  ///
  /// `weight` broadcasts to the output's shape.
  ///
  /// - Throws: as all losses of pairs: `NetworkError` when the shapes differ, `output` is not of a float dtype, a target is not
  ///   finite, or there are no numbers to take a mean of.
  public static func meanSquared(
    _ output: Tensor, _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean
  ) throws -> Tensor {
    try Squares(name: "mse", factor: 1).reduce(output, target, weight: weight, by: reduction)
  }

  /// Half the sum of `(y - t)^2` over all numbers.
  ///
  /// - Throws: as `meanSquared`.
  public static func squaredError(
    _ output: Tensor, _ target: Tensor, reduction: LossReduction = .sum
  ) throws -> Tensor {
    try Squares(name: "squared_error", factor: 0.5).reduce(output, target, by: reduction)
  }

  /// The mean of `|y - t|` over all numbers, or with `weight` `sum w |y - t| / sum w`; where `y = t` the slope is 0.
  ///
  /// - Throws: as `meanSquared`.
  public static func absolute(
    _ output: Tensor, _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean
  ) throws -> Tensor {
    try Distances().reduce(output, target, weight: weight, by: reduction)
  }

  /// Huber's loss (1964): `(y - t)^2 / 2` where `|y - t| <= delta`, else `delta (|y - t| - delta / 2)`.
  ///
  /// A mean is over the number of pairs whatever the weights, as PyTorch's.
  ///
  /// - Throws: as `meanSquared`, and for a delta that is not positive and finite.
  public static func huber(
    _ output: Tensor, _ target: Tensor, delta: Double = 1, weight: Tensor? = nil, reduction: LossReduction = .mean
  ) throws -> Tensor {
    guard delta > 0, delta.isFinite else { throw NetworkError.expected("huber", "a positive delta", text(delta)) }
    return try Bends(name: "huber", bend: delta, factor: 1).reduce(output, target, weight: weight, by: reduction)
  }

  /// Girshick's smooth L1 (2015): `(y - t)^2 / (2 beta)` where `|y - t| < beta`, else `|y - t| - beta / 2`; with `beta` 0,
  /// `|y - t|`.
  ///
  /// - Throws: as `meanSquared`, and for a negative or infinite beta.
  public static func smoothAbsolute(
    _ output: Tensor, _ target: Tensor, beta: Double = 1, reduction: LossReduction = .mean
  ) throws -> Tensor {
    guard beta >= 0, beta.isFinite else { throw NetworkError.expected("smooth_l1", "a beta of at least 0", text(beta)) }
    if beta == 0 { return try Distances(name: "smooth_l1").reduce(output, target, by: reduction) }
    return try Bends(name: "smooth_l1", bend: beta, factor: 1 / beta).reduce(output, target, by: reduction)
  }
}

/// A loss of the difference `d = y - t` alone.
private protocol DifferenceLoss: PairLoss {
  func value(_ d: Double) -> Double
  func slope(_ d: Double) -> Double
  func slope(_ d: Tensor) throws -> Tensor
}

extension DifferenceLoss {
  func value(_ y: Double, _ t: Double, _ p: Double) -> Double { value(y - t) }
  func slope(_ y: Double, _ t: Double, _ p: Double) -> Double { slope(y - t) }
  func slope(_ y: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor {
    try slope(try Differentiable.apply(.subtract, y, t))
  }
  func targetSlope(_ y: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor {
    try Differentiable.apply(.negative, try slope(y, t, p))
  }
}

/// `factor d^2`.
private struct Squares: DifferenceLoss {
  let name: String
  let factor: Double
  var weightsDivide: Bool { true }

  func value(_ d: Double) -> Double { factor * d * d }
  func slope(_ d: Double) -> Double { 2 * factor * d }
  func slope(_ d: Tensor) throws -> Tensor { try Differentiable.apply(.multiply, d, 2 * factor) }
}

/// `|d|`.
private struct Distances: DifferenceLoss {
  var name = "l1"
  var weightsDivide: Bool { true }

  func value(_ d: Double) -> Double { abs(d) }
  // of NaN, NaN
  func slope(_ d: Double) -> Double { d > 0 ? 1 : d < 0 ? -1 : d }
  func slope(_ d: Tensor) throws -> Tensor { try Differentiable.apply(.sign, d) }
}

/// `factor d^2 / 2` up to the bend, and straight on beyond it.
private struct Bends: DifferenceLoss {
  let name: String
  let bend: Double
  let factor: Double

  func value(_ d: Double) -> Double {
    abs(d) > bend ? factor * bend * (abs(d) - bend / 2) : factor * d * d / 2
  }
  func slope(_ d: Double) -> Double {
    factor * (d > bend ? bend : d < -bend ? -bend : d)
  }
  func slope(_ d: Tensor) throws -> Tensor {
    let bounded = try Differentiable.clamp(d, low: .number(-bend), high: .number(bend))
    return try Differentiable.apply(.multiply, bounded, factor)
  }
}
