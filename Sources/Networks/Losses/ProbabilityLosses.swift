import Gradients
import RealModule
import Tensors

extension Losses {
  /// The mean of `-(t log y + (1 - t) log(1 - y))` over all probabilities `y`.
  ///
  /// A logarithm is never below -100, so that probabilities of exactly 0 and 1 give finite losses, and the slope is
  /// `(y - t) / max(y (1 - y), 1e-12)`, as PyTorch's. `weight` broadcasts to the output's shape; the mean is over the number
  /// of pairs whatever it is.
  ///
  /// - Throws: `NetworkError` when the shapes differ, an output or a target is outside 0 to 1 (an output of NaN gives a loss of
  ///   NaN), or there are no numbers to take a mean of.
  public static func binaryCrossEntropy(
    _ output: Tensor, _ target: Tensor, weight: Tensor? = nil, reduction: LossReduction = .mean
  ) throws -> Tensor {
    try BinaryCrossEntropy().reduce(output, target, weight: weight, by: reduction)
  }

  /// The mean of `-(p t log s(x) + (1 - t) log(1 - s(x)))` over all logits `x`, `s` the logistic function; safe for any size.
  ///
  /// `positiveWeight` is `p`; it and `weight` broadcast to the logits' shape.
  ///
  /// - Throws: as for probabilities, but for any logits.
  public static func binaryCrossEntropy(
    logits: Tensor, _ target: Tensor, weight: Tensor? = nil, positiveWeight: Tensor? = nil,
    reduction: LossReduction = .mean
  ) throws -> Tensor {
    try BinaryCrossEntropyOfLogits().reduce(
      logits, target, weight: weight, positiveWeight: positiveWeight, by: reduction)
  }

  /// Kullback and Leibler's divergence of the target from the output: the mean of `t (log t - y)` over all numbers, where `y`
  /// are log-probabilities; with `logTarget` the targets are logarithms, too, and it is `e^t (t - y)`.
  ///
  /// As in PyTorch the divergence itself is `batchMean`, the sum over the number of samples. A target of probability 0
  /// contributes 0.
  ///
  /// - Throws: `NetworkError` when the shapes differ, a target is negative or not finite (with `logTarget`, minus infinity
  ///   is allowed), or there are no numbers to take a mean of.
  public static func divergence(
    _ output: Tensor, _ target: Tensor, logTarget: Bool = false, reduction: LossReduction = .mean
  ) throws -> Tensor {
    if reduction == .batchMean, output.rank == 0 {
      throw NetworkError.expected("kl", "samples to take a mean over", "\(output.shape)")
    }
    return logTarget
      ? try DivergenceOfLogarithms().reduce(output, target, by: reduction)
      : try Divergence().reduce(output, target, by: reduction)
  }
}

/// `log(1 + e^x)` without overflow.
private func softplus(_ x: Double) -> Double { (x > 0 ? x : 0) + Double.log(onePlus: Double.exp(-abs(x))) }

/// `share value`, and 0 where the share is 0 whatever the value.
private func part(_ share: Double, _ value: Double) -> Double { share == 0 ? 0 : share * value }

/// Of probabilities.
private struct BinaryCrossEntropy: PairLoss {
  let name = "bce"
  let targets = "targets from 0 to 1"
  private let lowest = -100.0
  private let least = 1e-12

  func admits(target: Double) -> Bool { target >= 0 && target <= 1 }
  func objection(output: Double) -> String? {
    output < 0 || output > 1 ? "probabilities from 0 to 1 (for logits there is nn.bce_with_logits)" : nil
  }
  func value(_ y: Double, _ t: Double, _ p: Double) -> Double {
    -(t * bounded(Double.log(y)) + (1 - t) * bounded(Double.log(onePlus: -y)))
  }
  private func bounded(_ logarithm: Double) -> Double { logarithm < lowest ? lowest : logarithm }

  func slope(_ y: Double, _ t: Double, _ p: Double) -> Double {
    let variance = y * (1 - y)
    return (y - t) / (variance < least ? least : variance)
  }
  func slope(_ y: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor {
    let variance = try Differentiable.apply(.multiply, y, try rest(y))
    return try Differentiable.apply(
      .divide, try Differentiable.apply(.subtract, y, t), try Differentiable.clamp(variance, low: .number(least)))
  }
  func targetSlope(_ y: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor {
    let ofNone = try Differentiable.apply(.logarithmOnePlus, try Differentiable.apply(.negative, y))
    return try Differentiable.apply(
      .subtract, try Differentiable.clamp(ofNone, low: .number(lowest)),
      try Differentiable.clamp(try Differentiable.apply(.logarithm, y), low: .number(lowest)))
  }
}

/// `1 - x`.
private func rest(_ x: Tensor) throws -> Tensor {
  try Differentiable.apply(.add, try Differentiable.apply(.negative, x), 1)
}

/// Of logits: `p t softplus(-x) + (1 - t) softplus(x)`.
private struct BinaryCrossEntropyOfLogits: PairLoss {
  let name = "bce_with_logits"
  let targets = "targets from 0 to 1"

  func admits(target: Double) -> Bool { target >= 0 && target <= 1 }
  func value(_ x: Double, _ t: Double, _ p: Double) -> Double {
    part(p * t, softplus(-x)) + part(1 - t, softplus(x))
  }
  func slope(_ x: Double, _ t: Double, _ p: Double) -> Double {
    (1 - t) / (1 + Double.exp(-x)) - p * t / (1 + Double.exp(x))
  }
  func slope(_ x: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor {
    let negative = try Differentiable.apply(.multiply, try rest(t), try Differentiable.apply(.sigmoid, x))
    let opposite = try Differentiable.apply(.sigmoid, try Differentiable.apply(.negative, x))
    return try Differentiable.apply(
      .subtract, negative, try weighed(try Differentiable.apply(.multiply, t, opposite), p))
  }
  func targetSlope(_ x: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor {
    let positive = try Differentiable.apply(.softplus, try Differentiable.apply(.negative, x))
    return try Differentiable.apply(
      .subtract, try weighed(positive, p), try Differentiable.apply(.softplus, x))
  }
  private func weighed(_ x: Tensor, _ p: Tensor?) throws -> Tensor {
    try p.map { try Differentiable.apply(.multiply, x, $0) } ?? x
  }
}

/// Of log-probabilities `y` from probabilities `t`.
private struct Divergence: PairLoss {
  let name = "kl"
  let targets = "finite targets of at least 0 (for logarithms there is log_target=true)"

  func admits(target: Double) -> Bool { target >= 0 && target.isFinite }
  func value(_ y: Double, _ t: Double, _ p: Double) -> Double { part(t, Double.log(t) - y) }
  func slope(_ y: Double, _ t: Double, _ p: Double) -> Double { -t }
  func slope(_ y: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor { try Differentiable.apply(.negative, t) }
  func targetSlope(_ y: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor {
    let difference = try Differentiable.apply(.subtract, try Differentiable.apply(.logarithm, t), y)
    return try Differentiable.apply(.add, difference, 1)
  }
}

/// Of log-probabilities `y` from log-probabilities `t`.
private struct DivergenceOfLogarithms: PairLoss {
  let name = "kl"
  let targets = "log-probabilities as targets"

  func admits(target: Double) -> Bool { target < .infinity }
  func value(_ y: Double, _ t: Double, _ p: Double) -> Double { part(Double.exp(t), t - y) }
  func slope(_ y: Double, _ t: Double, _ p: Double) -> Double { -Double.exp(t) }
  func slope(_ y: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor {
    try Differentiable.apply(.negative, try Differentiable.apply(.exponential, t))
  }
  func targetSlope(_ y: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor {
    let difference = try Differentiable.apply(.add, try Differentiable.apply(.subtract, t, y), 1)
    return try Differentiable.apply(.multiply, try Differentiable.apply(.exponential, t), difference)
  }
}
