/// The standard normal distribution function, in IEEE operations alone.
///
/// Neither it nor its exponential calls a mathematics library, so the result is the same on every machine.
public enum NormalTail {
  /// From here on the tail is a continued fraction; below, a series around 0.
  private static let seriesEnd = 1.5

  /// Computes the probability of more than `x`, for `x >= 0`, to a relative precision of about 5e-15.
  ///
  /// Below `x = 1.5` it is 1/2 less a series, from there on the density times Mills' ratio; from 38.6 on it is 0.
  public static func probability(above x: Double) -> Double {
    x < seriesEnd ? 0.5 - probability(upTo: x) : x > 39 ? 0 : density(x) * millsRatio(x)
  }

  /// Computes the probability of a number from 0 to `x`, for `x >= 0`, to a relative precision of about 5e-15.
  ///
  /// Below `x = 1.5` it is the density times `x + x^3/3 + x^5/15 + x^7/105 + ...`, whose terms are all positive.
  public static func probability(upTo x: Double) -> Double {
    guard x < seriesEnd else { return 0.5 - probability(above: x) }
    var (term, sum) = (x, x)
    var divisor = 3.0
    while term > sum * 0x1p-56 {
      term *= x * x / divisor
      sum += term
      divisor += 2
    }
    return density(x) * sum
  }

  /// Computes Mills' ratio, the probability of more than `x` over the density at `x`, for `x >= 1.5`.
  ///
  /// The continued fraction `1 / (x + 1 / (x + 2 / (x + 3 / ...)))` from the inside out; its error falls as `e^(-x sqrt(8 n))`.
  static func millsRatio(_ x: Double) -> Double {
    let terms = 12 + Int(400 / (x * x))
    var tail = x
    for term in stride(from: terms, to: 0, by: -1) { tail = x + Double(term) / tail }
    return 1 / tail
  }

  /// Computes the density `e^(-x^2/2) / sqrt(2 pi)`.
  private static func density(_ x: Double) -> Double {
    // the square in two parts: the first is exact, or its rounding would be magnified by the exponential
    let head = Double(bitPattern: x.bitPattern & ~0x07FF_FFFF)
    let rest = (x - head) * (x + head)
    return exponential(-0.5 * head * head) * exponential(-0.5 * rest) * 0.398942280401432677939946
  }

  /// Computes `e^x` for `x <= 0` to within 2 units in the last place where it is a normal number.
  ///
  /// `x = k log 2 + r` with `|r| <= log(2)/2`, and `e^r` by its series.
  static func exponential(_ x: Double) -> Double {
    guard x > -746 else { return 0 }
    let power = (x * 1.4426950408889634074).rounded()
    // log 2 in two parts; the first has its last 20 bits 0, so that its product with the power is exact
    let r = (x - power * 0x1.62e42fee00000p-1) - power * 0x1.a39ef35793c76p-33
    var sum = 1.0
    for term in stride(from: 14, through: 1, by: -1) { sum = 1 + sum * r / Double(term) }
    return sum * Double(sign: .plus, exponent: Int(power), significand: 1)
  }
}
