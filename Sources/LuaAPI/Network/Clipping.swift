import CLua
import Networks
import Tensors

extension FunctionRecord {
  /// Limits to gradients.
  static let clippingFunctions: [FunctionRecord] = [clipNorm, clipValue]

  private static let target = Parameter("net", .parameterised, "a network, or a table of tensors that have gradients")

  private static let clipNorm = FunctionRecord(
    "nn.clip_grad_norm",
    "Scales all gradients together so that their norm is at most max, as PyTorch's clip_grad_norm_; an infinite norm makes finite gradients 0, NaN makes all NaN.",
    [target, Parameter("max", .number, "the greatest norm; math.huge measures only")],
    options: [
      Parameter(
        "norm_type", .oneOf([.number, .choice(["inf"])]), default: "2",
        "the norm's power; math.huge or \"inf\": the greatest")
    ],
    returns: "the norm of all gradients before, a number", errors: "a negative norm, norm_type not above 0",
    example:
      "local w = sonde.zeros(2):requires_grad_(); (w * sonde.tensor{3, 4}):sum():backward(); assert(nn.clip_grad_norm({w}, 1) == 5); assert(math.abs(w.grad[1] - 0.6) < 1e-6)"
  ) { call in
    let power = call.option("norm_type")
    return call.push(
      try GradientClipping.clipNorm(
        try call.optimiserSubject().tensors, to: try call.number(1),
        power: power.asString == nil ? power.asNumber ?? 2 : .infinity))
  }

  private static let clipValue = FunctionRecord(
    "nn.clip_grad_value", "Brings every number of the gradients into -max to max; NaN stays.",
    [target, Parameter("max", .number, "the greatest size of a gradient's number")], returns: "nothing",
    errors: "a negative value",
    example:
      "local w = sonde.zeros(2):requires_grad_(); (w * sonde.tensor{3, -4}):sum():backward(); nn.clip_grad_value({w}, 1); assert(w.grad[2] == -1)"
  ) { call in
    try GradientClipping.clipValue(try call.optimiserSubject().tensors, to: try call.number(1))
    return 0
  }
}

extension OptimiserSubject {
  /// The present tensors.
  fileprivate var tensors: [Tensor] {
    switch self {
    case .network(let network): network.trainedTensors
    case .tensors(let tensors): Array(tensors.values)
    }
  }
}
