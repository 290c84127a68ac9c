import CLua
import Kernels
import Tensors

/// A Lua value as Swift reads it; tables and functions stay on the stack and are told by their index.
enum LuaValue {
  case absent
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case table(Int32)
  case function(Int32)
  case object(AnyObject, ObjectType)
  /// An object of ours that was closed.
  case closed(ObjectType)
  case other(String)

  /// Reads the value at an absolute stack index.
  init(_ lua: LuaState, _ index: Int32) {
    switch lua_type(lua, index) {
    case LUA_TNONE, LUA_TNIL: self = .absent
    case LUA_TBOOLEAN: self = .boolean(lua_toboolean(lua, index) != 0)
    case LUA_TNUMBER:
      self =
        lua_isinteger(lua, index) != 0
        ? .integer(lua_tointegerx(lua, index, nil)) : .number(lua_tonumberx(lua, index, nil))
    case LUA_TSTRING: self = .string(LuaValue.text(lua, index))
    case LUA_TTABLE: self = .table(index)
    case LUA_TFUNCTION: self = .function(index)
    case LUA_TUSERDATA: self = LuaValue.userdata(lua, index)
    default: self = .other(String(cString: lua_typename(lua, lua_type(lua, index))))
    }
  }

  /// The string at an index whose type is string, with invalid UTF-8 repaired.
  static func text(_ lua: LuaState, _ index: Int32) -> String {
    var length = 0
    guard let bytes = lua_tolstring(lua, index, &length) else { return "" }
    let buffer = UnsafeRawBufferPointer(start: bytes, count: length)
    return String(decoding: buffer, as: UTF8.self)
  }

  private static func userdata(_ lua: LuaState, _ index: Int32) -> LuaValue {
    guard let type = ObjectType(rawValue: sonde_box_type(lua, index)) else { return .other("userdata") }
    guard let box = sonde_box(lua, index, type.rawValue), let object = box.pointee.object else { return .closed(type) }
    return .object(Unmanaged<AnyObject>.fromOpaque(object).takeUnretainedValue(), type)
  }

  /// How a message names what came.
  var text: String {
    switch self {
    case .absent: "nil"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): LuaValue.text(of: value)
    case .string(let value): value.count <= 40 ? "'\(value)'" : "'\(value.prefix(37))...'"
    case .table: "a table"
    case .function: "a function"
    case .object(let object, let type):
      (object as? Tensor).map { "a tensor of shape \($0.shape)" } ?? type.described
    case .closed(let type): "a closed \(type.name)"
    case .other(let name): "a \(name)"
    }
  }

  /// How a message names what came where one of several names was expected: with the nearest.
  func text(for type: ParameterType) -> String {
    guard case .string(let name) = self else { return text }
    var names: [String] = []
    switch type {
    case .choice(let choices): names = choices
    case .oneOf(let types): for case .choice(let choices) in types { names += choices }
    case .dtype: names = DType.allCases.map(\.name)
    default: break
    }
    return text + suggestion(for: name, among: names)
  }

  /// A number as Lua prints it, without Foundation: whole numbers without an exponent.
  static func text(of value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value)).0" }
    return "\(value)"
  }

  /// The number, of integers too.
  var asNumber: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }

  /// The integer, of floats with a whole value too.
  var asInteger: Int? {
    switch self {
    case .integer(let value): Int(value)
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The tensor, if it is one.
  var asTensor: Tensor? {
    if case .object(let object, .tensor) = self { return unsafeDowncast(object, to: Tensor.self) }
    return nil
  }

  /// The string, if it is one.
  var asString: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  /// Whether it is nil or not there.
  var isAbsent: Bool {
    if case .absent = self { return true }
    return false
  }

  /// Whether the value fits a parameter's type.
  func fits(_ type: ParameterType) -> Bool {
    switch (type, self) {
    case (.any, _), (.boolean, .boolean), (.number, .integer), (.number, .number), (.string, .string), (.table, .table),
      (.function, .function):
      true
    case (.integer, _): asInteger != nil
    case (.tensor, .object(_, .tensor)), (.tensors, .object(_, .tensor)), (.tensors, .table),
      (.state, .table), (.state, .string), (.curves, .object(_, .tensor)), (.curves, .table):
      true
    case (.object(let expected), .object(_, let type)): type == expected
    case (.dtype, .string(let name)): DType(name: name) != nil
    case (.choice(let names), .string(let name)): names.contains(name)
    case (.oneOf(let types), _): types.contains { fits($0) }
    default: false
    }
  }
}
