import KernelBase

// Passes over row-major matrices, written as plain loops along the rows that the compiler turns into vector instructions:
// every number of the inner loop belongs to another column, so that sums over columns need no reassociation. A pass takes a few
// rows at a time, so that one loop finds in the first-level cache what the loop before it has left.

/// The rows of one matrix that a pass takes at a time: about 8 KB of float32.
@inline(__always)
private func bandHeight(_ columns: Int) -> Int { Swift.max(4, Swift.min(64, 2048 / Swift.max(columns, 1)) & ~3) }

/// Calls `body` with the first row and the number of rows of each band, polling for interrupts.
@inline(__always)
func forEachBand(_ rows: Int, _ columns: Int, _ body: (_ first: Int, _ height: Int) -> Void) throws {
  let height = bandHeight(columns)
  var first = 0
  while first < rows {
    try Interrupt.check()
    body(first, Swift.min(height, rows - first))
    first += height
  }
}

/// The same from the last band to the first.
@inline(__always)
private func forEachBandUpward(_ rows: Int, _ columns: Int, _ body: (_ first: Int, _ height: Int) -> Void) throws {
  let height = bandHeight(columns)
  var end = rows
  while end > 0 {
    try Interrupt.check()
    let first = (end - 1) / height * height
    body(first, end - first)
    end = first
  }
}

/// How a matrix is cut into parts that the workers share: whole bands, by the shape alone.
private struct Parts {
  // enough for a worker to be worth waking
  private static let bandsPerPart = 12
  private static let most = 64

  let height: Int
  let count: Int

  @inline(__always)
  init(_ rows: Int, _ columns: Int) {
    let band = bandHeight(columns)
    let bands = (rows + band - 1) / band
    let perPart = Swift.max(Parts.bandsPerPart, (bands + Parts.most - 1) / Parts.most)
    height = perPart * band
    count = bands < 2 * Parts.bandsPerPart ? 1 : (bands + perPart - 1) / perPart
  }
}

/// Calls `body` with each band, those of a large matrix on several threads: it writes to its rows alone.
///
/// It goes from the last band to the first, as sums go from the first to the last: of a matrix that the caches don't hold, a pass
/// then finds there what the one before it has touched last.
@inline(__always)
func forEachSharedBand(_ rows: Int, _ columns: Int, _ body: (_ first: Int, _ height: Int) -> Void) throws {
  let parts = Parts(rows, columns)
  guard parts.count > 1 else { return try forEachBandUpward(rows, columns, body) }
  try WorkerPool.run(chunks: parts.count) { chunk in
    let start = (parts.count - 1 - chunk) * parts.height
    try forEachBandUpward(Swift.min(parts.height, rows - start), columns) { first, height in
      body(start + first, height)
    }
  }
}

/// Calls `body` with each band from the first to the last, and two arrays of a number a column to add sums to.
///
/// The bands of a large matrix go to several threads. Each part has sums of its own; they are added to `sums` and `others` in the order of the parts, so that no bit depends
/// on the number of threads.
@inline(__always)
func forEachSharedBand(
  _ rows: Int, _ columns: Int, addingTo sums: UnsafeMutablePointer<Double>, _ others: UnsafeMutablePointer<Double>,
  _ body: (_ first: Int, _ height: Int, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
) throws {
  let parts = Parts(rows, columns)
  guard parts.count > 1 else {
    return try forEachBand(rows, columns) { first, height in body(first, height, sums, others) }
  }
  try Scratch.withZeros(parts.count * 2 * columns) { partials in
    try WorkerPool.run(chunks: parts.count) { part in
      let start = part * parts.height
      let own = partials + part * 2 * columns
      try forEachBand(Swift.min(parts.height, rows - start), columns) { first, height in
        body(start + first, height, own, own + columns)
      }
    }
    for part in 0..<parts.count {
      let own = partials + part * 2 * columns
      for column in 0..<columns {
        sums[column] += own[column]
        others[column] += own[columns + column]
      }
    }
  }
}

/// Computes `y = f(x, column)` for the numbers of a row; `y` may be `x`.
///
/// In place it is a loop over one array: for two that overlap the compiler has but a loop of single numbers.
@inline(__always)
func mapRow<T: FloatElement>(
  _ x: UnsafePointer<T>, _ y: UnsafeMutablePointer<T>, _ columns: Int, _ f: (_ number: T, _ column: Int) -> T
) {
  if UnsafePointer(y) == x {
    for column in 0..<columns { y[column] = f(y[column], column) }
  } else {
    for column in 0..<columns { y[column] = f(x[column], column) }
  }
}

/// Adds the columns of `x` to `sums`: four numbers in their own precision, the rest in float64.
@inline(__always)
func addColumns<T: FloatElement>(
  _ x: UnsafePointer<T>, _ sums: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int
) {
  forEachColumn(columns, ColumnSums(x: x, sums: sums, rows: rows, columns: columns))
}

private struct ColumnSums<Scalar: FloatElement>: ColumnKernel {
  let x: UnsafePointer<Scalar>
  let sums: UnsafeMutablePointer<Double>
  let rows: Int
  let columns: Int

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    var sum = L.Wide.load(sums + column)
    var (place, row) = (x + column, 0)
    while row + 4 <= rows {
      let pair = L.load(place) + L.load(place + columns)
      sum = sum + (pair + (L.load(place + 2 * columns) + L.load(place + 3 * columns))).widened
      place += 4 * columns
      row += 4
    }
    while row < rows {
      sum = sum + L.load(place).widened
      place += columns
      row += 1
    }
    sum.store(sums + column)
  }
}

/// Adds the columns of `g` to `sums`, and those of `g (x scale + shift)` to `products`, as `addColumns` does.
@inline(__always)
func addProducts<T: FloatElement>(
  _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ scale: UnsafePointer<T>, _ shift: UnsafePointer<T>,
  _ sums: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int
) {
  let kernel = ColumnProducts(
    g: g, x: x, scale: scale, shift: shift, sums: sums, products: products, rows: rows, columns: columns)
  forEachColumn(columns, kernel)
}

private struct ColumnProducts<Scalar: FloatElement>: ColumnKernel {
  let g: UnsafePointer<Scalar>
  let x: UnsafePointer<Scalar>
  let scale: UnsafePointer<Scalar>
  let shift: UnsafePointer<Scalar>
  let sums: UnsafeMutablePointer<Double>
  let products: UnsafeMutablePointer<Double>
  let rows: Int
  let columns: Int

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    let (scale, shift) = (L.load(scale + column), L.load(shift + column))
    var (sum, product) = (L.Wide.load(sums + column), L.Wide.load(products + column))
    var (place, other, row) = (g + column, x + column, 0)
    while row + 4 <= rows {
      let (g0, g1) = (L.load(place), L.load(place + columns))
      let (g2, g3) = (L.load(place + 2 * columns), L.load(place + 3 * columns))
      let p0 = g0 * (L.load(other) * scale + shift)
      let p1 = g1 * (L.load(other + columns) * scale + shift)
      let p2 = g2 * (L.load(other + 2 * columns) * scale + shift)
      let p3 = g3 * (L.load(other + 3 * columns) * scale + shift)
      sum = sum + ((g0 + g1) + (g2 + g3)).widened
      product = product + ((p0 + p1) + (p2 + p3)).widened
      place += 4 * columns
      other += 4 * columns
      row += 4
    }
    while row < rows {
      let number = L.load(place)
      sum = sum + number.widened
      product = product + (number * (L.load(other) * scale + shift)).widened
      place += columns
      other += columns
      row += 1
    }
    sum.store(sums + column)
    product.store(products + column)
  }
}

/// Adds the moments of the columns of `x`.
@inline(__always)
func addMoments<T: FloatElement>(_ x: UnsafePointer<T>, _ moments: ColumnMoments<T>, _ rows: Int, _ columns: Int) {
  forEachColumn(columns, MomentsOfColumns(x: x, moments: moments, rows: rows, columns: columns))
}

private struct MomentsOfColumns<Scalar: FloatElement>: ColumnKernel {
  let x: UnsafePointer<Scalar>
  let moments: ColumnMoments<Scalar>
  let rows: Int
  let columns: Int

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    var sums = LanesOfMoments<L>(moments, column)
    var place = x + column
    for _ in 0..<rows {
      sums.add(L.load(place))
      place += columns
    }
    sums.store(moments, column)
  }
}

/// The moments of a few columns.
struct LanesOfMoments<L: Lanes> {
  private let pivot: L
  private var sum: L.Wide
  private var squares: L.Wide

  @inline(__always)
  init(_ moments: ColumnMoments<L.Scalar>, _ column: Int) {
    pivot = L.load(moments.pivot + column)
    (sum, squares) = (L.Wide.load(moments.sum + column), L.Wide.load(moments.squares + column))
  }

  @inline(__always)
  mutating func add(_ numbers: L) {
    // differences need no more digits than the numbers have; their squares need float64's range
    let difference = (numbers - pivot).widened
    sum = sum + difference
    squares = squares + difference * difference
  }

  @inline(__always)
  func store(_ moments: ColumnMoments<L.Scalar>, _ column: Int) {
    sum.store(moments.sum + column)
    squares.store(moments.squares + column)
  }
}

/// Computes `y = g factor + (x scale + shift) hatFactor + constant`; `y` may be `g`.
@inline(__always)
func applySlope<T: FloatElement>(
  _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ slope: NormalisationSlope<T>, _ y: UnsafeMutablePointer<T>,
  _ rows: Int, _ columns: Int, streams: Bool = false
) {
  for row in stride(from: 0, to: rows, by: 2) {
    let start = row * columns
    let kernel = SlopeOfRows(
      g: g + start, x: x + start, slope: slope, y: y + start, second: row + 1 < rows ? columns : nil, streams: streams)
    forEachColumn(columns, kernel)
  }
  Streaming.finish(streams)
}

/// The slope of a row, and of a second one that shares what is read for the columns.
private struct SlopeOfRows<Scalar: FloatElement>: ColumnKernel {
  let g: UnsafePointer<Scalar>
  let x: UnsafePointer<Scalar>
  let slope: NormalisationSlope<Scalar>
  let y: UnsafeMutablePointer<Scalar>
  /// How far the second row is.
  let second: Int?
  let streams: Bool

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    let slope = LanesOfSlope<L>(slope, column)
    slope.of(L.load(g + column), L.load(x + column)).store(y + column, streaming: streams)
    guard let second else { return }
    let place = column + second
    slope.of(L.load(g + place), L.load(x + place)).store(y + place, streaming: streams)
  }
}

/// A normalisation's slope at a few columns.
struct LanesOfSlope<L: Lanes> {
  private let scale: L
  private let shift: L
  private let factor: L
  private let hatFactor: L
  private let constant: L

  @inline(__always)
  init(_ slope: NormalisationSlope<L.Scalar>, _ column: Int) {
    (scale, shift) = (L.load(slope.scale + column), L.load(slope.shift + column))
    (factor, hatFactor) = (L.load(slope.factor + column), L.load(slope.hatFactor + column))
    constant = L.load(slope.constant + column)
  }

  @inline(__always)
  func of(_ g: L, _ x: L) -> L { g * factor + constant + (x * scale + shift) * hatFactor }
}
