/// Where the elements of a tensor lie in its storage, but for the offset.
///
/// It never changes, so that a result shares the layout of an operand of its shape: a small tensor costs little more than
/// its allocations.
@usableFromInline
final class Layout: Sendable {
  @usableFromInline
  let rank: Int
  let shape: Extents
  let strides: Extents
  @usableFromInline
  let count: Int
  /// The extent of the first dimension, 1 for none.
  @usableFromInline
  let leadingExtent: Int
  /// The stride of the first dimension, 1 for none.
  @usableFromInline
  let leadingStride: Int
  /// Whether the elements lie one after another in row-major order.
  @usableFromInline
  let isContiguous: Bool

  init(_ shape: Extents, _ strides: Extents) {
    self.shape = shape
    self.strides = strides
    rank = shape.count
    count = shape.product
    leadingExtent = shape.first ?? 1
    leadingStride = strides.first ?? 1
    isContiguous = Layout.isContiguous(shape, strides, count)
  }

  /// Whether both have the same extents.
  @inline(__always)
  func hasShape(of other: Layout) -> Bool {
    if self === other { return true }
    guard rank == other.rank, count == other.count, leadingExtent == other.leadingExtent else { return false }
    return rank < 2 || shape == other.shape
  }

  private static func isContiguous(_ shape: Extents, _ strides: Extents, _ count: Int) -> Bool {
    if count <= 1 { return true }
    var step = 1
    for dimension in stride(from: shape.count - 1, through: 0, by: -1) where shape[dimension] != 1 {
      if strides[dimension] != step { return false }
      step *= shape[dimension]
    }
    return true
  }
}
