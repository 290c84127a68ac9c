import Networks
import RealModule

/// How normalisation makes gradients grow towards the input at initialisation.
public enum GradientGrowth {
  /// The factor of the mean square of dL/dh per layer towards the input.
  ///
  /// Before the activation it is `E phi'^2 / Var phi` at unit variance for batch normalisation, whatever the weights: the limit of Yang
  /// et al. 2019, theorem 7 (eq. 24), for many samples, whose `q*(1 - c*)` is `Var phi`; theorem 8 has `pi/(pi - 1)` for ReLU.
  ///
  /// The other places and kinds are derived here by the same steps. A preactivation of variance `sw2 v` is divided by its root, and
  /// the gradient with it, while the weights multiply the gradient's mean square by sw2: `E phi'^2 / v` is left, v being what of
  /// `phi` the next layer's normalisation sees.
  /// - Batch normalisation behind the activation: `sw2 E phi'(sw z)^2 / Var phi(sw z)`, the variance of the preactivations being sw2.
  /// - Layer normalisation takes each sample's mean over many units: `E phi^2` in place of `Var phi` before the activation, since
  ///   preactivations have a mean of 0 over units, and `Var phi` behind it.
  /// - RMS normalisation takes no mean: `E phi^2` in both places.
  ///
  /// eps is 0. Equations are numbered as in arXiv:1902.08129.
  ///
  /// With a finite batch B, batch normalisation before relu or linear has closed forms, Yang et al. 2019, theorem 8: for ReLU eq. 25
  /// with alpha = 1, `(B - 1 + J'(rho)) / ((B - 3) (1 - J(rho))) - 1/(B - 3)` with `rho = -1/(B - 1)`, `J` the cosine map of ReLU and
  /// `J'(c) = 1 - acos(c)/pi`; linear `(B - 2) / (B - 3)`. Here the same numbers come from `BatchProjection`.
  ///
  /// It is the factor of the mean over draws. Of small batches a few units with hardly any variance make it (the square of `1 / chi2(B - 1)`
  /// has a mean from 6 samples on), and a single net grows by less: the geometric mean over 60 nets of width 100 was 10 % below it
  /// for 4 samples, 5 % for 5, 3 % for 6 and 0.3 % for 8.
  ///
  /// - Throws: `TheoryError` for a weight variance that is not positive, a batch of 3 or less, and a finite batch without a form.
  public static func factor(
    _ law: ActivationLaw, norm: NormalisationKind = .batch, position: NormalisationPosition = .before,
    weightVariance: Double = 1, batch: Int? = nil
  ) throws -> Double {
    try Check.positive(weightVariance, "theory.growth", "sigma_w2")
    if let batch, norm == .batch { return try finite(law, position, batch) }
    let std = position == .before ? 1 : weightVariance.squareRoot()
    let moments = law.moments(std: std)
    let centred = moments.square - moments.mean * moments.mean
    let takesMean = norm == .batch || (norm == .layer && position == .after)
    let variance = (takesMean ? centred : moments.square) * moments.scale * moments.scale
    return std * std * moments.slopeSquare / variance
  }

  private static func finite(_ law: ActivationLaw, _ position: NormalisationPosition, _ batch: Int) throws -> Double {
    guard batch >= 1 else {
      throw TheoryError.setting("theory.growth", "batch", expected: "a number of samples, 4 or more", got: "\(batch)")
    }
    guard let projection = BatchProjection(law, batch: batch), position == .before else {
      throw TheoryError.batchNotCovered(law.function.name, norm: "batch normalisation \(position) it")
    }
    guard batch > 3 else { throw TheoryError.batchDiverges(batch) }
    let m = Double(batch)
    let pair = law.pair(std: 1, correlation: -1 / (m - 1))
    let square = law.moments(std: 1).square
    // E 1/variance of m normal samples, times what the backward pass of the activation and the normalisation leaves
    // (E 1/chi2(m - 1) = 1/(m - 3), and a variance of phi between samples of square - product)
    return m / ((m - 3) * (square - pair.product)) * projection.zeroSum.both
  }
}

/// What is left of a gradient's mean square behind the activation and batch normalisation's two projections, for a finite batch.
///
/// The backward pass of the normalisation takes `1/B` of the sum and of the part along xhat away (Ioffe & Szegedy 2015, section 3, the
/// unnumbered gradients under algorithm 1). Derived here: a standardised batch lies on a sphere of B - 2 dimensions, where
/// signs and angles are those of normal samples of correlation rho, so that for ReLU, D being its slopes and
/// `rho = -1 / (B - 1)`, the traces are `tr D = B/2`, `1'D1 / B = 1/2`, `xhat'D xhat / B = 1/2`; along 1 the mean square number
/// of active samples is `N2 = B/2 + B (B - 1) (1/4 + asin(rho) / (2 pi))`, and that of their sum `S2 = B/2 + B (B - 1) J1(rho) / 2`.
/// Put together they are the rate of Yang et al. 2019, theorem 8 (eq. 25).
struct BatchProjection {
  /// A trace over the mean square that comes in: what the mean leaves, and what of it lies along xhat.
  struct Share {
    let left: Double
    let along: Double

    /// What both projections leave without eps.
    var both: Double { left - along }
  }

  /// Of a gradient that is independent between samples.
  let independent: Share
  /// Of one whose sum over the batch is 0, as it comes from another batch normalisation.
  let zeroSum: Share

  /// Nil where there is no closed form: for all but relu and linear.
  init?(_ law: ActivationLaw, batch: Int) {
    let m = Double(batch)
    guard batch > 1 else { return nil }
    switch law.rectifierSlope {
    case 1:
      independent = Share(left: (m - 1) / m, along: 1 / m)
      zeroSum = Share(left: 1, along: 1 / (m - 1))
    case 0:
      let rho = -1 / (m - 1)
      let active = m / 2 + m * (m - 1) * (0.25 + Double.asin(rho) / (2 * .pi))
      let sums = m / 2 + m * (m - 1) * ActivationLaw(.relu).pair(std: 1, correlation: rho).product
      independent = Share(left: (m / 2 - 0.5) / m, along: 0.5 / m)
      zeroSum = Share(
        left: (m / 2 - 0.5 - (m / 2 - active / m) / m) / (m - 1), along: (0.5 - sums / (m * m)) / (m - 1))
    default: return nil
    }
  }

  /// What is left where samples have this pull on each other, of a normalisation that takes `share` of the part along xhat.
  func left(pull: Double, share: Double) -> Double {
    let (one, other) = (independent, zeroSum)
    let left = one.left - pull * (other.left - one.left)
    return left - share * (one.along - pull * (other.along - one.along))
  }
}

/// Means over the variance of a batch of normal numbers, `V chi2(B - 1) / B`, V being that between samples (Cochran's theorem).
enum BatchVariance {
  /// `E[1 / (v + eps)]`, infinite for a batch of 3 or less without eps; without a batch v is V itself.
  ///
  /// Without eps it is `B / ((B - 3) V)`, from `E[1 / chi2(k)] = 1/(k - 2)`.
  static func inverse(_ variance: Double, eps: Double, batch: Int?) -> Double {
    guard let batch else { return 1 / (variance + eps) }
    if batch <= 3 && eps == 0 { return .infinity }
    if eps == 0 { return Double(batch) / (Double(batch - 3) * variance) }
    return mean(batch) { 1 / (variance * $0 + eps) }
  }

  /// What eps leaves of the projection along xhat, `E[s (2 - s) / (v + eps)] / E[1 / (v + eps)]` with `s = v / (v + eps)`.
  ///
  /// Derived here: xhat has a mean square of s, so `|g - xhat (g.xhat)/B|^2` is `|g|^2 - (2 - s) (g.xhat)^2/B`, and the square of
  /// `g.xhat` is s times that of one along a unit direction. With eps 0 it is 1 (Santurkar et al. 2018, theorem 4.1).
  static func alongShare(_ variance: Double, eps: Double, batch: Int) -> Double {
    if eps == 0 { return 1 }
    let along = mean(batch) { chi in
      let rest = eps / (variance * chi + eps)
      return (1 - rest * rest) / (variance * chi + eps)
    }
    return along / inverse(variance, eps: eps, batch: batch)
  }

  /// `E[v / (v + eps)]`: the mean square of what is normalised.
  static func share(_ variance: Double, eps: Double, batch: Int?) -> Double {
    if eps == 0 { return variance > 0 ? 1 : 0 }
    guard let batch else { return variance / (variance + eps) }
    return mean(batch) { variance * $0 / (variance * $0 + eps) }
  }

  /// The mean of a function of `chi2(B - 1) / B`, by the trapezium rule in its logarithm, where the density falls off fast both ways.
  private static func mean(_ batch: Int, _ function: (Double) -> Double) -> Double {
    let half = Double(batch - 1) / 2
    guard batch > 1 else { return function(0) }
    var (sum, total) = (0.0, 0.0)
    // the logarithm's own spread is about 1 / sqrt(half)
    let step = 0.1 / (half.squareRoot() + 0.5)
    let reach = batch < 8 ? 1200 : 150
    for index in -reach...150 {
      let u = Double(index) * step
      let weight = Double.exp(half * (u - Double.exp(u) + 1))
      sum += weight * function(Double.exp(u) * 2 * half / Double(batch))
      total += weight
    }
    return sum / total
  }
}
