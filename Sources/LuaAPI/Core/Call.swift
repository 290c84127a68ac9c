import CLua
import Kernels
import Tensors

/// One call from Lua: its arguments, checked against the record, and ways to push results.
struct Call {
  let session: Session
  let lua: LuaState
  /// Who speaks in messages: the record's name.
  let who: String
  /// The object whose method or field it is.
  private(set) var receiver: AnyObject
  /// The positional arguments behind the receiver.
  private(set) var arguments: [LuaValue] = []
  private(set) var options: [String: LuaValue] = [:]
  /// The stack index of the last argument as it came, the options among them.
  private(set) var argumentTop: Int32 = 0

  init(session: Session, lua: LuaState, who: String) {
    self.session = session
    self.lua = lua
    self.who = who
    receiver = session
  }

  /// An error that begins with the function's name.
  func failure(_ text: String) -> LuaFailure { .message("\(who): \(text)") }

  /// An error about a path whose ending names no format that the function writes.
  func wrongEnding(of path: String, expected: String) -> LuaFailure {
    failure("expected a name that ends in \(expected), got \(LuaValue.string(path).text)")
  }

  // MARK: Reading the stack

  /// Takes the receiver from stack index 1.
  mutating func readReceiver(_ type: ObjectType) throws {
    switch LuaValue(lua, 1) {
    case .object(let object, type): receiver = object
    case .closed(type): throw failure("this \(type.name) was closed")
    case let other: throw failure("expected \(type.described) as self, got \(other.text); call it with a colon")
    }
  }

  /// Takes the arguments and the trailing options, and checks them against the record.
  mutating func read(_ record: FunctionRecord) throws {
    let top = lua_gettop(lua)
    argumentTop = top
    let first: Int32 = record.receiver == nil ? 1 : 2
    if let type = record.receiver { try readReceiver(type) }
    var last = top
    // options that are nil: what a function of the user's passes on
    let positions = first - 1 + Int32(record.parameters.count)
    while !record.variadic, last > positions, lua_type(lua, last) == LUA_TNIL { last -= 1 }
    if last >= first, !record.options.isEmpty, !record.takesNames(at: last - first),
      try isOptions(last, required: last - first < record.requiredCount, record)
    {
      try readOptions(record, at: last)
      last -= 1
    }
    if last >= first { arguments = (first...last).map { LuaValue(lua, $0) } }
    try check(record)
    for option in record.options where option.defaultText == nil && options[option.name] == nil {
      throw failure("option '\(option.name)' is missing: \(option.meaning)")
    }
  }

  /// Whether the value is a table of options: no sequence part, and its keys are names.
  ///
  /// An empty table in the place of a required parameter is that parameter. Among arguments of any kind, a table with other names
  /// than the options' is an argument.
  private func isOptions(_ index: Int32, required: Bool, _ record: FunctionRecord) throws -> Bool {
    guard lua_type(lua, index) == LUA_TTABLE, lua_rawlen(lua, index) == 0 else { return false }
    var (named, known, count) = (true, true, 0)
    try forEachPair(in: index) { key, _ in
      if key.asString == nil { named = false }
      if !record.options.contains(where: { $0.name == key.asString }) { known = false }
      count += 1
    }
    if record.variadic, case .any? = record.parameters.last?.type, !known || count == 0 { return false }
    return named && !(required && count == 0)
  }

  /// Leaves the values that are tables or functions on the stack, so that the body can read them.
  private mutating func readOptions(_ record: FunctionRecord, at index: Int32) throws {
    var names: [String] = []
    try forEachPair(in: index) { key, _ in names.append(key.asString ?? "") }
    for name in names.sorted() {
      guard let option = record.options.first(where: { $0.name == name }) else {
        let cure = suggestion(
          for: name, among: record.options.map(\.name), otherwise: "?\(record.name) lists what it takes")
        throw failure("unknown option \(LuaValue.string(name).text)\(cure)")
      }
      guard lua_checkstack(lua, 24) != 0 else { throw LuaFailure.message("not enough memory") }
      try LuaAPI.check(sonde_try_get_field(lua, index, name))
      let value = LuaValue(lua, lua_gettop(lua))
      guard value.fits(option.type) else {
        throw failure(
          "option '\(name)' expected \(option.type.text), got \(value.text(for: option.type))\(option.type.cure)")
      }
      options[name] = value
    }
  }

  /// Takes the values from a stack index on as arguments, unchecked.
  mutating func takeArguments(from first: Int32) {
    let top = lua_gettop(lua)
    arguments = first <= top ? (first...top).map { LuaValue(lua, $0) } : []
  }

  private func check(_ record: FunctionRecord) throws {
    for (position, parameter) in record.parameters.enumerated() {
      let isLast = position == record.parameters.count - 1
      let values = isLast && record.variadic ? Array(arguments.dropFirst(position)) : [argument(position)]
      for (offset, value) in values.enumerated() {
        if value.isAbsent && parameter.defaultText != nil { continue }
        guard value.fits(parameter.type) else {
          let got = value.isAbsent ? "nothing" : value.text(for: parameter.type)
          throw failure(
            "argument \(position + offset + 1) '\(parameter.name)' expected \(parameter.type.text), got \(got)"
              + cure(for: value, parameter))
        }
      }
    }
    if !record.variadic && arguments.count > record.parameters.count {
      let extra = arguments[record.parameters.count].text
      throw failure("takes \(record.takes), got \(extra) as argument \(record.parameters.count + 1)")
    }
  }

  /// What helps: braces, where objects stand side by side that belong into one table, or what makes what was expected.
  private func cure(for value: LuaValue, _ parameter: Parameter) -> String {
    guard case .table = parameter.type, case .object(_, let type) = value, type == .tensor || type == .layer else {
      return parameter.type.cure
    }
    return "; put them in braces"
  }

  /// Calls `body` with each key and value of the table at an absolute index.
  func forEachPair(in table: Int32, _ body: (LuaValue, Int32) throws -> Void) throws {
    lua_pushnil(lua)
    var more = true
    while true {
      try LuaAPI.check(sonde_try_next(lua, table, &more))
      if !more { return }
      try body(LuaValue(lua, lua_gettop(lua) - 1), lua_gettop(lua))
      sonde_pop(lua, 1)
    }
  }

  /// Takes from the stack what `body` leaves there; an error value of Lua's stays, alone and on top.
  func restoring<Result>(_ body: () throws -> Result) throws -> Result {
    let top = lua_gettop(lua)
    do {
      let result = try body()
      lua_settop(lua, top)
      return result
    } catch LuaFailure.value {
      lua_copy(lua, -1, top + 1)
      lua_settop(lua, top + 1)
      throw LuaFailure.value
    }
  }

  /// Reads the sequence at an absolute index, element by element; tables and functions can be read only inside `read`.
  func sequence<Element>(at table: Int32, _ read: (LuaValue) throws -> Element) throws -> [Element] {
    try (0..<Int(clamping: lua_rawlen(lua, table))).map { position in
      lua_rawgeti(lua, table, lua_Integer(position + 1))
      // an error value of Lua's stays on top
      let element = try read(LuaValue(lua, lua_gettop(lua)))
      sonde_pop(lua, 1)
      return element
    }
  }

  // MARK: Arguments

  /// The positional argument at `position`, counted from 0; absent past the end.
  func argument(_ position: Int) -> LuaValue { position < arguments.count ? arguments[position] : .absent }

  /// An option's value; absent when it was not given.
  func option(_ name: String) -> LuaValue { options[name] ?? .absent }

  /// The receiver as its class; the type record guarantees which.
  func object<T: AnyObject>(_ type: T.Type = T.self) -> T { unsafeDowncast(receiver, to: T.self) }

  func tensor(_ position: Int) throws -> Tensor {
    guard let tensor = argument(position).asTensor else {
      throw failure("argument \(position + 1) expected a tensor, got \(argument(position).text)")
    }
    return tensor
  }

  func integer(_ position: Int) throws -> Int {
    guard let value = argument(position).asInteger else {
      throw failure("argument \(position + 1) expected an integer, got \(argument(position).text)")
    }
    return value
  }

  func number(_ position: Int) throws -> Double {
    guard let value = argument(position).asNumber else {
      throw failure("argument \(position + 1) expected a number, got \(argument(position).text)")
    }
    return value
  }

  func string(_ position: Int) throws -> String {
    guard let value = argument(position).asString else {
      throw failure("argument \(position + 1) expected a string, got \(argument(position).text)")
    }
    return value
  }

  /// The option `dtype`, or the session's default.
  func dtype() -> DType { option("dtype").asString.flatMap(DType.init(name:)) ?? session.defaultDType }

  /// The option `generator`, or the session's own.
  func generator() -> Generator {
    if case .object(let object, .generator) = option("generator") { return unsafeDowncast(object, to: Generator.self) }
    return session.generator
  }

  func flag(_ name: String, default fallback: Bool) -> Bool {
    if case .boolean(let value) = option(name) { return value }
    return fallback
  }

  // MARK: Results

  func push(_ string: String) throws -> Int32 {
    var copy = string
    try LuaAPI.check(
      copy.withUTF8 { utf8 in
        utf8.withMemoryRebound(to: CChar.self) { sonde_try_string(lua, $0.baseAddress, $0.count) }
      })
    return 1
  }

  func push(_ value: Double) -> Int32 {
    lua_pushnumber(lua, value)
    return 1
  }

  func push(_ value: Int) -> Int32 {
    lua_pushinteger(lua, lua_Integer(value))
    return 1
  }

  func push(_ value: Bool) -> Int32 {
    lua_pushboolean(lua, value ? 1 : 0)
    return 1
  }

  func pushNil() -> Int32 {
    lua_pushnil(lua)
    return 1
  }

  func push(_ object: AnyObject, _ type: ObjectType) throws -> Int32 {
    var box: UnsafeMutablePointer<SondeBox>?
    try LuaAPI.check(sonde_try_box(lua, session.runtime, type.rawValue, &box))
    if let box { sonde_box_fill(box, Unmanaged.passRetained(object).toOpaque()) }
    return 1
  }

  func push(_ tensor: Tensor) throws -> Int32 { try push(tensor, .tensor) }

  /// Pushes the receiver again, so that calls chain.
  func pushSelf() -> Int32 {
    lua_pushvalue(lua, 1)
    return 1
  }

  /// Pushes a sequence; `push` puts one element on the stack.
  func push<Element>(sequence: some Sequence<Element>, _ push: (Element) throws -> Int32) throws -> Int32 {
    try LuaAPI.check(sonde_try_table(lua, Int32(clamping: sequence.underestimatedCount), 0))
    let table = lua_gettop(lua)
    for (index, element) in sequence.enumerated() {
      _ = try push(element)
      try LuaAPI.check(sonde_try_set_index(lua, table, lua_Integer(index + 1)))
    }
    return 1
  }

  /// Sets a field of the table on top; `push` puts the value on the stack.
  func set(_ name: String, _ push: () throws -> Int32) throws {
    let table = lua_gettop(lua)
    _ = try push()
    try LuaAPI.check(sonde_try_set_field(lua, table, name))
  }
}

extension FunctionRecord {
  /// How many arguments there may be, and how options are written.
  fileprivate var takes: String {
    let count = parameters.count
    let arguments = count == 0 ? "no arguments" : count == 1 ? "1 argument" : "\(count) arguments"
    return arguments
      + (options.first.map { "\(count == 0 ? " but" : " and") options in braces, {\($0.name)=...}" } ?? "")
  }
}
