import Kernels

/// A mark on an axis with its number.
public struct Tick: Equatable, Sendable {
  /// How the number is written.
  public enum Label: Equatable, Sendable {
    /// As it stands.
    case plain(String)
    /// As this power of 10.
    case power(Int)
  }

  /// Where it stands, 0 at the axis' lower end and 1 at its upper one.
  public let share: Double
  /// What it says.
  public let label: Label

  /// Makes a tick.
  public init(share: Double, label: Label) {
    self.share = share
    self.label = label
  }

  /// The label as plain text; powers of 10 as `1e-4`.
  public var text: String {
    switch label {
    case .plain(let text): text
    case .power(let exponent): exponent == 0 ? "1" : exponent == 1 ? "10" : "1e\(exponent)"
    }
  }
}

extension Scale {
  /// Round numbers along the axis, no more than about `count`.
  ///
  /// - Parameters:
  ///   - count: how many there is room for.
  ///   - isWhole: whether the axis counts something, so that no fractions are wanted; the first one counts too.
  public func ticks(atMost count: Int, isWhole: Bool = false) -> [Tick] {
    let count = max(2, count)
    if isLogarithmic { return logarithmicTicks(count) }
    return steps(from: lower, to: upper, count, isWhole).compactMap { number in
      share(number.value).map { Tick(share: $0, label: .plain(number.text)) }
    }
  }

  /// Powers of 10; where there are few of them, 2 and 5 times them too, and within a decade whatever is round.
  private func logarithmicTicks(_ count: Int) -> [Tick] {
    let (first, last) = (Int(lower.rounded(.up)), Int(upper.rounded(.down)))
    if last - first >= 2 {
      let step = Scale.wholeStep(Double(last - first) / Double(count))
      return (first...last).filter { $0 % step == 0 }
        .map { Tick(share: (Double($0) - lower) / (upper - lower), label: .power($0)) }
    }
    let fine = (first - 1...last + 1).flatMap { exponent in [1, 2, 5].map { Round(digits: $0, exponent: exponent) } }
    let found = fine.filter { (lower...upper).contains(Double.log10($0.value)) }
    let numbers =
      found.count >= 3 ? found : steps(from: Double.exp10(lower), to: Double.exp10(upper), count, false)
    return numbers.compactMap { number in share(number.value).map { Tick(share: $0, label: .plain(number.text)) } }
  }

  /// 1, 2, 5, 10, 20, ...: the least that is not below `least`.
  private static func wholeStep(_ least: Double) -> Int {
    var decade = 1
    while decade < 1_000_000 {
      for step in [decade, 2 * decade, 5 * decade] where Double(step) >= least { return step }
      decade *= 10
    }
    return decade
  }

  private func steps(from low: Double, to high: Double, _ count: Int, _ isWhole: Bool) -> [Round] {
    let least = (high / 2 - low / 2) / Double(count) * 2
    guard least > 0, least.isFinite else { return [] }
    var exponent = Int(Double.log10(least).rounded(.down))
    if isWhole { exponent = max(exponent, 0) }
    let unit = Double.exp10(Double(exponent))
    let digits = [1, 2, 5].first { Double($0) * unit >= least * (1 - 1e-9) } ?? 10
    let step = Double(digits) * unit
    // Where the numbers are much larger than their differences no round number tells them apart.
    guard unit > 0, max(abs(low), abs(high)) / step < 1e9 else { return [] }
    let (first, last) = (Int((low / step - 1e-9).rounded(.up)), Int((high / step + 1e-9).rounded(.down)))
    var numbers = first <= last ? (first...last).map { Round(digits: $0 * digits, exponent: exponent) } : []
    // A count begins with 1 and not with 0.
    if isWhole, digits * Int(unit) >= 5, low > 0, low <= 1 { numbers.insert(Round(digits: 1, exponent: 0), at: 0) }
    return numbers
  }
}

/// A round number, exactly: `digits` times a power of 10.
private struct Round {
  let digits: Int
  let exponent: Int

  var value: Double {
    // Division by a power of 10 is exact where multiplication by its inverse is not.
    (-300..<0).contains(exponent)
      ? Double(digits) / Double.exp10(Double(-exponent)) : Double(digits) * Double.exp10(Double(exponent))
  }

  /// In full from 0.0001 to 99999, otherwise with an exponent.
  var text: String {
    if digits == 0 { return "0" }
    var (mantissa, power) = (digits, exponent)
    while mantissa % 10 == 0 {
      mantissa /= 10
      power += 1
    }
    let sign = mantissa < 0 ? "-" : ""
    let figures = String(mantissa.magnitude)
    let leading = power + figures.count - 1
    if leading >= 5 || leading < -4 {
      let rest = figures.dropFirst()
      return "\(sign)\(figures.prefix(1))\(rest.isEmpty ? "" : "." + rest)e\(leading)"
    }
    if power >= 0 { return sign + figures + String(repeating: "0", count: power) }
    let padded = String(repeating: "0", count: max(0, -leading)) + figures
    return "\(sign)\(padded.dropLast(-power)).\(padded.suffix(-power))"
  }
}
