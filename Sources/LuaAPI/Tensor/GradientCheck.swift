import CLua
import Gradients
import Kernels
import Tensors

/// One run of `sonde.gradcheck`: the gradient of a fixed combination of all results against central differences.
struct GradientCheck {
  private let call: Call
  private let top: Int32
  private let step: Double
  private let absolute: Double
  private let relative: Double

  init(_ call: Call) throws {
    self.call = call
    // options were taken off the end of the arguments
    top = Int32(call.arguments.count)
    step = call.option("eps").asNumber ?? 1e-6
    absolute = call.option("atol").asNumber ?? 1e-5
    relative = call.option("rtol").asNumber ?? 1e-3
    guard step > 0, step.isFinite else { throw call.failure("expected eps above 0, got \(step)") }
  }

  func run() throws -> Int32 {
    var inputs: [Tensor] = []
    let base = lua_gettop(call.lua)
    let substitution = try Substitution(call, top >= 2 ? 2...top : nil) { tensor in
      let leaf = try Tensor(.float64, tensor.shape, zeroed: false).copy(from: tensor)
      leaf.requiresGradient = true
      return leaf
    }
    inputs = substitution.leaves
    guard !inputs.isEmpty else { throw call.failure("expected at least one float tensor, got none") }
    let analytic = try NoGradient.suspended { try gradients(inputs, base) }
    for (place, input) in inputs.enumerated() { try compare(place, input, analytic[place], base) }
    lua_settop(call.lua, base)
    return call.push(true)
  }

  /// Calls the function with the arguments that stand from `base` on; their combination with fixed weights is one number.
  private func value(_ base: Int32) throws -> Tensor {
    let lua = call.lua
    let before = lua_gettop(lua)
    lua_pushvalue(lua, 1)
    for index in (base + 1)..<(base + Int32(Swift.max(top, 1))) { lua_pushvalue(lua, index) }
    try check(sonde_try_call(lua, Int32(Swift.max(top, 1)) - 1, LUA_MULTRET))
    let generator = Generator(seed: 1)
    var total = try Tensor(.float64, [])
    var found = false
    for index in stride(from: before + 1, through: lua_gettop(lua), by: 1) {
      guard let result = LuaValue(lua, index).asTensor, result.dtype.isFloat else { continue }
      found = true
      let weights = try Tensor(.float64, result.shape, zeroed: false)
      // one number is compared as it is
      if result.count == 1 { try weights.fill(1) } else { try generator.fillUniform(weights, low: 0.5, high: 1.5) }
      let part = try Differentiable.reduced(.sum, try Differentiable.apply(.multiply, result, weights))
      total = try Differentiable.apply(.add, total, part)
    }
    lua_settop(lua, before)
    guard found else { throw call.failure("expected the function to return a float tensor, got none") }
    return total
  }

  private func gradients(_ inputs: [Tensor], _ base: Int32) throws -> [Tensor] {
    let value = try value(base)
    let found = Tape.follows(value) ? try Tape.gradients(of: value, at: inputs) : inputs.map { _ in nil }
    return try zip(inputs, found).map { try $1 ?? Tensor(.float64, $0.shape) }
  }

  private func compare(_ place: Int, _ input: Tensor, _ gradient: Tensor, _ base: Int32) throws {
    let slopes = try gradient.contiguous()
    for element in 0..<input.count {
      try Interrupt.check()
      let analytic = slopes.load(at: slopes.offset + element)
      let numeric = try difference(input, element, base)
      if abs(analytic - numeric) <= absolute + relative * abs(numeric) { continue }
      throw call.failure(
        "input \(place + 1) of shape \(input.shape), element \(element + 1): backward gives \(analytic), central differences give \(numeric)"
      )
    }
  }

  private func difference(_ input: Tensor, _ element: Int, _ base: Int32) throws -> Double {
    let origin = input.load(at: element)
    defer { input.store(origin, at: element) }
    return try NoGradient.run {
      input.store(origin + step, at: element)
      let above = try value(base).item().double
      input.store(origin - step, at: element)
      return (above - (try value(base).item().double)) / (2 * step)
    }
  }
}
