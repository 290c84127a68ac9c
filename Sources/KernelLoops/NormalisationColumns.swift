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
    let sum = variance + eps
    return sum == 0 ? 0 : 1 / sum.squareRoot()
  }

  /// Rounds to `T`, the largest finite number in place of what doesn't fit: variances near the smallest numbers of `T`.
  @inline(__always)
  static func finite<T: FloatElement>(_ value: Double, _ type: T.Type) -> T {
    let largest = Double(T.greatestFiniteMagnitude)
    return value > largest ? .greatestFiniteMagnitude : value < -largest ? -.greatestFiniteMagnitude : T(value)
  }

  /// Folds a normalisation to `y = x scale + shift`, and `hat = x hatScale + hatShift` without gamma and beta.
  ///
  /// `gamma` and `beta` nil are 1 and 0. A bias that was left out of `x` is left out of `mean` too: it cancels.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func fold<T: FloatElement>(
    mean: UnsafePointer<Double>, variance: UnsafePointer<Double>, eps: Double, gamma: UnsafePointer<T>?,
    beta: UnsafePointer<T>?, scale: UnsafeMutablePointer<T>, shift: UnsafeMutablePointer<T>,
    hatScale: UnsafeMutablePointer<T>, hatShift: UnsafeMutablePointer<T>, columns: Int
  ) {
    for column in 0..<columns {
      let inverse = inverseDeviation(variance[column], eps)
      let factor = inverse * (gamma.map { Double($0[column]) } ?? 1)
      scale[column] = finite(factor, T.self)
      shift[column] = finite((beta.map { Double($0[column]) } ?? 0) - mean[column] * factor, T.self)
      hatScale[column] = finite(inverse, T.self)
      hatShift[column] = finite(-mean[column] * inverse, T.self)
    }
  }

  /// Computes the backward's three numbers a column from the sums of `g` and `g hat`; see `NormalisationSlope`.
  ///
  /// With `rows` 0 the statistics are constants (evaluation) and only the factor remains.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func slopes<T: FloatElement>(
    variance: UnsafePointer<Double>, eps: Double, gamma: UnsafePointer<T>?, sums: UnsafePointer<Double>,
    hatSums: UnsafePointer<Double>, rows: Int, factor: UnsafeMutablePointer<T>, hatFactor: UnsafeMutablePointer<T>,
    constant: UnsafeMutablePointer<T>, columns: Int
  ) {
    let share = rows > 0 ? 1 / Double(rows) : 0
    for column in 0..<columns {
      let full = inverseDeviation(variance[column], eps) * (gamma.map { Double($0[column]) } ?? 1)
      factor[column] = finite(full, T.self)
      hatFactor[column] = finite(-full * hatSums[column] * share, T.self)
      constant[column] = finite(-full * sums[column] * share, T.self)
    }
  }

  /// Moves running statistics towards a batch's: `running = (1 - weight) running + weight batch`, the variance unbiased.
  ///
  /// `summand` is a bias that `mean` was taken without, nil for none.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func updateRunning<T: FloatElement>(
    mean: UnsafePointer<Double>, variance: UnsafePointer<Double>, summand: UnsafePointer<T>?, rows: Int, weight: Double,
    runningMean: UnsafeMutablePointer<T>, runningVariance: UnsafeMutablePointer<T>, columns: Int
  ) {
    let unbiased = Double(rows) / Double(rows - 1)
    for column in 0..<columns {
      let batchMean = mean[column] + (summand.map { Double($0[column]) } ?? 0)
      runningMean[column] = T((1 - weight) * Double(runningMean[column]) + weight * batchMean)
      let batchVariance = variance[column] * unbiased
      runningVariance[column] = T((1 - weight) * Double(runningVariance[column]) + weight * batchVariance)
    }
  }
}
