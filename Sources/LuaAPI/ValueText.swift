import CLua
import Kernels
import Tensors

/// Writes Lua values as people read them: tables with what they hold, sequences first, then the other fields by their keys.
///
/// Tables are read raw; of a user's metamethods only `__tostring` runs, protected.
struct ValueText {
  private static let widestKey = 24

  private let call: Call
  private let screen: Screen
  private let depth: Int
  private let items: Int
  /// How many entries may still be written.
  private var budget: Int
  /// The tables around the value, to tell cycles.
  private var path: [UnsafeRawPointer?] = []

  private var lua: LuaState { call.lua }
  /// The most characters of a string, and of another value in one line, that are shown.
  private var longestString: Int { max(12, min(60, screen.columns - 20)) }
  private var longestLine: Int { max(16, min(72, screen.columns - 8)) }

  init(_ call: Call, depth: Int, items: Int, screen: Screen = Screen()) {
    (self.call, self.depth, self.items, self.screen) = (call, depth, items, screen)
    budget = 10 * items
  }

  /// Writes the value at an absolute stack index.
  mutating func write(at index: Int32) throws -> String { try write(at: index, indent: 0, used: 0) }

  /// Writes a value in lines indented by `indent`, the first of which has `used` characters before the value.
  private mutating func write(at index: Int32, indent: Int, used: Int) throws -> String {
    guard lua_checkstack(lua, 32) != 0 else { throw LuaFailure.message("not enough memory") }
    switch lua_type(lua, index) {
    case LUA_TSTRING: return screen.paint(quoted(at: index), .string)
    case LUA_TTABLE: return try table(at: index, indent, used)
    case LUA_TNUMBER: return screen.paint(described(at: index), .number)
    case LUA_TBOOLEAN, LUA_TNIL: return screen.paint(described(at: index), .constant)
    case LUA_TFUNCTION: return function(at: index)
    default:
      if let tensor = LuaValue(lua, index).asTensor { return "tensor \(tensor.summary())" }
      return line(described(at: index))
    }
  }

  // MARK: Tables

  private mutating func table(at index: Int32, _ indent: Int, _ used: Int) throws -> String {
    if try has("__tostring", at: index) {
      return path.isEmpty ? described(at: index) : line(described(at: index))
    }
    let name = try name(at: index)
    if try isEmpty(at: index) { return name + "{}" }
    let address = lua_topointer(lua, index)
    if path.contains(address) { return screen.paint("<cycle>", .faint) }
    guard path.count < depth, budget > 0 else { return name + "{...}" }
    path.append(address)
    defer { path.removeLast() }
    let call = call
    let entries: [Entry] = try call.restoring { try self.entries(at: index, indent: indent + 2) }
    let inline = "\(name){\(entries.map { $0.text(keyWidth: 0, screen) }.joined(separator: ", "))}"
    if used + Screen.width(inline) <= screen.columns && !inline.contains("\n") { return inline }
    let margin = String(repeating: " ", count: indent)
    let width = entries.map { Screen.width($0.key) }.filter { $0 <= ValueText.widestKey }.max() ?? 0
    let lines = entries.map { "\(margin)  \($0.text(keyWidth: width, screen))" }
    return "\(name){\n" + lines.joined(separator: ",\n") + "\n\(margin)}"
  }

  /// A field of a table, or an element, which has no key.
  private struct Entry {
    var key = ""
    var value: String

    /// The text, its key in so many columns at least.
    func text(keyWidth: Int, _ screen: Screen) -> String {
      if key.isEmpty { return value }
      let padding = String(repeating: " ", count: max(0, keyWidth - Screen.width(key)))
      return "\(screen.paint(key, .key))\(padding) = \(value)"
    }
  }

  private mutating func entries(at index: Int32, indent: Int) throws -> [Entry] {
    let fields = try FieldKeys(call, of: index, most: items)
    let length = Int(clamping: lua_rawlen(lua, index))
    var entries: [Entry] = []
    for position in 0..<take(length) {
      lua_rawgeti(lua, index, lua_Integer(position + 1))
      entries.append(try entry(key: "", indent))
    }
    elide(length - entries.count, &entries)
    let shown = take(fields.kept)
    for place in 0..<shown {
      fields.push(place)
      let key = try key(at: lua_gettop(lua))
      lua_rawget(lua, index)
      entries.append(try entry(key: key, indent))
    }
    elide(fields.count - shown, &entries)
    return entries
  }

  /// Writes the value on top of the stack behind its key, and pops it.
  private mutating func entry(key: String, _ indent: Int) throws -> Entry {
    try Interrupt.check()
    // one more for the comma
    let used = indent + (key.isEmpty ? 0 : Screen.width(key) + 3) + 1
    let value = try write(at: lua_gettop(lua), indent: indent, used: used)
    // not where it throws: an error value lies on top then
    sonde_pop(lua, 1)
    return Entry(key: key, value: value)
  }

  /// How many of `count` entries may be written.
  private mutating func take(_ count: Int) -> Int {
    let taken = Swift.min(count, items, budget)
    budget -= taken
    return taken
  }

  private func elide(_ count: Int, _ entries: inout [Entry]) {
    if count > 0 { entries.append(Entry(value: screen.paint("... (\(count) more)", .faint))) }
  }

  private func isEmpty(at index: Int32) throws -> Bool {
    try call.restoring {
      lua_pushnil(lua)
      var more = false
      try check(sonde_try_next(lua, index, &more))
      return !more
    }
  }

  // MARK: Metatables

  /// Whether the value's metatable has a field.
  private func has(_ field: String, at index: Int32) throws -> Bool {
    try call.restoring {
      guard lua_getmetatable(lua, index) != 0 else { return false }
      try check(sonde_try_get_field(lua, lua_gettop(lua), field))
      return lua_type(lua, -1) != LUA_TNIL
    }
  }

  /// The metatable's `__name` and a space, when it is a string.
  private func name(at index: Int32) throws -> String {
    try call.restoring {
      guard lua_getmetatable(lua, index) != 0 else { return "" }
      try check(sonde_try_get_field(lua, lua_gettop(lua), "__name"))
      guard lua_type(lua, -1) == LUA_TSTRING else { return "" }
      return line(LuaValue.text(lua, lua_gettop(lua))) + " "
    }
  }

  // MARK: Functions

  /// A function of ours by its name, with what it does where it stands alone; another as Lua names it.
  private func function(at index: Int32) -> String {
    let record = Int(sonde_record_of(lua, index))
    guard call.session.records.indices.contains(record) else {
      return line(described(at: index) + (path.isEmpty ? origin(ofFunctionAt: index) : ""))
    }
    let page = call.session.records[record]
    return path.isEmpty ? "function \(page.name): \(page.summary)" : "function \(page.name)"
  }

  /// Where a function of Lua begins.
  private func origin(ofFunctionAt index: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(LUA_IDSIZE)) { shown in
      guard let name = shown.baseAddress else { return "" }
      let line = sonde_function_line(lua, index, name, shown.count)
      return line > 0 ? " (\(String(cString: name)):\(line))" : ""
    }
  }

  // MARK: Words

  private func key(at index: Int32) throws -> String {
    if lua_type(lua, index) == LUA_TSTRING {
      let name = quoted(at: index)
      let word = String(name.dropFirst().dropLast())
      return ValueText.isName(word) ? word : "[\(name)]"
    }
    if let tensor = LuaValue(lua, index).asTensor { return "[tensor \(tensor.summary())]" }
    return "[\(line(described(at: index)))]"
  }

  /// What `tostring` answers, or that it fails.
  private func described(at index: Int32) -> String {
    defer { sonde_pop(lua, 1) }
    guard sonde_try_tostring(lua, index) == LUA_OK else { return "<error in __tostring>" }
    return LuaValue.text(lua, lua_gettop(lua))
  }

  /// The first line of a text, cut where it is long.
  private func line(_ text: String) -> String {
    let first = text.prefix { !$0.isNewline }
    return first.count < text.count || first.count > longestLine
      ? first.prefix(longestLine - 3) + "..." : text
  }

  /// A string as Lua would read it, cut where it is long.
  private func quoted(at index: Int32) -> String {
    var length = 0
    guard let bytes = lua_tolstring(lua, index, &length) else { return "\"\"" }
    let buffer = UnsafeRawBufferPointer(start: bytes, count: length)
    var shown = String(decoding: buffer.prefix(4 * longestString + 4), as: UTF8.self)
    let isCut = shown.unicodeScalars.count > longestString
    if isCut { shown = String(String.UnicodeScalarView(shown.unicodeScalars.prefix(longestString))) }
    let text = "\"" + shown.unicodeScalars.map(ValueText.escaped).joined() + "\""
    return isCut ? "\(text)... (\(length) bytes)" : text
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    scalar == "\"" || scalar == "\\" ? "\\" + String(scalar) : visible(scalar)
  }

  /// A character as it is, or as Lua would write it where it controls a terminal.
  static func visible(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\t": "\\t"
    case "\r": "\\r"
    case _ where scalar.value < 32 || scalar.value == 127:
      "\\" + String(repeating: "0", count: scalar.value < 10 ? 2 : scalar.value < 100 ? 1 : 0) + "\(scalar.value)"
    case _ where (128..<160).contains(scalar.value): "\\u{\(String(scalar.value, radix: 16))}"
    default: String(scalar)
    }
  }

  private static let reserved: Set<String> = [
    "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
    "not", "or", "repeat", "return", "then", "true", "until", "while",
  ]

  /// Whether a word can stand behind a dot.
  static func isName(_ word: String) -> Bool {
    guard let first = word.utf8.first, !(48...57).contains(first), !reserved.contains(word) else { return false }
    return word.utf8.allSatisfy { ($0 | 32 >= 97 && $0 | 32 <= 122) || (48...57).contains($0) || $0 == 95 }
  }
}
