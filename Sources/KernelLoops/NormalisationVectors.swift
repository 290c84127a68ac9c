import KernelBase

// What a batch normalisation computes once a column: for a few rows of many columns it is as much as the passes over the rows.

extension ColumnNormalisation {
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
    let kernel = Fold(
      mean: mean, variance: variance, eps: eps, gamma: gamma, beta: beta, scale: scale, shift: shift,
      hatScale: hatScale, hatShift: hatShift)
    forEachColumn(columns, kernel)
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
    let kernel = Slopes(
      variance: variance, eps: eps, gamma: gamma, sums: sums, hatSums: hatSums, share: rows > 0 ? 1 / Double(rows) : 0,
      factor: factor, hatFactor: hatFactor, constant: constant)
    forEachColumn(columns, kernel)
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
    let kernel = RunningStatistics(
      mean: mean, variance: variance, summand: summand, unbiased: Double(rows) / Double(rows - 1), weight: weight,
      runningMean: runningMean, runningVariance: runningVariance)
    forEachColumn(columns, kernel)
  }
}

extension Lanes {
  /// The numbers of a vector as doubles; `number` in place of a vector that is nil.
  @inline(__always)
  fileprivate static func wide(_ vector: UnsafePointer<Scalar>?, _ column: Int, else number: Double) -> Wide {
    if let vector { load(vector + column).widened } else { Wide(repeating: number) }
  }

  /// Rounds doubles, the largest finite number in place of what doesn't fit: variances near the smallest numbers of the type.
  @inline(__always)
  fileprivate init(finite wide: Wide) {
    let largest = Wide(repeating: Double(Scalar.greatestFiniteMagnitude))
    let least = Wide(repeating: -Double(Scalar.greatestFiniteMagnitude))
    let below = Wide.choose(largest - wide, low: largest, high: wide)
    self.init(narrowing: Wide.choose(below - least, low: least, high: below))
  }
}

extension Lanes where Wide == Self {
  /// See `ColumnNormalisation.inverseDeviation`.
  @inline(__always)
  static func inverseDeviation(_ variance: Self, _ eps: Double) -> Self {
    let (zero, sum) = (Self(repeating: 0), variance + Self(repeating: eps))
    let inverse = Self(repeating: 1) / sum.squareRoot
    return choose(sum, low: choose(zero - sum, low: zero, high: inverse), high: inverse)
  }

  @inline(__always) fileprivate static prefix func - (numbers: Self) -> Self { numbers * Self(repeating: -1) }
}

private struct Fold<Scalar: FloatElement>: ColumnKernel {
  let mean: UnsafePointer<Double>
  let variance: UnsafePointer<Double>
  let eps: Double
  let gamma: UnsafePointer<Scalar>?
  let beta: UnsafePointer<Scalar>?
  let scale: UnsafeMutablePointer<Scalar>
  let shift: UnsafeMutablePointer<Scalar>
  let hatScale: UnsafeMutablePointer<Scalar>
  let hatShift: UnsafeMutablePointer<Scalar>

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    let mean = L.Wide.load(mean + column)
    let inverse = L.Wide.inverseDeviation(L.Wide.load(variance + column), eps)
    let factor = inverse * L.wide(gamma, column, else: 1)
    L(finite: factor).store(scale + column)
    L(finite: L.wide(beta, column, else: 0) - mean * factor).store(shift + column)
    L(finite: inverse).store(hatScale + column)
    L(finite: -mean * inverse).store(hatShift + column)
  }
}

private struct Slopes<Scalar: FloatElement>: ColumnKernel {
  let variance: UnsafePointer<Double>
  let eps: Double
  let gamma: UnsafePointer<Scalar>?
  let sums: UnsafePointer<Double>
  let hatSums: UnsafePointer<Double>
  let share: Double
  let factor: UnsafeMutablePointer<Scalar>
  let hatFactor: UnsafeMutablePointer<Scalar>
  let constant: UnsafeMutablePointer<Scalar>

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    let inverse = L.Wide.inverseDeviation(L.Wide.load(variance + column), eps)
    let full = inverse * L.wide(gamma, column, else: 1)
    let share = L.Wide(repeating: share)
    L(finite: full).store(factor + column)
    L(finite: -full * L.Wide.load(hatSums + column) * share).store(hatFactor + column)
    L(finite: -full * L.Wide.load(sums + column) * share).store(constant + column)
  }
}

private struct RunningStatistics<Scalar: FloatElement>: ColumnKernel {
  let mean: UnsafePointer<Double>
  let variance: UnsafePointer<Double>
  let summand: UnsafePointer<Scalar>?
  let unbiased: Double
  let weight: Double
  let runningMean: UnsafeMutablePointer<Scalar>
  let runningVariance: UnsafeMutablePointer<Scalar>

  @inline(__always)
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar {
    let mean = L.Wide.load(mean + column) + L.wide(summand, column, else: 0)
    move(runningMean + column, towards: mean, by: lanes)
    let variance = L.Wide.load(variance + column) * L.Wide(repeating: unbiased)
    move(runningVariance + column, towards: variance, by: lanes)
  }

  @inline(__always)
  private func move<L: Lanes>(_ running: UnsafeMutablePointer<Scalar>, towards batch: L.Wide, by lanes: L.Type)
  where L.Scalar == Scalar {
    let (kept, taken) = (L.Wide(repeating: 1 - weight), L.Wide(repeating: weight))
    L(narrowing: kept * L.load(running).widened + taken * batch).store(running)
  }
}
