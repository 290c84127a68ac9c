import Kernels
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The kernel, which takes several rows at a time, against the formula, a number at a time by the C library.
@Suite struct SoftmaxCrossEntropyTests {
  /// Rows and columns: one class, fewer than a vector, whole blocks and a part, a row longer than a block, several threads' work.
  private static let shapes = [(1, 1), (3, 1), (1, 7), (60, 10), (411, 10), (5, 1000), (2, 5003), (1001, 100)]

  private func check<T: FloatElement>(_ rows: Int, _ columns: Int, spread: Double, _ type: T.Type) throws {
    var chance = Chance(state: UInt64(rows * 10_000 + columns))
    let x = (0..<(rows * columns)).map { _ in T(Double.random(in: -spread...spread, using: &chance)) }
    let classes = (0..<rows).map { _ in Int.random(in: 0..<columns, using: &chance) }
    var gradient = [T](repeating: .nan, count: x.count)
    let factor = 1 / Double(rows)
    let loss = try SoftmaxCrossEntropy.forward(
      x, classes: classes, gradient: &gradient, factor: factor, rows: rows, columns: columns)
    var (total, slopes) = (0.0, [Double]())
    for row in 0..<rows {
      let logits = x[(row * columns)..<((row + 1) * columns)].map(Double.init)
      let largest = logits.max() ?? 0
      let sum = logits.reduce(0) { $0 + exp($1 - largest) }
      total += log(sum) - (logits[classes[row]] - largest)
      slopes += logits.indices.map { (exp(logits[$0] - largest) / sum - ($0 == classes[row] ? 1 : 0)) * factor }
    }
    // the narrow exponential is good to 1e-8; what is near 1 less 1 has the rounding of 1
    let tolerance = T.self == Float.self ? 3e-7 : 1e-14
    let what = "\(T.self) \(rows)x\(columns) of \(spread)"
    assertClose(loss, total, relative: T.self == Float.self ? 2e-8 : 1e-14, absolute: 1e-14 * Double(rows), what)
    assertClose(gradient.map(Double.init), slopes, relative: tolerance, absolute: tolerance * factor, what)
    let alone = try SoftmaxCrossEntropy.forward(
      x, classes: classes, gradient: nil, factor: factor, rows: rows, columns: columns)
    #expect(alone == loss, "\(what) without a gradient")
  }

  @Test func lossAndGradientAreThoseOfTheFormula() throws {
    for (rows, columns) in SoftmaxCrossEntropyTests.shapes {
      for spread in [1.0, 30, 400] {
        try check(rows, columns, spread: spread, Float.self)
        try check(rows, columns, spread: spread, Double.self)
      }
    }
  }

  @Test(arguments: [(1000, 100), (5003, 10), (40, 5003), (3000, 300)])
  func lossAndGradientDoNotDependOnThreads(rows: Int, columns: Int) throws {
    var chance = Chance(state: UInt64(rows))
    let x = (0..<(rows * columns)).map { _ in Float.random(in: -9...9, using: &chance) }
    let classes = (0..<rows).map { _ in Int.random(in: 0..<columns, using: &chance) }
    try Threads.varying {
      var first: (loss: Double, gradient: [Float])?
      for threads in [1, 2, 3, 8] {
        WorkerPool.threads = threads
        var gradient = [Float](repeating: .nan, count: x.count)
        let loss = try SoftmaxCrossEntropy.forward(
          x, classes: classes, gradient: &gradient, factor: 0.5, rows: rows, columns: columns)
        let expected = first ?? (loss, gradient)
        first = expected
        #expect(loss == expected.loss && gradient == expected.gradient, "\(threads) threads")
      }
    }
  }

  @Test func specialLogits() throws {
    func loss(_ x: [Double]) throws -> Double {
      try SoftmaxCrossEntropy.forward(x, classes: [1], gradient: nil, factor: 1, rows: 1, columns: x.count)
    }
    #expect(try loss([-.infinity, 3]) == 0)
    #expect(try loss([0, -.infinity]) == .infinity)
    #expect(try loss([1e308, -1e308]) == .infinity)
    #expect(try loss([.nan, 1]).isNaN && loss([1, .nan]).isNaN && loss([.infinity, 1]).isNaN)
  }

  /// A row's numbers don't depend on the rows beside it.
  @Test func rowsAreComputedAlike() throws {
    let columns = 10
    var chance = Chance(state: 7)
    let x = (0..<(500 * columns)).map { _ in Float.random(in: -5...5, using: &chance) }
    var (together, apart) = ([Float](repeating: 0, count: x.count), [Float](repeating: 0, count: x.count))
    let classes = (0..<500).map { $0 % columns }
    _ = try SoftmaxCrossEntropy.forward(
      x, classes: classes, gradient: &together, factor: 0.5, rows: 500, columns: columns)
    try apart.withUnsafeMutableBufferPointer { apart in
      for row in 0..<500 {
        let line = Array(x[(row * columns)..<((row + 1) * columns)])
        _ = try SoftmaxCrossEntropy.forward(
          line, classes: [classes[row]], gradient: apart.baseAddress.map { $0 + row * columns }, factor: 0.5, rows: 1,
          columns: columns)
      }
    }
    #expect(together == apart)
  }
}
