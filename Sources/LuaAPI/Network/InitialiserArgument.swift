import CLua
import Kernels
import Networks
import Tensors

extension Parameter {
  /// How weights are drawn: a name, a table `{name, gain=}`, or a function.
  static func initialiser(default text: String? = nil) -> Parameter {
    Parameter(
      "init", .oneOf([.string, .table, .function]), default: text,
      "how weights are drawn: a name such as 'normal(0.01)', {name, gain=}, or function(shape, fan_in, fan_out, generator)"
    )
  }
  /// The factor of an initialiser.
  static let gain = Parameter(
    "gain", .oneOf([.number, .choice(["unit", "torch"])]), default: "the scheme's own",
    "a factor, 'unit' (1/sqrt(E phi^2)) or 'torch' (PyTorch's table)")
}

extension Call {
  /// Reads an initialiser; a gain in the table wins over one among the options.
  func initialiser(_ value: LuaValue, gain: LuaValue = .absent) throws -> Initialiser {
    switch value {
    case .string(let name): return try Initialiser(parsing: name, gain: try self.gain(gain), who: who)
    case .function(let index):
      guard gain.isAbsent else {
        throw failure("a function draws the weights as they are, without a gain, got \(gain.text)")
      }
      return try custom(at: index)
    case .table(let index): return try initialiser(inTable: index, gain: gain)
    default: throw failure("expected an initialiser's name, a table or a function, got \(value.text)")
    }
  }

  private func gain(_ value: LuaValue) throws -> Initialiser.Gain {
    switch value {
    case .absent: return .standard
    case .string("unit"): return .unit
    case .string("torch"): return .torch
    default:
      guard let number = value.asNumber else {
        throw failure("expected a number, 'unit' or 'torch' as gain, got \(value.text)")
      }
      return .number(number)
    }
  }

  private func initialiser(inTable index: Int32, gain: LuaValue) throws -> Initialiser {
    try forEachPair(in: index) { key, _ in
      if let name = key.asString, name != "gain" {
        throw failure(
          "unknown option '\(name)' of an initialiser\(suggestion(for: name, among: ["gain"], otherwise: ""))")
      }
      if let position = key.asInteger, position != 1 {
        throw failure("an initialiser's table holds one name and a gain, got a value at \(position)")
      }
    }
    return try restoring {
      lua_rawgeti(lua, index, 1)
      try check(sonde_try_get_field(lua, index, "gain"))
      let name = LuaValue(lua, lua_gettop(lua) - 1)
      if case .table = name { throw failure("expected an initialiser's name or function in the table, got a table") }
      let own = LuaValue(lua, lua_gettop(lua))
      return try initialiser(name, gain: own.isAbsent ? gain : own)
    }
  }

  private func custom(at index: Int32) throws -> Initialiser {
    let function = try LuaReference(self, at: index)
    let who = self.who
    return Initialiser(
      .custom { shape, fanIn, fanOut, generator in
        try function.call(
          who: who,
          { call in
            _ = try call.push(sequence: shape) { call.push($0) }
            _ = call.push(fanIn)
            _ = call.push(fanOut)
            _ = try call.push(generator, .generator)
            return 4
          },
          { result in
            guard let tensor = result.asTensor else {
              throw LuaFailure.message("\(who): init function: expected a tensor of shape \(shape), got \(result.text)")
            }
            return tensor
          })
      }, name: "a function")
  }
}
