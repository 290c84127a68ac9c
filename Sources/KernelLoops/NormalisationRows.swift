import KernelBase

/// Layer and RMS normalisation: each row of a matrix by its own statistics.
public struct RowNormalisation<T: FloatElement> {
  /// Whether the mean is subtracted: layer normalisation does, RMS normalisation doesn't.
  public let centres: Bool
  /// What is added to the variance, or the mean square, inside the root.
  public let eps: Double
  /// The scale of each column, nil for 1.
  public let gamma: UnsafePointer<T>?
  /// The shift of each column, nil for 0.
  public let beta: UnsafePointer<T>?
  /// The number of columns.
  public let columns: Int

  /// Makes the kernel of one normalisation.
  public init(
    centres: Bool, eps: Double, gamma: UnsafePointer<T>?, beta: UnsafePointer<T>?, columns: Int
  ) {
    self.centres = centres
    self.eps = eps
    self.gamma = gamma
    self.beta = beta
    self.columns = columns
  }

  /// Computes `y = gamma (x - mean)/sqrt(var + eps) + beta` and keeps each row's `1/sqrt(var + eps)` and its mean.
  ///
  /// The mean is taken off in double, so that equal numbers give exactly beta. A row whose variance and eps are 0 gives beta. `y` may be `x`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public func forward(
    _ x: UnsafePointer<T>, into y: UnsafeMutablePointer<T>, scales: UnsafeMutablePointer<Double>,
    means: UnsafeMutablePointer<Double>, rows: Int
  ) throws {
    for row in 0..<rows {
      if row & 63 == 0 { try Interrupt.check() }
      let (input, output) = (x + row * columns, y + row * columns)
      let (mean, variance) = moments(input)
      let inverse = ColumnNormalisation.inverseDeviation(variance, eps)
      scales[row] = inverse
      means[row] = mean
      for column in 0..<columns { output[column] = T((Double(input[column]) - mean) * inverse) }
      if let gamma { for column in 0..<columns { output[column] = output[column] * gamma[column] } }
      if let beta { for column in 0..<columns { output[column] = output[column] + beta[column] } }
    }
  }

  /// Computes the gradient with respect to `x`, and adds those of gamma and beta to `gammaSums` and `betaSums`.
  ///
  /// `dx = (h - mean(h) - hat mean(h hat))/sqrt(var + eps)` with `h = g gamma`; RMS normalisation has no `mean(h)`.
  /// `result` may be `g`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public func backward(
    _ g: UnsafePointer<T>, _ x: UnsafePointer<T>, scales: UnsafePointer<Double>, means: UnsafePointer<Double>,
    into result: UnsafeMutablePointer<T>, gammaSums: UnsafeMutablePointer<Double>,
    betaSums: UnsafeMutablePointer<Double>, rows: Int
  ) throws {
    for row in 0..<rows {
      if row & 63 == 0 { try Interrupt.check() }
      let (gradient, input, output) = (g + row * columns, x + row * columns, result + row * columns)
      let (inverse, centre) = (scales[row], means[row])
      var (sum, hatSum) = (0.0, 0.0)
      for column in 0..<columns {
        let hat = (Double(input[column]) - centre) * inverse
        let plain = Double(gradient[column])
        let scaled = plain * (gamma.map { Double($0[column]) } ?? 1)
        gammaSums[column] += plain * hat
        betaSums[column] += plain
        sum += scaled
        hatSum += scaled * hat
      }
      let mean = centres ? sum / Double(columns) : 0
      let hatMean = hatSum / Double(columns)
      for column in 0..<columns {
        let hat = (Double(input[column]) - centre) * inverse
        let scaled = Double(gradient[column]) * (gamma.map { Double($0[column]) } ?? 1)
        output[column] = T((scaled - mean - hat * hatMean) * inverse)
      }
    }
  }

  /// Mean and population variance of a row, taken from its first number so that equal numbers give exactly 0; for RMS
  /// normalisation 0 and the mean square.
  @inline(__always)
  private func moments(_ x: UnsafePointer<T>) -> (Double, Double) {
    let pivot = centres ? Double(x[0]) : 0
    var (sums, squares) = (SIMD8<Double>(), SIMD8<Double>())
    var column = 0
    while column < columns {
      let lanes = Swift.min(8, columns - column)
      var difference = SIMD8<Double>()
      for lane in 0..<lanes { difference[lane] = Double(x[column + lane]) - pivot }
      sums += difference
      squares += difference * difference
      column += lanes
    }
    let n = Double(columns)
    let shift = centres ? sums.sum() / n : 0
    let variance = squares.sum() / n - shift * shift
    return (pivot + shift, variance < 0 ? 0 : variance)
  }
}
