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
  @inlinable
  @inline(__always)
  package func forEachRow(_ body: (SIMD4<Int>, Int) throws -> Void) throws {
    var sincePoll = Interrupt.pollInterval
    var rowStart = first
    for _ in 0..<rows {
      var (start, left) = (rowStart, columns)
      while left > 0 {
        if sincePoll >= Interrupt.pollInterval {
          try Interrupt.check()
          sincePoll = 0
        }
        let length = Swift.min(left, Interrupt.pollInterval)
        try body(start, length)
        left -= length
        sincePoll += length
        if left > 0 { start = start &+ columnStrides &* SIMD4(repeating: length) }
      }
      rowStart = rowStart &+ rowStrides
    }
  }
}

extension SIMD4 where Scalar == Int {
  static var one: SIMD4<Int> { SIMD4(repeating: 1) }
}

extension Plane {
  /// How many elements of a large plane one thread takes at a time; the results of no kernel depend on it.
  private static let share = 65_536
  /// How many neighbours that lie closer together than what each stands for one thread takes at the least.
  private static let neighbours = 1024

  /// Calls `body` with the plane, or if it is large with parts of it, on several threads at once.
  ///
  /// What the body writes for an element of the plane depends on that element alone. Where an element stands for a line of several,
  /// `each` says of how many, and `step` how far apart in operand 0.
  ///
  /// - Throws: what `body` throws.
  @inline(__always)
  public func shared(each: Int = 1, step: Int = 0, _ body: (Plane) throws -> Void) throws {
    if rows &* columns &* each < 2 * Plane.share { return try body(self) }
    try share(each, step, body)
  }

  private func share(_ each: Int, _ step: Int, _ body: (Plane) throws -> Void) throws {
    // along the longer side: rows in groups, or pieces of every row
    let across = rows < columns
    let (long, short) = across ? (columns, rows) : (rows, columns)
    // lines side by side come through the same caches
    let least = abs(across ? columnStrides[0] : rowStrides[0]) < abs(step) ? Plane.neighbours : 1
    let length = Swift.max(Plane.share / (short * Swift.max(each, 1)), least)
    try WorkerPool.run(chunks: (long + length - 1) / length) { chunk in
      var part = self
      let start = chunk * length
      let count = Swift.min(length, long - start)
      if across {
        part.columns = count
        part.first = first &+ columnStrides &* SIMD4(repeating: start)
      } else {
        part.rows = count
        part.first = first &+ rowStrides &* SIMD4(repeating: start)
      }
      try body(part)
    }
  }
}
