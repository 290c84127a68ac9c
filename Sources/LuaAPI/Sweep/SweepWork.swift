import CLua
import Files
import Kernels
import Tensors

extension FunctionRecord {
  /// What `c.name` answers where a run has no such setting: a name misspelt would pass for nil.
  static let missingSetting = FunctionRecord(
    "sonde.sweep.setting", "Tells that a run of a sweep has no such setting.",
    [Parameter("c", .any, "the run's settings"), Parameter("name", .any, "the key")], returns: "nothing",
    example: ""
  ) { call in
    var names: [String] = []
    if case .table(let table) = call.argument(0) {
      try call.forEachPair(in: table) { key, _ in if let name = key.asString { names.append(name) } }
    }
    let key = call.argument(1)
    let nearest = key.asString.map { suggestion(for: $0, among: names.sorted()) } ?? ""
    throw LuaFailure.message("sonde.sweep: c has no setting \(key.text)\(nearest)")
  }
}

/// What the process of one run does.
struct SweepWork {
  let call: Call
  let plan: SweepPlan
  /// The stack index of the function that is run.
  let function: Int32
  let threads: Int
  /// The most bytes of tensors a process may hold.
  let memoryLimit: Int

  /// The most bytes of a run's results.
  private static let mostBytes = 16 << 20

  private var lua: LuaState { call.lua }

  /// Makes the run; answers the bytes for the process that waits.
  func report(_ index: Int) -> [UInt8] {
    begin(plan.position(index))
    let start = StatusLine.now()
    let outcome: SweepRun.Outcome
    do {
      outcome = .result(try results(plan.position(index)))
    } catch {
      outcome = .error(text(of: error))
    }
    return bytes(SweepRun.report(outcome, seconds: StatusLine.now() - start))
  }

  /// Makes the copy of the process one of its own, and its random numbers those of the run.
  private func begin(_ position: SweepPlan.Position) {
    WorkerPool.restart(threads: threads)
    sonde_interrupt_end(call.session.runtime)
    MemoryAccount.limit = memoryLimit
    call.session.isSweepWorker = true
    let seed = plan.sessionSeed(of: position)
    call.session.reseed(UInt64(seed))
    // Lua's own numbers too; who has taken the function away does without
    let top = lua_gettop(lua)
    if sonde_try_global(lua, "math") == LUA_OK, lua_type(lua, -1) == LUA_TTABLE,
      sonde_try_get_field(lua, lua_gettop(lua), "randomseed") == LUA_OK
    {
      lua_pushinteger(lua, lua_Integer(seed))
      _ = sonde_try_call(lua, 1, 0)
    }
    lua_settop(lua, top)
  }

  private func results(_ position: SweepPlan.Position) throws -> [JSONValue.Member] {
    guard lua_checkstack(lua, 64) != 0 else { throw LuaFailure.message("not enough memory") }
    lua_pushvalue(lua, function)
    try pushSettings(position)
    try check(sonde_try_call(lua, 1, 1))
    let place = lua_gettop(lua)
    let expected = "expected a table of results such as {accuracy=0.9}"
    switch LuaValue(lua, place) {
    case .absent: throw LuaFailure.message("run returned nothing, \(expected)")
    case .integer, .number: return [JSONValue.Member("value", try call.plainData(at: place))]
    case .table where lua_rawlen(lua, place) > 0:
      throw LuaFailure.message("run returned a sequence, \(expected)")
    case .table:
      let members = try call.plainMembers(at: place)
      if members.isEmpty { throw LuaFailure.message("run returned an empty table, \(expected)") }
      return members
    case let other: throw LuaFailure.message("run returned \(other.text), \(expected)")
    }
  }

  /// Pushes what the function is called with.
  private func pushSettings(_ position: SweepPlan.Position) throws {
    try check(sonde_try_table(lua, 0, Int32(clamping: plan.names.count + 5)))
    for setting in plan.settings(ofCell: position.cell) {
      try call.set(plain: PlainData.decoded(name: setting.name), setting.value)
    }
    try call.set("seed") { call.push(plan.seed(of: position)) }
    try call.set("cell") { call.push(position.cell) }
    try call.set("repetition") { call.push(position.repetition) }
    try call.set("index") { call.push(plan.index(position)) }
    try call.set("generator") {
      try call.push(Generator(seed: UInt64(plan.generatorSeed(of: position))), .generator)
    }
    let table = lua_gettop(lua)
    try check(sonde_try_table(lua, 0, 1))
    try call.set("__index") {
      try call.pushHidden(.missingSetting)
      return 1
    }
    lua_setmetatable(lua, table)
  }

  private func text(of error: any Error) -> String {
    switch error {
    case LuaFailure.message(let text): return text
    case LuaFailure.value:
      guard sonde_try_tostring(lua, lua_gettop(lua)) == LUA_OK, lua_type(lua, -1) == LUA_TSTRING else {
        return "an error whose text can't be had"
      }
      let (text, value) = (LuaValue.text(lua, lua_gettop(lua)), LuaValue(lua, lua_gettop(lua) - 1))
      // an address tells nothing, and is another one in each process
      let type = String(cString: lua_typename(lua, lua_type(lua, -2)))
      if value.asString == nil, text.hasPrefix("\(type): 0x") { return "(error object is a \(type) value)" }
      return text
    case let problem as NotPlain:
      let cure = problem.got.hasPrefix("a tensor") ? "; t:item() gives a number, t:totable() a table" : ""
      return "run returned \(problem.got)\(problem.place), expected \(NotPlain.expected)\(cure)"
    default: return "\(error)"
    }
  }

  private func bytes(_ report: [JSONValue.Member]) -> [UInt8] {
    let origin = Origin(operation: "run", path: "results")
    let text: String
    do {
      text = try JSONValue.object(report).text(origin)
    } catch {
      return failure("\(error)", origin)
    }
    guard text.utf8.count > SweepWork.mostBytes else { return Array(text.utf8) }
    return failure(
      "run returned \(text.utf8.count >> 20) MiB of results, expected at most \(SweepWork.mostBytes >> 20) MiB; "
        + "sonde.save keeps tensors in files", origin)
  }

  private func failure(_ text: String, _ origin: Origin) -> [UInt8] {
    let report = JSONValue.object(SweepRun.report(.error(text), seconds: 0))
    return (try? report.text(origin)).map { Array($0.utf8) } ?? []
  }
}
