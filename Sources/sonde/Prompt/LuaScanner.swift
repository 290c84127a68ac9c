/// A piece of Lua text that the language sees as one: a word, a number, a string, a comment or a symbol.
struct LuaToken: Equatable {
  enum Kind: Equatable {
    case name
    case keyword
    case number
    /// In quotes or in long brackets.
    case string
    /// With its `--`; a short one goes to the end of its line, which is not part of it.
    case comment
    /// An operator or punctuation, the longest that fits: `...` and `//`, not `.` and `/`.
    case symbol
    /// A byte that begins nothing, such as `$`.
    case other
  }

  let kind: Kind
  /// Where it stands in the text, in bytes from 0.
  let range: Range<Int>
  /// The line it begins on, from 1.
  let line: Int
  /// Whether it has its end: false for a string or long comment that the text or the line breaks off.
  var isClosed = true
}

/// Takes Lua 5.4 text apart, token by token and without an error: what Lua would refuse comes as it stands.
///
/// White space comes as nothing, comments come as tokens. The bytes need not be UTF-8.
struct LuaScanner: Sequence, IteratorProtocol {
  static let keywords: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]

  let text: [UInt8]
  /// The byte that is looked at next, and its line.
  private var position: Int
  private var line: Int

  /// Takes a text apart from one of its bytes on, which stands on line `line`.
  init(_ text: [UInt8], from position: Int = 0, line: Int = 1) {
    (self.text, self.position, self.line) = (text, position, line)
  }

  /// The token's own text.
  func text(of token: LuaToken) -> String { String(decoding: text[token.range], as: UTF8.self) }

  mutating func next() -> LuaToken? {
    while let byte = byte(), LuaScanner.isSpace(byte) { advance() }
    guard let first = byte() else { return nil }
    let (start, startLine) = (position, line)
    var isClosed = true
    let kind = scan(first, &isClosed)
    return LuaToken(kind: kind, range: start..<position, line: startLine, isClosed: isClosed)
  }

  /// Goes over the token that begins here.
  private mutating func scan(_ first: UInt8, _ isClosed: inout Bool) -> LuaToken.Kind {
    switch first {
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      isClosed = skipQuoted(first)
      return .string
    case UInt8(ascii: "[") where longBracketLevel() != nil:
      isClosed = skipLong()
      return .string
    case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
      isClosed = skipComment()
      return .comment
    case _ where LuaScanner.isLetter(first): return skipWord()
    case _ where LuaScanner.isDigit(first) || (first == UInt8(ascii: ".") && byte(1).map(LuaScanner.isDigit) == true):
      skipNumber()
      return .number
    default: return skipSymbol()
    }
  }

  // MARK: Bytes

  private func byte(_ ahead: Int = 0) -> UInt8? {
    position + ahead < text.count ? text[position + ahead] : nil
  }

  private mutating func advance() {
    if text[position] == UInt8(ascii: "\n") { line += 1 }
    position += 1
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
  static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
  static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 32) || byte == UInt8(ascii: "_") }
  private static func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (97...102).contains(byte | 32) }

  // MARK: Words and numbers

  private mutating func skipWord() -> LuaToken.Kind {
    let start = position
    while let byte = byte(), LuaScanner.isLetter(byte) || LuaScanner.isDigit(byte) { position += 1 }
    return LuaScanner.keywords.contains(String(decoding: text[start..<position], as: UTF8.self)) ? .keyword : .name
  }

  /// As Lua's own scanner reads one, which takes `3x` and `0x.p1` for numbers too and refuses them afterwards.
  private mutating func skipNumber() {
    let isHex = byte() == UInt8(ascii: "0") && byte(1).map { $0 | 32 } == UInt8(ascii: "x")
    let exponent = UInt8(ascii: isHex ? "p" : "e")
    if isHex { position += 2 }
    while let byte = byte() {
      if byte | 32 == exponent, let sign = self.byte(1), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
        position += 2
      } else if LuaScanner.isHexDigit(byte) || LuaScanner.isLetter(byte) || byte == UInt8(ascii: ".") {
        position += 1
      } else {
        return
      }
    }
  }

  // MARK: Strings and comments

  /// Goes over a string in quotes; answers whether it ends on its line, lines joined by `\` or `\z` being one.
  private mutating func skipQuoted(_ quote: UInt8) -> Bool {
    advance()
    while let byte = byte() {
      switch byte {
      case quote:
        advance()
        return true
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return false
      case UInt8(ascii: "\\"): skipEscape()
      default: advance()
      }
    }
    return false
  }

  private mutating func skipEscape() {
    advance()
    guard let escaped = byte() else { return }
    advance()
    if escaped == UInt8(ascii: "z") {
      while let space = byte(), LuaScanner.isSpace(space) { advance() }
    } else if escaped == UInt8(ascii: "\r"), byte() == UInt8(ascii: "\n") {
      advance()
    }
  }

  /// Answers whether the comment is over before the text or, a short one, may stand as it is.
  private mutating func skipComment() -> Bool {
    position += 2
    if byte() == UInt8(ascii: "["), longBracketLevel() != nil { return skipLong() }
    while let byte = byte(), byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { position += 1 }
    return true
  }

  /// The number of `=` in the long bracket that opens here; nil where none does.
  private func longBracketLevel() -> Int? {
    var level = 0
    while byte(level + 1) == UInt8(ascii: "=") { level += 1 }
    return byte(level + 1) == UInt8(ascii: "[") ? level : nil
  }

  /// Goes over what stands in long brackets; answers whether they are closed.
  private mutating func skipLong() -> Bool {
    guard let level = longBracketLevel() else { return true }
    position += level + 2
    while let byte = byte() {
      advance()
      guard byte == UInt8(ascii: "]") else { continue }
      var equals = 0
      while self.byte(equals) == UInt8(ascii: "=") { equals += 1 }
      position += equals
      if equals == level, self.byte() == UInt8(ascii: "]") {
        position += 1
        return true
      }
    }
    return false
  }

  // MARK: Symbols

  private mutating func skipSymbol() -> LuaToken.Kind {
    let first = text[position]
    let second = byte(1)
    if first == UInt8(ascii: "."), second == first, byte(2) == first {
      position += 3
    } else if second == first && "=/:<>.".utf8.contains(first)
      || second == UInt8(ascii: "=") && "~<>".utf8.contains(first)
    {
      position += 2
    } else {
      position += 1
      return "+-*/%^#&~|<>=(){}[];:,.".utf8.contains(first) ? .symbol : .other
    }
    return .symbol
  }
}
