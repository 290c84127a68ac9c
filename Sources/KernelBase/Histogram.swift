/// How many elements fall into each of a row of equal bins.
///
/// Bin `i` holds what is at least `edges[i]` and below `edges[i + 1]`; the last one holds its upper edge too, as
/// in `numpy.histogram` of the data as doubles.
public struct Histogram: Equatable, Sendable {
  /// The number of elements in each bin.
  public let counts: [Int]
  /// The limits of the bins, one more than there are bins, ascending.
  public let edges: [Double]

  /// The most bins a histogram can have.
  public static let maximumBins = 1_000_000

  /// Makes a histogram that has been counted elsewhere.
  public init(counts: [Int], edges: [Double]) {
    self.counts = counts
    self.edges = edges
  }

  /// What is counted: the elements themselves, or the base-10 logarithms of their magnitudes.
  public enum Quantity: Sendable {
    /// The elements.
    case value
    /// `log10 |x|`; zeros are in no bin.
    case logMagnitude
  }

  /// `bins + 1` equally spaced limits, computed as `numpy.linspace` does.
  package static func edges(_ bins: Int, _ lower: Double, _ upper: Double) -> [Double] {
    let (low, high) = lower == upper ? (lower - 0.5, upper + 0.5) : (lower, upper)
    let n = Double(bins)
    let span = high - low
    let step = span / n
    return (0...bins).map { index in
      if index == bins { return high }
      let position = Double(index)
      // The span of the largest doubles overflows, and the step of the smallest rounds to 0.
      if !span.isFinite { return low * (1 - position / n) + high * (position / n) }
      return step == 0 ? position / n * span + low : position * step + low
    }
  }
}
