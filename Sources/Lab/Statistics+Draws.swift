import Kernels

/// The figures of one quantity under several draws, for their mean and their spread.
struct StatisticsOfDraws {
  private let first: Statistics
  /// For each further draw its figures.
  private var further: [[Double]] = []

  /// Begins with the figures of the first draw.
  init(_ first: Statistics) { self.first = first }

  /// Adds a draw measured with the same percentiles.
  mutating func add(_ statistics: Statistics) { further.append(StatisticsOfDraws.figures(statistics)) }

  /// The figures of a draw: those of `Statistics.names`, then the percentiles.
  private static func figures(_ statistics: Statistics) -> [Double] {
    Statistics.names.map { statistics.value(named: $0) ?? .nan } + statistics.percentiles.map(\.value)
  }

  /// Every figure's mean over the draws, counts rounded up; the histograms are the first draw's.
  func mean() throws -> Statistics { further.isEmpty ? first : try combined(first) { $0.mean } }

  /// Every figure's standard deviation over the draws (divided by n); `count` is the number of draws, the histograms are empty.
  func deviation() throws -> Statistics {
    var bare = first
    (bare.histogram, bare.logHistogram) = (Histogram(counts: [], edges: []), Histogram(counts: [], edges: []))
    var result = try combined(bare) { $0.standardDeviation }
    result.count = further.count + 1
    return result
  }

  private func combined(_ start: Statistics, _ figure: (Moments) -> Double) throws -> Statistics {
    var result = start
    let width = Statistics.names.count
    let figures = [StatisticsOfDraws.figures(first)] + further
    let values = try (0..<width + first.percentiles.count).map { place in
      figure(try Moments.scan(figures.map { $0[place] }, count: figures.count))
    }
    for (name, value) in zip(Statistics.names, values) { result.set(name, value) }
    result.percentiles = zip(first.percentiles, values[width...]).map {
      Statistics.Percentile(percent: $0.percent, value: $1)
    }
    return result
  }
}
