import CLua
import Gradients
import Kernels
import Tensors

extension FunctionRecord {
  /// Methods of statistics, and what else is composed of others.
  static let surveyMethods: [FunctionRecord] =
    [logsumexp, cov, corrcoef, extreme("amin", .minimum), extreme("amax", .maximum)]
    + [ignoringNaN("nansum", .sum), ignoringNaN("nanmean", .mean), remainder, remainderInPlace, zero]
    + [lerp, lerpInPlace, leakyReLU, leakyReLUInPlace, nanToNum, nanToNumInPlace]

  private static let logsumexp = FunctionRecord(
    "tensor:logsumexp",
    "Computes log(sum(exp(x))), whole or along dimensions, without overflow; NaN where there is one.",
    [.dimensions], options: [.dimensions, .keepdim], returns: "a tensor; -inf of no elements",
    errors: "a dimension the tensor does not have",
    example: "assert(math.abs(sonde.zeros(4):logsumexp():item() - math.log(4)) < 1e-6)", receiver: .tensor
  ) { call in
    try call.push(
      try Differentiable.logSumExp(
        call.object(), along: try call.reducedDimensions(), keepDimensions: call.flag("keepdim", default: false),
        defaultFloat: call.session.defaultDType))
  }

  private static let rowvar = Parameter(
    "rowvar", .boolean, default: "true", "whether rows are variables and columns observations; else the reverse")

  private static let cov = FunctionRecord(
    "tensor:cov", "Computes the covariances of variables, divided by n - 1 as NumPy's cov; a vector is one variable.",
    options: [
      rowvar, Parameter("unbiased", .boolean, default: "true", "whether to divide by n - 1 instead of n"),
    ],
    returns: "a tensor [variables, variables], of one variable a 0-dim one", errors: "more than 2 dimensions, or none",
    example: "local c = sonde.tensor{{1, 2, 3}, {6, 4, 2}}:cov(); assert(c[{1, 1}] == 1 and c[{1, 2}] == -2)",
    receiver: .tensor
  ) { call in
    try call.push(
      try Differentiable.covariance(
        call.object(), rowVariables: call.flag("rowvar", default: true), unbiased: call.flag("unbiased", default: true),
        defaultFloat: call.session.defaultDType))
  }

  private static let corrcoef = FunctionRecord(
    "tensor:corrcoef", "Computes the correlation coefficients of variables; NaN for one that is constant.",
    options: [rowvar], returns: "a tensor [variables, variables], of one variable a 0-dim one",
    errors: "more than 2 dimensions, or none",
    example: "assert(sonde.tensor{{1, 2, 3}, {6, 4, 2}}:corrcoef()[{1, 2}] == -1)", receiver: .tensor
  ) { call in
    try call.push(
      try Differentiable.correlations(
        call.object(), rowVariables: call.flag("rowvar", default: true), defaultFloat: call.session.defaultDType))
  }

  private static func extreme(_ name: String, _ reduction: Reduction) -> FunctionRecord {
    FunctionRecord(
      "tensor:\(name)",
      "Finds the \(reduction == .maximum ? "largest" : "smallest") elements, whole or along dimensions, without indices; NaN where there is one.",
      [.dimensions], options: [.dimensions, .keepdim], returns: "a tensor",
      errors: "no elements, a dimension the tensor does not have",
      example: "assert(sonde.tensor{{1, 5}, {7, 2}}:\(name){dim={1, 2}}:item() == \(reduction == .maximum ? 7 : 1))",
      receiver: .tensor
    ) { call in
      try call.push(
        try Differentiable.reduced(
          reduction, call.object(), along: try call.reducedDimensions(),
          keepDimensions: call.flag("keepdim", default: false)))
    }
  }

  private static func ignoringNaN(_ name: String, _ reduction: Reduction) -> FunctionRecord {
    FunctionRecord(
      "tensor:\(name)", "Reduces the elements that are not NaN by \(reduction.rawValue), whole or along dimensions.",
      [.dimensions], options: [.dimensions, .keepdim],
      returns: "a tensor; of nothing but NaN \(reduction == .sum ? "0" : "NaN")",
      errors: "a dimension the tensor does not have",
      example: "assert(sonde.tensor{1, 0/0, 3}:\(name)():item() == \(reduction == .sum ? 4 : 2))", receiver: .tensor
    ) { call in
      let (tensor, keep) = (call.object(Tensor.self), call.flag("keepdim", default: false))
      let dimensions = try call.reducedDimensions()
      let numbers = try Tensor.combine(.exclusiveOr, .tensor(tensor.testing(.isNaN)), .scalar(1))
      let kept = try Differentiable.choose(numbers, .tensor(tensor), .scalar(0))
      let sums = try Differentiable.reduced(.sum, kept, along: dimensions, keepDimensions: keep)
      if reduction == .sum { return try call.push(sums) }
      let counts = try numbers.reduced(.sum, along: dimensions, keepDimensions: keep)
      return try call.push(
        try Differentiable.apply(.divide, .tensor(sums), .tensor(counts), defaultFloat: call.session.defaultDType))
    }
  }

  private static let remainder = FunctionRecord(
    "tensor:remainder", "Computes a % b, with the sign of b: another name for mod.", [.operand],
    returns: "a new tensor", errors: "shapes that do not broadcast, whole numbers divided by zero",
    example: "assert(sonde.tensor{-1, 4}:remainder(3)[1] == 2)", receiver: .tensor
  ) { call in
    try call.push(
      try Differentiable.apply(
        .modulo, .tensor(call.object()), Operand(call.argument(0), call.who),
        defaultFloat: call.session.defaultDType))
  }

  private static let remainderInPlace = FunctionRecord(
    "tensor:remainder_", "Computes a % b in place, with the sign of b: another name for mod_.", [.operand],
    returns: "the tensor itself",
    errors: "shapes that do not broadcast to this one, expanded views, whole numbers divided by zero",
    example: "assert(sonde.tensor{-1, 4}:remainder_(3)[1] == 2)", receiver: .tensor
  ) { call in
    try Differentiable.applyInPlace(.modulo, call.object(), Operand(call.argument(0), call.who))
    return call.pushSelf()
  }

  private static let zero = FunctionRecord(
    "tensor:zero_", "Sets every element to 0.", returns: "the tensor itself", errors: "expanded views",
    example: "assert(sonde.ones(2):zero_():sum():item() == 0)", receiver: .tensor
  ) { call in
    try Differentiable.fill(call.object(), 0, "zero_")
    return call.pushSelf()
  }

  private static let ends = [
    Parameter("end", .oneOf([.tensor, .number]), "what weight 1 gives"),
    Parameter("weight", .oneOf([.tensor, .number]), "0 gives this tensor, 1 the end; any number is allowed"),
  ]

  private static let lerp = FunctionRecord(
    "tensor:lerp", "Computes self + weight (end - self), element by element.", ends, returns: "a new tensor",
    errors: "shapes that do not broadcast", example: "assert(sonde.tensor{0, 10}:lerp(20, 0.5)[2] == 15)",
    receiver: .tensor
  ) { call in try call.push(try call.interpolated(call.object())) }

  private static let lerpInPlace = FunctionRecord(
    "tensor:lerp_", "Computes self + weight (end - self) in place.", ends, returns: "the tensor itself",
    errors: "shapes that do not broadcast to this one, expanded views, a dtype that is no float",
    example: "assert(sonde.tensor{0, 10}:lerp_(20, 0.5)[2] == 15)", receiver: .tensor
  ) { call in
    try call.replaceFloats { try call.interpolated($0) }
    return call.pushSelf()
  }

  private static let slope = Parameter("slope", .number, default: "0.01", "the slope below 0")

  private static let leakyReLU = FunctionRecord(
    "tensor:leaky_relu", "Computes x above 0 and slope x below.", [slope], returns: "a new tensor",
    example: "assert(sonde.tensor{-2, 3}:leaky_relu(0.5)[1] == -1)", receiver: .tensor
  ) { call in
    try call.push(
      try Differentiable.leakyReLU(
        call.object(), slope: call.argument(0).asNumber ?? 0.01, defaultFloat: call.session.defaultDType))
  }

  private static let leakyReLUInPlace = FunctionRecord(
    "tensor:leaky_relu_", "Computes x above 0 and slope x below, in place.", [slope], returns: "the tensor itself",
    errors: "expanded views, a dtype that is no float",
    example: "assert(sonde.tensor{-2, 3}:leaky_relu_(0.5)[1] == -1)", receiver: .tensor
  ) { call in
    try call.replaceFloats { try Differentiable.leakyReLU($0, slope: call.argument(0).asNumber ?? 0.01) }
    return call.pushSelf()
  }

  private static let replacements = [
    Parameter("nan", .number, default: "0", "what NaN becomes"),
    Parameter("posinf", .number, default: "the dtype's largest", "what infinity becomes"),
    Parameter("neginf", .number, default: "the dtype's smallest", "what -infinity becomes"),
  ]

  private static let nanToNum = FunctionRecord(
    "tensor:nan_to_num", "Replaces NaN and infinities by finite numbers.", replacements, returns: "a new tensor",
    example: "assert(sonde.tensor{0/0, 1}:nan_to_num(7)[1] == 7)", receiver: .tensor
  ) { call in try call.push(try call.withoutNaN(call.object())) }

  private static let nanToNumInPlace = FunctionRecord(
    "tensor:nan_to_num_", "Replaces NaN and infinities by finite numbers, in place.", replacements,
    returns: "the tensor itself", errors: "expanded views",
    example: "assert(sonde.tensor{0/0, 1}:nan_to_num_(7)[1] == 7)", receiver: .tensor
  ) { call in
    let target = call.object(Tensor.self)
    try InPlace.change("nan_to_num_", target) {
      try target.copy(from: try call.withoutNaN(target))
    } recorded: {
      try call.withoutNaN($0)
    }
    return call.pushSelf()
  }
}

extension Call {
  fileprivate func interpolated(_ start: Tensor) throws -> Tensor {
    try Differentiable.interpolated(
      start, to: Operand(argument(0), who), weight: Operand(argument(1), who), defaultFloat: session.defaultDType)
  }

  fileprivate func withoutNaN(_ tensor: Tensor) throws -> Tensor {
    try Differentiable.withoutNaN(
      tensor, argument(0).asNumber ?? 0, positiveInfinity: argument(1).asNumber, negativeInfinity: argument(2).asNumber)
  }

  /// Writes what `compute` makes of the receiver into it; it must hold floats.
  fileprivate func replaceFloats(with compute: (Tensor) throws -> Tensor) throws {
    let target = object(Tensor.self)
    guard target.dtype.isFloat else {
      throw failure("expected dtype float32 or float64, got \(target.dtype); to(\"float32\") first")
    }
    let operands = arguments.compactMap(\.asTensor)
    try InPlace.change(String(who.drop { $0 != ":" }.dropFirst()), target, with: operands) {
      try target.copy(from: try ofSameShape(try compute(target)))
    } recorded: {
      try ofSameShape(try compute($0))
    }
  }

  private func ofSameShape(_ result: Tensor) throws -> Tensor {
    let shape = object(Tensor.self).shape
    guard result.shape == shape else {
      throw failure("expected operands that broadcast to shape \(shape), got a result of \(result.shape)")
    }
    return result
  }
}
