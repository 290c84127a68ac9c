import Kernels

/// What a set of numbers looks like: its moments, percentiles, histogram, special values and its spread over a batch.
///
/// All figures are population statistics (divided by n), accumulated in double and safe at any scale the dtype has.
/// The tensor itself is not kept. Edge cases:
/// - no elements: `count` and the other counts are 0, everything else is NaN;
/// - any NaN: moments, extremes, percentiles and batch measures are NaN, the counts and fractions stand;
/// - infinities: extremes, percentiles, the mean (NaN with both signs), `rms` and `norm` are infinite where they must be;
///   what is centred and the batch measures are NaN;
/// - all elements equal: variance 0, skewness and kurtosis NaN;
/// - 0 and 1 dimensions: there is no batch, so `dead`, `batchStandardDeviation` and `cosine` are NaN.
public struct Statistics: Sendable {
  /// A percentile that was asked for.
  public struct Percentile: Equatable, Sendable {
    /// Which, from 0 to 100.
    public let percent: Double
    /// The value, linearly interpolated as `numpy.percentile` does.
    public let value: Double

    /// Joins a percentile and its value.
    public init(percent: Double, value: Double) { (self.percent, self.value) = (percent, value) }
  }

  /// The number of elements.
  public internal(set) var count = 0
  /// The sum divided by n.
  public internal(set) var mean = Double.nan
  /// The mean squared distance from the mean; rounds to 0 below 1e-308, where `std` is still right.
  public internal(set) var variance = Double.nan
  /// The square root of the variance.
  public internal(set) var std = Double.nan
  /// The root of the mean square.
  public internal(set) var rms = Double.nan
  /// The Euclidean norm: the root of the sum of squares.
  public internal(set) var norm = Double.nan
  /// The smallest element.
  public internal(set) var min = Double.nan
  /// The largest element.
  public internal(set) var max = Double.nan
  /// The third standardised moment.
  public internal(set) var skewness = Double.nan
  /// The fourth standardised moment less 3 (excess kurtosis).
  public internal(set) var kurtosis = Double.nan
  /// The percentiles that were asked for, in that order.
  public var percentiles: [Percentile] = []
  /// The fraction of elements that are exactly 0.
  public internal(set) var zeros = Double.nan
  /// The fraction of units that are exactly 0 on every sample, of a `[batch, units...]` tensor.
  public internal(set) var dead = Double.nan
  /// The fraction of elements within 1 % of a bounded activation's range from its ends; 0 without bounds.
  public internal(set) var saturated = Double.nan
  /// The standard deviation over the batch, averaged over units; also known as `batch_std`.
  public internal(set) var batchStandardDeviation = Double.nan
  /// The mean over pairs of distinct nonzero samples of their cosine; NaN with fewer than two of them.
  public internal(set) var cosine = Double.nan
  /// How many elements are subnormal: not 0, but below the dtype's smallest normal number, where digits are lost.
  public internal(set) var underflow = 0
  /// How many elements are NaN.
  public internal(set) var nan = 0
  /// How many elements are infinite, of either sign.
  public internal(set) var inf = 0
  /// Equal bins from the smallest to the largest finite element; a single bin range of 0 to 1 when there is none.
  public var histogram = Histogram(counts: [], edges: [])
  /// Equal bins of log10 |x|, in decades, from the smallest to the largest finite magnitude that is not 0.
  ///
  /// The range is 0 to 1 when there is none; zeros, NaN and infinities are in no bin.
  public var logHistogram = Histogram(counts: [], edges: [])

  /// Makes the figures of no elements; `set` takes figures that were measured before.
  public init() {}

  /// The value of a percentile that was asked for, nil for any other.
  public func percentile(_ percent: Double) -> Double? {
    percentiles.first { $0.percent == percent }?.value
  }
}

extension Statistics {
  /// The names of the figures as users write them, in the order tables show them.
  public static let names = [
    "count", "mean", "variance", "std", "rms", "norm", "min", "max", "skewness", "kurtosis", "zeros", "dead",
    "saturated",
    "batch_std", "cosine", "underflow", "nan", "inf",
  ]

  /// The figure of a name in `names`, nil for any other.
  public func value(named name: String) -> Double? {
    switch name {
    case "count": Double(count)
    case "mean": mean
    case "variance": variance
    case "std": std
    case "rms": rms
    case "norm": norm
    case "min": min
    case "max": max
    case "skewness": skewness
    case "kurtosis": kurtosis
    case "zeros": zeros
    case "dead": dead
    case "saturated": saturated
    case "batch_std": batchStandardDeviation
    case "cosine": cosine
    case "underflow": Double(underflow)
    case "nan": Double(nan)
    case "inf": Double(inf)
    default: nil
    }
  }

  /// Sets the figure of a name in `names`; a count that is no whole number is rounded up.
  public mutating func set(_ name: String, _ value: Double) {
    switch name {
    case "count": count = Statistics.count(value)
    case "mean": mean = value
    case "variance": variance = value
    case "std": std = value
    case "rms": rms = value
    case "norm": norm = value
    case "min": min = value
    case "max": max = value
    case "skewness": skewness = value
    case "kurtosis": kurtosis = value
    case "zeros": zeros = value
    case "dead": dead = value
    case "saturated": saturated = value
    case "batch_std": batchStandardDeviation = value
    case "cosine": cosine = value
    case "underflow": underflow = Statistics.count(value)
    case "nan": nan = Statistics.count(value)
    case "inf": inf = Statistics.count(value)
    default: break
    }
  }

  private static func count(_ value: Double) -> Int { Int(exactly: value.rounded(.up)) ?? 0 }

  /// The names of figures that are whole numbers.
  public static let countNames: Set<String> = ["count", "underflow", "nan", "inf"]
}
