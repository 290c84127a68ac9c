import Kernels
import Lab
import Networks
import Tensors
import TestSupport
import Testing

/// Tensors so large that several threads share them: figures by their closed forms, and the same bits whatever the number of threads.
@Suite struct StatisticsThreadTests {
  private static let count = 1_300_007

  /// Calls `body` with one thread, and then with more, and expects the same bits of every figure.
  private func expectSame(_ measure: () throws -> [Statistics]) throws -> [Statistics] {
    var alone: [Statistics] = []
    try Threads.varying {
      WorkerPool.threads = 1
      alone = try measure()
      for threads in [2, 3, 8] {
        WorkerPool.threads = threads
        for (own, other) in zip(alone, try measure()) {
          for name in Statistics.names {
            #expect(own.value(named: name)?.bitPattern == other.value(named: name)?.bitPattern, "\(name), \(threads)")
          }
          #expect(own.percentiles.map(\.value.bitPattern) == other.percentiles.map(\.value.bitPattern))
          #expect(own.histogram == other.histogram && own.logHistogram == other.logHistogram)
        }
      }
    }
    return alone
  }

  /// The whole numbers from 0, each once, in a scattered order: all of them are floats.
  private func wholeNumbers<T: FloatElement>(_ type: T.Type) throws -> Tensor {
    let tensor = try Tensor(T.dtype, [StatisticsThreadTests.count], zeroed: false)
    let elements = tensor.pointer(T.self)
    // 7919 and the count have no common divisor
    for index in 0..<tensor.count { elements[index] = T((index * 7919) % tensor.count) }
    return tensor
  }

  @Test(arguments: [DType.float32, .float64])
  func allFiguresOfWholeNumbersAreKnown(dtype: DType) throws {
    let tensor = try dtype == .float32 ? wholeNumbers(Float.self) : wholeNumbers(Double.self)
    let statistics = try #require(try expectSame { [try Statistics(of: tensor)] }.first)
    let n = Double(tensor.count)
    assertClose(statistics.mean, (n - 1) / 2)
    assertClose(statistics.variance, (n * n - 1) / 12)
    assertClose(statistics.kurtosis, -1.2 * (n * n + 1) / (n * n - 1))
    #expect(abs(statistics.skewness) < 1e-10)
    #expect(statistics.min == 0 && statistics.max == n - 1 && statistics.zeros == 1 / n)
    for percentile in statistics.percentiles { assertClose(percentile.value, percentile.percent / 100 * (n - 1)) }
    // from one edge up to the next, the last one included
    let edges = statistics.histogram.edges
    let expected = zip(edges, edges.dropFirst()).enumerated().map { bin, limits in
      (bin == 49 ? tensor.count : Int(limits.1.rounded(.up))) - Int(limits.0.rounded(.up))
    }
    #expect(statistics.histogram.counts == expected)
    // 0 has no logarithm
    #expect(statistics.logHistogram.counts.reduce(0, +) == tensor.count - 1)
  }

  @Test func spreadOverTheBatchAndDeadUnitsAreKnown() throws {
    let (samples, units) = (1300, 1000)
    let tensor = try Tensor(.float32, [samples, units])
    let elements = tensor.pointer(Float.self)
    // every unit but the first, which is dead, has the numbers from 0 to 1299 about a level of its own
    for sample in 0..<samples {
      for unit in 1..<units { elements[sample * units + unit] = Float((sample * 7) % samples + 1000 * unit) }
    }
    let statistics = try #require(try expectSame { [try Statistics(of: tensor)] }.first)
    let n = Double(samples)
    assertClose(statistics.batchStandardDeviation, ((n * n - 1) / 12).squareRoot() * 999 / 1000)
    #expect(statistics.dead == 0.001)
  }

  @Test func aMatrixThatTwoThreadsShareIsMeasuredAsItsTranspose() throws {
    let tensor = try Tensor(.float32, [200, 150])
    try Generator(seed: 4).fillNormal(tensor)
    let found = try expectSame { [try Statistics(of: tensor), try Statistics(of: tensor.transposed())] }
    // moments and distribution don't depend on the order, the batch does
    #expect(found[0].mean == found[1].mean && found[0].histogram == found[1].histogram)
    #expect(found[0].percentiles == found[1].percentiles && found[0].logHistogram == found[1].logHistogram)
    let turned = try Statistics(of: tensor.transposed().clone())
    assertClose(found[1].batchStandardDeviation, turned.batchStandardDeviation)
    assertClose(found[1].cosine, turned.cosine, absolute: 1e-14)
    #expect(abs(found[0].batchStandardDeviation - turned.batchStandardDeviation) > 1e-6)
  }

  @Test func aProbeIsTheSameWithEveryNumberOfThreads() throws {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.norm) = (30, 40, 5, .batch)
    options.activation = .tanh
    let network = try Network(mlp: options, generator: Generator(seed: 1))
    let input = try Tensor(.float32, [200, 30])
    try Generator(seed: 2).fillNormal(input)
    _ = try expectSame {
      let report = try Probe.run(network, input, generator: Generator(seed: 3))
      return report.rows.flatMap { row in ReportRow.quantities.compactMap { row.quantity($0) } }
    }
  }
}
