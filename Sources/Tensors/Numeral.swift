/// A number's shortest decimal digits, to write it with a fixed number of places; no locale has a say.
public struct Numeral {
  /// The digits, the first not 0; empty for zero.
  private var digits: [UInt8] = []
  /// The power of ten of the first digit.
  private(set) var exponent = 0
  private let isNegative: Bool
  /// What is written instead, for NaN and infinity.
  private var word: String?

  /// Takes the digits that tell a float32 or float64 from its neighbours.
  public init(_ value: Double, single: Bool) {
    isNegative = value < 0
    guard value.isFinite else {
      word = value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
      return
    }
    guard value != 0 else { return }
    let text = single ? Float(value).magnitude.description : value.magnitude.description
    let parts = text.split(separator: "e")
    var point: Int?
    for character in parts[0].utf8 {
      if character == UInt8(ascii: ".") { point = digits.count } else { digits.append(character - UInt8(ascii: "0")) }
    }
    exponent = (point ?? digits.count) - 1 + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    let leading = digits.prefix { $0 == 0 }.count
    digits.removeFirst(leading)
    exponent -= leading
    while digits.last == 0 { digits.removeLast() }
  }

  /// Whether it is finite.
  var isFinite: Bool { word == nil }

  /// Whether it is zero.
  var isZero: Bool { word == nil && digits.isEmpty }

  /// Whether it is a whole number.
  var isWhole: Bool { word == nil && (digits.isEmpty || digits.count <= exponent + 1) }

  /// Writes it divided by `10^scale` with `places` digits after the point, rounded half away from zero.
  public func fixed(places: Int, scale: Int = 0) -> String {
    if let word { return word }
    let rounded = rounding(toPlace: scale - places)
    var text = isNegative && !rounded.digits.isEmpty ? "-" : ""
    let first = rounded.digits.isEmpty ? 0 : Swift.max(rounded.exponent - scale, 0)
    for place in stride(from: first, through: -places, by: -1) {
      if place == -1 { text += "." }
      let index = rounded.exponent - scale - place
      text += index >= 0 && index < rounded.digits.count ? "\(rounded.digits[index])" : "0"
    }
    return text
  }

  /// Writes it as `d.dddde-dd` with `places` digits after the point; zero as 0.
  public func scientific(places: Int) -> String {
    if let word { return word }
    if digits.isEmpty { return "0" }
    let rounded = rounding(toPlace: exponent - places)
    let power = rounded.exponent.magnitude
    let tail = (rounded.exponent < 0 ? "e-" : "e+") + (power < 10 ? "0" : "") + "\(power)"
    return rounded.fixed(places: places, scale: rounded.exponent) + tail
  }

  /// Writes it with so many significant digits, without zeros behind the point that end it.
  public func significant(_ count: Int) -> String {
    if isZero { return "0" }
    var rounded = rounding(toPlace: exponent - count + 1)
    while rounded.digits.last == 0 { rounded.digits.removeLast() }
    let places = rounded.digits.count - 1 - rounded.exponent
    return rounded.fixed(places: Swift.max(0, places))
  }

  /// Rounds to multiples of `10^place`.
  private func rounding(toPlace place: Int) -> Numeral {
    var result = self
    let kept = exponent - place + 1
    guard kept < digits.count else { return result }
    guard kept >= 0 else {
      result.digits = []
      return result
    }
    let up = digits[kept] >= 5
    result.digits.removeLast(digits.count - kept)
    guard up else { return result }
    var index = kept - 1
    while index >= 0 && result.digits[index] == 9 {
      result.digits[index] = 0
      index -= 1
    }
    if index >= 0 {
      result.digits[index] += 1
    } else {
      result.digits.insert(1, at: 0)
      result.exponent += 1
    }
    return result
  }
}
