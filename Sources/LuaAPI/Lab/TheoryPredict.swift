import CLua
import Kernels
import Lab
import Networks
import RealModule
import Tensors

extension Parameter {
  /// What goes in at either end, for theory.predict and net:theory alike.
  fileprivate static let theoryInput = [
    Parameter("input", .tensor, default: "standard normal", "a batch to take rms, mean, cosine and batch size from"),
    Parameter("batch", .integer, default: "infinite", "the number of samples; dL/dW grows with it"),
    Parameter(
      "input_rms", .number, default: "1, with input_mean the rms at a std of 1", "the root mean square of the input"),
    Parameter(
      "input_mean", .number, default: "0", "the mean of the input, which theory takes through a Linear alone"),
    Parameter(
      "input_cosine", .number, default: "(input_mean / input_rms)^2", "the mean cosine between two samples of the input"
    ),
    Parameter("upstream_std", .number, default: "1", "the standard deviation of dL/d output, drawn for each sample"),
  ]
}

extension FunctionRecord {
  /// The most rows of a prediction without a net: each takes memory.
  private static let deepest = 10_000

  static let predict = FunctionRecord(
    "theory.predict",
    "Predicts what a probe of nn.mlp with these options would find, row by row; nothing is drawn. A probe passes dropout by and takes"
      + " batch statistics, so dropout, momentum and seed change nothing.",
    options: Parameter.mlpOptions + Parameter.theoryInput,
    returns: "a prediction: p[i] is a row, print(p) the table", errors: "sizes below 1, options out of range",
    example:
      "local p = theory.predict{activation='relu', init='normal(0.01)', depth=20}; assert(math.abs(p[20].activation.rms / p[19].activation.rms - 0.0707107) < 1e-6)"
  ) { call in
    var options = try call.mlpOptions()
    try options.check(call.who)
    guard options.depth <= deepest else {
      throw call.failure("expected a depth of at most \(deepest), got \(options.depth)")
    }
    let input = try call.theoryInput()
    options.inputs = try call.inputFeatures()
    let prediction = Prediction(NetworkModel(mlp: options, inputs: 100), input)
    try Interrupt.check()
    return try call.push(PredictionHandle(prediction), .prediction)
  }

  /// `net:theory`.
  static let theoryMethods: [FunctionRecord] = [
    FunctionRecord(
      "network:theory",
      "Predicts what a probe of the net would find at initialisation, from its own init, activations and norms; rows that theory does not cover say why.",
      options: Parameter.theoryInput,
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
      for name in ["input_rms", "input_mean", "input_cosine"] where !option(name).isAbsent {
        throw failure("takes input or \(name), not both")
      }
      guard tensor.rank >= 2, tensor.count > 0 else {
        throw failure("option 'input' expected a batch [batch, features], got a tensor of shape \(tensor.shape)")
      }
      input.take(try Statistics(of: tensor, percentiles: [], bins: 1, parts: [.batch, .shape]))
      input.batch = tensor.shape[0]
    } else {
      try readMoments(&input)
    }
    if let batch = option("batch").asInteger {
      guard batch >= 1 else { throw failure("option 'batch' expected a number of at least 1, got \(batch)") }
      input.batch = batch
    }
    input.upstreamRMS = try nonnegative("upstream_std", default: 1)
    return input
  }

  /// The moments of an input that isn't there.
  private func readMoments(_ input: inout TheoryInput) throws {
    let mean = option("input_mean").asNumber ?? 0
    guard mean.isFinite else {
      throw failure("option 'input_mean' expected a finite number, got \(option("input_mean").text)")
    }
    input.rms = try nonnegative("input_rms", default: Double.hypot(1, mean))
    guard abs(mean) <= input.rms else {
      throw failure(
        "option 'input_mean' expected at most input_rms = \(option("input_rms").text) in size, got \(option("input_mean").text)"
      )
    }
    let relative = mean == 0 ? 0 : mean / input.rms
    let cosine = option("input_cosine").asNumber ?? relative * relative
    guard cosine >= -1, cosine <= 1 else {
      throw failure("option 'input_cosine' expected a number from -1 to 1, got \(option("input_cosine").text)")
    }
    (input.relativeMean, input.isNormal, input.cosine) = (relative, mean == 0, cosine)
  }

  /// The option `inputs` of nn.mlp, else the features of the batch that `input` gives; nil without either.
  fileprivate func inputFeatures() throws -> Int? {
    let inputs = option("inputs").asInteger
    guard let features = option("input").asTensor?.shape.last else { return inputs }
    guard inputs == nil || inputs == features else {
      throw failure("option 'input' expected a batch of \(inputs ?? 0) features, got \(features); leave inputs away")
    }
    return features
  }

  private func nonnegative(_ name: String, default standard: Double) throws -> Double {
    let value = option(name).asNumber ?? standard
    guard value >= 0, value.isFinite else {
      throw failure("option '\(name)' expected a number of at least 0, got \(option(name).text)")
    }
    return value
  }
}
