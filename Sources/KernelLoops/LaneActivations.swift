import KernelBase

extension Lane {
  /// Computes the hyperbolic tangent.
  @inline(__always)
  static func tanh(_ x: Double, narrow: Bool) -> Double {
    let magnitude = x.magnitude
    // 1 to the last bit from there on
    let within = magnitude > 20 ? 20 : magnitude
    if narrow {
      let grown = exponentialMinusOne(2 * within, narrow: true)
      return signed(grown / (grown + 2), x)
    }
    let z = within * within
    let near = magnitude < 0.625
    // (tanh(x) / x - 1) / x^2 for |x| <= 0.625; further out 1 - 2 / (e^2x + 1); one division for both
    let numerator = (-0.0001991780435861287 * z - 0.020498799708498872) * z - 0.3333333333333333
    let denominator = ((0.0002065337374875025 * z + 0.02329133187629886) * z + 0.4614963991254931) * z + 1
    let grown = exponential(2 * within, narrow: false)
    let ratio = select(near, numerator * z, 2) / select(near, denominator, grown + 1)
    return signed(select(near, magnitude + magnitude * ratio, 1 - ratio), x)
  }

  /// Computes `1 / (1 + e^-x)`.
  @inline(__always)
  static func sigmoid(_ x: Double, narrow: Bool) -> Double {
    let e = exponential(-x.magnitude, narrow: narrow)
    let sum = 1 + e
    let ratio = select(x < 0, e, 1) / sum
    if narrow { return ratio }
    // what 1 + e lost, divided by it: the ratio itself, or 1 less it, is 1 / (1 + e)
    return ratio - ratio * (e - (sum - 1)) * select(x < 0, 1 - ratio, ratio)
  }

  /// Computes `x / (1 + e^-x)`; its limit at minus infinity is 0.
  @inline(__always)
  static func silu(_ x: Double, narrow: Bool) -> Double {
    select(x == -.infinity, 0, x * sigmoid(x, narrow: narrow))
  }

  /// Computes `log(1 + e^x)`, x itself above `ActivationFunction.softplusThreshold`.
  @inline(__always)
  static func softplus(_ x: Double, narrow: Bool) -> Double {
    let soft = logarithmOnePlus(exponential(x, narrow: narrow), narrow: narrow)
    return select(x > ActivationFunction.softplusThreshold, x, soft)
  }

  /// Computes x above 0 and `e^x - 1` below.
  @inline(__always)
  static func elu(_ x: Double, narrow: Bool) -> Double {
    select(x > 0, x, exponentialMinusOne(x, narrow: narrow))
  }

  /// Computes `erf x` with the error of the narrow form.
  @inline(__always)
  static func errorFunction(_ x: Double) -> Double {
    // from there on float32 has 1
    let limit = 3.97
    let magnitude = x.magnitude > limit ? limit : x.magnitude
    let z = magnitude * magnitude
    // erf(x) / x for x^2 <= 15.8
    var p = 3.2232560611537872e-09
    p = p * z + 1.05909030483737e-06
    p = p * z + 3.643707745419898e-05
    p = p * z + 0.0006472030743628206
    p = p * z + 0.006745976633338135
    p = p * z + 0.06410984260418809
    p = p * z + 0.23587370034669763
    p = p * z + 1.1283791643283103
    var q = 8.892775266926612e-08
    q = q * z + 7.363643561738121e-06
    q = q * z + 0.00015842634377546058
    q = q * z + 0.0022374842988594564
    q = q * z + 0.021418954613263583
    q = q * z + 0.13760652952166472
    q = q * z + 0.5423708865147966
    q = q * z + 1
    return signed(magnitude * p / q, x)
  }

  /// Computes `erfc y` for `y >= 0` with the error of the narrow form, meant for y up to 11; `fall` is `e^-(y^2)`.
  ///
  /// `e^(y^2) erfc(y) (1 + 2 y)` as a polynomial of `(y - 3) / (y + 3)`, after Shepherd and Laframboise 1981.
  @inline(__always)
  private static func complement(_ y: Double, fall: Double) -> Double {
    let within = y > 11 ? 11 : y
    let (above, below, wide) = (within - 3, within + 3, 1 + 2 * within)
    // one division for both quotients
    let inverse = 1 / (below * wide)
    let w = above * wide * inverse
    var p = 4.188165158950081e-05
    p = p * w - 0.000165138854995802
    p = p * w - 0.000730318118808006
    p = p * w + 0.0019430951614387644
    p = p * w + 0.002520801145510911
    p = p * w - 0.023787735988358233
    p = p * w + 0.06830799958144855
    p = p * w - 0.1192713770893743
    p = p * w + 0.12964524339519987
    p = p * w - 0.04756240440653541
    p = p * w - 0.1356211087430914
    p = p * w + 1.2530080591428208
    return fall * p * (below * inverse)
  }

  /// Computes `erfc x` with the error of the narrow form.
  @inline(__always)
  static func complementaryErrorFunction(_ x: Double) -> Double {
    let tail = complement(x.magnitude, fall: exponential(-(x * x), narrow: true))
    return select(x < 0, 2 - tail, tail)
  }

  /// Computes `x Phi(x)` with the error of the narrow form; its limit at minus infinity is 0.
  @inline(__always)
  static func gelu(_ x: Double) -> Double {
    let y = x.magnitude * 0.707106781186547524
    let tail = 0.5 * complement(y, fall: exponential(-(y * y), narrow: true))
    return select(x == -.infinity, 0, x * select(x < 0, tail, 1 - tail))
  }

  /// Computes `Phi(x) + x phi(x)`, the slope of `gelu`, with the error of the narrow form; NaN at both infinities.
  @inline(__always)
  static func geluSlope(_ x: Double) -> Double {
    let y = x.magnitude * 0.707106781186547524
    let fall = exponential(-(y * y), narrow: true)
    let tail = 0.5 * complement(y, fall: fall)
    // where float32 has no density left
    let density = select(y > 20, 0, fall * 0.398942280401432678)
    return select(x < 0, tail, 1 - tail) + x * density
  }
}
