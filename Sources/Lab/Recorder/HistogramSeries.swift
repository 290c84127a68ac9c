import Kernels
import RealModule
import Tensors

/// Histograms of one quantity of a layer over the recorded steps, with the same bins for all of them.
///
/// Of the numbers themselves there are 64 bins from `-reach` to `reach`, a power of two; where a step brings larger numbers `reach`
/// doubles and neighbouring bins of the steps before are joined, which loses no count. Of magnitudes there are two bins a decade from
/// 1e-46 to 1e40. NaN, infinities, and for magnitudes zeros and what is beyond the decades, are in no bin.
public struct HistogramSeries: Equatable, Sendable {
  /// How many bins the numbers themselves have; divisible by 4, so that joined bins keep to the middle.
  public static let valueBins = 64
  /// The decades of magnitudes.
  public static let decades = -46...40
  /// How many bins each of them has.
  public static let binsOfDecade = 2

  /// Whether log10 of magnitudes is counted.
  public let isLogarithmic: Bool
  /// The upper edge of the last bin of the numbers themselves.
  public private(set) var reach: Double
  /// For each recorded step the numbers in the bins.
  public private(set) var counts: [[UInt32]] = []

  /// Starts without records.
  public init(isLogarithmic: Bool) {
    self.isLogarithmic = isLogarithmic
    reach = HistogramSeries.leastReach
  }

  /// Takes what was recorded before; nil where the numbers of bins or the reach are none that a series has.
  public init?(isLogarithmic: Bool, reach: Double, counts: [[UInt32]]) {
    self.init(isLogarithmic: isLogarithmic)
    let isPower = reach.isFinite && reach >= HistogramSeries.leastReach && reach.significand == 1
    guard isLogarithmic || isPower, counts.allSatisfy({ $0.count == bins }) else { return nil }
    (self.reach, self.counts) = (isLogarithmic ? self.reach : reach, counts)
  }

  private static let leastReach = 0x1p-1022
  private static let largestReach = 0x1p1022

  /// The number of bins.
  public var bins: Int {
    isLogarithmic
      ? HistogramSeries.decades.count * HistogramSeries.binsOfDecade - HistogramSeries.binsOfDecade
      : HistogramSeries.valueBins
  }

  /// The edges of the bins, of magnitudes in decades.
  public var edges: [Double] {
    let (low, high) = limits
    return (0...bins).map { low + (high - low) * (Double($0) / Double(bins)) }
  }

  private var limits: (lower: Double, upper: Double) {
    isLogarithmic
      ? (Double(HistogramSeries.decades.lowerBound), Double(HistogramSeries.decades.upperBound)) : (-reach, reach)
  }

  /// Adds the histogram of a tensor; of none a step without counts.
  mutating func append(_ tensor: Tensor?) throws {
    guard let tensor else { return counts.append([UInt32](repeating: 0, count: bins)) }
    if !isLogarithmic { try widen(to: tensor) }
    let (lower, upper) = limits
    let histogram = try Histogram(
      of: tensor, bins: bins, lower: lower, upper: upper, quantity: isLogarithmic ? .logMagnitude : .value)
    counts.append(histogram.counts.map { UInt32(clamping: $0) })
  }

  /// Doubles the reach until the largest magnitude is within it.
  private mutating func widen(to tensor: Tensor) throws {
    let source = try tensor.contiguous()
    guard let type = source.dtype.floatType else { return }
    let largest = try HistogramSeries.largestMagnitude(type, source)
    if counts.allSatisfy({ $0.allSatisfy { $0 == 0 } }) { reach = HistogramSeries.leastReach }
    while reach < largest && reach < HistogramSeries.largestReach {
      reach *= 2
      for record in counts.indices { counts[record] = HistogramSeries.joined(counts[record]) }
    }
  }

  private static func largestMagnitude<T: FloatElement>(_ type: T.Type, _ source: Tensor) throws -> Double {
    let moments = try Moments.scan(UnsafePointer(source.pointer(T.self)), count: source.count)
    return moments.finiteCount > 0 ? max(abs(moments.finiteMinimum), abs(moments.finiteMaximum)) : 0
  }

  /// The counts in bins twice as wide about the same middle.
  private static func joined(_ counts: [UInt32]) -> [UInt32] {
    var result = [UInt32](repeating: 0, count: counts.count)
    for (bin, count) in counts.enumerated() {
      let place = counts.count / 4 + bin / 2
      result[place] = result[place].addingReportingOverflow(count).overflow ? .max : result[place] + count
    }
    return result
  }

  /// Keeps some of the records.
  mutating func keep(_ records: [Int]) { counts = records.map { counts[$0] } }
}
