import CLua
import LuaAPI

/// An error at the prompt: what it says, where it was raised, and how Lua got there.
struct Failure {
  /// Where a function of the user's stood.
  struct Place: Equatable {
    /// The chunk's name as it was loaded with; nil where only the message tells it.
    let source: String?
    /// The chunk's name as messages have it.
    let shown: String
    let line: Int
  }

  /// What the error says, its position in front if it has one.
  var message: String
  /// Lua's traceback, line by line, the innermost call first.
  var traceback: [String] = []
  /// The user's functions that were running, the innermost first.
  var places: [Place] = []

  /// Whether Ctrl-C was pressed.
  var isInterrupt: Bool { message == "interrupted!" || message.hasSuffix(": interrupted!") }

  /// The position in front of the message, and what comes behind it.
  var position: (place: Place, text: Substring)? { position(of: message[...]) }

  /// The positions in front of the message, the innermost first, each with what comes behind it: coroutine.wrap puts that of
  /// its caller before that of the error.
  var positions: [(place: Place, text: Substring)] {
    guard var last = position else { return [] }
    var positions = [last]
    while let inner = position(of: last.text), inner.place.shown.isChunkName {
      positions.insert(inner, at: 0)
      last = inner
    }
    return positions
  }

  private func position(of message: Substring) -> (place: Place, text: Substring)? {
    var start = message.startIndex
    while let colon = message[start...].firstIndex(of: ":") {
      start = message.index(after: colon)
      let digits = message[start...].prefix { $0.isASCII && $0.isNumber }
      guard let line = Int(digits), message[digits.endIndex...].hasPrefix(": ") else { continue }
      // that of a module that can't be loaded stands on a line of its own
      let shown = String(message[..<colon].split(separator: "\n").last?.drop { $0 == "\t" } ?? "")
      let source = places.first { $0.shown == shown }?.source
      return (Place(source: source, shown: shown, line: line), message[digits.endIndex...].dropFirst(2))
    }
    return nil
  }

  /// Whether it says the same of the same line, whatever the chunk is called.
  func saysTheSame(as other: Failure) -> Bool {
    guard let own = position, let others = other.position else { return message == other.message }
    return own.text == others.text && own.place.line == others.place.line
  }

  // MARK: Tracebacks

  /// The calls that are the user's business; empty where the one line of the message is all.
  ///
  /// They are without what calls the chunk, metamethods' trampolines, Sonde's own Lua, and the native functions that raised the
  /// error, which the message tells.
  var calls: [String] {
    let own = traceback.filter {
      !$0.hasPrefix("[C]: in metamethod") && !$0.hasPrefix("[C]: in ?") && !$0.hasPrefix("sonde:")
    }
    let calls = own.drop { $0.hasPrefix("[C]:") }
    let lines = calls.filter { !$0.hasPrefix("[C]:") && !$0.hasPrefix("(...") }
    return lines.count > 1 ? Failure.withoutRepeats(calls) : []
  }

  /// The lines with all but the first of many equal ones counted.
  private static func withoutRepeats(_ lines: some Collection<String>) -> [String] {
    var result: [String] = []
    var rest = lines[...]
    while let line = rest.first {
      let count = rest.prefix { $0 == line }.count
      rest = rest.dropFirst(count)
      result.append(line)
      if count > 3 {
        result.append("...\t(\(count - 1) more of the same)")
      } else {
        result += Array(repeating: line, count: count - 1)
      }
    }
    return result
  }

  /// Reads the lines of a traceback as Lua writes it; `isWrapped` says that the chunk is a function inside another.
  static func lines(_ text: String, isWrapped: Bool) -> [String] {
    var lines = text.split(separator: "\n").dropFirst().map { line in String(line.drop { $0 == "\t" }) }
    var chunk = lines.count - 2
    // what calls a chunk again and again calls it by a name of its own
    if chunk >= 0, lines[chunk].hasPrefix("sonde:bench:") {
      lines.remove(at: chunk)
      chunk -= 1
      if chunk >= 0, let kind = lines[chunk].firstRange(of: ": in local 'f'") {
        lines[chunk].replaceSubrange(kind, with: ": in main chunk")
      }
    }
    if isWrapped, chunk >= 0, lines[chunk].hasPrefix("stdin"), lines[chunk].contains(": in function <stdin"),
      let colon = lines[chunk].firstRange(of: ": in function <")
    {
      lines[chunk] = lines[chunk][..<colon.lowerBound] + ": in main chunk"
      // to Lua the locals of earlier chunks are those of a function around this one
      if chunk > 0, let kind = lines[chunk - 1].firstRange(of: ": in upvalue '") {
        lines[chunk - 1].replaceSubrange(kind, with: ": in local '")
      }
    }
    return lines
  }
}

extension String {
  /// Whether it can be what messages call a chunk, and is no sentence of one.
  fileprivate var isChunkName: Bool { hasPrefix("[string ") || !isEmpty && !contains(" ") && !contains("'") }
}

extension Evaluator {
  /// Reads and pops what a failed call has left on top of the stack.
  func takeFailure(_ status: Int32, isWrapped: Bool) -> Failure {
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top - 1) }
    guard status == LUA_ERRRUN, lua_type(lua, top) == LUA_TTABLE, lua_checkstack(lua, LUA_MINSTACK) != 0 else {
      return Failure(message: string(at: top) ?? "not enough memory")
    }
    lua_rawgeti(lua, top, 1)
    lua_rawgeti(lua, top, 2)
    let traceback = string(at: top + 2).map { Failure.lines($0, isWrapped: isWrapped) } ?? []
    return Failure(message: message(ofValueAt: top + 1), traceback: traceback, places: places)
  }

  /// The user's functions that were running when the last chunk failed.
  private var places: [Failure.Place] {
    var places: [Failure.Place] = []
    var (source, shown): (UnsafePointer<CChar>?, UnsafePointer<CChar>?)
    while true {
      let line = sonde_failure_frame(interpreter.session.runtime, Int32(places.count), &source, &shown)
      guard line > 0, let source, let shown else { return places }
      places.append(Failure.Place(source: String(cString: source), shown: String(cString: shown), line: Int(line)))
    }
  }

  /// What an error's value says: strings and numbers as they are, others as the prompt shows them.
  private func message(ofValueAt index: Int32) -> String { string(at: index) ?? message(ofObjectAt: index) }

  private func message(ofObjectAt index: Int32) -> String {
    let plain = "(error object is a \(String(cString: lua_typename(lua, lua_type(lua, index)))) value)"
    if lua_type(lua, index) == LUA_TNIL { return plain }
    var speaks = false
    if lua_getmetatable(lua, index) != 0 {
      speaks = sonde_try_get_field(lua, lua_gettop(lua), "__tostring") == LUA_OK && lua_type(lua, -1) != LUA_TNIL
    }
    guard interpreter.session.pushInspector() == LUA_OK else { return plain }
    lua_pushvalue(lua, index)
    lua_pushboolean(lua, 1)
    guard interpreter.run(arguments: 2, results: 1, hold: true) == LUA_OK, let text = string(at: lua_gettop(lua)) else {
      return plain
    }
    return speaks ? text : "error object: \(text)"
  }

  /// The string or the number at a stack index, a number's own value being replaced by its text; nil for anything else.
  func string(at index: Int32) -> String? {
    guard lua_type(lua, index) == LUA_TSTRING else {
      guard lua_type(lua, index) == LUA_TNUMBER, sonde_try_tostring(lua, index) == LUA_OK else { return nil }
      lua_copy(lua, -1, index)
      sonde_pop(lua, 1)
      return string(at: index)
    }
    var length = 0
    guard let bytes = lua_tolstring(lua, index, &length) else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
  }
}
