import CLua
import Kernels
import Networks
import Tensors

extension FunctionRecord {
  /// The losses: 0-dim tensors on the tape.
  static let lossFunctions: [FunctionRecord] = [crossEntropy, meanSquared, squaredError]

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
}
