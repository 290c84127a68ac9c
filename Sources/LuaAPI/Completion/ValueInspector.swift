import CLua
import Networks
import Tensors

/// Tells what the values of a session have to offer behind a dot, a colon or a bracket, for completion.
///
/// Nothing of the user's runs meanwhile: no metamethods, hooks or finalisers. What takes long is bounded or left out.
public struct ValueInspector {
  /// The most keys that are looked at, and the most that are offered.
  private static let (most, offered) = (20_000, 5_000)

  let session: Session
  /// Pushes the value of a local variable of the prompt; false where there is none of that name.
  private let pushLocal: (String) -> Bool

  /// Looks at a session whose prompt has local variables that `pushLocal` knows.
  public init(_ session: Session, pushLocal: @escaping (String) -> Bool = { _ in false }) {
    (self.session, self.pushLocal) = (session, pushLocal)
  }

  private var walk: ValueWalk { ValueWalk(session: session) }
  private var lua: LuaState { session.lua }

  // MARK: Frames

  /// Runs `body` in a frame of Lua's stack of its own; nil where Lua has no memory for one.
  func quietly<Result>(_ body: () -> Result?) -> Result? {
    guard !session.closed else { return nil }
    var result: Result?
    withoutActuallyEscaping({ result = body() }) { task in
      var task = task
      withUnsafeMutablePointer(to: &task) { pointer in
        _ = sonde_quietly(session.lua, { $0?.assumingMemoryBound(to: (() -> Void).self).pointee() }, pointer)
      }
    }
    return result
  }

  /// Walks a path and answers what `body` makes of the end of it; nil where it leads nowhere.
  func at<Result>(_ path: ValuePath, _ body: (ValueWalk.Place) -> Result?) -> Result? {
    quietly {
      guard lua_checkstack(lua, 64) != 0, pushRoot(path.root) else { return nil }
      var place = ValueWalk.Place.value
      for step in path.steps {
        guard let next = walk.step(step, from: place) else { return nil }
        place = next
      }
      return body(place)
    }
  }

  /// Pushes what a path begins with, to index 1.
  private func pushRoot(_ root: ValuePath.Root) -> Bool {
    switch root {
    case .string: return walk.push([])
    case .name(let name):
      if pushLocal(name) { return true }
      lua_settop(lua, 0)
      lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
      return walk.step(.field(Array(name.utf8)), from: .value) != nil
    }
  }

  // MARK: Names

  /// The global variables, whose `__index` may lead to more.
  public func globals() -> [Candidate] {
    quietly {
      lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
      return names(of: "") { _ in true }
    } ?? []
  }

  /// What can stand behind a dot, or of methods behind a colon, after a path.
  public func members(of path: ValuePath, onlyMethods: Bool) -> [Candidate] {
    at(path) { place in
      guard let type = type(at: place) else { return names(of: path.libraryName) { !onlyMethods || isCallable($0) } }
      let record = session.types[Int(type.rawValue)]
      let methods = record.methods.map { Candidate($0.shortName, summary: $0.summary) }
      let elements = onlyMethods || place != .value ? [] : elementNames(of: record)
      let fields = elements.filter(ValueText.isName).map { Candidate($0) }
      return (onlyMethods ? [] : record.properties.map { Candidate($0.name, summary: $0.summary) } + fields) + methods
    } ?? []
  }

  /// The type of object of ours at the end of a path; nil for other values and for what was closed.
  private func type(at place: ValueWalk.Place) -> ObjectType? {
    if case .type(let type) = place { return type }
    if case .object(_, let type) = LuaValue(lua, 1) { return type }
    return nil
  }

  /// The names in the value at index 1, which is called `library` in the manual, and along its `__index`, those whose values
  /// `accepts` by their stack index.
  private func names(of library: String?, where accepts: (Int32) -> Bool) -> [Candidate] {
    var seen: Set<String> = []
    var found: [Candidate] = []
    forEachKey { key, value in
      guard let name = LuaValue(lua, key).asString, ValueText.isName(name), accepts(value), seen.insert(name).inserted
      else { return found.count < ValueInspector.offered }
      found.append(Candidate(name, summary: summary(at: value, library.map { $0 + name })))
      return found.count < ValueInspector.offered
    }
    return found
  }

  /// Walks the keys behind the sequence of each table; `body` gets the stack indices of key and value and says whether to go on.
  private func forEachKey(_ body: (Int32, Int32) -> Bool) {
    var visited = 0
    walk.forEachTable { table in
      let (length, top) = (lua_rawlen(lua, table), lua_gettop(lua))
      defer { lua_settop(lua, top) }
      // the sequence's last key is one that the walk can go on from
      if length > 0 { lua_pushinteger(lua, lua_Integer(clamping: length)) } else { lua_pushnil(lua) }
      var more = true
      while visited < ValueInspector.most {
        visited += 1
        guard walk.settle(sonde_try_next(lua, table, &more)) else { return false }
        guard more else { return true }
        guard body(top + 1, top + 2) else { return false }
        lua_settop(lua, top + 1)
      }
      return false
    }
  }

  /// Whether a call of the value at a stack index does something: a function's, or that of what has `__call`.
  private func isCallable(_ index: Int32) -> Bool {
    if lua_type(lua, index) == LUA_TFUNCTION { return true }
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    guard lua_getmetatable(lua, index) != 0, walk.push("__call".utf8) else { return false }
    return lua_rawget(lua, top + 1) != LUA_TNIL
  }

  // MARK: Keys

  /// What can stand inside brackets behind a path, without the quotes: strings, in their own order or sorted.
  public func keys(of path: ValuePath) -> [[UInt8]] {
    at(path) { place in
      guard let type = type(at: place) else { return stringKeys() }
      guard place == .value else { return [] }
      return elementNames(of: session.types[Int(type.rawValue)]).map { Array($0.utf8) }
    } ?? []
  }

  /// How many elements there are behind a path, as far as that is known without running anything.
  public func length(of path: ValuePath) -> Int {
    at(path) { place in
      guard place == .value else { return 0 }
      guard let type = type(at: place) else {
        return lua_type(lua, 1) == LUA_TTABLE ? Int(clamping: lua_rawlen(lua, 1)) : 0
      }
      let record = session.types[Int(type.rawValue)]
      let length = read(record) { try record.length?(&$0) } ?? 0
      // parameters have a length and no numbers
      return length > 0 && walk.step(.element(1), from: .value) != nil ? length : 0
    } ?? 0
  }

  private func stringKeys() -> [[UInt8]] {
    var seen: Set<[UInt8]> = []
    forEachKey { key, _ in
      var length = 0
      if lua_type(lua, key) == LUA_TSTRING, let bytes = lua_tolstring(lua, key, &length), length <= 200 {
        seen.insert(Array(UnsafeRawBufferPointer(start: bytes, count: length)))
      }
      return seen.count < ValueInspector.offered
    }
    return seen.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// The names of elements that the object at index 1 has beside its fields.
  private func elementNames(of record: TypeRecord) -> [String] {
    switch LuaValue(lua, 1) {
    case .object(let network as Network, _): return network.rows.compactMap(\.name)
    case .object(let handle as LayerHandle, _):
      let tensors = handle.layer.parameters + handle.layer.buffers
      return tensors.map(\.name) + ((handle.layer as? Residual)?.layers ?? []).compactMap(\.name)
    default:
      let fields = Set(record.properties.map(\.name))
      return (read(record) { try record.keys?(&$0) } ?? []).filter { !fields.contains($0) }
    }
  }

  /// Asks the object at index 1; nil where it fails.
  private func read<Result>(_ record: TypeRecord, _ body: (inout Call) throws -> Result?) -> Result? {
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    var result: Result?
    _ = session.run(lua) {
      var call = Call(session: session, lua: lua, who: record.type.name)
      try call.readReceiver(record.type)
      result = try body(&call)
      return 0
    }
    return result
  }

  // MARK: Summaries

  /// What the value at a stack index is, in a few words; `name` is what a function of Lua's own is called.
  private func summary(at index: Int32, _ name: String?) -> String {
    switch LuaValue(lua, index) {
    case .function:
      let record = sonde_record_of(lua, index)
      return record < 0 ? signature(at: index, name) : session.records[Int(record)].summary
    case .object(let tensor as Tensor, _): return "tensor \(tensor.dtype.name) \(tensor.shape)"
    case .object(_, let type): return type.name
    case .closed(let type): return "\(type.name) (closed)"
    case .table: return "table"
    case let other: return other.text
    }
  }

  /// A function with the names of its parameters where it is written in Lua; of Lua's own what help says.
  private func signature(at index: Int32, _ name: String?) -> String {
    guard lua_iscfunction(lua, index) == 0, lua_checkstack(lua, 4) != 0 else {
      return name.flatMap { HelpIndex.shared.entry($0)?.summary } ?? "function"
    }
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    var facts = lua_Debug()
    lua_pushvalue(lua, index)
    lua_pushvalue(lua, index)
    guard lua_getinfo(lua, ">u", &facts) != 0 else { return "function" }
    // bytecode without names has none
    var names = (0..<Int32(facts.nparams)).map { lua_getlocal(lua, nil, $0 + 1).map { String(cString: $0) } ?? "_" }
    if facts.isvararg != 0 { names.append("...") }
    return "function(\(names.joined(separator: ", ")))"
  }
}
