import CLua
import Gradients
import Kernels
import Tensors

extension FunctionRecord {
  static let custom = FunctionRecord(
    "sonde.func", "Makes a differentiable function with a backward of its own.",
    options: [
      Parameter(
        "forward", .function,
        "function(ctx, ...) that computes the result or results, off the tape; ctx is a table to keep things in"),
      Parameter(
        "backward", .function,
        "function(ctx, gradient, ...) that returns a gradient for each argument of forward, nil for those that have none"
      ),
      Parameter("name", .string, default: "func", "how messages name it"),
    ],
    returns: "a function of forward's arguments behind ctx",
    errors:
      "from that function: a gradient that is no tensor of its argument's shape, kept tensors or the gradient given to backward changed in place",
    example:
      "local double = sonde.func{forward=function(ctx, x) return x * 2 end, backward=function(ctx, g) return g * 2 end}; local x = sonde.ones(1):requires_grad_(); double(x):backward(); assert(x.grad[1] == 2)"
  ) { call in
    try check(sonde_try_table(call.lua, 0, 3))
    for name in ["forward", "backward"] {
      if case .function(let index) = call.option(name) {
        try call.set(name) {
          lua_pushvalue(call.lua, index)
          return 1
        }
      }
    }
    try call.set("name") { try call.push(call.option("name").asString ?? "func") }
    try call.captureHidden(.customFunction)
    return 1
  }

  /// What `sonde.func{...}` is.
  static let customFunction = FunctionRecord(
    "sonde.func{}", "Computes the forward it was made with, and remembers its backward.",
    [Parameter("arguments", .any, default: "none", "what forward takes behind ctx")], variadic: true,
    returns: "what forward returns",
    example: "assert(sonde.func{forward=function(ctx, x) return x end, backward=function(ctx, g) return g end}(3) == 3)"
  ) { call in try call.runCustom() }
}

extension Call {
  /// Runs `forward` off the tape and puts its tensors on the tape behind a node that knows `backward`.
  fileprivate func runCustom() throws -> Int32 {
    let top = lua_gettop(lua)
    guard lua_checkstack(lua, top + 24) != 0 else { throw LuaFailure.message("not enough memory") }
    sonde_push_captured(lua)
    let captured = lua_gettop(lua)
    try LuaAPI.check(sonde_try_get_field(lua, captured, "name"))
    let name = LuaValue(lua, captured + 1).asString ?? "func"
    try LuaAPI.check(sonde_try_table(lua, 0, 4))
    let context = lua_gettop(lua)
    try LuaAPI.check(sonde_try_get_field(lua, captured, "forward"))
    lua_pushvalue(lua, context)
    for index in stride(from: 1, through: top, by: 1) { lua_pushvalue(lua, index) }
    try NoGradient.run { try LuaAPI.check(sonde_try_call(lua, top + 1, LUA_MULTRET)) }
    let results = stride(from: context + 1, through: lua_gettop(lua), by: 1).map { LuaValue(lua, $0) }
    let inputs = arguments.compactMap(\.asTensor)
    guard Tape.records(inputs) else { return Int32(results.count) }
    try LuaAPI.check(sonde_try_get_field(lua, captured, "backward"))
    let node = try CustomNode(name, self, inputs, context: context, backward: lua_gettop(lua), results)
    return try push(results, node)
  }

  /// Pushes the results again, tensors on the tape.
  private func push(_ results: [LuaValue], _ node: CustomNode) throws -> Int32 {
    let first = lua_gettop(lua) - Int32(results.count)
    var outputs: [Tensor] = []
    guard lua_checkstack(lua, Int32(results.count) + 24) != 0 else { throw LuaFailure.message("not enough memory") }
    for (place, result) in results.enumerated() {
      guard let tensor = result.asTensor else {
        lua_pushvalue(lua, first + Int32(place))
        continue
      }
      outputs.append(tensor.alias())
      _ = try push(outputs[outputs.count - 1])
    }
    Tape.record(outputs, node)
    return Int32(results.count)
  }
}

/// A function written in Lua on the tape.
final class CustomNode: JointNode {
  private var context: LuaReference?
  private var function: LuaReference?
  /// The tensors that the context keeps, with their state after the forward.
  private var kept: [Saved]
  private let who: String
  /// Which arguments are tensors, with what their gradients must be.
  private let arguments: [(shape: Extents, dtype: DType)?]
  /// Which results are tensors.
  private let outputs: [(shape: Extents, dtype: DType)]

  init(
    _ name: String, _ call: Call, _ inputs: [Tensor], context: Int32, backward: Int32, _ results: [LuaValue]
  ) throws {
    who = "sonde.func '\(name)'"
    self.context = try LuaReference(call, at: context)
    function = try LuaReference(call, at: backward)
    arguments = call.arguments.map { $0.asTensor.map { ($0.shape, $0.dtype) } }
    outputs = results.compactMap(\.asTensor).map { ($0.shape, $0.dtype) }
    var kept: [Saved] = []
    try call.forEachPair(in: context) { _, value in
      if let tensor = LuaValue(call.lua, value).asTensor { kept.append(Saved(tensor)) }
    }
    self.kept = kept
    super.init(name, inputs: inputs)
  }

  override var repeats: Bool { true }

  override func release() {
    context = nil
    function = nil
    kept = []
  }

  override func backward(_ gradient: Tensor) throws -> [Tensor?] {
    for tensor in kept { _ = try tensor.read(for: operation) }
    let floats = outputs.filter(\.dtype.isFloat).count
    guard let context, let function, floats > 0 else { return [] }
    let found = takeGradients(outputs.count)
    let gradients = try zip(found, outputs).map { try $0 ?? Tensor($1.dtype, $1.shape) }
    let versions = gradients.map(\.storage.version)
    let results = try function.call(who: who, results: arguments.count) { call in
      context.push(call)
      for gradient in gradients { _ = try call.push(gradient) }
      return Int32(gradients.count) + 1
    }
    // other operations may get the same tensor, and the user may have passed it to backward
    guard versions == gradients.map(\.storage.version) else {
      throw LuaFailure.message(
        "\(who): expected backward to leave the gradient it is given as it is, got it changed in place; clone() it first"
      )
    }
    return try zip(results, arguments).enumerated().compactMap { place, pair -> Tensor?? in
      guard let (shape, dtype) = pair.1 else { return nil }
      return .some(try admit(pair.0, place, shape, dtype))
    }
  }

  /// Refuses what is no gradient of its argument.
  private func admit(_ value: LuaValue, _ place: Int, _ shape: Extents, _ dtype: DType) throws -> Tensor? {
    if value.isAbsent { return nil }
    guard let tensor = value.asTensor, tensor.shape == shape, tensor.dtype.isFloat else {
      throw LuaFailure.message(
        "\(who): expected backward to return a float tensor of shape \(shape) for argument \(place + 1), got \(value.text)"
      )
    }
    return try Differentiable.to(tensor, dtype)
  }
}
