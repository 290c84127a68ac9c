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

  /// Counts `count` contiguous elements into `bins` equal bins from `lower` to `upper`.
  ///
  /// Elements outside the limits, NaN and infinite ones are in no bin. Equal limits are moved apart by 1/2 to
  /// either side, as NumPy does.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - count: how many there are.
  ///   - quantity: what of them is counted.
  ///   - bins: the number of bins, at least 1.
  ///   - lower: the lower edge of the first bin, finite.
  ///   - upper: the upper edge of the last bin, finite, not below `lower`.
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public init<T: FloatElement>(
    _ x: UnsafePointer<T>, count: Int, quantity: Quantity = .value, bins: Int, lower: Double, upper: Double
  ) throws {
    let edges = Histogram.edges(bins, lower, upper)
    // Neighbouring elements often share a bin; four counters for each keep their updates apart.
    let lanes = bins <= 4096 ? 4 : 1
    var counters = [Int](repeating: 0, count: lanes * bins)
    try edges.withUnsafeBufferPointer { edges in
      try counters.withUnsafeMutableBufferPointer { counters in
        guard let edge = edges.baseAddress, let counter = counters.baseAddress else { return }
        let bin = Binning(edges: edge, bins: bins)
        switch quantity {
        case .value:
          try Histogram.tally(x, count, bin, counter, lanes) { Double($0) }
        case .logMagnitude:
          try Histogram.tally(x, count, bin, counter, lanes) { $0 == 0 ? .nan : Double.log10(Double(abs($0))) }
        }
      }
    }
    self.counts = (0..<bins).map { bin in (0..<lanes).reduce(0) { $0 + counters[$1 * bins + bin] } }
    self.edges = edges
  }

  /// `bins + 1` equally spaced limits, computed as `numpy.linspace` does.
  static func edges(_ bins: Int, _ lower: Double, _ upper: Double) -> [Double] {
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

  @inline(__always)
  private static func tally<T: FloatElement>(
    _ x: UnsafePointer<T>, _ count: Int, _ binning: Binning, _ counters: UnsafeMutablePointer<Int>, _ lanes: Int,
    _ quantity: (T) -> Double
  ) throws {
    let lane = lanes == 1 ? 0 : binning.bins
    var index = 0
    while index < count {
      try Interrupt.check()
      let stop = min(count, index + Interrupt.pollInterval)
      while index + 4 <= stop {
        binning.count(quantity(x[index]), counters)
        binning.count(quantity(x[index + 1]), counters + lane)
        binning.count(quantity(x[index + 2]), counters + 2 * lane)
        binning.count(quantity(x[index + 3]), counters + 3 * lane)
        index += 4
      }
      while index < stop {
        binning.count(quantity(x[index]), counters)
        index += 1
      }
    }
  }
}

/// Finds the bin of a number: a guess by multiplication, put right by the edges themselves where it is close.
struct Binning {
  private let edges: UnsafePointer<Double>
  let bins: Int
  let low: Double
  let high: Double
  /// Bins per unit; 0 where it can't be represented, and then bins are found by bisection.
  let density: Double
  /// How near to a whole number, in bins, a guess need not be right.
  let margin: Double

  init(edges: UnsafePointer<Double>, bins: Int) {
    self.edges = edges
    self.bins = bins
    (low, high) = (edges[0], edges[bins])
    let density = Double(bins) / (high - low)
    self.density = density.isFinite ? density : 0
    // The guess is good to 1e-9 of a bin, the edges to an ulp of the limits.
    margin = max(1e-6, 4 * density * max(abs(low), abs(high)).ulp)
  }

  @inline(__always)
  func count(_ value: Double, _ counters: UnsafeMutablePointer<Int>) {
    // Also false for NaN.
    guard value >= low && value <= high else { return }
    guard density > 0 else { return counters[bisect(value)] += 1 }
    let position = (value - low) * density
    var bin = Int(position)
    let rest = position - Double(bin)
    // A ReLU's zeros are the lowest value of all and need no second look.
    if (rest < margin && value != low) || rest > 1 - margin { bin = corrected(min(bin, bins - 1), value) }
    counters[bin] += 1
  }

  private func corrected(_ guess: Int, _ value: Double) -> Int {
    let bin = guess - (value < edges[guess] ? 1 : 0)
    return bin + (value >= edges[bin + 1] && bin < bins - 1 ? 1 : 0)
  }

  private func bisect(_ value: Double) -> Int {
    var (first, last) = (0, bins - 1)
    while first < last {
      let middle = (first + last + 1) / 2
      if edges[middle] <= value { first = middle } else { last = middle - 1 }
    }
    return first
  }
}
