import CLua
import Kernels
import Networks
import Tensors

extension FunctionRecord {
  /// The losses: tensors on the tape.
  static let lossFunctions: [FunctionRecord] = [
    crossEntropy, negativeLogLikelihood, meanSquared, squaredError, absolute, huber, smoothAbsolute,
    binaryCrossEntropy, binaryCrossEntropyOfLogits, divergence,
  ]

  private static let output = Parameter("output", .tensor, "what the network gave")
  private static let target = Parameter("target", .tensor, "of the same shape, finite")
  private static let binaryTarget = Parameter("target", .tensor, "of the same shape, from 0 to 1")
  private static let classWeight = Parameter(
    "weight", .tensor, default: "nil", "[classes], what each class counts; a mean is divided by the weights counted")
  private static let ignoreIndex = Parameter(
    "ignore_index", .integer, default: "nil", "a class whose rows are left out; any whole number, 0 and below, too")
  private static let returned = "a 0-dim tensor on the tape; with reduction 'none' one of the output's shape"
  private static let returnedByRow = "a 0-dim tensor on the tape; with reduction 'none' one of [batch]"

  private static func weight(_ divisor: String) -> Parameter {
    Parameter(
      "weight", .tensor, default: "nil",
      "what each number counts, broadcast to the output's shape; a mean is divided by \(divisor)")
  }

  private static func reduction(_ fallback: LossReduction = .mean, batch: Bool = false) -> Parameter {
    let names = LossReduction.allCases.filter { batch || $0 != .batchMean }.map(\.rawValue)
    return Parameter(
      "reduction", .choice(names), default: "\"\(fallback.rawValue)\"",
      batch
        ? "the mean over all numbers, the sum, each by itself, or the sum over the number of samples"
        : "the mean, the sum, or each by itself")
  }

  private static let crossEntropy = FunctionRecord(
    "nn.cross_entropy", "The mean cross-entropy of logits and classes or probabilities, numerically safe.",
    [
      Parameter("logits", .tensor, "[batch, classes]"),
      Parameter("target", .tensor, "classes [batch], whole from 1, of any dtype, or probabilities [batch, classes]"),
    ],
    options: [
      classWeight, ignoreIndex,
      Parameter("label_smoothing", .number, default: "0", "the part of the target that is spread over all classes"),
      reduction(),
    ],
    returns: returnedByRow,
    errors: "classes outside 1 to the number of logits, other shapes, a mean of rows that are all left out",
    example:
      "local l = nn.cross_entropy(sonde.zeros(2, 4), sonde.tensor{1, 4}); assert(math.abs(l:item() - math.log(4)) < 1e-6)"
  ) { call in
    try call.push(
      try Losses.crossEntropy(
        try call.tensor(0), try call.tensor(1), weight: call.option("weight").asTensor,
        labelSmoothing: call.option("label_smoothing").asNumber ?? 0,
        ignoreIndex: call.option("ignore_index").asInteger,
        reduction: call.reduction()))
  }

  private static let negativeLogLikelihood = FunctionRecord(
    "nn.nll", "The mean of -log p at the classes, of log-probabilities.",
    [
      Parameter("log_probabilities", .tensor, "[batch, classes]"),
      Parameter("classes", .tensor, "[batch], whole numbers from 1, of any dtype"),
    ],
    options: [classWeight, ignoreIndex, reduction()], returns: returnedByRow,
    errors: "classes outside 1 to the number of columns, other shapes, a mean of rows that are all left out",
    example: "assert(nn.nll(sonde.tensor{{-1, -2}}, sonde.tensor{2}):item() == 2)"
  ) { call in
    try call.push(
      try Losses.negativeLogLikelihood(
        try call.tensor(0), try call.tensor(1), weight: call.option("weight").asTensor,
        ignoreIndex: call.option("ignore_index").asInteger, reduction: call.reduction()))
  }

  private static let meanSquared = FunctionRecord(
    "nn.mse", "The mean of squared differences.", [output, target],
    options: [weight("the sum of the weights"), reduction()], returns: returned, errors: "other shapes",
    example: "assert(nn.mse(sonde.ones(2, 3), sonde.zeros(2, 3)):item() == 1)"
  ) { call in
    try call.push(
      try Losses.meanSquared(
        try call.tensor(0), try call.tensor(1), weight: call.option("weight").asTensor, reduction: call.reduction()))
  }

  private static let squaredError = FunctionRecord(
    "nn.squared_error", "Half the sum of squared differences.", [output, target], options: [reduction(.sum)],
    returns: returned, errors: "other shapes",
    example: "assert(nn.squared_error(sonde.ones(2, 3), sonde.zeros(2, 3)):item() == 3)"
  ) { call in
    try call.push(
      try Losses.squaredError(try call.tensor(0), try call.tensor(1), reduction: call.reduction(default: .sum)))
  }

  private static let absolute = FunctionRecord(
    "nn.l1", "The mean of absolute differences.", [output, target],
    options: [weight("the sum of the weights"), reduction()], returns: returned, errors: "other shapes",
    example: "assert(nn.l1(sonde.ones(2, 3), sonde.full({2, 3}, 3)):item() == 2)"
  ) { call in
    try call.push(
      try Losses.absolute(
        try call.tensor(0), try call.tensor(1), weight: call.option("weight").asTensor, reduction: call.reduction()))
  }

  private static let huber = FunctionRecord(
    "nn.huber", "The mean of d^2/2 where |d| is at most delta, and of delta (|d| - delta/2) beyond it.",
    [output, target],
    options: [
      Parameter("delta", .number, default: "1", "where the parabola ends"), weight("the count of numbers"), reduction(),
    ],
    returns: returned, errors: "other shapes, a delta that is not positive",
    example: "assert(nn.huber(sonde.zeros(2), sonde.full({2}, 3)):item() == 2.5)"
  ) { call in
    try call.push(
      try Losses.huber(
        try call.tensor(0), try call.tensor(1), delta: call.option("delta").asNumber ?? 1,
        weight: call.option("weight").asTensor, reduction: call.reduction()))
  }

  private static let smoothAbsolute = FunctionRecord(
    "nn.smooth_l1", "The mean of d^2/(2 beta) where |d| is below beta, and of |d| - beta/2 beyond it.",
    [output, target],
    options: [Parameter("beta", .number, default: "1", "where the parabola ends; 0 is nn.l1"), reduction()],
    returns: returned, errors: "other shapes, a negative beta",
    example: "assert(nn.smooth_l1(sonde.zeros(2), sonde.full({2}, 3), {beta=2}):item() == 2)"
  ) { call in
    try call.push(
      try Losses.smoothAbsolute(
        try call.tensor(0), try call.tensor(1), beta: call.option("beta").asNumber ?? 1, reduction: call.reduction()))
  }

  private static let binaryCrossEntropy = FunctionRecord(
    "nn.bce", "The mean binary cross-entropy of probabilities; a logarithm is never below -100, as in PyTorch.",
    [Parameter("output", .tensor, "probabilities"), binaryTarget],
    options: [weight("the count of numbers"), reduction()], returns: returned,
    errors: "probabilities or targets outside 0 to 1, other shapes",
    example: "assert(nn.bce(sonde.zeros(2), sonde.ones(2)):item() == 100)"
  ) { call in
    try call.push(
      try Losses.binaryCrossEntropy(
        try call.tensor(0), try call.tensor(1), weight: call.option("weight").asTensor, reduction: call.reduction()))
  }

  private static let binaryCrossEntropyOfLogits = FunctionRecord(
    "nn.bce_with_logits", "The mean binary cross-entropy of logits, numerically safe.",
    [Parameter("logits", .tensor, "logits of any size"), binaryTarget],
    options: [
      Parameter(
        "pos_weight", .tensor, default: "nil",
        "what positive targets count, broadcast to the logits' shape: above 1 for rare ones"),
      weight("the count of numbers"), reduction(),
    ],
    returns: returned, errors: "targets outside 0 to 1, other shapes",
    example: "assert(nn.bce_with_logits(sonde.full({2}, -1e4), sonde.ones(2)):item() == 1e4)"
  ) { call in
    try call.push(
      try Losses.binaryCrossEntropy(
        logits: try call.tensor(0), try call.tensor(1), weight: call.option("weight").asTensor,
        positiveWeight: call.option("pos_weight").asTensor, reduction: call.reduction()))
  }

  private static let divergence = FunctionRecord(
    "nn.kl", "The mean of t (log t - y): Kullback and Leibler's divergence of the targets t from log-probabilities y.",
    [
      Parameter("output", .tensor, "log-probabilities"),
      Parameter("target", .tensor, "probabilities, or with log_target their logarithms, of the same shape"),
    ],
    options: [
      Parameter("log_target", .boolean, default: "false", "whether the targets are logarithms"), reduction(batch: true),
    ],
    returns: returned, errors: "negative targets, other shapes",
    example: """
      local y = sonde.full({1, 2}, math.log(0.5))
      local l = nn.kl(y, sonde.tensor{{1, 0}}, {reduction="batchmean"})
      assert(math.abs(l:item() - math.log(2)) < 1e-6)
      """
  ) { call in
    try call.push(
      try Losses.divergence(
        try call.tensor(0), try call.tensor(1), logTarget: call.flag("log_target", default: false),
        reduction: call.reduction()))
  }
}

extension Call {
  fileprivate func reduction(default fallback: LossReduction = .mean) -> LossReduction {
    option("reduction").asString.flatMap(LossReduction.init(rawValue:)) ?? fallback
  }

  /// A loss as an option names it: one of ours, or a Lua function(output, target) that gives a tensor.
  ///
  /// - Throws: `NetworkError` for an unknown name; a function's own error, or its result where it is no tensor.
  func loss(_ value: LuaValue, default fallback: String = "cross_entropy") throws -> Losses.Function {
    guard case .function(let index) = value else {
      return try Losses.named(value.asString ?? fallback, who: who)
    }
    let (function, who) = (try LuaReference(self, at: index), who)
    return { output, target in
      try function.call(
        who: who,
        { call in
          _ = try call.push(output)
          _ = try call.push(target)
          return 2
        },
        { result in
          guard let tensor = result.asTensor, tensor.count == 1, tensor.dtype.isFloat else {
            throw LuaFailure.message(
              "\(who): loss function: expected a tensor of one number, got \(result.asTensor.map { "\($0.shape)" } ?? result.text)"
            )
          }
          return tensor
        })
    }
  }
}

extension Parameter {
  /// Which loss: a name, or a function.
  static func loss(_ meaning: String) -> Parameter {
    Parameter(
      "loss", .oneOf([.choice(Losses.names), .function]), default: "\"cross_entropy\"",
      meaning + "; or function(output, target) that gives a tensor of one number")
  }
}
