import CLua
import Gradients
import Kernels
import Tensors

extension Parameter {
  fileprivate static let function = Parameter("f", .function, "a Lua function of tensors and tables of tensors")
  fileprivate static let arguments = Parameter("arguments", .any, default: "none", "what the function is called with")
}

extension FunctionRecord {
  /// The functions of the tape.
  static let gradientFunctions: [FunctionRecord] = [
    noGrad, enableGrad, gradient, valueAndGradient, custom, gradientCheck, anomaly,
  ]

  private static let noGrad = FunctionRecord(
    "sonde.no_grad", "Runs a function whose operations leave no trace on the tape.", [.function, .arguments],
    variadic: true, returns: "what the function returns", errors: "what the function raises",
    example:
      "local x = sonde.ones(2):requires_grad_(); local y = sonde.no_grad(function() return x * 2 end); assert(not y.requires_grad)"
  ) { call in try NoGradient.run { try call.callFirst() } }

  private static let enableGrad = FunctionRecord(
    "sonde.enable_grad", "Runs a function whose operations are recorded, inside sonde.no_grad.",
    [.function, .arguments], variadic: true, returns: "what the function returns", errors: "what the function raises",
    example:
      "local x = sonde.ones(2):requires_grad_(); sonde.no_grad(function() assert(sonde.enable_grad(function() return x * 2 end).requires_grad) end)"
  ) { call in try NoGradient.suspended { try call.callFirst() } }

  private static let createGraph = Parameter(
    "create_graph", .boolean, default: "true inside another gradient function and for arguments on the tape",
    "whether the gradients are on the tape themselves")

  private static let gradient = FunctionRecord(
    "sonde.grad", "Makes the function that computes the gradient of a scalar function.", [.function],
    options: [createGraph],
    returns:
      "a function of the same arguments; it returns a gradient for each: a tensor, for a table a table of tensors, nil for what is no float tensor",
    errors: "from that function: a result that is not one number on the tape",
    example:
      "local g = sonde.grad(function(x, p) return (x * p.w):sum() end); local gx, gp = g(sonde.ones(2), {w=sonde.full({2}, 3)}); assert(gx[1] == 3 and gp.w[2] == 1)"
  ) { call in try call.makeGradient(.gradientOfFunction) }

  private static let valueAndGradient = FunctionRecord(
    "sonde.value_and_grad", "Makes the function that computes a scalar function and its gradient.", [.function],
    options: [createGraph],
    returns: "a function of the same arguments; it returns the value, then the gradients as sonde.grad does",
    errors: "from that function: a result that is not one number on the tape",
    example:
      "local v, g = sonde.value_and_grad(function(x) return (x * x):sum() end)(sonde.tensor{3}); assert(v:item() == 9 and g[1] == 6)"
  ) { call in try call.makeGradient(.valueAndGradientOfFunction) }

  /// What `sonde.grad(f)` is.
  static let gradientOfFunction = FunctionRecord(
    "sonde.grad(f)", "Computes the gradient of the function it was made of.", [.arguments], variadic: true,
    returns: "a gradient for each argument",
    example: "assert(sonde.grad(function(x) return (x ^ 3):sum() end)(sonde.tensor{2})[1] == 12)"
  ) { call in try call.runGradient(withValue: false) }

  /// What `sonde.value_and_grad(f)` is.
  static let valueAndGradientOfFunction = FunctionRecord(
    "sonde.value_and_grad(f)", "Computes the function it was made of and its gradient.", [.arguments], variadic: true,
    returns: "the value, then a gradient for each argument",
    example: "assert(sonde.value_and_grad(function(x) return (x ^ 3):sum() end)(sonde.tensor{2}):item() == 8)"
  ) { call in try call.runGradient(withValue: true) }

  private static let gradientCheck = FunctionRecord(
    "sonde.gradcheck", "Compares the gradients of a function with central differences, in float64.",
    [.function, .arguments], variadic: true,
    options: [
      Parameter("eps", .number, default: "1e-6", "how far each element is moved"),
      Parameter("atol", .number, default: "1e-5", "the distance that is allowed"),
      Parameter("rtol", .number, default: "1e-3", "the distance that is allowed as a part of the difference quotient"),
    ],
    returns: "true",
    errors: "a gradient that differs, naming the input and the element; a function without tensors or with no tape",
    example: "assert(sonde.gradcheck(function(x) return (x:tanh() * x):sum() end, sonde.randn(3)))"
  ) { call in try GradientCheck(call).run() }

  private static let anomaly = FunctionRecord(
    "sonde.anomaly",
    "Looks for the first operation whose forward or backward makes a NaN or an infinity of finite numbers; without an argument tells whether it does.",
    [Parameter("on", .boolean, default: "nil", "whether operations are checked")], returns: "whether it looks",
    errors: "from then on: the operation that made it, with its line",
    example:
      "sonde.anomaly(true); local ok, e = pcall(function() return sonde.zeros(1):log() end); sonde.anomaly(false); assert(not ok and e:find('log'))"
  ) { call in
    if case .boolean(let value) = call.argument(0) { call.session.watchesAnomalies = value }
    return call.push(call.session.watchesAnomalies)
  }
}

extension Call {
  /// Calls the function at stack index 1 with what stands behind it; answers how many results it pushed.
  fileprivate func callFirst() throws -> Int32 {
    let top = lua_gettop(lua)
    guard lua_checkstack(lua, top + 24) != 0 else { throw LuaFailure.message("not enough memory") }
    for index in 1...top { lua_pushvalue(lua, index) }
    try LuaAPI.check(sonde_try_call(lua, top - 1, LUA_MULTRET))
    return lua_gettop(lua) - top
  }

  /// Pushes the function that computes gradients, with the options it was made with.
  fileprivate func makeGradient(_ record: FunctionRecord) throws -> Int32 {
    try LuaAPI.check(sonde_try_table(lua, 1, 1))
    let made = lua_gettop(lua)
    lua_pushvalue(lua, 1)
    try LuaAPI.check(sonde_try_set_index(lua, made, 1))
    if case .boolean(let creates) = option("create_graph") {
      try set("create_graph") { push(creates) }
    }
    try captureHidden(record)
    return 1
  }

  /// The options of the captured table, and its function on top of the stack.
  private func pushCapturedFunction() throws -> (creates: Bool, isSettled: Bool) {
    sonde_push_captured(lua)
    let made = lua_gettop(lua)
    try LuaAPI.check(sonde_try_get_field(lua, made, "create_graph"))
    let setting = LuaValue(lua, made + 1)
    lua_rawgeti(lua, made, 1)
    if case .boolean(let creates) = setting { return (creates, true) }
    return (session.gradientDepth > 0, false)
  }

  /// Calls the captured function with leaves in the places of its tensors, and goes back from its result.
  fileprivate func runGradient(withValue: Bool) throws -> Int32 {
    let top = lua_gettop(lua)
    var (creates, isSettled) = try pushCapturedFunction()
    let function = lua_gettop(lua)
    let substitution = try Substitution(self, top >= 1 ? 1...top : nil) { tensor in
      if !isSettled && Tape.follows(tensor) { creates = creates || !NoGradient.isActive }
      return try Tape.freshLeaf(of: tensor)
    }
    guard !substitution.leaves.isEmpty else {
      throw failure("expected at least one float tensor among the arguments, got none")
    }
    session.gradientDepth += 1
    defer { session.gradientDepth -= 1 }
    try NoGradient.suspended {
      try LuaAPI.check(sonde_try_call(lua, lua_gettop(lua) - function, 1))
    }
    let value = try scalarResult(LuaValue(lua, lua_gettop(lua)))
    let gradients = try gradients(of: value, at: substitution.leaves, creates: creates)
    lua_settop(lua, top)
    let first = withValue ? try push(creates ? value : value.alias()) : 0
    return first + (try substitution.push(self, gradients))
  }

  private func scalarResult(_ value: LuaValue) throws -> Tensor {
    guard let tensor = value.asTensor, tensor.count == 1, tensor.dtype.isFloat else {
      throw failure("expected the function to return one number on the tape, a 0-dim float tensor, got \(value.text)")
    }
    return tensor
  }

  /// The gradients, zeros where the value doesn't depend on a leaf.
  private func gradients(of value: Tensor, at leaves: [Tensor], creates: Bool) throws -> [Tensor] {
    let found =
      Tape.follows(value)
      ? try NoGradient.suspended { try Tape.gradients(of: value, at: leaves, createsTape: creates) }
      : leaves.map { _ in nil }
    return try zip(leaves, found).map { leaf, gradient in
      let gradient = try gradient ?? Tensor(leaf.dtype, leaf.shape)
      // what two inputs share, or a view repeats, would change under the user's hands
      return creates ? gradient : try gradient.clone().alias()
    }
  }
}
