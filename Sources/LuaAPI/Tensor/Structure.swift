import CLua
import Gradients
import Tensors

/// Where the tensors of an argument of a Lua function are: itself, or somewhere in a table of tables.
///
/// Only floats are leaves. Numbers, strings, integer tensors and what else there is pass through untouched.
indirect enum Structure {
  case leaf(Int)
  case constant
  case table([(key: LuaValue, part: Structure)])
}

/// Replaces the float tensors among arguments by others, and gives results the same structure.
struct Substitution {
  /// What `make` gave for each float tensor, in order.
  private(set) var leaves: [Tensor] = []
  private(set) var structures: [Structure] = []

  private static let deepest = 64

  /// Pushes the values at stack indices `range` with every float tensor replaced by what `make` makes of it.
  init(_ call: Call, _ range: ClosedRange<Int32>?, _ make: (Tensor) throws -> Tensor) throws {
    for index in range ?? 1...0 {
      structures.append(try push(call, index, depth: 0, make))
    }
  }

  private mutating func push(
    _ call: Call, _ index: Int32, depth: Int, _ make: (Tensor) throws -> Tensor
  ) throws -> Structure {
    guard depth <= Substitution.deepest else {
      throw call.failure("expected tables at most \(Substitution.deepest) deep, got a deeper one (or a cycle)")
    }
    guard lua_checkstack(call.lua, 24) != 0 else { throw LuaFailure.message("not enough memory") }
    switch LuaValue(call.lua, index) {
    case .object(let object, .tensor):
      let tensor = unsafeDowncast(object, to: Tensor.self)
      guard tensor.dtype.isFloat else { break }
      leaves.append(try make(tensor))
      _ = try call.push(leaves[leaves.count - 1])
      return .leaf(leaves.count - 1)
    case .table: return try pushTable(call, index, depth: depth, make)
    default: break
    }
    lua_pushvalue(call.lua, index)
    return .constant
  }

  private mutating func pushTable(
    _ call: Call, _ index: Int32, depth: Int, _ make: (Tensor) throws -> Tensor
  ) throws -> Structure {
    try check(sonde_try_table(call.lua, Int32(clamping: lua_rawlen(call.lua, index)), 0))
    let copy = lua_gettop(call.lua)
    var parts: [(key: LuaValue, part: Structure)] = []
    lua_pushnil(call.lua)
    var more = true
    while true {
      try check(sonde_try_next(call.lua, index, &more))
      if !more { break }
      let value = lua_gettop(call.lua)
      let key = LuaValue(call.lua, value - 1)
      lua_pushvalue(call.lua, value - 1)
      let part = try push(call, value, depth: depth + 1, make)
      if case .constant = part {} else { parts.append((key, part)) }
      try check(sonde_try_set(call.lua, copy))
      lua_settop(call.lua, value - 1)
    }
    return .table(parts)
  }

  /// Pushes one value for each argument: the tensor of a leaf, a table of them with the same keys, nil for what was no tensor.
  func push(_ call: Call, _ tensors: [Tensor]) throws -> Int32 {
    for structure in structures { try push(call, structure, tensors) }
    return Int32(structures.count)
  }

  private func push(_ call: Call, _ structure: Structure, _ tensors: [Tensor]) throws {
    guard lua_checkstack(call.lua, 24) != 0 else { throw LuaFailure.message("not enough memory") }
    switch structure {
    case .leaf(let place): _ = try call.push(tensors[place])
    case .constant: lua_pushnil(call.lua)
    case .table(let parts):
      try check(sonde_try_table(call.lua, 0, Int32(clamping: parts.count)))
      let table = lua_gettop(call.lua)
      for (key, part) in parts {
        guard try key.pushKey(call) else { continue }
        try push(call, part, tensors)
        try check(sonde_try_set(call.lua, table))
      }
    }
  }
}

extension LuaValue {
  /// Pushes a key that a message or a table of results can bear; false for objects, which are left out.
  fileprivate func pushKey(_ call: Call) throws -> Bool {
    switch self {
    case .integer(let value): lua_pushinteger(call.lua, value)
    case .number(let value): lua_pushnumber(call.lua, value)
    case .boolean(let value): lua_pushboolean(call.lua, value ? 1 : 0)
    case .string(let value): _ = try call.push(value)
    default: return false
    }
    return true
  }
}
