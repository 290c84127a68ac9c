import CLua
import Files

/// Why a Lua value can't be written down: where in it something else than plain data lies, and what.
struct NotPlain: Error {
  /// The place as Lua names it, such as `.layers[2]`; empty for the value itself.
  var path: String
  let got: String

  /// The end of a message that tells where it lies; nothing for the value itself.
  var place: String { path.isEmpty ? "" : " at \(path)" }

  /// What plain data is, for messages.
  static let expected = "numbers, strings, booleans or tables of them"
}

/// Plain data of Lua's as JSON: numbers, strings, booleans, and tables of them that are sequences or have names.
///
/// JSON has no infinity and no NaN: `{"$number":"nan"}` stands for one, and a name of a user's that begins with `$` has
/// another before it.
enum PlainData {
  static let deepest = 32
  private static let mark = "$number"

  static func encoded(_ number: Double) -> JSONValue {
    JSONText.word(for: number).map { .object([JSONValue.Member(mark, .text($0))]) } ?? .number(number)
  }

  /// The number, NaN and infinities among them; nil for other values.
  static func number(_ value: JSONValue) -> Double? {
    switch value {
    case .integer(let integer): return Double(integer)
    case .number(let number): return number
    case .object(let members):
      guard members.count == 1, members[0].name == mark, case .text(let word) = members[0].value else { return nil }
      return JSONText.number(word: word)
    default: return nil
    }
  }

  static func encoded(name: String) -> String { name.hasPrefix("$") ? "$" + name : name }

  static func decoded(name: String) -> String { name.hasPrefix("$$") ? String(name.dropFirst()) : name }

  /// The value as a table or a message shows it: short, and no more digits than tell values of a sweep apart.
  static func text(_ value: JSONValue) -> String {
    if let number = number(value) {
      if case .integer(let integer) = value { return "\(integer)" }
      if number.isNaN { return "nan" }
      let exact = number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
      return exact.count <= 8 ? exact : Decimal.text(number)
    }
    switch value {
    case .null: return "nil"
    case .boolean(let flag): return "\(flag)"
    case .text(let text): return text
    case .list(let elements): return "{\(elements.map(text).joined(separator: ", "))}"
    case .object(let members):
      return "{\(members.map { "\(decoded(name: $0.name))=\(text($0.value))" }.joined(separator: ", "))}"
    default: return ""
    }
  }
}

extension Call {
  /// Reads the value at an absolute stack index.
  ///
  /// - Throws: `NotPlain` for anything but plain data.
  func plainData(at index: Int32, depth: Int = PlainData.deepest) throws -> JSONValue {
    switch LuaValue(lua, index) {
    case .boolean(let flag): return .boolean(flag)
    case .integer(let integer): return .integer(Int(integer))
    case .number(let number): return PlainData.encoded(number)
    case .string: return .text(try plainText(at: index))
    case .table:
      guard depth > 0 else { throw NotPlain(path: "", got: "tables in each other more than \(PlainData.deepest) deep") }
      guard lua_checkstack(lua, 24) != 0 else { throw LuaFailure.message("not enough memory") }
      return lua_rawlen(lua, index) > 0
        ? try plainSequence(at: index, depth: depth - 1) : .object(try plainMembers(at: index, depth: depth - 1))
    case let other: throw NotPlain(path: "", got: other.text)
    }
  }

  /// Reads the named values of the table at an absolute stack index, sorted by their names.
  ///
  /// - Throws: `NotPlain` for keys that are no names and for values that are no plain data.
  func plainMembers(at index: Int32, depth: Int = PlainData.deepest) throws -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    try forEachPair(in: index) { key, value in
      guard case .string(let name) = key else { throw NotPlain(path: "", got: "a table with the key \(key.text)") }
      let data = try within(".\(name)") { try plainData(at: value, depth: depth) }
      members.append(JSONValue.Member(PlainData.encoded(name: try plainText(at: value - 1)), data))
    }
    return members.sorted { $0.name < $1.name }
  }

  private func plainSequence(at index: Int32, depth: Int) throws -> JSONValue {
    var count = 0
    try forEachPair(in: index) { key, _ in
      guard case .integer = key else {
        throw NotPlain(path: "", got: "a table with a sequence and the key \(key.text)")
      }
      count += 1
    }
    guard count == Int(clamping: lua_rawlen(lua, index)) else { throw NotPlain(path: "", got: "a sequence with holes") }
    return .list(
      try (1...count).map { position in
        lua_rawgeti(lua, index, lua_Integer(position))
        let data = try within("[\(position)]") { try plainData(at: lua_gettop(lua), depth: depth) }
        sonde_pop(lua, 1)
        return data
      })
  }

  /// The string at an index, which JSON can hold only as UTF-8.
  private func plainText(at index: Int32) throws -> String {
    var length = 0
    guard let bytes = lua_tolstring(lua, index, &length) else { return "" }
    guard let text = String(validating: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self) else {
      throw NotPlain(path: "", got: "a string that is no UTF-8")
    }
    return text
  }

  private func within<Result>(_ place: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var problem as NotPlain {
      problem.path = place + problem.path
      throw problem
    }
  }

  /// Pushes the value that plain data stands for.
  func push(plain value: JSONValue) throws -> Int32 {
    guard lua_checkstack(lua, 24) != 0 else { throw LuaFailure.message("not enough memory") }
    if case .integer(let integer) = value { return push(integer) }
    if let number = PlainData.number(value) { return push(number) }
    switch value {
    case .boolean(let flag): return push(flag)
    case .text(let text): return try push(text)
    case .list(let elements): return try push(sequence: elements) { try push(plain: $0) }
    case .object(let members):
      try check(sonde_try_table(lua, 0, Int32(clamping: members.count)))
      for member in members { try set(plain: PlainData.decoded(name: member.name), member.value) }
      return 1
    default: return pushNil()
    }
  }

  /// Sets a field of the table on top to plain data; its name may hold any character.
  func set(plain name: String, _ value: JSONValue) throws {
    let table = lua_gettop(lua)
    _ = try push(name)
    _ = try push(plain: value)
    try check(sonde_try_set(lua, table))
  }
}
