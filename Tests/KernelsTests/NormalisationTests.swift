import Kernels
import TestSupport
import Testing

/// Column moments at sizes that end in the middle of every vector and group of rows.
@Suite struct NormalisationTests {
  private func moments<T: FloatElement>(_ x: [T], rows: Int, columns: Int) throws -> (
    mean: [Double], variance: [Double]
  ) {
    var pivot = [T](repeating: 0, count: columns)
    var (sum, squares) = ([Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns))
    try pivot.withUnsafeMutableBufferPointer { pivot in
      try sum.withUnsafeMutableBufferPointer { sum in
        try squares.withUnsafeMutableBufferPointer { squares in
          guard let p = pivot.baseAddress, let s = sum.baseAddress, let q = squares.baseAddress else { return }
          let place = ColumnMoments(pivot: p, sum: s, squares: q)
          try ColumnNormalisation.moments(x, place, rows: rows, columns: columns)
          ColumnNormalisation.finish(place, rows: rows, columns: columns)
        }
      }
    }
    return (sum, squares)
  }

  /// Column `j` holds `offset + scale (i + j)` for rows `i`: mean `offset + scale ((m - 1)/2 + j)`, variance `scale^2 (m^2 - 1)/12`.
  private func check<T: FloatElement>(
    _ type: T.Type, rows: Int, columns: Int, offset: Double, scale: Double, relative: Double
  ) throws {
    let x = (0..<rows).flatMap { i in (0..<columns).map { T(offset + scale * Double(i + $0)) } }
    let found = try moments(x, rows: rows, columns: columns)
    let m = Double(rows)
    let means = (0..<columns).map { offset + scale * ((m - 1) / 2 + Double($0)) }
    let variance = scale * scale * (m * m - 1) / 12
    let what = "\(T.self) \(rows)x\(columns) scale \(scale)"
    assertClose(found.mean, means, relative: relative, absolute: relative * scale, what)
    assertClose(found.variance, Array(repeating: variance, count: columns), relative: relative, what)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 17, 63, 64, 65, 130])
  func momentsAreRightAtEverySizeAndScale(rows: Int) throws {
    for columns in [1, 3, 4, 7, 8, 15, 100] {
      try check(Double.self, rows: rows, columns: columns, offset: 5, scale: 1, relative: 1e-13)
      // powers of two, so that float32 holds the numbers exactly
      for scale in [0x1p-100, 1, 0x1p100] {
        try check(Float.self, rows: rows, columns: columns, offset: 0, scale: scale, relative: 1e-13)
      }
    }
  }

  @Test func aLargeMeanCostsNoDigitsOfTheVariance() throws {
    try check(Double.self, rows: 50, columns: 3, offset: 1e9, scale: 1, relative: 1e-13)
    try check(Float.self, rows: 50, columns: 3, offset: 1e6, scale: 1, relative: 1e-13)
  }

  @Test func equalNumbersHaveAVarianceOfExactlyZero() throws {
    let found = try moments([Float](repeating: 0.1, count: 21), rows: 7, columns: 3)
    #expect(found.variance == [0, 0, 0])
    #expect(found.mean == [Double](repeating: Double(Float(0.1)), count: 3))
    #expect(ColumnNormalisation.inverseDeviation(0, 0) == 0)
    #expect(ColumnNormalisation.inverseDeviation(0, 0.25) == 2)
  }
}
