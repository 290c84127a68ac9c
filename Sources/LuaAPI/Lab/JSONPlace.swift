import Files
import Kernels
import Tensors

/// A value of a JSON file with the way to it, for messages that name the place.
struct JSONPlace {
  let value: JSONValue
  let path: String
  let origin: Origin

  /// The largest size, up to which a double holds every whole number.
  static let largestSize = 1 << 53

  /// Begins at the root of the file `origin.path`.
  ///
  /// - Throws: `FileError` for what is no JSON; `LuaFailure` for a .csv; `Interrupted`.
  init(reading origin: Origin) throws {
    if origin.path.lowercased().hasSuffix(".csv") {
      throw LuaFailure.message(
        "\(origin.operation): '\(origin.path)': expected a .json, got a .csv, which has the numbers alone, for data.csv and other "
          + "programs; save to a .json as well")
    }
    let bytes = try PlainFile.read(origin, limit: 1 << 28)
    guard let text = bytes.withBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw LuaFailure.message("\(origin.operation): '\(origin.path)': expected text in UTF-8, got other bytes")
    }
    self.init(value: try JSONValue(reading: text, named: "text", origin), path: "", origin: origin)
  }

  private init(value: JSONValue, path: String, origin: Origin) {
    (self.value, self.path, self.origin) = (value, path, origin)
  }

  /// An error that tells the file, the place and what came.
  func failure(_ expected: String) -> LuaFailure {
    failed("expected \(expected), got \(came)")
  }

  /// An error that tells the file and the place.
  func failed(_ text: String) -> LuaFailure {
    .message("\(origin.operation): '\(origin.path)': \(path.isEmpty ? "" : path + ": ")\(text)")
  }

  private var came: String {
    switch value {
    case .null: "null"
    case .boolean(let flag): "\(flag)"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .text(let text): LuaValue.string(text).text
    case .list(let elements): "a list of \(elements.count)"
    case .object: "an object"
    }
  }

  /// The member of an object.
  ///
  /// - Throws: an error where the value is no object or lacks the member.
  func member(_ name: String) throws -> JSONPlace {
    guard let found = try optional(name) else {
      throw failed("expected a member '\(name)', got none")
    }
    return found
  }

  /// The member of an object, nil where it lacks it.
  ///
  /// - Throws: an error where the value is no object.
  func optional(_ name: String) throws -> JSONPlace? {
    guard case .object = value else { throw failure("an object") }
    return value[name].map { JSONPlace(value: $0, path: path.isEmpty ? name : "\(path).\(name)", origin: origin) }
  }

  /// The members of an object with their names.
  func members() throws -> [(name: String, place: JSONPlace)] {
    guard case .object(let members) = value else { throw failure("an object") }
    return members.map { member in
      let way = path.isEmpty ? member.name : "\(path).\(member.name)"
      return (member.name, JSONPlace(value: member.value, path: way, origin: origin))
    }
  }

  /// The elements of a list, of no more than `most`.
  func list(atMost most: Int = JSONValue.largestCount) throws -> [JSONPlace] {
    guard case .list(let elements) = value, elements.count <= most else {
      throw failure(most == JSONValue.largestCount ? "a list" : "a list of at most \(most)")
    }
    return elements.enumerated().map { JSONPlace(value: $1, path: "\(path)[\($0 + 1)]", origin: origin) }
  }

  /// A string.
  func text() throws -> String {
    guard case .text(let text) = value else { throw failure("a string") }
    return text
  }

  /// One of several strings.
  func choice(_ names: [String]) throws -> String {
    guard case .text(let text) = value, names.contains(text) else {
      throw failure(listed(names.map { "\"\($0)\"" }))
    }
    return text
  }

  /// One of many names of a kind, such as an activation's.
  func name(of kind: String, among names: [String]) throws -> String {
    let name = try text()
    if names.contains(name) { return name }
    let nearest = nearestName(to: name, among: names).map { ", did you mean '\($0)'?" }
    throw failed("unknown \(kind) \(LuaValue.string(name).text)" + (nearest ?? "; expected \(listed(names))"))
  }

  /// A boolean.
  func flag() throws -> Bool {
    guard case .boolean(let flag) = value else { throw failure("true or false") }
    return flag
  }

  /// The size of something, which leaves room to reckon with.
  func size(from least: Int = 0) throws -> Int {
    let size = try count(from: least)
    guard size <= JSONPlace.largestSize else { throw failure("at most 2^53") }
    return size
  }

  /// A whole number of at least `least`.
  func count(from least: Int = 0) throws -> Int {
    guard case .integer(let number) = value, number >= least else {
      throw failure("a whole number of at least \(least)")
    }
    return number
  }

  /// A number; those that JSON lacks are the strings "nan", "inf" and "-inf".
  func number() throws -> Double {
    switch value {
    case .number(let number): return number
    case .integer(let number): return Double(number)
    case .text(let word):
      if let number = JSONText.number(word: word) { return number }
    default: break
    }
    throw failure("a number, \"nan\", \"inf\" or \"-inf\"")
  }

  /// A number that is not negative.
  func magnitude() throws -> Double {
    let number = try number()
    guard number.isNaN || number >= 0 else { throw failure("a number of at least 0") }
    return number
  }

  /// A finite number.
  func finite() throws -> Double {
    let number = try number()
    guard number.isFinite else { throw failure("a finite number") }
    return number
  }
}
