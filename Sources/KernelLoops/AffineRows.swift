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

/// Calls `body` as `forEachBand` does, the bands of a large matrix on several threads: it writes to its rows alone.
@inline(__always)
func forEachSharedBand(_ rows: Int, _ columns: Int, _ body: (_ first: Int, _ height: Int) -> Void) throws {
  let parts = Parts(rows, columns)
  guard parts.count > 1 else { return try forEachBand(rows, columns, body) }
  try WorkerPool.run(chunks: parts.count) { part in
    let start = part * parts.height
    try forEachBand(Swift.min(parts.height, rows - start), columns) { first, height in body(start + first, height) }
  }
}

/// Calls `body` as `forEachSharedBand` does, with two arrays of a number a column to add sums to.
///
/// Each part has sums of its own; they are added to `sums` and `others` in the order of the parts, so that no bit depends
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
  var row = 0
  while row + 4 <= rows {
    let (x0, x1) = (x + row * columns, x + (row + 1) * columns)
    let (x2, x3) = (x + (row + 2) * columns, x + (row + 3) * columns)
    for column in 0..<columns {
      let pair: T = x0[column] + x1[column]
      sums[column] = sums[column] + Double(pair + (x2[column] + x3[column]))
    }
    row += 4
  }
  while row < rows {
    let line = x + row * columns
    for column in 0..<columns { sums[column] = sums[column] + Double(line[column]) }
    row += 1
  }
}

/// Adds the columns of `g` to `sums`, and those of `g (x scale + shift)` to `products`.
@inline(__always)
func addProducts<T: FloatElement>(
  _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ scale: UnsafePointer<T>, _ shift: UnsafePointer<T>,
  _ sums: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int
) {
  addColumns(g, sums, rows, columns)
  var row = 0
  while row + 2 <= rows {
    let (g0, g1) = (g + row * columns, g + (row + 1) * columns)
    let (x0, x1) = (x + row * columns, x + (row + 1) * columns)
    for column in 0..<columns {
      let p0: T = g0[column] * (x0[column] * scale[column] + shift[column])
      let p1: T = g1[column] * (x1[column] * scale[column] + shift[column])
      products[column] = products[column] + Double(p0 + p1)
    }
    row += 2
  }
  while row < rows {
    let (line, other) = (g + row * columns, x + row * columns)
    for column in 0..<columns {
      let product: T = line[column] * (other[column] * scale[column] + shift[column])
      products[column] = products[column] + Double(product)
    }
    row += 1
  }
}

/// Adds the moments of the columns of `x`.
@inline(__always)
func addMoments<T: FloatElement>(_ x: UnsafePointer<T>, _ moments: ColumnMoments<T>, _ rows: Int, _ columns: Int) {
  let (pivot, sum, squares) = (moments.pivot, moments.sum, moments.squares)
  var row = 0
  while row + 4 <= rows {
    let (x0, x1) = (x + row * columns, x + (row + 1) * columns)
    let (x2, x3) = (x + (row + 2) * columns, x + (row + 3) * columns)
    for column in 0..<columns {
      // differences need no more digits than the numbers have; their squares need float64's range
      let first = pivot[column]
      let (d0, d1) = (Double(x0[column] - first), Double(x1[column] - first))
      let (d2, d3) = (Double(x2[column] - first), Double(x3[column] - first))
      let pair: Double = d0 + d1
      let square: Double = d0 * d0 + d1 * d1
      sum[column] = sum[column] + (pair + (d2 + d3))
      squares[column] = squares[column] + (square + (d2 * d2 + d3 * d3))
    }
    row += 4
  }
  while row < rows {
    let line = x + row * columns
    for column in 0..<columns {
      let difference = Double(line[column] - pivot[column])
      sum[column] = sum[column] + difference
      squares[column] = squares[column] + difference * difference
    }
    row += 1
  }
}

/// Computes `y = g factor + (x scale + shift) hatFactor + constant`.
@inline(__always)
func applySlope<T: FloatElement>(
  _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ slope: NormalisationSlope<T>, _ y: UnsafeMutablePointer<T>,
  _ rows: Int, _ columns: Int
) {
  let (scale, shift) = (slope.scale, slope.shift)
  let (factor, hatFactor, constant) = (slope.factor, slope.hatFactor, slope.constant)
  for row in 0..<rows {
    let (line, other, target) = (g + row * columns, x + row * columns, y + row * columns)
    // two loops, since the compiler gives up on comparing the addresses of eight arrays
    mapRow(line, target, columns) { number, column in number * factor[column] + constant[column] }
    for column in 0..<columns {
      target[column] = target[column] + (other[column] * scale[column] + shift[column]) * hatFactor[column]
    }
  }
}
