import Kernels

/// The way through up to four operands of one shape: dimensions sorted and merged, then cut into planes for a kernel.
///
/// Dimensions of extent 1 are dropped, the others ordered by the strides of operand 0, the result, and neighbours that
/// lie one after another in every operand become one. What remains beyond two dimensions is counted like an odometer.
struct Walk {
  /// The extents of the merged dimensions.
  private(set) var shape = Extents()
  private var strides: [4 of Extents] = .init(repeating: Extents())
  /// Where the walk begins in each operand.
  private var first = SIMD4<Int>.zero

  /// Prepares the walk of operands with these strides over `shape`; absent operands are given the strides of none.
  ///
  /// In `logicalOrder`, elements are visited in row-major order of the shape.
  init(
    _ shape: Extents, _ result: Extents, _ first: Extents? = nil, _ second: Extents? = nil, _ third: Extents? = nil,
    logicalOrder: Bool = false
  ) {
    let none = Extents(repeating: 0, count: shape.count)
    let given: [4 of Extents] = [result, first ?? none, second ?? none, third ?? none]
    var order = Extents()
    for dimension in 0..<shape.count where shape[dimension] != 1 {
      var place = order.count
      if !logicalOrder {
        while place > 0 && result[order[place - 1]] < result[dimension] { place -= 1 }
      }
      order.insert(dimension, at: place)
    }
    for dimension in order { add(shape[dimension], given, dimension) }
  }

  private mutating func add(_ extent: Int, _ given: [4 of Extents], _ dimension: Int) {
    let last = shape.count - 1
    var merges = last >= 0
    if merges {
      for operand in 0..<4 where strides[operand][last] != given[operand][dimension] &* extent { merges = false }
    }
    if merges {
      shape[last] &*= extent  // overflows beside an extent of 0 alone
      for operand in 0..<4 { strides[operand][last] = given[operand][dimension] }
    } else {
      shape.append(extent)
      for operand in 0..<4 { strides[operand].append(given[operand][dimension]) }
    }
  }

  private func lanes(_ dimension: Int) -> SIMD4<Int> {
    guard dimension >= 0 else { return .zero }
    return SIMD4(strides[0][dimension], strides[1][dimension], strides[2][dimension], strides[3][dimension])
  }

  /// Whether the second operand, of a reduction the results, has elements of its own along a merged dimension.
  func isKept(_ dimension: Int) -> Bool { strides[1][dimension] != 0 }

  /// The walk through some of the indices of a merged dimension.
  func part(_ dimension: Int, _ range: Range<Int>) -> Walk {
    var part = self
    part.shape[dimension] = range.count
    part.first &+= lanes(dimension) &* SIMD4(repeating: range.lowerBound)
    return part
  }

  /// Calls `body` with each plane in turn; no plane is empty.
  func forEachPlane(_ body: (Plane) throws -> Void) throws {
    let rank = shape.count
    let columns = rank > 0 ? shape[rank - 1] : 1
    let rows = rank > 1 ? shape[rank - 2] : 1
    var plane = Plane(
      rows: rows, columns: columns, first: first, rowStrides: lanes(rank - 2), columnStrides: lanes(rank - 1))
    if rank == 0 { plane.columnStrides = SIMD4(repeating: 1) }
    if shape.product == 0 { return }
    var index = Extents(repeating: 0, count: Swift.max(rank - 2, 0))
    while true {
      try body(plane)
      var dimension = rank - 3
      while dimension >= 0 {
        index[dimension] += 1
        plane.first &+= lanes(dimension)
        if index[dimension] < shape[dimension] { break }
        plane.first &-= lanes(dimension) &* SIMD4(repeating: shape[dimension])
        index[dimension] = 0
        dimension -= 1
      }
      if dimension < 0 { return }
    }
  }
}
