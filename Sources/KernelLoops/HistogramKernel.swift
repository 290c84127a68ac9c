import KernelBase

/// Counting into equal bins; `Histogram.init` of the module `Kernels` is what callers see.
public enum HistogramKernel {
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
  /// - Returns: the counts and the edges.
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func count<T: FloatElement>(
    _ x: UnsafePointer<T>, count: Int, quantity: Histogram.Quantity, bins: Int, lower: Double, upper: Double
  ) throws -> Histogram {
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
          try tally(x, count, bin, counter, lanes) { Double($0) }
        case .logMagnitude:
          try tally(x, count, bin, counter, lanes) { $0 == 0 ? .nan : Double.log10(Double(abs($0))) }
        }
      }
    }
    let counts = (0..<bins).map { bin in (0..<lanes).reduce(0) { $0 + counters[$1 * bins + bin] } }
    return Histogram(counts: counts, edges: edges)
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
