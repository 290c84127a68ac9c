import Kernels
import TestSupport
import Testing

/// What a batch normalisation computes once a column, against the formulas column by column, at widths that end within every vector.
@Suite struct NormalisationVectorTests {
  /// Numbers that differ from column to column.
  private func numbers<T: FloatElement>(_ count: Int, _ first: Double, _ step: Double, _ type: T.Type) -> [T] {
    (0..<count).map { T(first + step * Double($0)) }
  }

  private func fold<T: FloatElement>(
    mean: [Double], variance: [Double], eps: Double, gamma: [T]?, beta: [T]?
  ) -> [[T]] {
    let count = mean.count
    var found = (0..<4).map { _ in [T](repeating: -7, count: count + 1) }
    found.withPointers { places in
      gamma.withPointer { gamma in
        beta.withPointer { beta in
          ColumnNormalisation.fold(
            mean: mean, variance: variance, eps: eps, gamma: gamma, beta: beta, scale: places[0], shift: places[1],
            hatScale: places[2], hatShift: places[3], columns: count)
        }
      }
    }
    // nothing is written behind the last column
    #expect(found.allSatisfy { $0[count] == -7 })
    return found.map { Array($0.dropLast()) }
  }

  private func checkFold<T: FloatElement>(_ width: Int, _ type: T.Type) {
    let mean: [Double] = numbers(width, -3, 0.37, Double.self)
    let variance: [Double] = numbers(width, 0.01, 0.93, Double.self)
    let (gamma, beta) = (numbers(width, -2, 0.71, type), numbers(width, 5, -0.3, type))
    for (gamma, beta) in [(nil, nil), (gamma, beta)] {
      let found = fold(mean: mean, variance: variance, eps: 1e-5, gamma: gamma, beta: beta)
      let inverse = variance.map { 1 / ($0 + 1e-5).squareRoot() }
      let factor = inverse.indices.map { inverse[$0] * Double(gamma?[$0] ?? 1) }
      #expect(found[0] == factor.map { T($0) })
      #expect(found[1] == factor.indices.map { T(Double(beta?[$0] ?? 0) - mean[$0] * factor[$0]) })
      #expect(found[2] == inverse.map { T($0) })
      #expect(found[3] == inverse.indices.map { T(-mean[$0] * inverse[$0]) })
    }
  }

  @Test(arguments: [1, 3, 4, 5, 15, 16, 17, 37, 100])
  func foldsAreRightAtEveryWidth(width: Int) {
    checkFold(width, Float.self)
    checkFold(width, Double.self)
  }

  @Test func foldsNameDeadColumnsByZeroAndStayFinite() {
    // a column of each kind in a vector of sixteen, one of four and alone
    for width in [16, 4, 1] {
      let zeros = [Double](repeating: 0, count: width)
      let dead = fold(mean: zeros, variance: zeros, eps: 0, gamma: [Float](repeating: 3, count: width), beta: nil)
      #expect(dead.allSatisfy { $0 == [Float](repeating: 0, count: width) })

      let tiny = [Double](repeating: 1e-80, count: width)
      let means = [Double](repeating: 2, count: width)
      let huge = fold(mean: means, variance: tiny, eps: 0, gamma: [Float]?.none, beta: nil)
      #expect(huge[0] == [Float](repeating: .greatestFiniteMagnitude, count: width))
      #expect(huge[1] == [Float](repeating: -.greatestFiniteMagnitude, count: width))
      let doubles = fold(mean: means, variance: tiny, eps: 0, gamma: [Double]?.none, beta: nil)
      #expect(doubles[0] == [Double](repeating: 1 / (1e-80).squareRoot(), count: width))

      // statistics that a file brought: neither is taken for a dead unit
      for wrong in [-1, Double.nan] {
        let variance = [Double](repeating: wrong, count: width)
        let found = fold(mean: means, variance: variance, eps: 1e-5, gamma: [Float]?.none, beta: nil)
        #expect(found.allSatisfy { $0.allSatisfy(\.isNaN) })
      }
    }
  }

  private func checkSlopes<T: FloatElement>(_ width: Int, rows: Int, _ type: T.Type) {
    let variance: [Double] = numbers(width, 0, 0.41, Double.self)
    let (sums, hatSums) = (numbers(width, 9, -1.3, Double.self), numbers(width, -4, 2.2, Double.self))
    let gamma = numbers(width, 0.5, 0.125, type)
    var found = (0..<3).map { _ in [T](repeating: -7, count: width + 1) }
    found.withPointers { places in
      ColumnNormalisation.slopes(
        variance: variance, eps: 0, gamma: gamma, sums: sums, hatSums: hatSums, rows: rows, factor: places[0],
        hatFactor: places[1], constant: places[2], columns: width)
    }
    let share = rows == 0 ? 0 : 1 / Double(rows)
    let full = variance.indices.map { variance[$0] == 0 ? 0 : 1 / variance[$0].squareRoot() * Double(gamma[$0]) }
    #expect(found[0] == full.map { T($0) } + [-7])
    #expect(found[1] == full.indices.map { T(-full[$0] * hatSums[$0] * share) } + [-7])
    #expect(found[2] == full.indices.map { T(-full[$0] * sums[$0] * share) } + [-7])
  }

  @Test(arguments: [1, 4, 7, 16, 35])
  func slopesAreRightAtEveryWidth(width: Int) {
    for rows in [0, 12] {
      checkSlopes(width, rows: rows, Float.self)
      checkSlopes(width, rows: rows, Double.self)
    }
  }

  private func checkRunning<T: FloatElement>(_ width: Int, _ summand: [T]?) {
    let (mean, variance) = (numbers(width, 1, 0.7, Double.self), numbers(width, 2, 0.3, Double.self))
    let (oldMean, oldVariance) = (numbers(width, -1, 0.2, T.self), numbers(width, 1, 0.6, T.self))
    var found = [oldMean + [-7], oldVariance + [-7]]
    found.withPointers { places in
      summand.withPointer { summand in
        ColumnNormalisation.updateRunning(
          mean: mean, variance: variance, summand: summand, rows: 5, weight: 0.1, runningMean: places[0],
          runningVariance: places[1], columns: width)
      }
    }
    let newMean = mean.indices.map { T(0.9 * Double(oldMean[$0]) + 0.1 * (mean[$0] + Double(summand?[$0] ?? 0))) }
    let newVariance = mean.indices.map { T(0.9 * Double(oldVariance[$0]) + 0.1 * (variance[$0] * 1.25)) }
    #expect(found[0] == newMean + [-7])
    #expect(found[1] == newVariance + [-7])
  }

  @Test(arguments: [1, 4, 7, 16, 35])
  func runningStatisticsMoveByTheWeightAtEveryWidth(width: Int) {
    checkRunning(width, [Float]?.none)
    checkRunning(width, [Double]?.none)
    checkRunning(width, numbers(width, 10, 1, Float.self))
  }
}

extension Array {
  /// Calls `body` with the addresses of all inner arrays at once.
  fileprivate mutating func withPointers<T>(_ body: ([UnsafeMutablePointer<T>]) -> Void) where Element == [T] {
    let places = map { inner in
      let place = UnsafeMutablePointer<T>.allocate(capacity: inner.count)
      place.initialize(from: inner, count: inner.count)
      return place
    }
    body(places)
    for (index, place) in places.enumerated() {
      self[index] = Array<T>(UnsafeBufferPointer(start: place, count: self[index].count))
      place.deallocate()
    }
  }
}

extension Optional {
  /// Calls `body` with the address of the numbers, nil for none.
  fileprivate func withPointer<T>(_ body: (UnsafePointer<T>?) -> Void) where Wrapped == [T] {
    guard let self else { return body(nil) }
    self.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
