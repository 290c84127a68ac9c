import CLua
import Plots
import Tensors

/// Reads the numbers that a user wants drawn, from whatever holds them.
struct PlotCurves {
  /// Numbers in a row, and what they are called; nothing where nobody said.
  struct Curve {
    var name = ""
    var values: [Double]
  }

  let call: Call
  /// What messages call it: `curves`, `x`.
  let what: String

  private var lua: LuaState { call.lua }

  /// One curve or several: a tensor `[n]` or `[k, n]`, a sequence of numbers or of curves, a table name -> curve by name.
  ///
  /// - Throws: a failure for what is no curve, or none.
  func read(_ value: LuaValue) throws -> [Curve] {
    switch value {
    case .object(_, .tensor): return try rows(value).map { Curve(values: $0) }
    case .table(let index): return try table(index)
    default: throw call.failure("expected \(ParameterType.curves.text) as \(what), got \(value.text)")
    }
  }

  private func rows(_ value: LuaValue) throws -> [[Double]] {
    guard let tensor = value.asTensor else { return [] }
    guard tensor.rank > 0 else { return [try tensor.doubles()] }
    guard tensor.rank <= 2 else {
      throw call.failure("expected \(what) as a tensor [n] or [k, n], got \(value.text)")
    }
    guard tensor.count > 0 else { throw call.failure("nothing to draw: \(what) is \(value.text)") }
    let values = try tensor.doubles()
    guard tensor.rank == 2 else { return [values] }
    let length = tensor.shape[1]
    return (0..<tensor.shape[0]).map { Array(values[$0 * length..<($0 + 1) * length]) }
  }

  private func table(_ index: Int32) throws -> [Curve] {
    let count = Int(clamping: lua_rawlen(lua, index))
    let names = try self.names(index, count)
    if count == 0 { return try names.map { Curve(name: $0, values: try field($0, of: index)) } }
    if try isSequenceOfNumbers(index) { return [Curve(values: try vector(.table(index), what))] }
    var place = 0
    return try call.sequence(at: index) { value in
      place += 1
      return Curve(values: try vector(value, "curve \(place)"))
    }
  }

  /// The names of a table's fields in order; a table is a sequence or has names, not both.
  private func names(_ index: Int32, _ count: Int) throws -> [String] {
    var names: [String] = []
    var entries = 0
    try call.forEachPair(in: index) { key, _ in
      entries += 1
      if let name = key.asString { names.append(name) }
    }
    if entries == 0 { throw call.failure("nothing to draw: \(what) is an empty table") }
    if count > 0, let name = names.first {
      throw call.failure(
        "expected \(what) as a sequence or as a table of names, got the name \(LuaValue.string(name).text) beside "
          + "\(count) elements; options stand in a table of their own behind \(what)")
    }
    guard names.count + count >= entries else {
      throw call.failure("expected \(what) as a sequence or as a table of names, got other keys or nil in between")
    }
    return names.sorted()
  }

  private func field(_ name: String, of index: Int32) throws -> [Double] {
    try call.restoring {
      try check(sonde_try_get_field(lua, index, name))
      return try vector(LuaValue(lua, lua_gettop(lua)), "curve \(LuaValue.string(name).text)")
    }
  }

  private func isSequenceOfNumbers(_ index: Int32) throws -> Bool {
    lua_rawgeti(lua, index, 1)
    let first = LuaValue(lua, lua_gettop(lua))
    sonde_pop(lua, 1)
    return PlotCurves.number(first) != nil
  }

  /// A number, or what a tensor without dimensions holds, such as a loss.
  static func number(_ value: LuaValue) -> Double? {
    if let tensor = value.asTensor { return tensor.rank == 0 ? tensor.load(at: tensor.offset) : nil }
    return value.asNumber
  }

  /// Numbers in a row: a tensor `[n]` or a sequence.
  func vector(_ value: LuaValue, _ name: String) throws -> [Double] {
    if let tensor = value.asTensor, tensor.rank == 1 { return try tensor.doubles() }
    guard case .table(let index) = value else {
      throw call.failure("expected \(name) as a sequence of numbers or a tensor [n], got \(value.text)")
    }
    var place = 0
    return try call.sequence(at: index) { value in
      place += 1
      guard let number = PlotCurves.number(value) else {
        throw call.failure("expected numbers in \(name), got \(value.text) as element \(place)")
      }
      return number
    }
  }
}
