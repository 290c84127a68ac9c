import Kernels
import Tensors

/// How alike the rows of a weight `[outputs, inputs]` are, each row being what one unit does to its inputs.
///
/// Rows that are combinations of r of them make a matrix of rank r, of whose outputs a sample has r numbers alone. Of a random matrix a
/// share of `(1 - r/outputs) (1 - r/inputs)` lies outside the directions of any r rows.
public struct RowLikeness: Equatable, Sendable {
  /// In how many directions the rows lie, as far as they are alike.
  public let rank: Int
  /// The share of the sum of squares outside these directions: of the largest row, of what is largest outside it, and so on.
  public let outside: Double
  /// The share of the sum of squares that is left when the mean row is taken from each.
  public let differing: Double

  /// Above which share outside one direction rows are not alike: 10 % of their size.
  private static let limit = 0.01
  /// The same outside several, of which there are more chances: 1 % of their size.
  private static let limitOfSeveral = 1e-4
  /// How many directions are tried.
  private static let most = 8
  /// Of fewer than so many rows or columns for a direction they are alike by chance.
  private static let leastExtent = 3
  /// How many rows are looked at before the others: of unlike rows these tell.
  private static let first = 16

  /// Makes shares that were measured before.
  public init(rank: Int = 1, outside: Double, differing: Double) {
    (self.rank, self.outside, self.differing) = (rank, outside, differing)
  }

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
    let most = min(most, min(rows, columns) / leastExtent)
    guard alike(weight, Array(0..<min(first, rows)), columns, most) != nil,
      let (rank, outside) = alike(weight, Array(0..<rows), columns, most)
    else { return nil }
    let total = (0..<rows).reduce(0.0) { $0 + product(weight + $1 * columns, weight + $1 * columns, columns) }
    return RowLikeness(rank: rank, outside: outside, differing: differing(weight, rows, columns) / total)
  }

  /// In how few directions rows lie, and the share of their squares outside these; nil where they are not alike, all 0 or not finite.
  private static func alike<T: BinaryFloatingPoint>(
    _ weight: UnsafePointer<T>, _ rows: [Int], _ columns: Int, _ most: Int
  ) -> (rank: Int, outside: Double)? {
    let shares = outside(weight, rows, columns, most)
    if let place = shares.firstIndex(where: { $0 <= limitOfSeveral }) { return (place + 1, shares[place]) }
    return shares.first.flatMap { $0 <= limit ? (1, $0) : nil }
  }

  /// The share of the squares of rows outside one direction, outside two and so on, until little is left.
  ///
  /// Each is that of what is largest outside those before it (Gram and Schmidt's way with pivots). None where rows are all 0 or not
  /// finite.
  private static func outside<T: BinaryFloatingPoint>(
    _ weight: UnsafePointer<T>, _ rows: [Int], _ columns: Int, _ most: Int
  ) -> [Double] {
    var left = rows.map { product(weight + $0 * columns, weight + $0 * columns, columns) }
    let total = left.reduce(0, +)
    guard total > 0, total.isFinite else { return [] }
    var (directions, shares): ([[Double]], [Double]) = ([], [])
    while shares.count < most, shares.last ?? 1 > limitOfSeveral,
      let largest = left.indices.max(by: { left[$0] < left[$1] }), left[largest] > 0
    {
      let direction = direction(weight + rows[largest] * columns, columns, beside: directions)
      directions.append(direction)
      for (place, row) in rows.enumerated() {
        let along = direction.withUnsafeBufferPointer { own in
          own.baseAddress.map { product(weight + row * columns, $0, columns) } ?? 0
        }
        left[place] = max(0, left[place] - along * along)
      }
      left[largest] = 0
      shares.append(left.reduce(0, +) / total)
    }
    return shares
  }

  /// The unit vector along a row outside directions that are orthonormal.
  private static func direction<T: BinaryFloatingPoint>(
    _ row: UnsafePointer<T>, _ columns: Int, beside directions: [[Double]]
  ) -> [Double] {
    var rest = (0..<columns).map { Double(row[$0]) }
    for direction in directions {
      let along = zip(rest, direction).reduce(0) { $0 + $1.0 * $1.1 }
      for place in rest.indices { rest[place] -= along * direction[place] }
    }
    let size = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return size > 0 ? rest.map { $0 / size } : rest
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

  private static func product<T: BinaryFloatingPoint, U: BinaryFloatingPoint>(
    _ left: UnsafePointer<T>, _ right: UnsafePointer<U>, _ count: Int
  ) -> Double {
    var sum = 0.0
    for index in 0..<count { sum += Double(left[index]) * Double(right[index]) }
    return sum
  }
}
