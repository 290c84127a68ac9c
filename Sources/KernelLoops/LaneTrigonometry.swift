import KernelBase

extension Lane {
  /// How far from 0 `sine` is right: products of the parts of pi / 2 with whole numbers are exact up to there.
  static let trigonometricLimit = 1e5

  /// Computes the sine of `x + ahead pi / 2` for `|x| <= trigonometricLimit`, in radians; with 1 ahead it is the cosine of x.
  @inline(__always)
  static func sine(_ x: Double, ahead: UInt64, narrow: Bool) -> Double {
    let shifted = x * 0.6366197723675814 + shifter
    let n = shifted - shifter
    let (r, rest) = remainder(x, n)
    let (sine, cosine) = narrow ? narrowWaves(r) : waves(r, rest)
    let turns = shifted.bitPattern &+ ahead
    // odd quarters exchange the two, the second half turns the sign
    let odd = 0 &- (turns & 1)
    let chosen = (sine.bitPattern & ~odd) | (cosine.bitPattern & odd)
    let wave = Double(bitPattern: chosen ^ ((turns & 2) &<< 62))
    // the sign of zero
    return ahead == 0 ? select(x == 0, x, wave) : wave
  }

  /// What `n` quarters of a turn leave of x, and what a double lacks of it.
  @inline(__always)
  private static func remainder(_ x: Double, _ n: Double) -> (Double, Double) {
    // pi / 2 in parts of 33 bits
    let (first, second, third) = (0x1.921fb54400000p+0, 0x1.0b4611a600000p-34, 0x1.3198a2e037073p-69)
    let coarse = x - n * first
    let middle = n * second
    let fine = coarse - middle
    let last = n * third - ((coarse - fine) - middle)
    let r = fine - last
    return (r, (fine - r) - last)
  }

  @inline(__always)
  private static func narrowWaves(_ r: Double) -> (sine: Double, cosine: Double) {
    let z = r * r
    // (sin r - r) / r^3 and (cos r - 1) / r^2 for |r| <= pi / 4
    var s = 2.7249864655139585e-06
    s = s * z - 0.00019840086263755443
    s = s * z + 0.008333331873837089
    s = s * z - 0.16666666663853044
    var c = -2.7237076731325097e-07
    c = c * z + 2.479986150250612e-05
    c = c * z - 0.0013888885089126252
    c = c * z + 0.041666666637372694
    c = c * z - 0.49999999999963857
    return (r + r * z * s, 1 + z * c)
  }

  @inline(__always)
  private static func waves(_ r: Double, _ rest: Double) -> (sine: Double, cosine: Double) {
    let z = r * r
    // (sin r - r) / r^3 and (cos r - 1 + r^2 / 2) / r^4 for |r| <= pi / 4
    var s = 1.5918129027234826e-10
    s = s * z - 2.505113184128889e-08
    s = s * z + 2.7557316102534617e-06
    s = s * z - 0.0001984126983675854
    s = s * z + 0.008333333333330948
    s = s * z - 0.16666666666666666
    var c = -1.1382632258093615e-11
    c = c * z + 2.087614626607931e-09
    c = c * z - 2.7557317271718644e-07
    c = c * z + 2.4801587298765665e-05
    c = c * z - 0.0013888888888887398
    c = c * z + 0.041666666666666664
    let half = 0.5 * z
    let whole = 1 - half
    let sine = r + (r * z * s + rest * whole)
    // what 1 - half loses, and the rest turned by the slope
    return (sine, whole + (((1 - whole) - half) + (z * z * c - r * rest)))
  }
}
