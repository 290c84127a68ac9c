/// How a matrix product is cut: the result into blocks of rows or columns, each the sum of one or more products.
struct ProductCut: Equatable {
  /// The rows of a block.
  private(set) var rows: Int
  /// The columns of a block.
  private(set) var columns: Int
  /// The inner extent of one product of a block.
  private(set) var inner: Int

  private let extents: (rows: Int, columns: Int)

  /// The most multiplications of a product that OpenBLAS computes by its small kernels.
  static let smallProduct = 1_000_000.0
  /// The most columns for which cutting into small products gains: by 1.1 to 1.3 in float32 and 1.3 to 1.6 in float64
  /// on AVX-512; wider ones lose, since blocks of columns leave lanes empty and rows of b far apart.
  static let narrow = 128

  // inner extents of this size and more let the small kernels run at full speed
  private static let smallInner = 100
  // so many are worth a second thread
  private static let sharedProduct = 500_000.0
  private static let fewestRows = 24
  // each call packs the other operand again: few large blocks, yet a few hundredths of a second at most
  private static let multiplicationsPerBlock = 2_000_000
  private static let multiplicationsPerCall = 1_073_741_824.0

  /// Cuts a product `[rows, inner]` by `[inner, columns]`; `hasSmallKernels` where OpenBLAS has them for its layout.
  init(rows: Int, columns: Int, inner: Int, hasSmallKernels: Bool) {
    (self.rows, self.columns, self.inner) = (rows, columns, Swift.max(inner, 1))
    extents = (rows, columns)
    guard rows > 0, columns > 0 else { return }
    let multiplications = Double(rows) * Double(columns) * Double(inner)
    if hasSmallKernels && columns <= ProductCut.narrow {
      cutSmall(multiplications)
    } else if multiplications > ProductCut.smallProduct {
      cutLarge(multiplications)
    }
  }

  /// The number of blocks.
  var count: Int { blocks(extents.rows, rows) * blocks(extents.columns, columns) }

  /// Where a block begins, and its extents.
  func block(_ number: Int) -> (row: Int, column: Int, rows: Int, columns: Int) {
    let across = blocks(extents.columns, columns)
    let (row, column) = (number / across * rows, number % across * columns)
    return (row, column, Swift.min(rows, extents.rows - row), Swift.min(columns, extents.columns - column))
  }

  static func == (left: ProductCut, right: ProductCut) -> Bool {
    left.extents == right.extents && (left.rows, left.columns, left.inner) == (right.rows, right.columns, right.inner)
  }

  /// Cuts rows and the inner extent so that every product is a small one, and rows so that two threads have work.
  private mutating func cutSmall(_ multiplications: Double) {
    if multiplications > ProductCut.smallProduct { inner = even(inner, atMost: ProductCut.smallInner) }
    var most = Int(ProductCut.smallProduct) / (columns * inner)
    if multiplications >= ProductCut.sharedProduct, rows >= 2 * ProductCut.fewestRows {
      // as many blocks for one thread of two as for the other
      let count = blocks(rows, most)
      most = blocks(rows, count + count % 2)
    }
    rows = even(rows, atMost: most)
  }

  /// Cuts the longer extent of the result into at most 16 blocks, a power of two of them, and blocks that last too long on.
  private mutating func cutLarge(_ multiplications: Double) {
    let byRows = columns <= rows
    let (extent, unit) = byRows ? (rows, 4) : (columns, 16)
    var count = 16
    while count > 1
      && (multiplications < Double(count * ProductCut.multiplicationsPerBlock)
        || extent < count * (count == 2 ? ProductCut.fewestRows : 256))
    {
      count /= 2
    }
    let length = count == 1 ? extent : (blocks(extent, count) + unit - 1) / unit * unit
    if byRows { rows = length } else { columns = length }
    let most = Int(ProductCut.multiplicationsPerCall / Double(inner))
    // the nearer to squares the less is packed again
    while rows * columns > Swift.max(most, 1) {
      if rows >= columns { rows = (rows + 1) / 2 } else { columns = (columns + 1) / 2 }
    }
  }

  private func blocks(_ extent: Int, _ length: Int) -> Int { (extent + length - 1) / length }

  /// The length of as few parts of about one length as none is above `most`.
  private func even(_ extent: Int, atMost most: Int) -> Int { blocks(extent, blocks(extent, most)) }
}
