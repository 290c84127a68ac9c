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
    let count = try record.body(&call)
    if record.receiver == .network || record.receiver == .layer { session.noteSurgery(on: call.receiver) }
    return count
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
    case .newindex: return try writeField(type)
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
    return failure("no field \(LuaValue.string(name).text)\(suggestion(for: name, among: names))")
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
