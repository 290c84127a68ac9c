import Kernels
import Tensors

extension FunctionRecord {
  /// What fills a tensor with random numbers in place.
  static let randomMethods: [FunctionRecord] = [
    uniformInPlace, normalInPlace, truncatedNormalInPlace, exponentialInPlace, bernoulliInPlace, integersInPlace,
  ]

  private static let uniformInPlace = FunctionRecord(
    "tensor:uniform_", "Fills the tensor with numbers drawn uniformly from [lo, hi).", [.lo, .hi],
    options: [.generator], returns: "the tensor itself",
    errors: "a dtype that is no float, bounds out of order, expanded views",
    example: "local t = sonde.zeros(9):uniform_(2, 3); assert(t:min():item() >= 2 and t:max():item() < 3)",
    receiver: .tensor
  ) { call in
    try call.generator().fillUniform(
      call.object(), low: call.number(0, or: 0), high: call.number(1, or: 1), operation: call.who)
    return call.pushSelf()
  }

  private static let normalInPlace = FunctionRecord(
    "tensor:normal_", "Fills the tensor with numbers from a normal distribution.", [.mean, .std],
    options: [.generator], returns: "the tensor itself",
    errors: "a dtype that is no float, a negative std, expanded views",
    example: "assert(sonde.zeros(9):normal_(5, 0)[9] == 5)", receiver: .tensor
  ) { call in
    try call.generator().fillNormal(
      call.object(), mean: call.number(0, or: 0), std: call.number(1, or: 1), operation: call.who)
    return call.pushSelf()
  }

  private static let truncatedNormalInPlace = FunctionRecord(
    "tensor:truncated_normal_", "Fills the tensor with numbers from a normal distribution cut off at lo and hi.",
    [
      Parameter("mean", .number, default: "0", "the mean before the cut"),
      Parameter("std", .number, default: "1", "the standard deviation before the cut, above 0"),
      Parameter("lo", .number, default: "-2", "the lower bound"),
      Parameter("hi", .number, default: "2", "the upper bound"),
    ],
    options: [.generator], returns: "the tensor itself",
    errors: "a dtype that is no float, bounds out of order, a std of 0 or less, expanded views",
    example: "local t = sonde.zeros(99):truncated_normal_(); assert(t:abs():max():item() <= 2)", receiver: .tensor
  ) { call in
    try call.generator().fillTruncatedNormal(
      call.object(), mean: call.number(0, or: 0), std: call.number(1, or: 1), low: call.number(2, or: -2),
      high: call.number(3, or: 2), operation: call.who)
    return call.pushSelf()
  }

  private static let exponentialInPlace = FunctionRecord(
    "tensor:exponential_", "Fills the tensor with numbers of density rate e^(-rate x).", [.rate],
    options: [.generator], returns: "the tensor itself",
    errors: "a dtype that is no float, a rate of 0 or less, expanded views",
    example: "assert(sonde.zeros(9):exponential_(3):min():item() > 0)", receiver: .tensor
  ) { call in
    try call.generator().fillExponential(call.object(), rate: call.number(0, or: 1), operation: call.who)
    return call.pushSelf()
  }

  private static let bernoulliInPlace = FunctionRecord(
    "tensor:bernoulli_", "Fills the tensor with ones drawn with a probability, and zeros.",
    [
      Parameter(
        "p", .oneOf([.number, .tensor]), default: "0.5", "the probability of a one, or a tensor of them that broadcasts"
      )
    ],
    options: [.generator], returns: "the tensor itself",
    errors: "probabilities outside 0 to 1, shapes that do not broadcast, expanded views",
    example: "assert(sonde.zeros(9):bernoulli_(1):sum():item() == 9)", receiver: .tensor
  ) { call in
    try call.fillBernoulli(call.object())
    return call.pushSelf()
  }

  private static let integersInPlace = FunctionRecord(
    "tensor:randint_", "Fills the tensor with whole numbers from lo to hi, both included.",
    [Parameter("lo", .integer, "the smallest"), Parameter("hi", .integer, "the largest")],
    options: [.generator], returns: "the tensor itself",
    errors: "lo above hi, bounds that the dtype does not hold exactly, a mask, expanded views",
    example: "local t = sonde.zeros(99):randint_(1, 6); assert(t:min():item() >= 1 and t:max():item() <= 6)",
    receiver: .tensor
  ) { call in
    try call.generator().fillIntegers(
      call.object(), low: Int64(try call.integer(0)), high: Int64(try call.integer(1)), operation: call.who)
    return call.pushSelf()
  }
}
