/// Numbers for tables and messages, without Foundation.
enum Decimal {
  /// Four significant digits, with an exponent outside 1e-4...1e6.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    guard value != 0 else { return "0" }
    let magnitude = value.magnitude
    var exponent = 0
    var scaled = magnitude
    while scaled >= 9.9995 {
      scaled /= 10
      exponent += 1
    }
    while scaled < 0.99995 {
      scaled *= 10
      exponent -= 1
    }
    let sign = value < 0 ? "-" : ""
    if exponent < -4 || exponent >= 6 {
      return
        "\(sign)\(fixed(scaled, digits: 3))e\(exponent < 0 ? "-" : "+")\(abs(exponent) < 10 ? "0" : "")\(abs(exponent))"
    }
    return sign + fixed(magnitude, digits: max(0, 3 - exponent))
  }

  /// A number of at least 0 and below 1e15 with so many digits behind the point.
  static func fixed(_ value: Double, digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let whole = Int((value * scale).rounded())
    guard digits > 0 else { return "\(whole)" }
    var fraction = "\(whole % Int(scale))"
    fraction = String(repeating: "0", count: digits - fraction.count) + fraction
    return "\(whole / Int(scale)).\(fraction)"
  }
}
