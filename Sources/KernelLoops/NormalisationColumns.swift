import KernelBase
import RealModule

/// Batch normalisation: each column of a matrix by its own mean and variance.
public enum ColumnNormalisation {
  /// Adds the sums of `g` and of `g hat`, `hat = x scale + shift`, over each column, in float64.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func gradientSums<T: FloatElement>(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, scale: UnsafePointer<T>, shift: UnsafePointer<T>,
    sums: UnsafeMutablePointer<Double>, hatSums: UnsafeMutablePointer<Double>, rows: Int, columns: Int
  ) throws {
    try forEachSharedBand(rows, columns, addingTo: sums, hatSums) { first, height, sums, hatSums in
      addProducts(g + first * columns, x + first * columns, scale, shift, sums, hatSums, height, columns)
    }
  }

  /// Computes `y = g factor + (x scale + shift) hatFactor + constant`; `y` may be `g`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func backward<T: FloatElement>(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, _ slope: NormalisationSlope<T>, into y: UnsafeMutablePointer<T>,
    rows: Int, columns: Int
  ) throws {
    let streams = Streaming.pays(y, from: g, rows: rows, columns: columns)
    try forEachSharedBand(rows, columns) { first, height in
      let start = first * columns
      applySlope(g + start, x + start, slope, y + start, height, columns, streams: streams)
    }
  }

  /// Adds the moments of each column of `x`; see `ColumnMoments`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func moments<T: FloatElement>(
    _ x: UnsafePointer<T>, _ moments: ColumnMoments<T>, rows: Int, columns: Int
  ) throws {
    guard rows > 0 else { return }
    moments.pivot.update(from: x, count: columns)
    try forEachSharedBand(rows, columns, addingTo: moments.sum, moments.squares) { first, height, sum, squares in
      let own = ColumnMoments(pivot: moments.pivot, sum: sum, squares: squares)
      addMoments(x + first * columns, own, height, columns)
    }
  }

  /// Turns sums of differences from a pivot into mean and population variance (dividing by n), in place.
  ///
  /// Numbers that are all equal give a variance of exactly 0.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func finish<T: FloatElement>(_ moments: ColumnMoments<T>, rows: Int, columns: Int) {
    let n = Double(rows)
    for column in 0..<columns {
      let shift = moments.sum[column] / n
      let variance = moments.squares[column] / n - shift * shift
      moments.sum[column] = Double(moments.pivot[column]) + shift
      moments.squares[column] = variance < 0 ? 0 : variance
    }
  }

  /// `1/sqrt(variance + eps)`, and 0 where both are 0: a dead unit has output 0 and gradient 0.
  @inline(__always)
  public static func inverseDeviation(_ variance: Double, _ eps: Double) -> Double {
    Single.inverseDeviation(Single(variance), eps).number
  }
}
