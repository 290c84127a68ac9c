import CLua

/// A `lua_State`.
public typealias LuaState = OpaquePointer

/// Why a call from Lua did not end well.
enum LuaFailure: Error {
  /// An error of ours; the caller's position is put before it.
  case message(String)
  /// An error of Lua's or of a user's function; its value lies on top of the stack.
  case value
}

extension LuaFailure: CustomStringConvertible {
  /// The message, for whoever makes a session.
  var description: String {
    switch self {
    case .message(let text): text
    case .value: "an error of Lua's"
    }
  }
}

/// Turns the status of a protected call into a Swift error.
@inline(__always)
func check(_ status: Int32) throws {
  if status != LUA_OK { throw LuaFailure.value }
}
