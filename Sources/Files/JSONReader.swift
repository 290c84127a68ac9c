import Kernels

/// Reads JSON (RFC 8259) strictly, piece by piece where the caller knows what comes; every error has its position.
struct JSONReader {
  private let source: FileBytes
  /// What a message calls the text as a whole.
  private let subject: String
  /// The position of the next byte.
  private(set) var position: Int
  /// How many values of a tree were read, which bounds the memory of a short text.
  private var count = 0

  /// Begins at the first byte.
  init(_ source: FileBytes, called subject: String = "header") {
    self.source = source
    self.subject = subject
    position = source.start
  }

  /// Reads an object; `body` reads each value and is told the key and where it stands.
  ///
  /// - Throws: `FileError`, and what `body` throws.
  mutating func readObject(
    _ expected: String, _ body: (inout JSONReader, _ key: String, _ position: Int) throws -> Void
  ) throws {
    try take("{", expected)
    if nextToken("}") { return }
    repeat {
      skipSpaces()
      let start = position
      let key = try readString("a name in quotes")
      try take(":", "':'")
      try body(&self, key, start)
    } while nextToken(",")
    try take("}", "',' or '}'")
  }

  /// Reads an array of integers from 0, at most `most` of them.
  ///
  /// - Throws: `FileError`.
  mutating func readIntegers(_ expected: String, atMost most: Int) throws -> [Int] {
    try take("[", expected)
    var values: [Int] = []
    if nextToken("]") { return values }
    repeat {
      if values.count == most { throw source.failure(expected, got: "more", at: position) }
      values.append(try readInteger(expected))
    } while nextToken(",")
    try take("]", "',' or ']'")
    return values
  }

  private mutating func readInteger(_ expected: String) throws -> Int {
    skipSpaces()
    let start = position
    var value = 0
    while position < source.end, case let digit = source[position] &- UInt8(ascii: "0"), digit < 10 {
      let (tenfold, overflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, exceeds) = tenfold.addingReportingOverflow(Int(digit))
      if overflows || exceeds { throw source.failure("an integer that can be counted", got: "a larger one", at: start) }
      value = sum
      position += 1
    }
    if position == start { throw failure("an integer of at least 0 in \(expected)") }
    if position > start + 1, source[start] == UInt8(ascii: "0") {
      throw source.failure("an integer without leading zeros", got: source.quoted(start..<position), at: start)
    }
    return value
  }

  /// Reads a string.
  ///
  /// - Throws: `FileError`, also for bytes that are no UTF-8.
  mutating func readString(_ expected: String) throws -> String {
    skipSpaces()
    let start = position
    if !next("\"") { throw failure(expected) }
    var bytes: [UInt8] = []
    while !next("\"") {
      guard position < source.end, source[position] >= 0x20 else { throw failure("the closing quote") }
      if next("\\") {
        try readEscape(into: &bytes)
      } else {
        bytes.append(source[position])
        position += 1
      }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw source.failure("a string in UTF-8", got: source.quoted(start..<position), at: start)
    }
    return text
  }

  private mutating func readEscape(into bytes: inout [UInt8]) throws {
    let start = position - 1
    let escapes: [UInt8: UInt8] = [
      0x22: 0x22, 0x5c: 0x5c, 0x2f: 0x2f, 0x62: 0x08, 0x66: 0x0c, 0x6e: 0x0a, 0x72: 0x0d, 0x74: 0x09,
    ]
    guard position < source.end else { throw failure("an escape") }
    if let byte = escapes[source[position]] {
      bytes.append(byte)
      position += 1
      return
    }
    guard next("u") else { throw failure("one of the escapes \\\", \\\\, \\/, \\b, \\f, \\n, \\r, \\t and \\u") }
    var code = try readHexadecimal()
    // two halves make one character beyond the first 65536
    if 0xd800..<0xdc00 ~= code, next("\\"), next("u"), case let low = try readHexadecimal(), 0xdc00..<0xe000 ~= low {
      code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = UnicodeScalar(code) else {
      throw source.failure("a whole pair of surrogates", got: source.quoted(start..<position), at: start)
    }
    bytes.append(contentsOf: String(scalar).utf8)
  }

  private mutating func readHexadecimal() throws -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard position < source.end, let digit = Character(UnicodeScalar(source[position])).hexDigitValue,
        source[position] < 0x80
      else { throw failure("four hexadecimal digits") }
      code = code << 4 | UInt32(digit)
      position += 1
    }
    return code
  }

  // MARK: Trees

  /// Reads whatever comes as a tree.
  ///
  /// - Throws: `FileError`, also for a name twice in one object, more than `JSONValue.deepest` lists and objects within
  ///   each other, and more than `JSONValue.largestCount` values.
  mutating func readValue(depth: Int = JSONValue.deepest) throws -> JSONValue {
    skipSpaces()
    count += 1
    guard count <= JSONValue.largestCount else {
      throw source.failure("at most \(JSONValue.largestCount) values", got: "more", at: position)
    }
    if count % 4096 == 0 { try Interrupt.check() }
    guard position < source.end else { throw failure("a value") }
    switch source[position] {
    case UInt8(ascii: "{"): return try readMembers(depth)
    case UInt8(ascii: "["): return try readElements(depth)
    case UInt8(ascii: "\""): return .text(try readString("a string"))
    case UInt8(ascii: "t"): return try readWord("true", .boolean(true))
    case UInt8(ascii: "f"): return try readWord("false", .boolean(false))
    case UInt8(ascii: "n"): return try readWord("null", .null)
    default: return try readNumber()
    }
  }

  private func requireDepth(_ depth: Int) throws {
    guard depth > 0 else {
      throw source.failure("at most \(JSONValue.deepest) levels", got: "more", at: position)
    }
  }

  private mutating func readMembers(_ depth: Int) throws -> JSONValue {
    try requireDepth(depth)
    let source = self.source
    var (members, names): ([JSONValue.Member], Set<[UInt8]>) = ([], [])
    try readObject("an object") { reader, name, position in
      guard names.insert(Array(name.utf8)).inserted else {
        throw source.failure("every name once", got: "\(Excerpt.quoted(name.utf8)) twice", at: position)
      }
      members.append(JSONValue.Member(name, try reader.readValue(depth: depth - 1)))
    }
    return .object(members)
  }

  private mutating func readElements(_ depth: Int) throws -> JSONValue {
    try requireDepth(depth)
    var elements: [JSONValue] = []
    try take("[", "a list")
    if nextToken("]") { return .list(elements) }
    repeat { elements.append(try readValue(depth: depth - 1)) } while nextToken(",")
    try take("]", "',' or ']'")
    return .list(elements)
  }

  private mutating func readWord(_ word: StaticString, _ value: JSONValue) throws -> JSONValue {
    let bytes = Array(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    guard source.has(bytes, at: position) else { throw failure("a value") }
    position += bytes.count
    return value
  }

  /// Reads a number: an integer where it is written as one that fits, else a float64.
  private mutating func readNumber() throws -> JSONValue {
    let start = position
    _ = next("-")
    try readDigits(start)
    let isWhole = position == source.end || ![0x2e, 0x45, 0x65].contains(source[position])
    if next(".") { try readDigits() }
    if next("e") || next("E") {
      if !next("+") { _ = next("-") }
      try readDigits()
    }
    let text = String(decoding: source[start..<position].bytes, as: UTF8.self)
    if isWhole, text != "-0", let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else {
      throw source.failure("a number that float64 can hold", got: source.quoted(start..<position), at: start)
    }
    return .number(number)
  }

  /// Passes over digits, of which there is one at least; those that begin a number at `start` have no leading 0.
  private mutating func readDigits(_ start: Int? = nil) throws {
    let first = position
    while position < source.end, source[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    if position == first { throw failure(start == first ? "a value" : "a digit") }
    if start != nil, position > first + 1, source[first] == UInt8(ascii: "0") {
      throw source.failure("a number without leading zeros", got: source.quoted(first..<position), at: first)
    }
  }

  /// Makes sure that only spaces follow.
  ///
  /// - Throws: `FileError`.
  mutating func finish() throws {
    skipSpaces()
    if position < source.end { throw failure("nothing but spaces behind the \(subject)") }
  }

  // MARK: Characters

  private mutating func skipSpaces() {
    while position < source.end, source[position].isSpace { position += 1 }
  }

  private mutating func next(_ character: UnicodeScalar) -> Bool {
    guard position < source.end, source[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  /// Takes a character that spaces may precede.
  private mutating func nextToken(_ character: UnicodeScalar) -> Bool {
    skipSpaces()
    return next(character)
  }

  private mutating func take(_ character: UnicodeScalar, _ expected: String) throws {
    if !nextToken(character) { throw failure(expected) }
  }

  private func failure(_ expected: String) -> FileError {
    let got = position < source.end ? source.shown(at: position) : "the end of the \(subject)"
    return source.failure(expected, got: got, at: position)
  }
}
