import CLua
import Kernels
import Lab
import Networks
import Tensors

extension Parameter {
  fileprivate static let batch = Parameter(
    "batch", .integer, default: "infinite", "the number of samples; dL/dW grows with it")
  fileprivate static let inputRMS = Parameter("input_rms", .number, default: "1", "the root mean square of the input")
  fileprivate static let inputCosine = Parameter(
    "input_cosine", .number, default: "0", "the mean cosine between two samples of the input")
  fileprivate static let upstreamStd = Parameter(
    "upstream_std", .number, default: "1", "the standard deviation of dL/d output, drawn for each sample")
}

extension FunctionRecord {
  /// The most rows of a prediction without a net: each takes memory.
  private static let deepest = 10_000

  static let predict = FunctionRecord(
    "theory.predict", "Predicts what a probe of nn.mlp with these options would find, row by row; nothing is drawn.",
    options: Parameter.mlpOptions + [.dtype, .batch, .inputRMS, .inputCosine, .upstreamStd],
    returns: "a prediction: p[i] is a row, print(p) the table", errors: "sizes below 1, options out of range",
    example:
      "local p = theory.predict{activation='relu', init='normal(0.01)', depth=20}; assert(math.abs(p[20].activation.rms / p[19].activation.rms - 0.0707107) < 1e-6)"
  ) { call in
    let options = try call.mlpOptions()
    try options.check(call.who)
    guard options.depth <= deepest else {
      throw call.failure("expected a depth of at most \(deepest), got \(options.depth)")
    }
    let prediction = Prediction(NetworkModel(mlp: options, inputs: 100), try call.theoryInput())
    try Interrupt.check()
    return try call.push(PredictionHandle(prediction), .prediction)
  }

  /// `net:theory`.
  static let theoryMethods: [FunctionRecord] = [
    FunctionRecord(
      "network:theory",
      "Predicts what a probe of the net would find at initialisation, from its own init, activations and norms; rows that theory does not cover say why.",
      options: [
        Parameter("input", .tensor, default: "standard normal", "a batch to take rms, cosine and batch size from"),
        .batch, .inputRMS, .inputCosine, .upstreamStd,
      ],
      returns: "a prediction: p[i] is a row, print(p) the table", errors: "options out of range",
      example:
        "local net = nn.mlp{inputs=8, width=8, depth=3}; local p = net:theory(); assert(#p == #net and p[1].activation.rms == 1)",
      receiver: .network
    ) { call in
      let prediction = Prediction(try NetworkModel(call.object()), try call.theoryInput())
      try Interrupt.check()
      return try call.push(PredictionHandle(prediction), .prediction)
    }
  ]

  /// `r:theory`.
  static let reportTheoryMethods: [FunctionRecord] = [
    FunctionRecord(
      "report:theory",
      "Predicts the rows of the report, from the probed net as it was, the measured input and the measured upstream gradient.",
      returns: "a prediction, nil for a report that does not know its net",
      example:
        "local r = nn.mlp{inputs=8, width=8, depth=3}:probe(sonde.randn(20, 8)); assert(r:theory()[1].activation.std > 0)",
      receiver: .report
    ) { call in
      guard let prediction = try call.object(ReportHandle.self).report.prediction() else { return call.pushNil() }
      return try call.push(PredictionHandle(prediction), .prediction)
    }
  ]
}

extension Call {
  /// What goes in at either end, by the options.
  fileprivate func theoryInput() throws -> TheoryInput {
    var input = TheoryInput()
    if let tensor = option("input").asTensor {
      for name in ["input_rms", "input_cosine"] where !option(name).isAbsent {
        throw failure("takes input or \(name), not both")
      }
      guard tensor.rank >= 2, tensor.count > 0 else {
        throw failure("option 'input' expected a batch [batch, features], got a tensor of shape \(tensor.shape)")
      }
      input.take(try Statistics(of: tensor, percentiles: [], bins: 1, parts: []))
      input.batch = tensor.shape[0]
    }
    if let batch = option("batch").asInteger {
      guard batch >= 1 else { throw failure("option 'batch' expected a number of at least 1, got \(batch)") }
      input.batch = batch
    }
    if option("input").isAbsent {
      input.rms = try nonnegative("input_rms")
      let cosine = option("input_cosine").asNumber ?? 0
      guard cosine >= -1, cosine <= 1 else {
        throw failure("option 'input_cosine' expected a number from -1 to 1, got \(option("input_cosine").text)")
      }
      input.cosine = cosine
    }
    input.upstreamRMS = try nonnegative("upstream_std")
    return input
  }

  private func nonnegative(_ name: String) throws -> Double {
    let value = option(name).asNumber ?? 1
    guard value >= 0, value.isFinite else {
      throw failure("option '\(name)' expected a number of at least 0, got \(option(name).text)")
    }
    return value
  }
}
