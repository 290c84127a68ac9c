import Tensors

/// A tree of values as JSON (RFC 8259) writes it, for what a file says of itself beside its tensors.
///
/// Objects keep the order of their members. Integers and float64 numbers come back bit for bit; `1.0` stays a number,
/// `1` an integer.
public indirect enum JSONValue: Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case boolean(Bool)
  /// A number written as an integer.
  case integer(Int)
  /// Any other number; JSON has no infinity and no NaN.
  case number(Double)
  /// A string.
  case text(String)
  /// An array.
  case list([JSONValue])
  /// An object.
  case object([Member])

  /// A name and a value of an object.
  public struct Member: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The value.
    public let value: JSONValue

    /// Joins a name and a value.
    public init(_ name: String, _ value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// The most lists and objects that may lie within each other.
  public static let deepest = 100
  /// The most values a text may hold, so that what is read is never far larger than the text.
  public static let largestCount = 4_000_000

  /// Reads a text, strictly; `name` is that of the text inside the file `origin.path`, for messages.
  ///
  /// - Throws: `FileError` with the byte position in the text for what is no JSON, a name twice in one object, a number
  ///   that float64 can't hold, more than `deepest` levels or `largestCount` values; `Interrupted`.
  public init(reading text: String, named name: String, _ origin: Origin) throws {
    var text = text
    self = try text.withUTF8 { utf8 in
      let bytes = FileBytes(bytes: UnsafeRawBufferPointer(utf8), origin: origin, entry: name)
      var reader = JSONReader(bytes, called: "text")
      let value = try reader.readValue()
      try reader.finish()
      return value
    }
  }

  /// A number of any kind; those that JSON lacks are the strings "nan", "inf" and "-inf".
  public static func any(_ number: Double) -> JSONValue {
    JSONText.word(for: number).map { .text($0) } ?? .number(number)
  }

  /// An object of the members that are there.
  public static func members(_ members: [(String, JSONValue?)]) -> JSONValue {
    .object(members.compactMap { name, value in value.map { Member(name, $0) } })
  }

  /// The number of values, itself and all within it.
  public var count: Int {
    switch self {
    case .null, .boolean, .integer, .number, .text: 1
    case .list(let elements): elements.reduce(1) { $0 + $1.count }
    case .object(let members): members.reduce(1) { $0 + $1.value.count }
    }
  }

  /// The text without spaces; reading it gives the same tree.
  ///
  /// - Throws: `TensorError` for an infinity or NaN, and for a tree that could not be read again: more than `deepest`
  ///   levels or `largestCount` values.
  public func text(_ origin: Origin) throws -> String {
    var (result, count) = ("", 0)
    try append(to: &result, &count, depth: JSONValue.deepest, origin)
    return result
  }

  /// The member of an object by its name, nil where there is none or the value is no object.
  public subscript(_ name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  private func append(to result: inout String, _ count: inout Int, depth: Int, _ origin: Origin) throws {
    count += 1
    guard count <= JSONValue.largestCount else {
      throw JSONValue.failure(origin, "at most \(JSONValue.largestCount) values", "more")
    }
    switch self {
    case .null: result += "null"
    case .boolean(let value): result += value ? "true" : "false"
    case .integer(let value): result += "\(value)"
    case .number(let value):
      guard value.isFinite else { throw JSONValue.failure(origin, "finite numbers", "\(value)") }
      // the shortest text that reads back as the same number
      result += "\(value)"
    case .text(let value): result += JSONText.quoted(value)
    case .list, .object:
      guard depth > 0 else { throw JSONValue.failure(origin, "at most \(JSONValue.deepest) levels", "more") }
      try appendParts(to: &result, &count, depth: depth - 1, origin)
    }
  }

  private func appendParts(to result: inout String, _ count: inout Int, depth: Int, _ origin: Origin) throws {
    if case .list(let elements) = self {
      result += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { result += "," }
        try element.append(to: &result, &count, depth: depth, origin)
      }
      result += "]"
    } else if case .object(let members) = self {
      result += "{"
      for (index, member) in members.enumerated() {
        result += (index > 0 ? "," : "") + JSONText.quoted(member.name) + ":"
        try member.value.append(to: &result, &count, depth: depth, origin)
      }
      result += "}"
    }
  }

  private static func failure(_ origin: Origin, _ expected: String, _ got: String) -> TensorError {
    TensorError.expected(operation: origin.operation, expected: "\(expected) in JSON", got: got)
  }
}
