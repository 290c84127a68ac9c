import Tensors

/// The Python dictionary of an npy header: three keys, each of its own type.
///
/// It is read, never evaluated.
struct NPYLiteral {
  private let source: FileBytes
  private var position: Int
  private var element: ElementFormat?
  private var shape: Extents?
  private var isColumnMajor: Bool?

  /// Takes the bytes of the literal.
  init(_ source: FileBytes) {
    self.source = source
    position = source.start
  }

  /// Reads the dictionary and the spaces behind it.
  ///
  /// - Throws: `FileError` with the byte position.
  mutating func parse() throws {
    try take("{", "a header that is a Python dictionary, which begins with '{'")
    skipSpaces()
    while !next("}") {
      try readMember()
      skipSpaces()
      if next("}") { break }
      try take(",", "',' or '}'")
      skipSpaces()
    }
    skipSpaces()
    if position < source.end { throw failure("nothing but spaces behind the header's '}'") }
  }

  /// What the dictionary said.
  ///
  /// - Throws: `FileError` when a key is missing.
  func result() throws -> (ElementFormat, Extents, Bool) {
    guard let element, let shape, let isColumnMajor else {
      let missing = element == nil ? "descr" : shape == nil ? "shape" : "fortran_order"
      throw source.failure(
        "a header with descr, fortran_order and shape", got: "none of the name '\(missing)'", at: source.start)
    }
    return (element, shape, isColumnMajor)
  }

  private mutating func readMember() throws {
    let start = position
    let name = try readString("a key in quotes")
    try take(":", "':'")
    skipSpaces()
    switch name {
    case "descr" where element == nil: element = try readElement()
    case "fortran_order" where isColumnMajor == nil: isColumnMajor = try readBoolean()
    case "shape" where shape == nil: shape = try readShape()
    default:
      throw source.failure(
        "the keys descr, fortran_order and shape, each once", got: Excerpt.quoted(name.utf8), at: start)
    }
  }

  // MARK: Values

  private mutating func readElement() throws -> ElementFormat {
    let start = position
    if position < source.end, source[position] == UInt8(ascii: "[") || source[position] == UInt8(ascii: "(") {
      throw source.failure("one type of numbers", got: "an array of records", at: start)
    }
    let text = try readString("an element type in quotes")
    guard let element = NPYLiteral.element(text) else {
      let cure = text.hasSuffix("O") ? "arrays of Python objects hold code and are never loaded" : nil
      throw source.failure(
        "elements of type f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, u8 or b1", got: Excerpt.quoted(text.utf8), at: start,
        cure: cure)
    }
    return element
  }

  /// The element type behind a description such as `<f4`.
  private static func element(_ text: String) -> ElementFormat? {
    var letters = Substring(text)
    var isBigEndian = false
    if let order = letters.first, "<>|=".contains(order) {
      isBigEndian = order == ">"
      letters.removeFirst()
    }
    let kinds: [Substring: (ElementFormat.Kind, Int)] = [
      "f2": (.float, 2), "f4": (.float, 4), "f8": (.float, 8), "i1": (.signed, 1), "i2": (.signed, 2),
      "i4": (.signed, 4), "i8": (.signed, 8), "u1": (.unsigned, 1), "u2": (.unsigned, 2), "u4": (.unsigned, 4),
      "u8": (.unsigned, 8), "b1": (.boolean, 1), "?": (.boolean, 1),
    ]
    return kinds[letters].map { ElementFormat(kind: $0, size: $1, isBigEndian: isBigEndian) }
  }

  private mutating func readBoolean() throws -> Bool {
    for (word, value) in [("True", true), ("False", false)] where source.has(Array(word.utf8), at: position) {
      position += word.utf8.count
      return value
    }
    throw failure("True or False")
  }

  private mutating func readShape() throws -> Extents {
    let start = position
    var extents: [Int] = []
    var endsInComma = false
    try take("(", "a tuple of extents, which begins with '('")
    skipSpaces()
    while !next(")") {
      extents.append(try readExtent())
      guard extents.count <= Extents.maximumRank else {
        throw source.failure("at most \(Extents.maximumRank) dimensions", got: "more", at: start)
      }
      skipSpaces()
      endsInComma = next(",")
      skipSpaces()
      if !endsInComma && (position >= source.end || source[position] != UInt8(ascii: ")")) {
        throw failure("',' or ')'")
      }
    }
    guard extents.count != 1 || endsInComma else {
      throw source.failure("a tuple, which has a comma behind a single extent", got: "a number", at: start)
    }
    guard let shape = Extents(countable: extents) else {
      throw source.failure("extents whose product can be counted", got: "\(extents)", at: start)
    }
    return shape
  }

  private mutating func readExtent() throws -> Int {
    let start = position
    if next("-") { throw source.failure("extents of at least 0", got: "a negative one", at: start) }
    var value = 0
    while position < source.end, case let digit = source[position] &- UInt8(ascii: "0"), digit < 10 {
      let (tenfold, overflows) = value.multipliedReportingOverflow(by: 10)
      let (sum, exceeds) = tenfold.addingReportingOverflow(Int(digit))
      if overflows || exceeds { throw source.failure("extents that can be counted", got: "a larger one", at: start) }
      value = sum
      position += 1
    }
    if position == start { throw failure("an extent") }
    // Python 2 wrote long integers so.
    _ = next("L")
    return value
  }

  // MARK: Characters

  private mutating func readString(_ expected: String) throws -> String {
    guard position < source.end, source[position] == UInt8(ascii: "'") || source[position] == UInt8(ascii: "\"") else {
      throw failure(expected)
    }
    let quote = source[position]
    let start = position + 1
    position = start
    while position < source.end, source[position] != quote {
      guard source[position] != UInt8(ascii: "\\"), source[position] >= 0x20 else {
        throw failure("a name without escapes")
      }
      position += 1
    }
    guard position < source.end else { throw failure("the closing quote") }
    position += 1
    return String(decoding: source[start..<(position - 1)].bytes, as: UTF8.self)
  }

  private mutating func skipSpaces() {
    while position < source.end, source[position].isSpace { position += 1 }
  }

  private mutating func next(_ character: UnicodeScalar) -> Bool {
    guard position < source.end, source[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func take(_ character: UnicodeScalar, _ expected: String) throws {
    skipSpaces()
    if !next(character) { throw failure(expected) }
  }

  private func failure(_ expected: String) -> FileError {
    let got = position < source.end ? source.shown(at: position) : "the end of the header"
    return source.failure(expected, got: got, at: position)
  }
}
