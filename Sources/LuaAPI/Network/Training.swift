import CLua
import Datasets
import Kernels
import Lab
import Networks
import Tensors

extension ParameterType {
  /// What a training or an evaluation goes through.
  static let samples = ParameterType.oneOf([.object(.dataset), .table, .function, .object(.batches)])
}

extension Parameter {
  /// The fields of the option `early_stopping`.
  static let earlyStoppingFields = [
    Parameter("metric", .choice(FitMetric.allCases.map(\.rawValue)), default: "\"test.loss\"", "what is to get better"),
    Parameter("patience", .integer, default: "5", "how many epochs to wait for it"),
    Parameter("min_delta", .number, default: "0", "what counts as better"),
    Parameter("restore_best", .boolean, default: "false", "whether the best weights come back"),
  ]
}

extension FunctionRecord {
  /// `net:fit` and `net:evaluate`.
  static let trainingMethods: [FunctionRecord] = [fit, evaluate]

  private static let make = "local ds = data.digits(); local net = nn.mlp{inputs=64, width=8, depth=1, outputs=10}; "

  private static let fit = FunctionRecord(
    "network:fit",
    "Trains the network on a dataset, on tensors {x, y}, or on what a function gives: a batch x, y at each call until nil ends "
      + "the epoch, or at the beginning of each epoch an iterator such as ds:batches(60). Ctrl-C ends it and gives what "
      + "there is; so does a loss that is NaN or infinite, the network as it last was in order. An error of a callback's "
      + "comes back as it is, and net.last_fit has the history.",
    options: dataOptions + lengthOptions + stepOptions + outcomeOptions,
    returns: "a history",
    errors:
      "data of other shapes, classes out of range, NaN or infinity in the data, a batch larger than the data or of 1 with "
      + "batch normalisation, an optimizer of another network, a checkpoint of another training",
    example: make
      + "local h = net:fit{train=ds, optimizer=optim.SGD(net, {lr=0.1}), steps=3, progress=false}; assert(#h.losses == 3)",
    receiver: .network
  ) { call in try call.fit() }

  private static let dataOptions = [
    Parameter("train", .samples, "what to train on"),
    Parameter("test", .samples, default: "nil", "what to evaluate on after each epoch"),
    .loss("what to minimise, a mean over the samples"),
    Parameter("optimizer", .object(.optimizer), "for example optim.SGD(net, {lr=0.1})"),
    Parameter(
      "batch", .integer, default: "60, or all samples where there are fewer",
      "the samples of a batch; a last one of a single sample joins its neighbour where batches are normalised"),
    Parameter("shuffle", .boolean, default: "true", "whether each epoch draws a new order"),
    Parameter("drop_last", .boolean, default: "false", "whether a smaller last batch is left out"), .generator,
  ]

  private static let lengthOptions = [
    Parameter("epochs", .integer, default: "nil", "how often to go through the data; or say steps"),
    Parameter("steps", .integer, default: "nil", "how many steps to take; or say epochs"),
    Parameter(
      "early_stopping", .table, default: "nil",
      "{metric=\"test.loss\", patience=5, min_delta=0, restore_best=false}: ends after so many epochs without a better "
        + "metric (loss, accuracy, test.loss or test.accuracy)"),
    Parameter(
      "checkpoint", .table, default: "nil",
      "{path=, every=1000, resume=false}: keeps the whole training in a file every so many steps and at the end; resume "
        + "goes on from it where it exists"),
    Parameter("resume", .string, default: "nil", "the checkpoint to go on from, bit for bit"),
  ]

  private static let stepOptions = [
    Parameter(
      "accumulate", .integer, default: "1", "over how many batches a step gathers the mean gradient of their samples"),
    Parameter("clip_norm", .number, default: "nil", "the largest norm of all gradients together"),
    Parameter("clip_value", .number, default: "nil", "the largest magnitude of a number in the gradients"),
    Parameter(
      "schedule", .schedule, default: "the optimizer's own",
      "the learning rate of each step, in place of opt.schedule: optim.schedule.cosine{...}, or a function of the steps "
        + "taken, from 0, and the rate set by hand, which comes back at the end"),
  ]

  private static let outcomeOptions = [
    Parameter("record", .object(.recorder), default: "nil", "what records the training, a sonde.recorder"),
    Parameter(
      "on_step", .function, default: "nil",
      "called after each step with {step=, steps=, epoch=, loss=, accuracy=, lr=, grad_norm=, net=}; false ends it"),
    Parameter(
      "on_epoch", .function, default: "nil",
      "called after each with {epoch=, step=, loss=, accuracy=, train_accuracy=, test_loss=, test_accuracy=, lr=, net=}; "
        + "false ends it"),
    Parameter(
      "progress", .boolean, default: "true",
      "whether a terminal shows a progress bar, anything else a line an epoch; false in a run of a sweep"),
  ]

  private static let evaluate = FunctionRecord(
    "network:evaluate", "The mean loss and the accuracy on a dataset, in evaluation mode; the mode is restored.",
    [Parameter("ds", .samples, "a dataset, {x, y}, or what gives batches, as net:fit takes them")],
    options: [
      Parameter("batch", .integer, default: "1000", "how many samples at a time"),
      .loss("what to measure, a mean over the samples"),
      Parameter(
        "per_class", .boolean, default: "false", "whether to add per_class and confusion, of targets that are classes"),
    ],
    returns:
      "a table: loss, accuracy (a fraction; NaN where targets are no classes); per_class (the fraction of each class, NaN "
      + "where it has no samples) and confusion (counts [class, taken for])",
    errors: "data of another shape, classes out of range, NaN or infinity in the data",
    example: make + "local e = net:evaluate(ds, {per_class=true}); assert(e.loss > 0 and #e.per_class == 10)",
    receiver: .network
  ) { call in
    let network = call.object(Network.self)
    guard let data = try call.samples(call.argument(0), "argument 1 'ds'") else { return 0 }
    let wantsClasses = call.flag("per_class", default: false)
    let result = try network.evaluate(
      data, batch: call.option("batch").asInteger ?? 1000, objective: try call.objective(), perClass: wantsClasses)
    try check(sonde_try_table(call.lua, 0, 4))
    try call.set("loss") { call.push(result.loss) }
    try call.set("accuracy") { call.push(result.accuracy) }
    guard wantsClasses, !result.perClass.isEmpty else { return 1 }
    try call.set("per_class") { try call.push(sequence: result.perClass) { call.push($0) } }
    let (counts, classes) = (result.confusion.map(Int64.init), result.perClass.count)
    try call.set("confusion") { try call.push(try Tensor(integers: counts, shape: [classes, classes])) }
    return 1
  }
}

extension Call {
  /// Runs `net:fit`.
  fileprivate func fit() throws -> Int32 {
    let network = object(Network.self)
    guard let train = try samples(option("train"), "option 'train'"),
      case .object(let object, .optimizer) = option("optimizer")
    else { return 0 }
    let optimiser = unsafeDowncast(object, to: GroupedOptimiser.self)
    guard optimiser.network == nil || optimiser.network === network else {
      throw failure("option 'optimizer' belongs to another network")
    }
    try session.endAfterInterrupt()
    let bar = ProgressBar(
      isShown: flag("progress", default: !session.isSweepWorker), epochs: option("epochs").asInteger)
    let options = try fitOptions(bar)
    defer { bar.erase() }
    let history = try network.fit(
      train, test: try samples(option("test"), "option 'test'"), optimiser: optimiser, options: options)
    // Ctrl-C has been answered: the script goes on with what there is.
    if history.end == .interrupted { sonde_interrupt_end(session.runtime) }
    bar.finish(history)
    return try push(TrainingHistory(history), .history)
  }

  private func fitOptions(_ bar: ProgressBar) throws -> FitOptions {
    var options = FitOptions()
    options.batch = option("batch").asInteger
    options.epochs = option("epochs").asInteger
    options.steps = option("steps").asInteger
    options.shuffle = flag("shuffle", default: true)
    options.dropLast = flag("drop_last", default: false)
    options.objective = try objective()
    options.generator = generator()
    options.accumulate = option("accumulate").asInteger ?? 1
    options.clipNorm = option("clip_norm").asNumber
    options.clipValue = option("clip_value").asNumber
    options.schedule = try schedule(option("schedule"), "schedule")
    options.earlyStopping = try earlyStopping()
    if case .object(let object, .recorder) = option("record") {
      options.observer = unsafeDowncast(object, to: Recorder.self)
    }
    options.onStep = stepCallback(bar)
    options.onEpoch = epochCallback(bar)
    try readCheckpoint(&options)
    return options
  }

  private func earlyStopping() throws -> FitOptions.EarlyStopping? {
    guard let fields = try fields(of: "early_stopping", Parameter.earlyStoppingFields) else { return nil }
    let metric = fields["metric"]?.asString.flatMap(FitMetric.init(rawValue:))
    var settings = FitOptions.EarlyStopping(metric ?? (option("test").isAbsent ? .loss : .testLoss))
    settings.patience = fields["patience"]?.asInteger ?? settings.patience
    settings.minDelta = fields["min_delta"]?.asNumber ?? settings.minDelta
    if case .boolean(true)? = fields["restore_best"] { settings.restoresBest = true }
    return settings
  }

  /// The fields of an option that is a table, checked as options are; nil where it was not given.
  func fields(of name: String, _ known: [Parameter]) throws -> [String: LuaValue]? {
    guard case .table(let index) = option(name) else { return nil }
    var fields: [String: LuaValue] = [:]
    try forEachPair(in: index) { key, place in
      guard let parameter = known.first(where: { $0.name == key.asString }) else {
        let cure = suggestion(
          for: key.asString ?? "", among: known.map(\.name), otherwise: "?\(who) tells of them")
        throw failure("unknown option \(key.text) in '\(name)'\(cure)")
      }
      let value = LuaValue(lua, place)
      guard value.fits(parameter.type) else {
        throw failure(
          "option '\(name).\(parameter.name)' expected \(parameter.type.text), got \(value.text(for: parameter.type))")
      }
      fields[parameter.name] = value
    }
    return fields
  }
}
