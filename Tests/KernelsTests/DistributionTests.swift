import Foundation
import Kernels
import TestSupport
import Testing

/// Against a full sort and bins found by looking at every edge.
@Suite struct DistributionTests {
  static let kinds: [String: @Sendable (Int) -> Float] = [
    "two signs": { Float($0 * 7919 % 20_011 - 9_000) / 3000 },
    "half zeros": { max(0, Float($0 * 7919 % 20_011) - 10_005) / 1000 },
    "both zeros": { $0 % 3 == 0 ? -0.0 : $0 % 3 == 1 ? 0 : Float($0 * 7919 % 20_011 - 10_005) * 1e-20 },
    "on edges": { Float($0 % 51) * 0.5 - 12 },
    "decades": { Float(sign: .plus, exponent: $0 % 61 - 30, significand: 1) },
    "far from 0": { 1000 + Float($0 * 7919 % 20_011) / 20_011 },
    "equal": { _ in 3.25 },
    "zeros": { _ in 0 },
    "negative": { -1e30 * Float(1 + $0 * 7919 % 20_011) },
  ]
  static let count = 20_011

  static func data(_ kind: String, _ count: Int = count) -> [Float] {
    kinds[kind].map { make in (0..<count).map(make) } ?? []
  }

  @Test(arguments: kinds.keys.sorted(), [1, 7, 50, 999])
  func isThatOfASortAndOfEveryEdge(kind: String, bins: Int) throws {
    // as few as are counted, fewer, and many
    for count in [511, 512, 600, DistributionTests.count] { try check(kind, count, bins) }
  }

  private func check(_ kind: String, _ count: Int, _ bins: Int) throws {
    let data = DistributionTests.data(kind, count)
    var scratch = [Float](repeating: 0, count: data.count)
    let percentiles = [15.0, 50, 85, 0, 100, 33.3]
    let request = Distribution.Request(
      percentiles: percentiles, bins: bins, countsValues: true, countsMagnitudes: true)
    let found = try scratch.withUnsafeMutableBufferPointer { scratch in
      let memory = try #require(scratch.baseAddress)
      return try data.withUnsafeBufferPointer { data in
        let elements = try #require(data.baseAddress)
        return try Distribution(
          of: elements, moments: try Moments.scan(elements, count: data.count), request
        ) { _ in memory }
      }
    }
    let sorted = data.map { Double($0) }.sorted()
    for (percent, value) in zip(percentiles, found.percentiles) {
      let position = percent / 100 * Double(sorted.count - 1)
      let (below, above) = (sorted[Int(position)], sorted[min(Int(position) + 1, sorted.count - 1)])
      assertClose(value, below + (above - below) * (position - position.rounded(.down)), relative: 1e-14)
    }
    let histogram = try #require(found.histogram)
    #expect(histogram.counts == DistributionTests.counts(sorted, histogram.edges))
    let decades = try #require(found.logHistogram)
    let magnitudes = sorted.filter { $0 != 0 }.map { log10(abs($0)) }
    #expect(decades.counts == DistributionTests.counts(magnitudes, decades.edges))
  }

  @Test func whatWasNotAskedForIsNotThere() throws {
    let data = DistributionTests.data("half zeros")
    let request = Distribution.Request(percentiles: [], bins: 5, countsValues: false, countsMagnitudes: false)
    var scratch = data
    try scratch.withUnsafeMutableBufferPointer { scratch in
      let memory = try #require(scratch.baseAddress)
      let found = try Distribution(
        of: data, moments: try Moments.scan(data, count: data.count), request
      ) { _ in memory }
      #expect(found.percentiles.isEmpty && found.histogram == nil && found.logHistogram == nil)
    }
  }

  /// How many values are at least an edge and below the next, the last bin with its upper edge.
  private static func counts(_ values: [Double], _ edges: [Double]) -> [Int] {
    var counts = [Int](repeating: 0, count: edges.count - 1)
    for value in values {
      var (low, high) = (0, counts.count)
      while high - low > 1 {
        let middle = (low + high) / 2
        if edges[middle] <= value { low = middle } else { high = middle }
      }
      counts[low] += 1
    }
    return counts
  }
}
