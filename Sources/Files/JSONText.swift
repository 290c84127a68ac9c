/// Strings and numbers as JSON writes them, strings the way serde does: only what must be escaped is.
public enum JSONText {
  private static let words: [(word: String, number: Double)] = [
    ("nan", .nan), ("inf", .infinity), ("-inf", -.infinity),
  ]

  /// The word for a number that JSON lacks, `nan`, `inf` or `-inf`; nil for those that it has.
  public static func word(for number: Double) -> String? {
    if number.isFinite { return nil }
    return number.isNaN ? "nan" : number > 0 ? "inf" : "-inf"
  }

  /// The number that a word stands for, nil for all other texts.
  public static func number(word: String) -> Double? { words.first { $0.word == word }?.number }

  /// The shortest text that reads back as the same number; what JSON lacks is its word in quotes.
  public static func number(_ number: Double) -> String { word(for: number).map(quoted) ?? "\(number)" }

  /// The text in quotes.
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        result += "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
