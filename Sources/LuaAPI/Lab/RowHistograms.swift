import Kernels
import Lab
import Plots
import RealModule

/// The histograms of a report's activations as sparklines: each in its own range, or all in common decades.
///
/// A histogram that is scaled to its own range hides a signal that vanishes. So where the rows' sizes differ by a factor of 32
/// or more, what is drawn is log10|h|, on one axis for all rows.
struct RowHistograms {
  /// What is drawn, for the head of the column.
  let title: String

  private let counts: [[Int]]
  private let width: Int

  /// The least spread of sizes that is drawn in decades.
  private static let spread = 31.6
  /// The share of the smallest numbers that the axis leaves out: those of |h| reach down without end.
  private static let tail = 0.02

  init(_ report: Report, width: Int) {
    let figures = report.rows.map(\.activation)
    let sizes = figures.map(\.rms).filter { $0 > 0 && $0.isFinite }
    let isSpread = (sizes.max() ?? 1) > RowHistograms.spread * (sizes.min() ?? 1)
    let drawn = figures.filter { $0.rms > 0 && !$0.logHistogram.counts.isEmpty }
    let lower = drawn.map { RowHistograms.lowerEdge($0.logHistogram) }.min()
    let upper = drawn.compactMap { $0.logHistogram.edges.last }.max()
    if isSpread, let lower, let upper, lower < upper {
      let (low, high) = (lower.rounded(.down), upper.rounded(.up))
      title = "log10|h| \(Int(low))..\(Int(high))"
      self.width = max(width, title.count)
      let places = self.width
      counts = figures.map { RowHistograms.rebinned($0.logHistogram, low, high, places) }
    } else {
      title = "histogram of h"
      self.width = max(width, title.count)
      counts = figures.map(\.histogram.counts)
    }
  }

  /// The sparkline of a row.
  func sparkline(_ row: Int, _ style: Sparkline.Style) -> String {
    Sparkline.histogram(counts[row], width: width, style: style)
  }

  /// The decade below which only the tail lies.
  private static func lowerEdge(_ histogram: Histogram) -> Double {
    let total = Double(histogram.counts.reduce(0, +))
    var sum = 0.0
    for (count, edge) in zip(histogram.counts, histogram.edges) {
      sum += Double(count)
      if sum > total * tail { return edge }
    }
    return histogram.edges.first ?? 0
  }

  /// Shares a histogram's counts out to other bins by length; in 64ths, so that a shared count is not lost.
  private static func rebinned(_ histogram: Histogram, _ low: Double, _ high: Double, _ bins: Int) -> [Int] {
    var shares = [Double](repeating: 0, count: bins)
    let length = (high - low) / Double(bins)
    for (place, count) in histogram.counts.enumerated() where count > 0 {
      let (start, end) = (histogram.edges[place], max(histogram.edges[place + 1], histogram.edges[place] + 1e-9))
      let first = max(0, Int(((start - low) / length).rounded(.down)))
      let last = min(bins - 1, Int(((end - low) / length).rounded(.down)))
      if first > last { continue }
      for bin in first...last {
        let overlap = min(end, low + Double(bin + 1) * length) - max(start, low + Double(bin) * length)
        shares[bin] += Double(count) * max(0, overlap) / (end - start)
      }
    }
    return shares.map { Int(($0 * 64).rounded()) }
  }
}
