import RealModule

/// The first four moments of a buffer, its extremes, and how many of its elements are special.
///
/// Sums are taken in double about nearly the mean of chunks of 2048 elements, and chunks are joined by the pairwise
/// formulas (Chan 1979, Pébay 2008), so neither a large mean nor a tiny scale costs digits. Doubles beyond
/// 2^±200 are scaled by a power of two first, so the moments of 1e-300 don't underflow.
///
/// Edge cases of every derived figure:
/// - no elements: NaN;
/// - any NaN: NaN;
/// - infinities: the mean is infinite (NaN with both signs), `rms` and `norm` are infinite, the extremes are
///   as they are, and what is centred (variance, std, skewness, kurtosis) is NaN;
/// - all elements equal: variance 0, skewness and kurtosis NaN.
public struct Moments: Sendable {
  /// The number of elements, special ones included.
  public package(set) var count = 0
  /// How many elements are NaN.
  public package(set) var nans = 0
  /// How many elements are +infinity.
  public package(set) var positiveInfinities = 0
  /// How many elements are -infinity.
  public package(set) var negativeInfinities = 0
  /// How many elements are exactly 0, of either sign.
  public package(set) var zeros = 0
  /// How many elements are subnormal: not 0, and of a magnitude below the dtype's smallest normal number.
  public package(set) var subnormals = 0
  /// The smallest finite element, +infinity when there is none.
  public package(set) var finiteMinimum = Double.infinity
  /// The largest finite element, -infinity when there is none.
  public package(set) var finiteMaximum = -Double.infinity
  /// The smallest magnitude of a finite element that is not 0, +infinity when there is none.
  public package(set) var smallestMagnitude = Double.infinity

  /// The power of two that elements were multiplied by before they were summed.
  package var scale = 1.0
  /// The mean of the finite elements, times `scale`, is `pivot + center`.
  ///
  /// The two are not added, since the sum would round a small spread about a large mean away.
  package var (pivot, center) = (0.0, 0.0)
  /// The sums of the second, third and fourth powers of the scaled distances from the mean; the last two NaN where nobody asked.
  package var (second, third, fourth) = (0.0, 0.0, 0.0)

  /// The moments of no elements.
  package init(scale: Double = 1) { self.scale = scale }

  /// How many elements are infinite.
  public var infinities: Int { positiveInfinities + negativeInfinities }

  /// How many elements are neither NaN nor infinite.
  public var finiteCount: Int { count - nans - infinities }

  /// log10 of the smallest and of the largest finite magnitude that is not 0, nil when there is none.
  public var decades: (lower: Double, upper: Double)? {
    guard smallestMagnitude.isFinite else { return nil }
    return (Double.log10(smallestMagnitude), Double.log10(max(abs(finiteMinimum), abs(finiteMaximum))))
  }

  /// The power of two that brings the largest finite magnitude near 1, 1 when the data needs none.
  public var naturalScale: Double {
    guard finiteCount > 0 else { return 1 }
    return Moments.naturalScale(max(abs(finiteMinimum), abs(finiteMaximum)))
  }

  /// The power of two that brings `magnitude` near 1, or 1 when its fourth power is far from the ends of double anyway.
  package static func naturalScale(_ magnitude: Double) -> Double {
    guard magnitude > 0, magnitude < 0x1p-200 || magnitude > 0x1p200 else { return 1 }
    // 2^±1000 already brings the smallest and the largest double within reach of a fourth power.
    return Double(sign: .plus, exponent: min(max(-Int(magnitude.exponent), -1000), 1000), significand: 1)
  }
}

extension Moments {
  /// The smallest element.
  public var minimum: Double {
    if nans > 0 || count == 0 { return .nan }
    return negativeInfinities > 0 ? -.infinity : finiteMinimum
  }

  /// The largest element.
  public var maximum: Double {
    if nans > 0 || count == 0 { return .nan }
    return positiveInfinities > 0 ? .infinity : finiteMaximum
  }

  /// The sum divided by n.
  public var mean: Double {
    if nans > 0 || count == 0 || (positiveInfinities > 0 && negativeInfinities > 0) { return .nan }
    if infinities > 0 { return positiveInfinities > 0 ? .infinity : -.infinity }
    return isConstant ? finiteMinimum : (pivot + center) / scale
  }

  /// The mean squared distance from the mean: the sum of squares divided by n.
  ///
  /// Below 1e-308 it is rounded to 0 as any double is; `standardDeviation` is right there still.
  public var variance: Double {
    isCentred ? (isConstant ? 0 : second / Double(count) / scale / scale) : .nan
  }

  /// The square root of the variance, taken before the variance could under- or overflow.
  public var standardDeviation: Double {
    isCentred ? (isConstant ? 0 : (second / Double(count)).squareRoot() / scale) : .nan
  }

  /// The root of the mean square of the elements.
  public var rms: Double {
    if nans > 0 || count == 0 { return .nan }
    if infinities > 0 { return .infinity }
    // not from the norm, which may be beyond the largest double where the root of the mean is not
    return (sumOfSquares / Double(count)).squareRoot() / scale
  }

  /// The root of the sum of squares of the elements, the Euclidean norm.
  public var norm: Double {
    if nans > 0 || count == 0 { return .nan }
    if infinities > 0 { return .infinity }
    return sumOfSquares.squareRoot() / scale
  }

  /// The sum of the squares of the scaled elements.
  private var sumOfSquares: Double {
    let mean = isConstant ? finiteMinimum * scale : pivot + center
    return second + Double(count) * mean * mean
  }

  /// The third central moment over the variance's power of 3/2, both divided by n.
  public var skewness: Double {
    guard isCentred, !isConstant else { return .nan }
    let variance = second / Double(count)
    return third / Double(count) / (variance * variance.squareRoot())
  }

  /// The excess kurtosis: the fourth central moment over the squared variance, both divided by n, less 3.
  public var kurtosis: Double {
    guard isCentred, !isConstant else { return .nan }
    let variance = second / Double(count)
    return fourth / Double(count) / (variance * variance) - 3
  }

  private var isCentred: Bool { count > 0 && finiteCount == count }

  private var isConstant: Bool { finiteMinimum == finiteMaximum }
}

extension Moments {
  /// Joins the moments of another part of the data, taken with the same scale.
  package mutating func join(_ other: Moments) {
    let (mine, theirs) = (Double(finiteCount), Double(other.finiteCount))
    count += other.count
    nans += other.nans
    positiveInfinities += other.positiveInfinities
    negativeInfinities += other.negativeInfinities
    zeros += other.zeros
    subnormals += other.subnormals
    finiteMinimum = min(finiteMinimum, other.finiteMinimum)
    finiteMaximum = max(finiteMaximum, other.finiteMaximum)
    smallestMagnitude = min(smallestMagnitude, other.smallestMagnitude)
    if theirs == 0 { return }
    if mine == 0 { pivot = other.pivot }
    joinPowers(other, mine, theirs)
  }

  /// Pébay 2008, equations 1.1 to 1.3 for two parts of `a` and `b` elements.
  private mutating func joinPowers(_ other: Moments, _ a: Double, _ b: Double) {
    let n = a + b
    let delta = (other.pivot - pivot) + (other.center - center)
    let step = delta / n
    fourth +=
      other.fourth + delta * step * step * step * a * b * (a * a - a * b + b * b)
      + 6 * step * step * (a * a * other.second + b * b * second) + 4 * step * (a * other.third - b * third)
    third += other.third + delta * step * step * a * b * (a - b) + 3 * step * (a * other.second - b * second)
    second += other.second + delta * step * a * b
    center += step * b
  }
}
