import Kernels
import Tensors

/// How alike the rows of a weight `[outputs, inputs]` are, each row being what one unit does to its inputs.
///
/// Rows that are multiples of one make a matrix of rank 1, of whose outputs a sample has one number alone. Of a random matrix a share
/// of `1 - 1/inputs` lies outside the direction of any one row.
public struct RowLikeness: Equatable, Sendable {
  /// The share of the sum of squares outside the direction of the largest row.
  public let outside: Double
  /// The share of the sum of squares that is left when the mean row is taken from each.
  public let differing: Double

  /// Above which share outside one direction rows are not alike: 10 % of their size.
  private static let limit = 0.01
  /// Fewer rows or columns than these are alike by chance.
  private static let leastExtent = 3
  /// How many rows are looked at before the others: of unlike rows these tell.
  private static let first = 8

  /// Makes shares that were measured before.
  public init(outside: Double, differing: Double) { (self.outside, self.differing) = (outside, differing) }

  /// Looks at a weight; nil where its rows are not alike, it is all 0, or has numbers that are not finite.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  init?(of weight: Tensor) throws {
    guard weight.rank == 2, min(weight.shape[0], weight.shape[1]) >= RowLikeness.leastExtent else { return nil }
    let source = try weight.contiguous()
    let found =
      source.dtype == .float64
      ? RowLikeness.measure(UnsafePointer(source.pointer(Double.self)), weight.shape[0], weight.shape[1])
      : RowLikeness.measure(UnsafePointer(source.pointer(Float.self)), weight.shape[0], weight.shape[1])
    guard let found else { return nil }
    self = found
  }

  /// How many rows of a weight of rank 2 are 0 throughout; nil of another rank.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  static func zeroRows(of weight: Tensor) throws -> Int? {
    guard weight.rank == 2 else { return nil }
    let source = try weight.contiguous()
    return source.dtype == .float64
      ? zeroRows(UnsafePointer(source.pointer(Double.self)), weight.shape[0], weight.shape[1])
      : zeroRows(UnsafePointer(source.pointer(Float.self)), weight.shape[0], weight.shape[1])
  }

  private static func zeroRows<T: BinaryFloatingPoint>(
    _ weight: UnsafePointer<T>, _ rows: Int, _ columns: Int
  ) -> Int {
    (0..<rows).count { row in (0..<columns).allSatisfy { weight[row * columns + $0] == 0 } }
  }

  private static func measure<T: BinaryFloatingPoint>(
    _ weight: UnsafePointer<T>, _ rows: Int, _ columns: Int
  ) -> RowLikeness? {
    guard isAlike(weight, min(first, rows), columns), isAlike(weight, rows, columns) else { return nil }
    guard let (outside, total) = outside(weight, rows, columns) else { return nil }
    return RowLikeness(outside: outside / total, differing: differing(weight, rows, columns) / total)
  }

  private static func isAlike<T: BinaryFloatingPoint>(_ weight: UnsafePointer<T>, _ rows: Int, _ columns: Int) -> Bool {
    outside(weight, rows, columns).map { $0.outside <= limit * $0.total } ?? false
  }

  /// The sum of squares outside the direction of the largest row, and the whole sum; nil where that is 0 or not finite.
  private static func outside<T: BinaryFloatingPoint>(
    _ weight: UnsafePointer<T>, _ rows: Int, _ columns: Int
  ) -> (outside: Double, total: Double)? {
    let squares = (0..<rows).map { product(weight + $0 * columns, weight + $0 * columns, columns) }
    let total = squares.reduce(0, +)
    guard total > 0, total.isFinite, let largest = squares.indices.max(by: { squares[$0] < squares[$1] }) else {
      return nil
    }
    let outside = (0..<rows).reduce(0.0) { sum, row in
      let along = product(weight + row * columns, weight + largest * columns, columns)
      return sum + max(0, squares[row] - along * along / squares[largest])
    }
    return (outside, total)
  }

  private static func differing<T: BinaryFloatingPoint>(
    _ weight: UnsafePointer<T>, _ rows: Int, _ columns: Int
  ) -> Double {
    (0..<columns).reduce(0.0) { sum, column in
      let mean = (0..<rows).reduce(0.0) { $0 + Double(weight[$1 * columns + column]) } / Double(rows)
      return (0..<rows).reduce(sum) { sum, row in
        let distance = Double(weight[row * columns + column]) - mean
        return sum + distance * distance
      }
    }
  }

  private static func product<T: BinaryFloatingPoint>(
    _ left: UnsafePointer<T>, _ right: UnsafePointer<T>, _ count: Int
  ) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += Double(left[index]) * Double(right[index]) }
    return sum
  }
}
