import CLua
import Gradients
import Kernels
import Networks
import Tensors

extension FunctionRecord {
  /// The losses: 0-dim tensors on the tape.
  static let lossFunctions: [FunctionRecord] = [crossEntropy, meanSquared, squaredError]

  /// `t:backward()` and what belongs to the tape.
  static let gradientMethods: [FunctionRecord] = [backward, detach]

  private static let output = Parameter("output", .tensor, "what the network gave")

  private static let crossEntropy = FunctionRecord(
    "nn.cross_entropy", "The mean cross-entropy of logits and classes, numerically safe.",
    [
      Parameter("logits", .tensor, "[batch, classes]"),
      Parameter("classes", .tensor, "[batch], whole numbers from 1, of any dtype"),
    ],
    returns: "a 0-dim tensor on the tape", errors: "classes outside 1 to the number of logits, other shapes",
    example:
      "local l = nn.cross_entropy(sonde.zeros(2, 4), sonde.tensor{1, 4}); assert(math.abs(l:item() - math.log(4)) < 1e-6)"
  ) { call in try call.push(try Losses.crossEntropy(try call.tensor(0), try call.tensor(1))) }

  private static let meanSquared = FunctionRecord(
    "nn.mse", "The mean of squared differences.", [output, Parameter("target", .tensor, "of the same shape")],
    returns: "a 0-dim tensor on the tape", errors: "other shapes",
    example: "assert(nn.mse(sonde.ones(2, 3), sonde.zeros(2, 3)):item() == 1)"
  ) { call in try call.push(try Losses.meanSquared(try call.tensor(0), try call.tensor(1))) }

  private static let squaredError = FunctionRecord(
    "nn.squared_error", "Half the sum of squared differences.",
    [output, Parameter("target", .tensor, "of the same shape")], returns: "a 0-dim tensor on the tape",
    errors: "other shapes", example: "assert(nn.squared_error(sonde.ones(2, 3), sonde.zeros(2, 3)):item() == 3)"
  ) { call in try call.push(try Losses.squaredError(try call.tensor(0), try call.tensor(1))) }

  private static let backward = FunctionRecord(
    "tensor:backward", "Runs a backward pass: gradients accumulate in the parameters this tensor was computed from.",
    [Parameter("gradient", .tensor, default: "1 for one element", "dL/d this tensor, of its shape")],
    returns: "nothing", errors: "a tensor on no tape, a tape that has been used, several elements and no gradient",
    example:
      "local net = nn.mlp{inputs=4, width=4, depth=2, outputs=3}; nn.cross_entropy(net(sonde.randn(5, 4)), sonde.ones(5)):backward(); assert(net.parameters['head.weight'].grad)",
    receiver: .tensor
  ) { call in
    try Tape.backward(from: call.object(), gradient: call.argument(0).asTensor)
    return 0
  }

  private static let detach = FunctionRecord(
    "tensor:detach", "The same numbers off the tape: a view of the same memory.", returns: "a tensor",
    example: "local y = nn.mlp{inputs=4, width=4, depth=1}(sonde.randn(5, 4)); assert(not y:detach().requires_grad)",
    receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    return try call.push(
      Tensor(storage: tensor.storage, shape: tensor.shape, strides: tensor.strides, offset: tensor.offset))
  }
}
