/// A string as it stands in Lua text, closed or not: how it is quoted, and what it says.
struct QuotedText {
  /// How a string begins and ends.
  enum Quote: Equatable {
    /// A quotation mark.
    case mark(UInt8)
    /// A long bracket with so many `=`.
    case bracket(level: Int)

    /// The bytes that end it.
    var closing: [UInt8] {
      switch self {
      case .mark(let mark): [mark]
      case .bracket(let level): Array(("]" + String(repeating: "=", count: level) + "]").utf8)
      }
    }
  }

  let quote: Quote
  /// What stands behind the opening quote, as typed, without the closing one.
  let raw: ArraySlice<UInt8>

  /// Reads the text of a token; nil where it does not begin as a string.
  init?(_ token: ArraySlice<UInt8>, isClosed: Bool) {
    guard let first = token.first else { return nil }
    var opening = 1
    if first == UInt8(ascii: "[") {
      let level = token.dropFirst().prefix { $0 == UInt8(ascii: "=") }.count
      quote = .bracket(level: level)
      opening = level + 2
    } else {
      quote = .mark(first)
    }
    raw = token.dropFirst(opening).dropLast(isClosed ? quote.closing.count : 0)
  }

  /// What the string says; nil where an escape is broken or leaves bytes open.
  var content: [UInt8]? { QuotedText.content(of: raw, quote) }

  /// What typed text says inside quotes of that kind.
  static func content(of raw: ArraySlice<UInt8>, _ quote: Quote) -> [UInt8]? {
    guard case .mark = quote else { return Array(raw) }
    var result: [UInt8] = []
    var rest = raw
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      guard let escaped = unescape(&rest) else { return nil }
      result += escaped
    }
    return result
  }

  private static let letters: [UInt8: UInt8] = [
    UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "v"): 11,
    UInt8(ascii: "f"): 12, UInt8(ascii: "r"): 13, UInt8(ascii: "\\"): 92, UInt8(ascii: "\""): 34, UInt8(ascii: "'"): 39,
  ]

  /// Takes what follows a backslash: a letter, `xXX` or up to three digits.
  private static func unescape(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    guard let first = rest.first else { return nil }
    if let letter = letters[first] {
      rest.removeFirst()
      return [letter]
    }
    let isHex = first == UInt8(ascii: "x")
    let digits = isHex ? rest.dropFirst().prefix(2) : rest.prefix(3).prefix { (48...57).contains($0) }
    guard !digits.isEmpty, let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: isHex ? 16 : 10) else {
      return nil
    }
    rest.removeFirst(digits.count + (isHex ? 1 : 0))
    return [byte]
  }

  /// Writes bytes so that they say themselves inside quotes of that kind; nil where none can.
  static func written(_ bytes: [UInt8], _ quote: Quote) -> [UInt8]? {
    switch quote {
    case .bracket:
      // a bracket or a control character inside could not be told from the end, or would be read as another
      return bytes.contains { $0 < 32 || $0 == UInt8(ascii: "]") || $0 == 127 } ? nil : bytes
    case .mark(let mark): return bytes.flatMap { escaped($0, mark) }
    }
  }

  private static func escaped(_ byte: UInt8, _ mark: UInt8) -> [UInt8] {
    switch byte {
    case mark, UInt8(ascii: "\\"): return [UInt8(ascii: "\\"), byte]
    case UInt8(ascii: "\n"): return Array("\\n".utf8)
    case UInt8(ascii: "\t"): return Array("\\t".utf8)
    case 0..<32, 127: return Array(("\\" + (byte < 10 ? "00" : byte < 100 ? "0" : "") + "\(byte)").utf8)
    default: return [byte]
    }
  }
}
