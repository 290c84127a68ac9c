import KernelBase

/// Elementary functions of one double, written without branches so that loops over them become SIMD.
///
/// Most have two forms, chosen by a constant: `narrow`, whose relative error is below 1e-8 and which rounds to a float32 that is
/// right but for rare halfway cases, and the other within 2 units in the last place of a double. Only `+ - * /`, comparisons and
/// operations on bits that SSE2 has are used, in a fixed order: a number gives the same bits in a vector and alone.
///
/// Coefficients are fits at 40 digits: `mpmath.chebyfit` of what is named beside them over the reduced range, or rational
/// interpolation at Chebyshev nodes.
enum Lane {
  /// Adding it leaves a whole number in the low bits: `1.5 * 2^52`.
  static let shifter = 6755399441055744.0
  /// Base 2 logarithm of e.
  static let log2e = 1.4426950408889634
  /// Base 10 logarithm of e.
  static let log10e = 0.4342944819032518
  static let ln2 = 0.6931471805599453
  /// The first 32 bits of ln 2: 11 bits times it are exact.
  static let ln2High = 0x1.62e42fee00000p-1
  static let ln2Low = 0x1.a39ef35793c76p-33
  static let signMask: UInt64 = 1 << 63

  /// `2^k` of `k + shifter`, for k from -1022 to 1023.
  @inline(__always)
  static func power(_ shifted: Double) -> Double { Double(bitPattern: (shifted.bitPattern &+ 1023) &<< 52) }

  /// Chooses between two numbers that both are computed: `?:` with expressions would be a branch, and the loop not SIMD.
  @inline(__always)
  static func select(_ condition: Bool, _ yes: Double, _ no: Double) -> Double { condition ? yes : no }

  /// Limits to `low...high`; NaN stays.
  @inline(__always)
  static func limited(_ x: Double, _ low: Double, _ high: Double) -> Double {
    let raised = x < low ? low : x
    return raised > high ? high : raised
  }

  /// The sign of `sign` on `magnitude`, which is not negative.
  @inline(__always)
  static func signed(_ magnitude: Double, _ sign: Double) -> Double {
    Double(bitPattern: magnitude.bitPattern | (sign.bitPattern & signMask))
  }

  /// `(e^r - 1 - r) / r^2` for `|r| <= ln 2 / 2`.
  @inline(__always)
  private static func exponentialTail(_ r: Double, _ narrow: Bool) -> Double {
    if narrow {
      var p = 0.00019890980964683147
      p = p * r + 0.0013933641117472883
      p = p * r + 0.008333310934363356
      p = p * r + 0.041666465005270034
      p = p * r + 0.16666666681614342
      return p * r + 0.5000000013457804
    }
    var p = 2.5100375924709717e-08
    p = p * r + 2.762007599981065e-07
    p = p * r + 2.7557268480116333e-06
    p = p * r + 2.4801521322116825e-05
    p = p * r + 0.0001984126986304067
    p = p * r + 0.0013888888917196881
    p = p * r + 0.008333333333330065
    p = p * r + 0.041666666666624164
    p = p * r + 0.16666666666666669
    return p * r + 0.5000000000000001
  }

  /// Computes `e^x`; the narrow form has its least value at -700 and its largest at 700, far beyond float32.
  @inline(__always)
  static func exponential(_ x: Double, narrow: Bool) -> Double {
    let x = narrow ? limited(x, -700, 700) : limited(x, -746, 710)
    let shifted = x * log2e + shifter
    let k = shifted - shifter
    if narrow {
      let r = x - k * ln2
      return (r * r * exponentialTail(r, true) + r + 1) * power(shifted)
    }
    let (high, low) = (x - k * ln2High, k * ln2Low)
    let r = high - low
    // what 1 + r loses goes into the small terms
    let sum = 1 + r
    let fraction = sum + (r * r * exponentialTail(r, false) + (((high - r) - low) + ((1 - sum) + r)))
    // two steps, of which only the last may leave the range of normal numbers
    let half = k * 0.5 + shifter
    return fraction * power(half) * power(k - (half - shifter) + shifter)
  }

  /// Computes `e^x - 1` without cancellation near 0.
  @inline(__always)
  static func exponentialMinusOne(_ number: Double, narrow: Bool) -> Double {
    let x = narrow ? limited(number, -700, 700) : limited(number, -60, 710)
    let shifted = x * log2e + shifter
    let k = shifted - shifter
    let result: Double
    if narrow {
      let r = x - k * ln2
      let scale = power(shifted)
      result = (r * r * exponentialTail(r, true) + r) * scale + (scale - 1)
    } else {
      let (high, low) = (x - k * ln2High, k * ln2Low)
      let r = high - low
      let grown = r + (r * r * exponentialTail(r, false) + ((high - r) - low))
      let half = k * 0.5 + shifter
      let rest = k - (half - shifter)
      let scale = power(half)
      result = (grown * scale + (scale - power(shifter - rest))) * power(rest + shifter)
    }
    // the sign of zero
    return number == 0 ? number : result
  }

  /// Takes a positive normal number apart: a fraction from `sqrt(1/2)` to `sqrt(2)` and the power of 2.
  @inline(__always)
  private static func parts(_ x: Double) -> (fraction: Double, exponent: Double) {
    let bits = x.bitPattern
    let fraction = Double(bitPattern: (bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000)
    // the exponent's bits as the last ones of 2^52
    let exponent = Double(bitPattern: (bits &>> 52) | 0x4330_0000_0000_0000) - 4503599627371519
    let above = fraction > 1.4142135623730951
    return (select(above, fraction * 0.5, fraction), select(above, exponent + 1, exponent))
  }

  /// `log((1 + s) / (1 - s)) / s - 2` for `|s| <= (sqrt 2 - 1) / (sqrt 2 + 1)`, z = s^2.
  @inline(__always)
  private static func logarithmTail(_ z: Double, _ narrow: Bool) -> Double {
    if narrow {
      var p = 0.233304683103737
      p = p * z + 0.28550820775753505
      p = p * z + 0.4000012184016053
      return (p * z + 0.6666666655449666) * z
    }
    var p = 0.1461645097955211
    p = p * z + 0.15331721495826012
    p = p * z + 0.18182889128412458
    p = p * z + 0.22222211134751835
    p = p * z + 0.2857142862597575
    p = p * z + 0.39999999999899505
    return (p * z + 0.666666666666667) * z
  }

  /// `log((1 + f) 2^exponent) + correction`, arranged so that no bits of f are lost.
  @inline(__always)
  private static func logarithm(_ f: Double, _ exponent: Double, _ correction: Double, _ narrow: Bool) -> Double {
    let s = f / (2 + f)
    let tail = logarithmTail(s * s, narrow)
    if narrow { return exponent * ln2 + (s * tail + 2 * s) }
    let half = 0.5 * f * f
    return exponent * ln2High + (f - (half - (s * (half + tail) + (exponent * ln2Low + correction))))
  }

  /// Computes the natural logarithm of a positive normal number, within 1 unit of the last place.
  @inline(__always)
  static func logarithm(normal x: Double) -> Double {
    let (fraction, exponent) = parts(x)
    return logarithm(fraction - 1, exponent, 0, false)
  }

  /// Computes the natural logarithm, within 1 unit of the last place of a double; the narrow form is not for subnormal doubles.
  @inline(__always)
  static func logarithm(_ x: Double, narrow: Bool = false) -> Double {
    if narrow {
      let (fraction, exponent) = parts(x)
      return logarithmEnds(logarithm(fraction - 1, exponent, 0, true), x, zero: 0)
    }
    // subnormal doubles are brought into the normal range
    let tiny = x < .leastNormalMagnitude
    let (fraction, exponent) = parts(select(tiny, x * 0x1p54, x))
    let result = logarithm(fraction - 1, select(tiny, exponent - 54, exponent), 0, false)
    return logarithmEnds(result, x, zero: 0)
  }

  /// Computes `log(1 + x)` without cancellation near 0.
  @inline(__always)
  static func logarithmOnePlus(_ x: Double, narrow: Bool) -> Double {
    let sum = 1 + x
    let (fraction, exponent) = parts(sum)
    let near = exponent == 0
    var correction = 0.0
    if !narrow {
      // what the sum lost
      let lost = select(x >= 1, 1 - (sum - x), x - (sum - 1))
      correction = select(near, 0, lost / sum)
    }
    let result = logarithm(select(near, x, fraction - 1), exponent, correction, narrow)
    return logarithmEnds(select(x == 0, x, result), x, zero: -1)
  }

  /// What a logarithm is at its end `zero`, below it, at infinity and of NaN.
  @inline(__always)
  private static func logarithmEnds(_ result: Double, _ x: Double, zero: Double) -> Double {
    let above = x < .infinity ? result : x
    let right = x < zero ? .nan : above
    return x == zero ? -.infinity : right
  }
}
