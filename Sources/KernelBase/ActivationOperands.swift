/// Where sums over the columns of a matrix go, one number a column.
public struct ColumnMoments<T: FloatElement> {
  /// The number that is subtracted from each of a column's before they are summed: the first one.
  public let pivot: UnsafeMutablePointer<T>
  /// The sums of the differences from the pivot.
  public let sum: UnsafeMutablePointer<Double>
  /// The sums of the squared differences.
  public let squares: UnsafeMutablePointer<Double>

  /// Makes a place for moments from three arrays of one length, the sums being 0 at the start.
  public init(pivot: UnsafeMutablePointer<T>, sum: UnsafeMutablePointer<Double>, squares: UnsafeMutablePointer<Double>)
  {
    self.pivot = pivot
    self.sum = sum
    self.squares = squares
  }
}

/// What a normalisation's backward does to each number: `g' = g factor + hat hatFactor + constant`, `hat = x scale + shift`.
public struct NormalisationSlope<T: FloatElement> {
  /// `1/sqrt(var + eps)`, a column.
  public let scale: UnsafePointer<T>
  /// `-mean/sqrt(var + eps)`, a column.
  public let shift: UnsafePointer<T>
  /// `gamma/sqrt(var + eps)`, a column.
  public let factor: UnsafePointer<T>
  /// `-gamma/sqrt(var + eps) mean(g hat)`, a column.
  public let hatFactor: UnsafePointer<T>
  /// `-gamma/sqrt(var + eps) mean(g)`, a column.
  public let constant: UnsafePointer<T>

  /// Collects the five arrays of one length.
  public init(
    scale: UnsafePointer<T>, shift: UnsafePointer<T>, factor: UnsafePointer<T>, hatFactor: UnsafePointer<T>,
    constant: UnsafePointer<T>
  ) {
    self.scale = scale
    self.shift = shift
    self.factor = factor
    self.hatFactor = hatFactor
    self.constant = constant
  }
}

/// What the backward pass of an activation reads and writes; matrices of one shape, arrays of one number a column.
public struct ActivationBackward<T: FloatElement> {
  /// The gradient of the stage's output, or of the normalisation after the activation.
  public var gradient: UnsafePointer<T>
  /// What the activation's input was computed from: `u = z scale + shift`.
  public var z: UnsafePointer<T>
  /// The activation's output.
  public var a: UnsafePointer<T>
  /// The factor in `u`.
  public var scale: UnsafePointer<T>
  /// The summand in `u`.
  public var shift: UnsafePointer<T>
  /// Takes the gradient with respect to `u`.
  public var result: UnsafeMutablePointer<T>
  /// The normalisation after the activation, nil without.
  public var after: NormalisationSlope<T>?
  /// Takes the column sums of the result, added; nil, with `hatSums`, where nobody asks.
  public var sums: UnsafeMutablePointer<Double>?
  /// Takes the column sums of the result times `hat = z hatScale + hatShift`, added; nil, with `sums`, where nobody asks.
  public var hatSums: UnsafeMutablePointer<Double>?
  /// The factor in `hat`.
  public var hatScale: UnsafePointer<T>
  /// The summand in `hat`.
  public var hatShift: UnsafePointer<T>

  /// Makes a plain pass: no normalisation, no sums.
  public init(
    gradient: UnsafePointer<T>, z: UnsafePointer<T>, a: UnsafePointer<T>, scale: UnsafePointer<T>,
    shift: UnsafePointer<T>, result: UnsafeMutablePointer<T>
  ) {
    self.gradient = gradient
    self.z = z
    self.a = a
    self.scale = scale
    self.shift = shift
    self.result = result
    hatScale = scale
    hatShift = shift
  }
}
