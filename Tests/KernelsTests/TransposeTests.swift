import Kernels
import Testing

/// Squares of vectors and the edges that they leave.
@Suite struct TransposeTests {
  @Test(arguments: [(0, 3), (1, 1), (1, 9), (7, 7), (8, 8), (8, 9), (16, 8), (17, 33), (100, 100), (1000, 1001)])
  func everyNumberComesToItsPlace(rows: Int, columns: Int) {
    check(rows, columns, Float.self)
    check(rows, columns, Double.self)
  }

  private func check<T: FloatElement>(_ rows: Int, _ columns: Int, _ type: T.Type) {
    let x = (0..<rows * columns).map { T($0) }
    // one more, which is to stay as it is
    var y = [T](repeating: -1, count: rows * columns + 1)
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        guard let x = x.baseAddress, let y = y.baseAddress else { return }
        AffineKernels.transpose(x, into: y, rows: rows, columns: columns)
      }
    }
    let expected = (0..<rows * columns).map { T($0 % max(rows, 1) * columns + $0 / max(rows, 1)) }
    #expect(y == expected + [-1], "\(rows) x \(columns) of \(T.self)")
  }
}
