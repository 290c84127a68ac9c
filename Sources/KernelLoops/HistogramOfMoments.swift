import KernelBase
import RealModule

extension HistogramKernel {
  /// Counts all finite elements of a buffer whose moments are known, into equal bins from the smallest to the largest.
  ///
  /// The same counts as with those limits told, at half the cost where every element is finite.
  ///
  /// - Parameters:
  ///   - x: the elements.
  ///   - moments: their moments, for their number and the limits; 0 to 1 where nothing is in a bin.
  ///   - quantity: what of them is counted.
  ///   - bins: the number of bins, at least 1.
  /// - Returns: the counts and the edges.
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func count<T: FloatElement>(
    _ x: UnsafePointer<T>, moments: Moments, quantity: Histogram.Quantity, bins: Int
  ) throws -> Histogram {
    var limits = (lower: 0.0, upper: 1.0)
    if moments.finiteCount > 0 { limits = (moments.finiteMinimum, moments.finiteMaximum) }
    if quantity == .logMagnitude { limits = moments.decades ?? (0, 1) }
    let edges = Histogram.edges(bins, limits.lower, limits.upper)
    // the guesses of logarithms read the exponent, which subnormal doubles lack
    let isPlain = quantity == .value || T.self == Float.self || moments.subnormals == 0
    guard moments.finiteCount == moments.count, isPlain, bins <= 4096,
      let guess = BinGuess(edges, quantity)
    else {
      return try count(
        x, count: moments.count, quantity: quantity, bins: bins, lower: limits.lower, upper: limits.upper)
    }
    var counters = [Int](repeating: 0, count: 8 * bins)
    try edges.withUnsafeBufferPointer { edges in
      try counters.withUnsafeMutableBufferPointer { counters in
        guard let edge = edges.baseAddress, let counter = counters.baseAddress else { return }
        try tally(x, moments.count, guess, Binning(edges: edge, bins: bins), counter)
      }
    }
    var counts = (0..<bins).map { bin in (0..<8).reduce(0) { $0 + counters[$1 * bins + bin] } }
    // zeros, whose logarithm is in no bin, were guessed to lie in the first
    if quantity == .logMagnitude { counts[0] -= moments.zeros }
    return Histogram(counts: counts, edges: edges)
  }

  @inline(__always)
  private static func tally<T: FloatElement>(
    _ x: UnsafePointer<T>, _ count: Int, _ guess: BinGuess, _ binning: Binning, _ counters: UnsafeMutablePointer<Int>
  ) throws {
    let bins = binning.bins
    var index = 0
    while index < count {
      try Interrupt.check()
      let stop = min(count, index + Interrupt.pollInterval)
      while index + 8 <= stop {
        let value = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<T>.self)
        let (found, isSure) = guess.bins(widened(value))
        if isSure {
          for lane in 0..<8 { counters[lane &* bins &+ Int(truncatingIfNeeded: found[lane])] &+= 1 }
        } else {
          for lane in 0..<8 { count1(Double(value[lane]), guess, binning, counters) }
        }
        index += 8
      }
      while index < stop {
        count1(Double(x[index]), guess, binning, counters)
        index += 1
      }
    }
  }

  /// Counts one element exactly; a zero, where logarithms are counted, in the first bin.
  private static func count1(
    _ value: Double, _ guess: BinGuess, _ binning: Binning, _ counters: UnsafeMutablePointer<Int>
  ) {
    guard guess.isLogarithmic else { return binning.count(value, counters) }
    if value == 0 { counters[0] += 1 } else { binning.count(Double.log10(abs(value)), counters) }
  }
}

/// The bins of eight numbers at once, and whether all are far enough from the edges to be sure.
private struct BinGuess {
  let isLogarithmic: Bool
  private let low: Double
  private let density: Double
  /// How near to an edge, in bins, a guess need not be right.
  private let margin: Double
  private let last: Double

  /// Nil where the bins are too narrow for a guess to be worth it.
  init?(_ edges: [Double], _ quantity: Histogram.Quantity) {
    let bins = Double(edges.count - 1)
    isLogarithmic = quantity == .logMagnitude
    let (low, high) = (edges[0], edges[edges.count - 1])
    let density = bins / (high - low)
    // of a linear guess as in `Binning`; the polynomial is good to 2.2e-6 of a power of two
    let error = isLogarithmic ? 1e-6 * density : 0
    let margin = max(1e-6, 4 * density * max(abs(low), abs(high)).ulp) + error
    guard density.isFinite, density > 0, margin < 0.01 else { return nil }
    (self.margin, last) = (margin, bins - 0.5 - 2 * margin)
    // in powers of two where logarithms are guessed
    self.low = isLogarithmic ? low / BinGuess.decade : low
    self.density = isLogarithmic ? density * BinGuess.decade : density
  }

  /// log10 of 2.
  private static let decade = 0.3010299956639812

  /// Whole numbers stand in the last bits of a double of this size, those a little below 0 too.
  private static let wholes = 0x1.8p52

  @inline(__always)
  func bins(_ value: SIMD8<Double>) -> (found: SIMD8<UInt64>, isSure: Bool) {
    let quantity = isLogarithmic ? BinGuess.logarithms(value) : value
    var position = (quantity - low) * density - 0.5
    // the ends, and what lies beyond them by rounding, belong to the outermost bins
    position = lesser(greater(position, SIMD8(repeating: 2 * margin - 0.5)), SIMD8(repeating: last))
    let whole = position + BinGuess.wholes
    let rest = position - (whole - BinGuess.wholes)
    let distance = SIMD8(repeating: 0.5 - margin) - greater(rest, -rest)
    let signs = unsafeBitCast(distance, to: SIMD8<UInt64>.self)
    let half = signs.lowHalf | signs.highHalf
    let quarter = half.lowHalf | half.highHalf
    let bits = unsafeBitCast(whole, to: SIMD8<UInt64>.self)
    return (bits & SIMD8(repeating: UInt64(UInt32.max)), (quarter[0] | quarter[1]) >> 63 == 0)
  }

  /// The polynomial nearest to log2 on 1 to 2: numpy's Chebyshev.fit of degree 6 at 4001 Chebyshev points.
  private static let coefficients = (
    -3.0346028501745295, 6.0898957625682915, -5.301709108665471, 3.2494665613164435, -1.2479624954407271,
    0.270037457422996, -0.02512320328611149
  )

  /// log2 of magnitudes, to 2.2e-6; of 0 far below that of every other number.
  @inline(__always)
  private static func logarithms(_ value: SIMD8<Double>) -> SIMD8<Double> {
    let bits = unsafeBitCast(value, to: SIMD8<UInt64>.self) & SIMD8(repeating: UInt64.max >> 1)
    let exponent = unsafeBitCast(
      (bits &>> SIMD8(repeating: 52)) | SIMD8(repeating: wholes.bitPattern), to: SIMD8<Double>.self)
    let m = unsafeBitCast(
      (bits & SIMD8(repeating: (1 << 52) - 1)) | SIMD8(repeating: 1.0.bitPattern), to: SIMD8<Double>.self)
    let c = coefficients
    var sum: SIMD8<Double> = m * c.6 + c.5
    sum = sum * m + c.4
    sum = sum * m + c.3
    sum = sum * m + c.2
    sum = sum * m + c.1
    sum = sum * m + c.0
    return (exponent - (wholes + 1023)) + sum
  }
}
