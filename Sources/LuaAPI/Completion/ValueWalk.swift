import CLua
import Tensors

/// Walks from value to value without running anything of the user's: tables and their chains of `__index` are read raw, Sonde's
/// own objects by what Swift knows of them, and calls are not made.
///
/// It works in a frame of its own of Lua's stack, at whose index 1 the value stands that it has come to.
struct ValueWalk {
  /// What the walk has come to.
  enum Place: Equatable {
    /// The value at index 1.
    case value
    /// Some object of a type, of which there is none at hand.
    case type(ObjectType)
  }

  let session: Session
  /// How far chains of `__index` are followed: Lua's own limit, MAXTAGLOOP, is far beyond what anybody means.
  static let longestChain = 100
  /// Fields that take long to read, by the names of their types.
  private static let costly: Set<String> = ["sweep.runs", "dataset.class_counts"]

  var lua: LuaState { session.lua }

  /// Pushes a string; false without memory.
  func push(_ bytes: some Sequence<UInt8>) -> Bool {
    let copy = Array(bytes)
    let status = copy.withUnsafeBytes {
      sonde_try_string(lua, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return settle(status)
  }

  /// Pops the error value where there is one; answers whether there was none.
  func settle(_ status: Int32) -> Bool {
    if status != LUA_OK { sonde_pop(lua, 1) }
    return status == LUA_OK
  }

  /// Puts the value on top into the place of the one it was read from.
  private func arrive() -> Place {
    lua_copy(lua, -1, 1)
    lua_settop(lua, 1)
    return .value
  }

  // MARK: Steps

  /// Makes a step from the value at index 1 or from an object of a type.
  func step(_ step: ValuePath.Step, from place: Place) -> Place? {
    switch (step, place) {
    case (.call, _): result(of: place)
    case (.field(let name), .type(let type)): pushMethod(name, of: type) ? arrive() : nil
    case (_, .type): nil
    case (.field(let name), .value): read(at: name) ? arrive() : nil
    case (.element(let number), .value):
      readElement {
        lua_pushinteger(lua, number)
        return true
      } ? arrive() : nil
    }
  }

  private func read(at name: [UInt8]) -> Bool {
    if case .object(_, let type) = LuaValue(lua, 1) {
      if pushMethod(name, of: type) { return true }
      if ValueWalk.costly.contains("\(type.name).\(String(decoding: name, as: UTF8.self))") { return false }
    }
    return readElement { push(name) }
  }

  /// Pushes what the value at index 1 has for the key that `pushKey` pushes; false where that is nothing.
  private func readElement(_ pushKey: () -> Bool) -> Bool {
    switch LuaValue(lua, 1) {
    case .object(_, let type): readObject(type, pushKey)
    case .closed: false
    default: readRaw(pushKey)
    }
  }

  /// Has Swift answer a field or an element of an object of ours, as Lua would be answered.
  private func readObject(_ type: ObjectType, _ pushKey: () -> Bool) -> Bool {
    let record = session.types[Int(type.rawValue)]
    guard pushKey() else { return false }
    let count = session.run(lua) {
      var call = Call(session: session, lua: lua, who: type.name)
      return try call.handle(.index, of: record)
    }
    return count > 0 && lua_type(lua, -1) != LUA_TNIL
  }

  /// Pushes the method of a type; false where it has none of that name.
  func pushMethod(_ name: [UInt8], of type: ObjectType) -> Bool {
    let name = String(decoding: name, as: UTF8.self)
    guard let record = session.records.firstIndex(where: { $0.receiver == type && $0.shortName == name }) else {
      return false
    }
    return settle(sonde_try_record(lua, session.runtime, Int32(record), -1))
  }

  // MARK: Raw reading

  /// Looks in the value at index 1 and along its chain of `__index`.
  private func readRaw(_ pushKey: () -> Bool) -> Bool {
    var found = false
    forEachTable { table in
      guard pushKey() else { return false }
      lua_rawget(lua, table)
      found = lua_type(lua, -1) != LUA_TNIL
      if !found { sonde_pop(lua, 1) }
      return !found
    }
    return found
  }

  /// Walks the tables in which Lua would look for a field of the value at index 1.
  ///
  /// `body` gets the stack index of each and says whether to go on. An `__index` that is a function ends the chain.
  func forEachTable(_ body: (Int32) -> Bool) {
    lua_pushvalue(lua, 1)
    let holder = lua_gettop(lua)
    var isTable = lua_type(lua, holder) == LUA_TTABLE
    for _ in 0..<ValueWalk.longestChain {
      if isTable, !body(holder) { return }
      guard lua_getmetatable(lua, holder) != 0 else { return }
      let metatable = lua_gettop(lua)
      guard push("__index".utf8) else { return }
      isTable = lua_rawget(lua, metatable) == LUA_TTABLE
      guard isTable else { return }
      lua_copy(lua, -1, holder)
      lua_settop(lua, holder)
    }
  }

  // MARK: Calls

  /// What a call of the function at index 1 gives, as far as its record says.
  private func result(of place: Place) -> Place? {
    guard place == .value else { return place == .type(.network) ? .type(.tensor) : nil }
    if case .object(_, let type) = LuaValue(lua, 1) {
      return type == .network || type == .layer ? .type(.tensor) : nil
    }
    let record = sonde_record_of(lua, 1)
    return record < 0 ? nil : session.records[Int(record)].resultType.map { .type($0) }
  }
}

extension FunctionRecord {
  /// What else the text of results calls a tensor.
  private static let tensors = ["a view", "a new tensor", "an int64 tensor", "a mask"]

  /// The type of the first result where `returns` begins with the name of one.
  var resultType: ObjectType? {
    if let receiver, returns.hasPrefix("the \(receiver.name) itself") { return receiver }
    let clause = String(returns.prefix { !";:".contains($0) })
    // several possibilities are none
    guard !clause.contains(" or ") else { return nil }
    func begins(_ words: String) -> Bool {
      clause.hasPrefix(words) && clause.dropFirst(words.count).first.map { !$0.isLetter && $0 != "-" } ?? true
    }
    if FunctionRecord.tensors.contains(where: begins) { return .tensor }
    let named = ObjectType.allCases.filter { begins($0.described) }
    return named.max { $0.name.count < $1.name.count }
  }
}
