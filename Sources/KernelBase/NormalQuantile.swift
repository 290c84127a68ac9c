/// The inverse of the standard normal distribution function, in IEEE operations alone.
///
/// Wichura 1988, "Algorithm AS 241: The percentage points of the normal distribution", PPND16, accurate to about 1e-16.
/// Neither it nor its logarithm calls a mathematics library, so the result is the same on every machine.
public enum NormalQuantile {
  /// The distance from 1/2 below which the central approximation holds.
  @inlinable package static var centre: Double { 0.425 }

  /// Computes the quantile at probability `1/2 + q` for `|q| <= 0.425`, lane by lane.
  @inlinable
  @inline(__always)
  package static func central<V: SIMD>(_ q: V) -> V where V.Scalar == Double {
    let r = 0.180625 - q * q
    var top = r * 2.5090809287301226727e+3 + 3.3430575583588128105e+4
    top = top * r + 6.7265770927008700853e+4
    top = top * r + 4.5921953931549871457e+4
    top = top * r + 1.3731693765509461125e+4
    top = top * r + 1.9715909503065514427e+3
    top = top * r + 1.3314166789178437745e+2
    top = top * r + 3.3871328727963666080
    var bottom = r * 5.2264952788528545610e+3 + 2.8729085735721942674e+4
    bottom = bottom * r + 3.9307895800092710610e+4
    bottom = bottom * r + 2.1213794301586595867e+4
    bottom = bottom * r + 5.3941960214247511077e+3
    bottom = bottom * r + 6.8718700749205790830e+2
    bottom = bottom * r + 4.2313330701600911252e+1
    bottom = bottom * r + 1
    return q * top / bottom
  }

  /// Computes the quantile at probability `1/2 + q` for `0.425 < |q| < 1/2`.
  @inlinable
  @inline(__always)
  package static func tail(_ q: Double) -> Double {
    let size = tailSize(0.5 - abs(q))
    return q < 0 ? -size : size
  }

  /// Computes the distance from 0 beyond which lies the probability `p < 0.075`, a normal number.
  @inlinable
  @inline(__always)
  package static func tailSize(_ p: Double) -> Double {
    let r = (-logarithm(p)).squareRoot()
    return r <= 5 ? middle(SIMD2(repeating: r - 1.6))[0] : far(r - 5)
  }

  /// A distance from 1/2 below which the middle approximation holds for sure: `r = 5` is at 1/2 - 2^-36.
  @inlinable package static var middleEnd: Double { 0.5 - 0x1p-34 }

  /// Computes the quantiles at probabilities `1/2 + q` for `0.425 < |q| < middleEnd`.
  @inlinable
  @inline(__always)
  package static func middleTails(_ q: SIMD8<Double>) -> SIMD8<Double> {
    let negative = q .< 0
    let size = q.replacing(with: -q, where: negative)
    let result = middle((-logarithm(0.5 - size)).squareRoot() - 1.6)
    return result.replacing(with: -result, where: negative)
  }

  /// Computes the quantile at probability `1/2 + q`, `|q| < 1/2`.
  @inlinable
  public static func value(_ q: Double) -> Double {
    abs(q) <= centre ? central(SIMD2(repeating: q))[0] : tail(q)
  }

  @inlinable
  @inline(__always)
  package static func middle<V: SIMD>(_ r: V) -> V where V.Scalar == Double {
    var top = 7.74545014278341407640e-4 * r + 2.27238449892691845833e-2
    top = top * r + 2.41780725177450611770e-1
    top = top * r + 1.27045825245236838258
    top = top * r + 3.64784832476320460504
    top = top * r + 5.76949722146069140550
    top = top * r + 4.63033784615654529590
    top = top * r + 1.42343711074968357734
    var bottom = 1.05075007164441684324e-9 * r + 5.47593808499534494600e-4
    bottom = bottom * r + 1.51986665636164571966e-2
    bottom = bottom * r + 1.48103976427480074590e-1
    bottom = bottom * r + 6.89767334985100004550e-1
    bottom = bottom * r + 1.67638483018380384940
    bottom = bottom * r + 2.05319162663775882187
    bottom = bottom * r + 1
    return top / bottom
  }

  @inline(never)
  @usableFromInline
  static func far(_ r: Double) -> Double {
    var top = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
    top = top * r + 1.24266094738807843860e-3
    top = top * r + 2.65321895265761230930e-2
    top = top * r + 2.96560571828504891230e-1
    top = top * r + 1.78482653991729133580
    top = top * r + 5.46378491116411436990
    top = top * r + 6.65790464350110377720
    var bottom = 2.04426310338993978564e-15 * r + 1.42151175831644588870e-7
    bottom = bottom * r + 1.84631831751005468180e-5
    bottom = bottom * r + 7.86869131145613259100e-4
    bottom = bottom * r + 1.48753612908506148525e-2
    bottom = bottom * r + 1.36929880922735805310e-1
    bottom = bottom * r + 5.99832206555887937690e-1
    bottom = bottom * r + 1
    return top / bottom
  }

  /// Computes the natural logarithm of a positive normal number to within 2 units in the last place.
  @inlinable
  public static func logarithm(_ x: Double) -> Double {
    logarithm(SIMD8(repeating: x))[0]
  }

  /// Computes the natural logarithms of positive normal numbers to within 2 units in the last place.
  ///
  /// `x = 2^e (1 + f)` with `1 + f` in [sqrt(1/2), sqrt(2)), `s = f / (2 + f)` and `log(1 + f) = 2 atanh(s)` by its series.
  /// `f - (h - s (h + r))`, `h = f^2/2`, keeps the leading term `f` exact.
  @inlinable
  @inline(__always)
  package static func logarithm(_ x: SIMD8<Double>) -> SIMD8<Double> {
    let rootHalf: UInt64 = 0x3FE6_A09E_667F_3BCD
    let bits = unsafeBitCast(x, to: SIMD8<UInt64>.self)
    // adding the distance from sqrt(1/2) to 1 moves the exponent up for mantissas from sqrt(2) on
    let shifted = bits &+ SIMD8(repeating: 0x3FF0_0000_0000_0000 - rootHalf)
    // an integer in the mantissa of a number from 2^52 on is itself, plus 2^52
    let biased = (shifted &>> 52) | SIMD8(repeating: 0x4330_0000_0000_0000)
    let exponent = unsafeBitCast(biased, to: SIMD8<Double>.self) - (0x1p52 + 1023)
    let mantissa = (shifted & SIMD8(repeating: 0x000F_FFFF_FFFF_FFFF)) &+ SIMD8(repeating: rootHalf)
    let f = unsafeBitCast(mantissa, to: SIMD8<Double>.self) - 1
    let s = f / (2 + f)
    let z = s * s
    var series = z * (2.0 / 23) + 2.0 / 21
    series = series * z + 2.0 / 19
    series = series * z + 2.0 / 17
    series = series * z + 2.0 / 15
    series = series * z + 2.0 / 13
    series = series * z + 2.0 / 11
    series = series * z + 2.0 / 9
    series = series * z + 2.0 / 7
    series = series * z + 2.0 / 5
    series = series * z + 2.0 / 3
    series *= z
    let half = 0.5 * f * f
    // log 2 in two parts; the first has its last 20 bits 0, so that its product with the exponent is exact
    let correction = s * (half + series) + exponent * 0x1.a39ef35793c76p-33
    return exponent * 0x1.62e42fee00000p-1 - ((half - correction) - f)
  }
}
