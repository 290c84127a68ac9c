import CLua
import Gradients
import Kernels
import Tensors

/// What one Lua state has of Sonde: its records, its generator, its defaults.
public final class Session {
  /// The state this session belongs to.
  public let lua: LuaState
  /// The C side: boxes, live handles, interrupts.
  public let runtime: OpaquePointer
  /// The dtype of new tensors that do not name one.
  public var defaultDType = DType.float32
  /// The generator of calls that do not name one.
  public let generator = Generator(seed: Generator.entropy() >> 1)

  /// Begins the stream of a seed, for networks too that draw from the session's generator.
  public func reseed(_ seed: UInt64) { generator.state = Generator(seed: seed).state }

  /// What is written in Lua.
  let library = Library()
  /// What the last small tensor that Lua dropped leaves to the next one.
  let spare = SpareTensor()
  /// What the numbers of direct methods mean, at hand for every call.
  let directOperations = DirectMethod.operations

  /// Whether every operation is checked for making a NaN or an infinity.
  @exclusivity(unchecked)
  var watchesAnomalies = false
  /// How many calls of functions that `sonde.grad` made are running inside each other.
  var gradientDepth = 0

  /// The networks that were operated on, for `sonde.undo`.
  var surgeryLog = SurgeryLog()
  /// How many calls of functions that are written in Lua are running inside each other.
  var libraryDepth = 0
  /// The globals there were before any script ran: where the value of each was.
  var presetGlobals: [String: UnsafeRawPointer?] = [:]
  /// The text of a chunk that was typed, by the name it was compiled under; set by the prompt.
  public var chunkText: ((String) -> String?)?
  /// Pushes a local variable that the prompt keeps, or answers false; set by the prompt.
  public var pushLocal: ((String) -> Bool)?

  /// The commands of the prompt, of which help tells; set by the program.
  public var commands: [HelpCommand] = []

  /// Whether this process makes one run of a sweep for another process.
  var isSweepWorker = false
  /// What the last sweep has brought, whole or not.
  var lastSweep: SweepResults?

  /// Whether the Lua state is gone.
  private(set) var closed = false
  /// The thread that calls us now, the main one or a coroutine; callbacks go to it.
  private(set) var running: LuaState
  private(set) var records: [FunctionRecord] = []
  /// The records of functions that others give back, by name: the step of `pairs`, what `sonde.grad(f)` is.
  private(set) var hidden: [String: Int32] = [:]
  private(set) var types: [TypeRecord] = []
  private var propertyIndex: [ObjectType: [String: Int]] = [:]

  /// Prepares a fresh Lua state: standard libraries, and the table `sonde` as `require "sonde"` finds it.
  ///
  /// With `presets` the globals `sonde`, `nn`, `optim`, `data`, `theory` and `plot` are set, as the program does.
  ///
  /// - Throws: when Lua has no memory; the state is closed then.
  public init(_ lua: LuaState, presets: Bool, environment: Bool = true) throws {
    self.lua = lua
    running = lua
    guard let runtime = sonde_runtime_new() else { throw LuaFailure.message("not enough memory") }
    self.runtime = runtime
    CallSite.install(Session.callSite)
    sonde_runtime_attach(runtime, Unmanaged.passUnretained(self).toOpaque())
    do {
      try check(sonde_try_libraries(lua, runtime, environment))
      try register(presets: presets)
      // Records that were made under a running collector would make it start in its slow, full rounds.
      sonde_start_collector(lua)
    } catch {
      close()
      // nothing but a lack of memory raises here
      if case LuaFailure.value = error { throw LuaFailure.message("not enough memory") }
      throw error
    }
  }

  /// Closes the Lua state and gives back the objects that Lua could not finalise; answers how many those were.
  @discardableResult
  public func close() -> Int {
    guard !closed else { return 0 }
    closed = true
    lua_close(lua)
    defer { spare.clear() }
    return sonde_runtime_free(runtime)
  }

  /// The number of Swift objects that Lua holds.
  public var liveObjects: Int { closed ? 0 : sonde_runtime_live(runtime) }

  // MARK: Registration

  private func register(presets: Bool) throws {
    types = TypeRecord.all
    for type in types { try register(type) }
    let call = Call(session: self, lua: lua, who: "sonde")
    try check(sonde_try_table(lua, 0, 64))
    let root = lua_gettop(lua)
    for record in FunctionRecord.all { try register(record, in: root, call) }
    try call.set("version") { try call.push(Session.version) }
    for record in FunctionRecord.hidden { hidden[record.name] = append(record) }
    try library.prepare(call, root: root)
    try equipModules(in: root)
    try publish(root, call, presets: presets)
    lua_settop(lua, root - 1)
  }

  /// Sonde's version.
  public static let version = "0.1.0"

  private func append(_ record: FunctionRecord) -> Int32 {
    records.append(record)
    return Int32(records.count - 1)
  }

  private func register(_ type: TypeRecord) throws {
    try check(sonde_try_table(lua, 0, Int32(type.methods.count)))
    let methods = lua_gettop(lua)
    for method in type.methods {
      try check(sonde_try_record(lua, runtime, append(method), method.direct?.number ?? -1))
      try check(sonde_try_set_field(lua, methods, method.shortName))
    }
    propertyIndex[type.type] = Dictionary(
      type.properties.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    try ObjectEvent.withMetamethods(of: type) { names, numbers in
      try check(sonde_try_type(lua, runtime, type.type.rawValue, type.type.name, names, numbers))
    }
  }

  /// Puts `nn.mlp` into the table `nn` of the root, `sonde.zeros` into the root itself.
  private func register(_ record: FunctionRecord, in root: Int32, _ call: Call) throws {
    let path = record.name.split(separator: ".").dropLast().filter { $0 != "sonde" }
    lua_pushvalue(lua, root)
    for name in path {
      let parent = lua_gettop(lua)
      try check(sonde_try_get_field(lua, parent, String(name)))
      if lua_type(lua, -1) == LUA_TTABLE { continue }
      sonde_pop(lua, 1)
      try check(sonde_try_table(lua, 0, 32))
      lua_pushvalue(lua, -1)
      try check(sonde_try_set_field(lua, parent, String(name)))
    }
    let table = lua_gettop(lua)
    try check(sonde_try_record(lua, runtime, append(record), record.direct?.number ?? -1))
    try check(sonde_try_set_field(lua, table, record.shortName))
    lua_settop(lua, root)
  }

  /// Sets `package.loaded.sonde`, and the globals of the program.
  private func publish(_ root: Int32, _ call: Call, presets: Bool) throws {
    lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    let globals = lua_gettop(lua)
    try check(sonde_try_get_field(lua, globals, "package"))
    try check(sonde_try_get_field(lua, lua_gettop(lua), "loaded"))
    lua_pushvalue(lua, root)
    try check(sonde_try_set_field(lua, lua_gettop(lua) - 1, "sonde"))
    guard presets else { return }
    lua_pushvalue(lua, root)
    presetGlobals["sonde"] = .some(lua_topointer(lua, root))
    try check(sonde_try_set_field(lua, globals, "sonde"))
    for name in ["nn", "optim", "data", "theory", "plot", "help"] {
      try check(sonde_try_get_field(lua, root, name))
      presetGlobals[name] = .some(lua_topointer(lua, -1))
      try check(sonde_try_set_field(lua, globals, name))
    }
  }

  // MARK: Dispatch

  func property(_ type: ObjectType, _ name: String) -> PropertyRecord? {
    propertyIndex[type]?[name].map { types[Int(type.rawValue)].properties[$0] }
  }

  /// Runs a body and turns what it throws into a status for C, its text in the message buffer.
  func run(_ lua: LuaState, _ body: () throws -> Int32) -> Int32 {
    let outer = running
    running = lua
    defer { running = outer }
    guard lua_checkstack(lua, 64) != 0 else { return Int32(SONDE_OUT_OF_MEMORY) }
    do {
      return watchesAnomalies ? try Anomaly.watch(body) : try body()
    } catch LuaFailure.value {
      return Int32(SONDE_ERROR_VALUE)
    } catch LuaFailure.message(let text) {
      return report(text)
    } catch is Interrupted {
      return Int32(SONDE_INTERRUPTED)
    } catch {
      return report("\(error)")
    }
  }

  /// Ends a typed chunk that begins a training or a sweep after Ctrl-C has ended another: a loop of them ends with the first.
  ///
  /// - Throws: `Interrupted`, asked for again, so that no pcall goes on.
  func endAfterInterrupt() throws {
    guard sonde_typed_was_interrupted(runtime) else { return }
    sonde_interrupt()
    throw Interrupted()
  }

  /// Where the Lua program of this thread stands.
  private static let callSite: @Sendable () -> String? = {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(LUA_IDSIZE)) { source in
      guard let name = source.baseAddress else { return nil }
      let line = sonde_current_line(name, source.count)
      return line > 0 ? "line \(line) of \(String(cString: name))" : nil
    }
  }

  /// Leaves a message for C; what a user's names hold of newlines and other control characters is written out, so that it
  /// stays one line.
  private func report(_ text: String) -> Int32 {
    let buffer = sonde_runtime_message(runtime)
    var length = 0
    for scalar in text.unicodeScalars {
      let word = ValueText.visible(scalar).utf8
      guard length + word.count < Int(SONDE_MESSAGE_LIMIT) else { break }
      for byte in word {
        buffer?[length] = CChar(bitPattern: byte)
        length += 1
      }
    }
    buffer?[length] = 0
    return Int32(SONDE_MESSAGE)
  }
}
