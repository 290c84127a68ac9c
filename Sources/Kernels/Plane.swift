/// Two dimensions of up to four operands: what a kernel works through in one call, in row-major order.
///
/// Lane `i` of `first`, `rowStrides` and `columnStrides` belongs to operand `i`; operand 0 is the result. All are in elements.
public struct Plane: Sendable {
  /// The number of rows.
  public var rows: Int
  /// The number of elements in a row.
  public var columns: Int
  /// Where the first element of each operand lies from its pointer.
  public var first: SIMD4<Int>
  /// The distance between rows of each operand.
  public var rowStrides: SIMD4<Int>
  /// The distance between neighbours in a row of each operand.
  public var columnStrides: SIMD4<Int>

  /// Makes a plane from its parts.
  public init(rows: Int, columns: Int, first: SIMD4<Int>, rowStrides: SIMD4<Int>, columnStrides: SIMD4<Int>) {
    self.rows = rows
    self.columns = columns
    self.first = first
    self.rowStrides = rowStrides
    self.columnStrides = columnStrides
  }

  /// Makes the plane of `count` elements that lie one after another in every operand.
  public init(contiguous count: Int) {
    self.init(rows: 1, columns: count, first: .zero, rowStrides: .zero, columnStrides: .one)
  }

  /// Calls `body` with the offsets and the length of each row, long rows in pieces, polling for interrupts between them.
  @inline(__always)
  func forEachRow(_ body: (SIMD4<Int>, Int) throws -> Void) throws {
    var sincePoll = Interrupt.pollInterval
    for row in 0..<rows {
      var start = first &+ rowStrides &* SIMD4(repeating: row)
      var left = columns
      while left > 0 {
        if sincePoll >= Interrupt.pollInterval {
          try Interrupt.check()
          sincePoll = 0
        }
        let length = Swift.min(left, Interrupt.pollInterval)
        try body(start, length)
        start = start &+ columnStrides &* SIMD4(repeating: length)
        left -= length
        sincePoll += length
      }
    }
  }
}

extension SIMD4 where Scalar == Int {
  static var one: SIMD4<Int> { SIMD4(repeating: 1) }
}
