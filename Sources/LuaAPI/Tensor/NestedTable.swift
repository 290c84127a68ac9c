import CLua
import Kernels
import Tensors

/// A nested Lua table of numbers or booleans, read into a tensor.
struct NestedTable {
  private let call: Call
  private let index: Int32
  private let shape: Extents

  /// Measures the table at an absolute stack index: the first element of every level tells the extents.
  init(_ call: Call, at index: Int32) throws {
    self.call = call
    self.index = index
    var extents: [Int] = []
    let top = lua_gettop(call.lua)
    var level = index
    while lua_type(call.lua, level) == LUA_TTABLE {
      guard extents.count < Extents.maximumRank else {
        throw call.failure("expected at most \(Extents.maximumRank) levels of tables, got more (or a cycle)")
      }
      extents.append(Int(clamping: lua_rawlen(call.lua, level)))
      lua_rawgeti(call.lua, level, 1)
      level = lua_gettop(call.lua)
    }
    lua_settop(call.lua, top)
    shape = Extents(extents)
  }

  /// Copies the numbers; a table of booleans makes a mask when no dtype is given.
  func tensor(_ dtype: DType? = nil) throws -> Tensor {
    let type = dtype ?? (isOfBooleans ? .bool : call.session.defaultDType)
    let tensor = try Tensor(type, shape)
    var position = 0
    try copy(level: 0, at: index, into: tensor, &position)
    return tensor
  }

  private var isOfBooleans: Bool {
    let top = lua_gettop(call.lua)
    defer { lua_settop(call.lua, top) }
    var level = index
    while lua_type(call.lua, level) == LUA_TTABLE {
      lua_rawgeti(call.lua, level, 1)
      level = lua_gettop(call.lua)
    }
    return lua_type(call.lua, level) == LUA_TBOOLEAN
  }

  private func copy(level: Int, at index: Int32, into tensor: Tensor, _ position: inout Int) throws {
    let lua = call.lua
    let length = Int(clamping: lua_rawlen(lua, index))
    guard length == shape[level] else {
      throw call.failure("expected rows of one length, \(shape[level]) at level \(level + 1), got one of \(length)")
    }
    for item in 0..<length {
      lua_rawgeti(lua, index, lua_Integer(item + 1))
      let isTable = lua_type(lua, -1) == LUA_TTABLE
      if level + 1 < shape.count, isTable {
        try copy(level: level + 1, at: lua_gettop(lua), into: tensor, &position)
      } else {
        try store(LuaValue(lua, lua_gettop(lua)), into: tensor, at: position, level: level, item: item)
        position += 1
      }
      sonde_pop(lua, 1)
    }
  }

  /// The number of a one-element tensor in the table.
  private func single(_ value: LuaValue) -> Scalar? { value.asTensor.flatMap { try? $0.item() } }

  private func store(_ value: LuaValue, into tensor: Tensor, at position: Int, level: Int, item: Int) throws {
    guard level + 1 == shape.count, let scalar = value.asScalar ?? single(value) else {
      let expected = level + 1 == shape.count ? "a number" : "a table"
      throw call.failure("expected \(expected) as element \(item + 1) at level \(level + 1), got \(value.text)")
    }
    switch (tensor.dtype, scalar) {
    case (.int64, _): tensor.store(try scalar.integer(for: call.who), at: position)
    default: tensor.store(scalar.double, at: position)
    }
  }
}
