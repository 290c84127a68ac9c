import CLua
import Kernels
import Tensors

// What C calls. Each function turns whatever happens into a status and never lets a Swift error or a longjmp through.

private func session(_ pointer: UnsafeMutableRawPointer?) -> Session? {
  pointer.map { Unmanaged<Session>.fromOpaque($0).takeUnretainedValue() }
}

private let noSession = Int32(SONDE_OUT_OF_MEMORY)

@c @implementation
func sonde_swift_call(_ pointer: UnsafeMutableRawPointer?, _ lua: OpaquePointer?, _ index: Int32) -> Int32 {
  guard let session = session(pointer), let lua else { return noSession }
  return session.run(lua) {
    let record = session.records[Int(index)]
    var call = Call(session: session, lua: lua, who: record.name)
    try call.read(record)
    let count = try record.naming { try record.body(&call) }
    if record.receiver == .network || record.receiver == .layer { session.noteSurgery(on: call.receiver) }
    return count
  }
}

extension FunctionRecord {
  /// Runs a body and puts the function's name, as a user knows it, before its errors: the engine calls operations by short names
  /// of its own.
  fileprivate func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch LuaFailure.message(let text) {
      throw LuaFailure.message(withoutReceiver(text))
    } catch let failure as LuaFailure {
      throw failure
    } catch let interrupt as Interrupted {
      throw interrupt
    } catch {
      throw LuaFailure.message(named("\(error)"))
    }
  }

  /// `cross_entropy: ...` is `nn.cross_entropy: ...`, `matmul: ...` is `tensor:mm: matmul: ...`.
  private func named(_ text: String) -> String {
    let message = withoutReceiver(text)
    if message != text || ([name + " "] + FunctionRecord.speakers).contains(where: { text.hasPrefix($0) }) {
      return message
    }
    guard let colon = text.firstRange(of: ": ")?.lowerBound else { return "\(name): \(text)" }
    // an optimiser, for one, speaks by the name that made it
    if FunctionRecord.names.contains(String(text[..<colon])) { return text }
    let operation = text[..<colon].split(separator: ".").last ?? ""
    let isOwn =
      operation == "layer name" || operation == shortName || operation + "_" == shortName
      || operation == shortName + "_"
    return name + (isOwn ? String(text[colon...]) : ": \(text)")
  }

  private static let names = Set(documented.map(\.name))
  /// Who speaks whatever was called: memory, the watch over NaN, and a layer by its place.
  private static let speakers = ["not enough memory", "anomaly: "] + (1...9).map { "layer \($0)" }

  /// The message under this function's name where it begins with that of the object alone, as those of indexing do.
  private func withoutReceiver(_ text: String) -> String {
    guard let receiver, text.hasPrefix("\(receiver.name): ") else { return text }
    return name + text.dropFirst(receiver.name.count)
  }
}

@c @implementation
func sonde_swift_event(
  _ pointer: UnsafeMutableRawPointer?, _ lua: OpaquePointer?, _ type: Int32, _ event: Int32
) -> Int32 {
  guard let session = session(pointer), let lua, let event = ObjectEvent(rawValue: event) else { return noSession }
  return session.run(lua) {
    let type = session.types[Int(type)]
    var call = Call(session: session, lua: lua, who: type.type.name)
    return try call.handle(event, of: type)
  }
}

@c @implementation
func sonde_swift_release(_ object: UnsafeMutableRawPointer?) {
  if let object { Unmanaged<AnyObject>.fromOpaque(object).release() }
}

@c @implementation
func sonde_swift_drop(_ pointer: UnsafeMutableRawPointer?, _ object: UnsafeMutableRawPointer?) {
  guard let pointer, let object else { return }
  let tensor = Unmanaged<Tensor>.fromOpaque(object).takeRetainedValue()
  Unmanaged<Session>.fromOpaque(pointer)._withUnsafeGuaranteedRef { $0.spare.offer(tensor) }
}

@c @implementation
func sonde_swift_live_bytes() -> Int { MemoryAccount.live }

@c @implementation
func sonde_swift_count_bytes(_ change: Int, _ reserve: Int) -> Bool {
  MemoryAccount.count(others: change, reserve: reserve)
}

@c @implementation
func sonde_swift_allocated_bytes() -> Int { MemoryAccount.allocated }

@c @implementation
func sonde_swift_interrupt_request() { Interrupt.request() }

@c @implementation
func sonde_swift_interrupt_clear() { Interrupt.clear() }

@c @implementation
func sonde_swift_interrupt_requested() -> Bool { Interrupt.isRequested }

extension Call {
  /// Runs a metamethod of an object of ours.
  mutating func handle(_ event: ObjectEvent, of type: TypeRecord) throws -> Int32 {
    switch event {
    case .eq: return push(isSameObject())
    case .lt, .le: return try push(type.order?(&self, event == .le) ?? false)
    case .tostring: return try describe(type)
    default: break
    }
    try readReceiver(type.type)
    switch event {
    case .index: return try readField(type)
    case .newindex: return try assign(type)
    case .len: return push(try type.length?(&self) ?? 0)
    case .call:
      takeArguments(from: 2)
      return try type.call?(&self) ?? 0
    case .pairs: return try pushPairs()
    default: throw failure("can't do that")
    }
  }

  /// Two boxes are equal when they hold the same object; layers are held by a handle made for each access.
  private func isSameObject() -> Bool {
    guard case .object(let left, _) = LuaValue(lua, 1), case .object(let right, _) = LuaValue(lua, 2) else {
      return false
    }
    if let left = left as? LayerHandle, let right = right as? LayerHandle { return left.layer === right.layer }
    return left === right
  }

  /// Assignment copies into a view or fills it, of which the user knows nothing.
  private mutating func assign(_ type: TypeRecord) throws -> Int32 {
    do {
      return try writeField(type)
    } catch {
      if error is LuaFailure || error is Interrupted { throw error }
      let text = "\(error)"
      guard let own = ["copy_: ", "fill_: "].first(where: { text.hasPrefix($0) }) else { throw error }
      throw failure(String(text.dropFirst(own.count)))
    }
  }

  private mutating func describe(_ type: TypeRecord) throws -> Int32 {
    if case .closed = LuaValue(lua, 1) { return try push("\(type.type.name) (closed)") }
    try readReceiver(type.type)
    return try push(type.text?(&self) ?? type.type.name)
  }

  private mutating func readField(_ type: TypeRecord) throws -> Int32 {
    takeArguments(from: 2)
    let key = argument(0)
    if let name = key.asString, let property = session.property(type.type, name) { return try property.get(&self) }
    if let count = try type.element?(&self) { return count }
    throw unknownField(key, of: type)
  }

  private mutating func writeField(_ type: TypeRecord) throws -> Int32 {
    takeArguments(from: 2)
    let key = argument(0)
    if let name = key.asString, let property = session.property(type.type, name) {
      guard let set = property.set else { throw failure("field '\(name)' can't be assigned") }
      try set(&self)
      if type.type == .layer { session.noteSurgery(on: receiver) }
      return 0
    }
    if try type.assign?(&self) == true { return 0 }
    if let name = key.asString, type.methods.contains(where: { $0.shortName == name }) {
      throw failure("'\(name)' is a method and can't be assigned")
    }
    throw unknownField(key, of: type)
  }

  private func unknownField(_ key: LuaValue, of type: TypeRecord) -> LuaFailure {
    guard let name = key.asString else { return failure("can't be indexed with \(key.text)") }
    let names = type.properties.map(\.name) + type.methods.map(\.shortName)
    let cure = suggestion(for: name, among: names, otherwise: "?\(type.type.name) lists what it has")
    return failure("no field \(LuaValue.string(name).text)\(cure)")
  }

  /// Pushes a function that is found nowhere else.
  func pushHidden(_ record: FunctionRecord) throws {
    try LuaAPI.check(sonde_try_record(lua, session.runtime, session.hidden[record.name] ?? 0, -1))
  }

  /// Replaces the value on top by a hidden function that captures it.
  func captureHidden(_ record: FunctionRecord) throws {
    try LuaAPI.check(sonde_try_closure(lua, session.runtime, session.hidden[record.name] ?? 0))
  }

  /// Pushes the iterator of `pairs`, the object, and nil.
  private func pushPairs() throws -> Int32 {
    try pushHidden(.pairsIterator)
    lua_pushvalue(lua, 1)
    lua_pushnil(lua)
    return 3
  }
}
