/// The number in a cell of text: decimal, with an exponent or not, or nan, inf and infinity in any case.
struct CSVNumber {
  private let text: UnsafeRawBufferPointer

  /// Takes a cell's bytes without the spaces around them.
  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  /// Whether there is nothing.
  var isEmpty: Bool { text.isEmpty }

  /// The nearest float64, nil when it is no number.
  var double: Double? { exact ?? (isWritten ? Double(string) : word) }

  /// The nearest float32, nil when it is no number; rounded once, not by way of float64.
  var single: Float? {
    // Rounding twice errs only where the first result lies halfway between two float32.
    if let exact, exact.bitPattern & 0x1fff_ffff != 0x1000_0000 { return Float(exact) }
    return isWritten ? Float(string) : word.map { Float($0) }
  }

  /// The int64, exactly; nil when it is no whole number or out of range.
  var integer: Int64? {
    if let value = Int64(string) { return value }
    // whole numbers written as floats, such as 1e3 and 2.0
    return double.flatMap { abs($0) <= 0x1p53 ? Int64(exactly: $0) : nil }
  }

  private var string: String { String(decoding: text, as: UTF8.self) }

  /// The value of a number of few digits, which needs no rounding but that of one product or quotient; nil for others.
  ///
  /// Both operands are exact, so the result is the nearest float64 (Clinger, 1990).
  private var exact: Double? {
    var (mantissa, digits, point, index) = (0, 0, -1, 0)
    let isNegative = text.first == UInt8(ascii: "-")
    if isNegative || text.first == UInt8(ascii: "+") { index = 1 }
    guard text.count - index <= 16 else { return nil }
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "."), point < 0 {
        point = digits
      } else if byte &- UInt8(ascii: "0") < 10 {
        mantissa = mantissa * 10 + Int(byte - UInt8(ascii: "0"))
        digits += 1
      } else {
        return nil
      }
      index += 1
    }
    guard digits > 0, mantissa <= 1 << 53 else { return nil }
    let value = point < 0 ? Double(mantissa) : Double(mantissa) / CSVNumber.powers[digits - point]
    return isNegative ? -value : value
  }

  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
  ]

  /// Whether it is digits, with one point at most, and an exponent or none: no words, no hexadecimal.
  private var isWritten: Bool {
    var index = sign(at: 0)
    let whole = digits(from: index)
    var end = whole
    if end < text.count, text[end] == UInt8(ascii: ".") { end = digits(from: end + 1) }
    // a digit on one side of the point
    guard whole > index || end > whole + 1 else { return false }
    if end < text.count, text[end] | 0x20 == UInt8(ascii: "e") {
      index = sign(at: end + 1)
      end = digits(from: index)
      guard end > index else { return false }
    }
    return end == text.count
  }

  private func sign(at index: Int) -> Int {
    index < text.count && (text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+")) ? index + 1 : index
  }

  private func digits(from first: Int) -> Int {
    var index = first
    while index < text.count, text[index] &- UInt8(ascii: "0") < 10 { index += 1 }
    return index
  }

  private var word: Double? {
    guard text.count <= 9 else { return nil }
    let isNegative = text.first == UInt8(ascii: "-")
    switch String(decoding: text.dropFirst(sign(at: 0)).map { $0 | 0x20 }, as: UTF8.self) {
    case "nan": return .nan
    case "inf", "infinity": return isNegative ? -.infinity : .infinity
    default: return nil
    }
  }
}
