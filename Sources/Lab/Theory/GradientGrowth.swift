import Networks
import RealModule

/// How normalisation makes gradients grow towards the input at initialisation.
public enum GradientGrowth {
  /// The factor of the mean square of dL/dh per layer towards the input.
  ///
  /// Before the activation it is `E phi'^2 / Var phi` at unit variance for batch normalisation (Yang et al. 2019, theorem 3.9), whatever
  /// the weights; behind it `sw2 E phi'(sw z)^2 / Var phi(sw z)`, the variance of the preactivations being sw2. Layer normalisation
  /// takes each sample's mean over many units, `E phi^2` in place of `Var phi` before the activation, where the mean is 0, and the
  /// same behind; RMS normalisation takes no mean, `E phi^2` in both places. eps is 0.
  ///
  /// With a finite batch B, batch normalisation before relu or linear has closed forms (Yang et al. 2019, appendix on cross-batch
  /// backward dynamics; linear `(B - 2) / (B - 3)`).
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
    return m / ((m - 3) * (square - pair.product)) * projection.ofZeroSums
  }
}

/// What is left of a gradient's mean square behind the activation and batch normalisation's two projections, for a finite batch.
///
/// A standardised batch x lies on a sphere of B - 2 dimensions, so that for ReLU, with `rho = -1 / (B - 1)`,
/// `P = 1/4 + asin(rho) / (2 pi)`, `N1 = B/2`, `N2 = B/2 + B (B - 1) P` (the mean square number of active samples) and
/// `S2 = B/2 + B (B - 1) J1(rho) / 2` (that of their sum), the trace of `D (I - 11'/B - xx'/B) D` is `B/2 - 1`, and its share along 1
/// `(N1 - N2/B - S2/B) / B` (Yang et al. 2019, appendix on ReLU with a finite batch).
struct BatchProjection {
  /// Of a gradient that is independent between samples, over its mean square.
  let ofIndependent: Double
  /// Of one whose sum over the batch is 0, as it comes from another batch normalisation.
  let ofZeroSums: Double

  /// Nil where there is no closed form: for all but relu and linear.
  init?(_ law: ActivationLaw, batch: Int) {
    let m = Double(batch)
    guard batch > 1 else { return nil }
    switch law.rectifierSlope {
    case 1:
      ofIndependent = (m - 2) / m
      ofZeroSums = (m - 2) / (m - 1)
    case 0:
      let rho = -1 / (m - 1)
      let active = m / 2 + m * (m - 1) * (0.25 + Double.asin(rho) / (2 * .pi))
      let sums = m / 2 + m * (m - 1) * ActivationLaw(.relu).pair(std: 1, correlation: rho).product
      ofIndependent = (m / 2 - 1) / m
      ofZeroSums = (m / 2 - 1 - (m / 2 - active / m - sums / m) / m) / (m - 1)
    default: return nil
    }
  }
}

/// Means over the variance of a batch of normal numbers, `V chi2(B - 1) / B`, V being that between samples.
enum BatchVariance {
  /// `E[1 / (v + eps)]`, infinite for a batch of 3 or less without eps; without a batch v is V itself.
  static func inverse(_ variance: Double, eps: Double, batch: Int?) -> Double {
    guard let batch else { return 1 / (variance + eps) }
    if batch <= 3 && eps == 0 { return .infinity }
    if eps == 0 { return Double(batch) / (Double(batch - 3) * variance) }
    return mean(batch) { 1 / (variance * $0 + eps) }
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
