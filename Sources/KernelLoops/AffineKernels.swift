import KernelBase

/// Loops of scaling, shifting and adding over flat buffers and over the columns of a matrix.
public enum AffineKernels {
  /// Adds `source` to `target`, number by number.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func accumulate<T: FloatElement>(
    _ source: UnsafePointer<T>, into target: UnsafeMutablePointer<T>, count: Int
  ) {
    for index in 0..<count { target[index] = target[index] + source[index] }
  }

  /// Adds float64 sums to `target`, rounding once.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func accumulate<T: FloatElement>(
    sums: UnsafePointer<Double>, into target: UnsafeMutablePointer<T>, count: Int
  ) {
    for index in 0..<count { target[index] = T(Double(target[index]) + sums[index]) }
  }

  /// Computes `z = x + factor y`, number by number; `z` may be either.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func add<T: FloatElement>(
    _ x: UnsafePointer<T>, _ y: UnsafePointer<T>, factor: T, into z: UnsafeMutablePointer<T>, count: Int
  ) throws {
    var done = 0
    while done < count {
      try Interrupt.check()
      let end = Swift.min(count, done + Interrupt.pollInterval)
      for index in done..<end { z[index] = x[index] + factor * y[index] }
      done = end
    }
  }

  /// Computes `y = x scale + shift`, one scale and shift a column; `y` may be `x`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func scaleShift<T: FloatElement>(
    _ x: UnsafePointer<T>, scale: UnsafePointer<T>, shift: UnsafePointer<T>, into y: UnsafeMutablePointer<T>,
    rows: Int, columns: Int
  ) throws {
    let passes = ActivationPasses<T>(.linear, slope: 0)
    try passes.run(LinearFunction(), x, scale, shift, y, nil, rows, columns)
  }

  /// Adds the sums of the columns of `x` to `sums`, in float64.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func columnSums<T: FloatElement>(
    _ x: UnsafePointer<T>, into sums: UnsafeMutablePointer<Double>, rows: Int, columns: Int
  ) throws {
    try forEachBand(rows, columns) { first, height in addColumns(x + first * columns, sums, height, columns) }
  }

  /// Computes `y = x mask factor`, number by number; `y` may be `x`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func multiply<T: FloatElement>(
    _ x: UnsafePointer<T>, _ mask: UnsafePointer<T>, factor: T, into y: UnsafeMutablePointer<T>, count: Int
  ) throws {
    var done = 0
    while done < count {
      try Interrupt.check()
      let end = Swift.min(count, done + Interrupt.pollInterval)
      for index in done..<end { y[index] = x[index] * (mask[index] * factor) }
      done = end
    }
  }

  /// Writes the transpose of `x` `[rows, columns]` to `y` `[columns, rows]`.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func transpose<T: FloatElement>(
    _ x: UnsafePointer<T>, into y: UnsafeMutablePointer<T>, rows: Int, columns: Int
  ) {
    let (height, width) = (columns & ~7, rows & ~7)
    for top in stride(from: 0, to: height, by: 8) {
      for left in stride(from: 0, to: width, by: 8) {
        transposeSquare(x + left * columns + top, columns, y + top * rows + left, rows)
      }
    }
    // what the squares leave beside and below them
    for row in 0..<columns {
      for column in (row < height ? width : 0)..<rows { y[row * rows + column] = x[column * columns + row] }
    }
  }
}
