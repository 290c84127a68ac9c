import RealModule

/// Takes a gradient back through what the parts of a network do to it.
///
/// The mean square goes back through a Linear by the factor `n_out var(W)` and through an activation by `E phi'^2` (He et al. 2015,
/// eq. 11 to 13; Glorot & Bengio 2010, eq. 6, where the slope is 1; Yang et al. 2019, eq. 7, for all pairs of samples), through batch
/// normalisation as in `BatchProjection`, through a row's normalisation by `gamma^2 / (v + eps)`: its two projections take `1/n` of many
/// units' gradients away, nothing here.
struct GradientWalk {
  /// The number of samples, nil for infinitely many.
  let batch: Int?
  /// The logarithm of the mean square of dL/dW of the row's first Linear; nil where theory makes no statement.
  private(set) var logWeightGradient: Double?
  /// Why the gradient in front of the steps can't be told; nil where it can.
  private(set) var gap: String?

  init(batch: Int?) { self.batch = batch }

  /// Forgets the row before.
  mutating func beginRow() { logWeightGradient = nil }

  /// The gradient in front of the steps; nil where it can't be told.
  mutating func pass(_ gradient: GradientSignal, _ steps: [BackwardStep]) -> GradientSignal? {
    var gradient = gradient
    // what batch normalisation leaves depends on the pull of other samples behind the activation
    var pullBehind = gradient.pull
    for step in steps.reversed() {
      let entering = gradient
      guard let next = pass(gradient, step, pullBehind) else { return nil }
      gradient = next
      if case .activation = step { pullBehind = entering.pull } else { pullBehind = gradient.pull }
    }
    return gradient
  }

  private mutating func pass(_ gradient: GradientSignal, _ step: BackwardStep, _ pullBehind: Double?) -> GradientSignal?
  {
    var result = gradient
    switch step {
    case .linear(let factor, let signal):
      logWeightGradient = weightGradient(gradient, signal)
      result.logSquare += Double.log(factor)
      result.mean = 0
    case .activation(let square, let mean, let pull):
      result.logSquare += Double.log(square)
      result.mean *= square > 0 ? mean / square.squareRoot() : 0
      result.pull = gradient.pull.map { $0 * pull }
    case .batchNorm(let logFactor, let projection, let alongShare, let behind):
      guard logFactor < .infinity else {
        gap = "has no law of it for a batch of up to 3 samples"
        return nil
      }
      // the mean over the batch is taken away: what is left of dependent samples is not known
      guard let pull = pullBehind else {
        gap = "takes from the gradient what samples have in common, and theory does not know that of a loss"
        return nil
      }
      result.logSquare += logFactor
      if let projection {
        result.logSquare += Double.log(projection.left(pull: pull, share: alongShare) / behind)
      }
      (result.mean, result.pull) = (0, -1)
    case .rowNorm(let logFactor):
      result.logSquare += logFactor
      result.mean = 0
    case .sum(let branch, let scale, let shortcut):
      return sum(gradient, branch, scale, shortcut)
    }
    return result
  }

  /// Both ways' gradients are independent, so that their mean squares add up, as the variances do going up: derived here as De & Smith
  /// 2020 do for those.
  private mutating func sum(
    _ gradient: GradientSignal, _ branch: [BackwardStep], _ scale: Double, _ shortcut: [BackwardStep]
  ) -> GradientSignal? {
    var scaled = gradient
    scaled.logSquare += 2 * Double.log(abs(scale))
    guard let around = pass(gradient, shortcut) else { return nil }
    // the row's weight is the branch's
    guard let through = pass(scaled, branch) else { return nil }
    let most = max(around.logSquare, through.logSquare)
    guard most > -.infinity else { return around }
    let (a, b) = (Double.exp(around.logSquare - most), Double.exp(through.logSquare - most))
    let pull = around.pull.flatMap { one in through.pull.map { (a * one + b * $0) / (a + b) } }
    let mean = (around.mean * a.squareRoot() + through.mean * b.squareRoot()) / (a + b).squareRoot()
    return GradientSignal(logSquare: most + Double.log(a + b), mean: mean, pull: pull)
  }

  /// `E dW^2 = B E delta^2 (q + pull p)`, p being the mean product of two samples of what enters.
  ///
  /// Derived here: `dW = sum_b delta_b h_b` (Glorot & Bengio 2010, eq. 3, for a sample), so that `E dW^2` is the sum over pairs of
  /// samples of `E[delta_b delta_c] E[h_b h_c]`, B terms `E delta^2 q` and, where deltas depend on each other, those of unlike ones. Where
  /// they don't it is B times the product of Glorot & Bengio's eq. 7, which is the same in every layer of a plain net.
  private func weightGradient(_ delta: GradientSignal, _ entering: Signal) -> Double? {
    guard let batch, let pull = delta.pull else { return nil }
    if pull == 0 { return Double.log(Double(batch)) + delta.logSquare + entering.logSquare }
    guard let cosine = entering.cosine else { return nil }
    return Double.log(Double(batch)) + delta.logSquare + entering.logSquare + Double.log(max(0, 1 + pull * cosine))
  }
}
