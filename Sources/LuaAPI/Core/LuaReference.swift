import CLua

/// A Lua value kept alive for Swift, for example a function that draws weights.
final class LuaReference {
  private unowned let session: Session
  private var reference: Int32 = LUA_NOREF

  /// Keeps the value at an absolute stack index.
  init(_ call: Call, at index: Int32) throws {
    session = call.session
    lua_pushvalue(call.lua, index)
    try check(sonde_try_reference(call.lua, &reference))
  }

  deinit {
    if !session.closed { sonde_unreference(session.lua, reference) }
  }

  /// Calls the function with what `push` puts on the stack of the running thread, and reads one result there.
  func call<Result>(who: String, _ push: (Call) throws -> Int32, _ read: (LuaValue) throws -> Result) throws -> Result {
    let call = Call(session: session, lua: session.running, who: who)
    guard lua_checkstack(call.lua, 64) != 0 else { throw LuaFailure.message("not enough memory") }
    lua_rawgeti(call.lua, sonde_registry(), lua_Integer(reference))
    try check(sonde_try_call(call.lua, try push(call), 1))
    let result = try read(LuaValue(call.lua, lua_gettop(call.lua)))
    sonde_pop(call.lua, 1)
    return result
  }

  /// Calls the function with what `push` puts on the stack of the running thread; answers that many results, objects kept alive.
  func call(who: String, results: Int, _ push: (Call) throws -> Int32) throws -> [LuaValue] {
    let call = Call(session: session, lua: session.running, who: who)
    guard lua_checkstack(call.lua, Int32(clamping: results) + 64) != 0 else {
      throw LuaFailure.message("not enough memory")
    }
    lua_rawgeti(call.lua, sonde_registry(), lua_Integer(reference))
    try check(sonde_try_call(call.lua, try push(call), Int32(clamping: results)))
    let first = lua_gettop(call.lua) - Int32(results) + 1
    let values = (0..<results).map { LuaValue(call.lua, first + Int32($0)) }
    sonde_pop(call.lua, Int32(results))
    return values
  }

  /// Pushes the value itself.
  func push(_ call: Call) { lua_rawgeti(call.lua, sonde_registry(), lua_Integer(reference)) }
}
