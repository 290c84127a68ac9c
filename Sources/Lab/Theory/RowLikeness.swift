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
    let most = min(RowLikeness.most, min(weight.shape[0], weight.shape[1]) / RowLikeness.leastExtent)
    let few = try weight.narrow(0, 0, min(RowLikeness.first, weight.shape[0]))
    if try RowLikeness.areUnlike(few, most) { return nil }
    guard RowLikeness.alike(Rows(try few.to(.float64).contiguous()), most) != nil else { return nil }
    let rows = Rows(try weight.to(.float64).contiguous())
    guard let (rank, outside) = RowLikeness.alike(rows, most) else { return nil }
    let total = (0..<rows.count).reduce(0.0) { $0 + RowLikeness.product(rows[$1], rows[$1], rows.columns) }
    self.init(rank: rank, outside: outside, differing: RowLikeness.differing(rows) / total)
  }

  /// How many rows of a weight of rank 2 are 0 throughout; nil of another rank.
  static func zeroRows(of weight: Tensor) -> Int? {
    guard weight.rank == 2 else { return nil }
    return weight.dtype == .float64
      ? zeroRows(weight, UnsafePointer(weight.pointer(Double.self)))
      : zeroRows(weight, UnsafePointer(weight.pointer(Float.self)))
  }

  /// A row is done with at the first number that is not 0, wherever the next one lies.
  private static func zeroRows<T: BinaryFloatingPoint>(_ weight: Tensor, _ first: UnsafePointer<T>) -> Int {
    let (down, along) = (weight.strides[0], weight.strides[1])
    return withExtendedLifetime(weight) {
      (0..<weight.shape[0]).count { row in
        (0..<weight.shape[1]).allSatisfy { first[row * down + $0 * along] == 0 }
      }
    }
  }

  /// Rows in double, one after another.
  private struct Rows {
    private let tensor: Tensor
    let count: Int
    let columns: Int

    init(_ tensor: Tensor) {
      self.tensor = tensor
      (count, columns) = (tensor.shape[0], tensor.shape[1])
    }

    subscript(row: Int) -> UnsafePointer<Double> { UnsafePointer(tensor.pointer(Double.self) + row * columns) }
  }

  /// Whether a few rows are so far from alike that their products in the weight's own dtype tell.
  ///
  /// The shares of `outside` by Cholesky's way with pivots, from products that are good to 1e-4 of the largest at the worst; of
  /// most weights it is all that is computed.
  private static func areUnlike(_ few: Tensor, _ most: Int) throws -> Bool {
    let products = try Tensor.matmul(few, try few.transposed()).numbers
    let count = few.shape[0]
    var left = (0..<count).map { products[$0 * count + $0] }
    let total = left.reduce(0, +)
    // neither overflow nor underflow has taken part
    guard total > 1e-20, total < 1e20 else { return false }
    var directions: [[Double]] = []
    for _ in 0..<most {
      guard let largest = left.indices.max(by: { left[$0] < left[$1] }), left[largest] > 0 else { return false }
      let size = left[largest].squareRoot()
      let along = (0..<count).map { row in
        (products[largest * count + row] - directions.reduce(0) { $0 + $1[largest] * $1[row] }) / size
      }
      for row in 0..<count { left[row] = max(0, left[row] - along[row] * along[row]) }
      left[largest] = 0
      directions.append(along)
      let share = left.reduce(0, +) / total
      // also false for NaN
      guard share > 2 * (directions.count == 1 ? limit : 10 * limitOfSeveral) else { return false }
    }
    return true
  }

  /// In how few directions rows lie, and the share of their squares outside these; nil where they are not alike, all 0 or not finite.
  private static func alike(_ rows: Rows, _ most: Int) -> (rank: Int, outside: Double)? {
    let shares = outside(rows, most)
    if let place = shares.firstIndex(where: { $0 <= limitOfSeveral }) { return (place + 1, shares[place]) }
    return shares.first.flatMap { $0 <= limit ? (1, $0) : nil }
  }

  /// The share of the squares of rows outside one direction, outside two and so on, until little is left.
  ///
  /// Each is that of what is largest outside those before it (Gram and Schmidt's way with pivots). None where rows are all 0 or not
  /// finite.
  private static func outside(_ rows: Rows, _ most: Int) -> [Double] {
    let columns = rows.columns
    var left = (0..<rows.count).map { product(rows[$0], rows[$0], columns) }
    let total = left.reduce(0, +)
    guard total > 0, total.isFinite else { return [] }
    var shares: [Double] = []
    // the directions, one after another
    withUnsafeTemporaryAllocation(of: Double.self, capacity: most * columns) { memory in
      guard let directions = memory.baseAddress else { return }
      while shares.count < most, shares.last ?? 1 > limitOfSeveral,
        let largest = left.indices.max(by: { left[$0] < left[$1] }), left[largest] > 0
      {
        let direction = directions + shares.count * columns
        direct(direction, along: rows[largest], beside: UnsafePointer(directions), count: shares.count, columns)
        for row in left.indices {
          let along = product(rows[row], UnsafePointer(direction), columns)
          left[row] = max(0, left[row] - along * along)
        }
        left[largest] = 0
        shares.append(left.reduce(0, +) / total)
      }
    }
    return shares
  }

  /// Makes the unit vector along a row outside directions that are orthonormal.
  private static func direct(
    _ result: UnsafeMutablePointer<Double>, along row: UnsafePointer<Double>, beside directions: UnsafePointer<Double>,
    count: Int, _ columns: Int
  ) {
    result.update(from: row, count: columns)
    for index in 0..<count {
      let direction = directions + index * columns
      let along = product(UnsafePointer(result), direction, columns)
      for column in 0..<columns { result[column] -= along * direction[column] }
    }
    let size = product(UnsafePointer(result), UnsafePointer(result), columns).squareRoot()
    if size > 0 { for column in 0..<columns { result[column] /= size } }
  }

  private static func differing(_ rows: Rows) -> Double {
    (0..<rows.columns).reduce(0.0) { sum, column in
      let mean = (0..<rows.count).reduce(0.0) { $0 + rows[$1][column] } / Double(rows.count)
      return (0..<rows.count).reduce(sum) { sum, row in
        let distance = rows[row][column] - mean
        return sum + distance * distance
      }
    }
  }

  /// The sum of products, in eight parts: each waits for its own last sum alone.
  private static func product(_ left: UnsafePointer<Double>, _ right: UnsafePointer<Double>, _ count: Int) -> Double {
    var sums = SIMD8<Double>.zero
    var index = 0
    while index + 8 <= count {
      let (a, b) = (UnsafeRawPointer(left + index), UnsafeRawPointer(right + index))
      sums += a.loadUnaligned(as: SIMD8<Double>.self) * b.loadUnaligned(as: SIMD8<Double>.self)
      index += 8
    }
    var sum = sums.sum()
    while index < count {
      sum += left[index] * right[index]
      index += 1
    }
    return sum
  }
}
