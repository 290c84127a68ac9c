/// A normal distribution that is cut off at two bounds, drawn by the inverse of its distribution function.
///
/// All is done in units of the standard deviation, mirrored where both bounds lie above the mean, so that probabilities are those of a
/// lower tail and keep their relative precision: bounds of 8 and 9 standard deviations, or of 1000, are as good as any.
public struct TruncatedNormal: Sendable {
  private let (mean, std): (Double, Double)
  private let (lower, upper): (Double, Double)
  /// Whether the bounds have been mirrored: from here on the nearer bound is the upper one, unless 0 lies between.
  private let isMirrored: Bool
  /// The probability of less than the lower bound, 1/2 less than it, of more than the upper bound, and of between.
  private let (below, centre, above, mass): (Double, Double, Double, Double)
  /// The nearer bound's distance from the mean, where probabilities would underflow; nil elsewhere.
  private let distance: Double?
  /// The probability beyond the farther bound, as a fraction of that beyond the nearer one; used with `distance`.
  private let remainder: Double

  /// From so many standard deviations on, probabilities are told as fractions of that beyond the nearer bound.
  private static let far = 36.0

  /// Prepares to draw from [`lower`, `upper`].
  ///
  /// - Parameters:
  ///   - mean: The mean before the cut, finite.
  ///   - std: The standard deviation before the cut, finite and above 0.
  ///   - lower: The lower bound, below `upper`; it may be infinite.
  ///   - upper: The upper bound; it may be infinite, but not both on the same side of the mean, in units of `std` either.
  public init(mean: Double, std: Double, lower: Double, upper: Double) {
    (self.mean, self.std, self.lower, self.upper) = (mean, std, lower, upper)
    isMirrored = lower > mean
    let first = isMirrored ? (mean - upper) / std : (lower - mean) / std
    let last = isMirrored ? (mean - lower) / std : (upper - mean) / std
    below = NormalTail.probability(above: -first)
    centre = -NormalTail.probability(upTo: -first)
    above = last > 0 ? NormalTail.probability(above: last) : 1 - NormalTail.probability(above: -last)
    if last > 0 {
      mass = NormalTail.probability(upTo: last) - centre
    } else if first > -1 {
      mass = -NormalTail.probability(upTo: -last) - centre
    } else {
      mass = NormalTail.probability(above: -last) - below
    }
    let isFar = last < -TruncatedNormal.far
    distance = isFar ? -last : nil
    remainder = isFar ? TruncatedNormal.remainder(from: -last, to: -first, width: (upper - lower) / std) : 0
  }

  /// The probability of more than `farther` over that of more than `nearer`.
  private static func remainder(from nearer: Double, to farther: Double, width: Double) -> Double {
    guard farther.isFinite else { return 0 }
    let decay = NormalTail.exponential(-0.5 * width * (nearer + farther))
    return decay * (NormalTail.millsRatio(farther) / NormalTail.millsRatio(nearer))
  }

  /// Computes the number below which the fraction `u` of the distribution lies, or above which where it is mirrored.
  ///
  /// `u` is in (0, 1), and `1 - u` exact.
  package func value(_ u: Double) -> Double {
    let number: Double
    if let distance {
      let step = std * beyond(distance, u)
      number = isMirrored ? lower + step : upper - step
    } else {
      let z = standard(u)
      number = mean + std * (isMirrored ? -z : z)
    }
    return Swift.min(Swift.max(number, lower), upper)
  }

  private func standard(_ u: Double) -> Double {
    let q = centre + u * mass
    if abs(q) <= NormalQuantile.centre { return NormalQuantile.value(q) }
    return q < 0 ? -NormalQuantile.tailSize(below + u * mass) : NormalQuantile.tailSize(above + (1 - u) * mass)
  }

  /// How far beyond `distance` the tail has shrunk to the fraction `w = remainder + (1 - remainder) u`.
  ///
  /// With Mills' ratio R the tail is `R(x) e^(-x^2/2)`, so that `x^2 = distance^2 - 2 log w + 2 log(R(x) / R(distance))`; R changes so
  /// little that each round gains three digits.
  private func beyond(_ distance: Double, _ u: Double) -> Double {
    let fraction = remainder + (1 - remainder) * u
    let decay = -2 * NormalQuantile.logarithm(fraction)
    let nearRatio = NormalTail.millsRatio(distance)
    var step = 0.0
    for _ in 0..<6 {
      let ratio = NormalTail.millsRatio(distance + step) / nearRatio
      let square = (decay + 2 * NormalQuantile.logarithm(ratio)) / distance
      step = square / (1 + (1 + square / distance).squareRoot())
    }
    return step
  }
}
