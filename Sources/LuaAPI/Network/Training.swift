import CLua
import Datasets
import Kernels
import Networks
import Tensors

/// What a training has brought, as Lua holds it.
final class TrainingHistory {
  let history: FitHistory

  init(_ history: FitHistory) { self.history = history }
}

extension FunctionRecord {
  /// `net:fit` and `net:evaluate`.
  static let trainingMethods: [FunctionRecord] = [fit, evaluate]

  private static let make = "local ds = data.digits(); local net = nn.mlp{inputs=64, width=8, depth=1, outputs=10}; "
  private static let loss = Parameter(
    "loss", .choice([FitOptions.Loss.crossEntropy.rawValue]), default: "\"cross_entropy\"",
    "what to minimise; datasets hold classes")

  private static let fit = FunctionRecord(
    "network:fit",
    "Trains the network on a dataset, with a progress bar on terminals; Ctrl-C ends it and gives what there is.",
    options: [
      Parameter("train", .object(.dataset), "what to train on"),
      Parameter("test", .object(.dataset), default: "nil", "what to evaluate on after each epoch"),
      loss, Parameter("optimizer", .object(.optimizer), "for example optim.SGD(net, {lr=0.1})"),
      Parameter("batch", .integer, default: "60", "the samples of a step"),
      Parameter("epochs", .integer, default: "1, unless steps says otherwise", "how often to go through the data"),
      Parameter("steps", .integer, default: "nil", "how many steps at most"),
      Parameter("shuffle", .boolean, default: "true", "whether each epoch draws a new order"), .generator,
      Parameter(
        "on_step", .function, default: "nil", "called with {step=, steps=, epoch=, loss=}; false ends the training"),
      Parameter(
        "on_epoch", .function, default: "nil",
        "called with {epoch=, step=, loss=, test_loss=, accuracy=}; false ends it"),
      Parameter("progress", .boolean, default: "true", "whether a terminal shows a progress bar"),
    ],
    returns: "a history", errors: "data of other shapes, NaN or infinity in the data, an optimizer of another network",
    example: make + "local h = net:fit{train=ds, optimizer=optim.SGD(net, {lr=0.1}), steps=3}; assert(#h.losses == 3)",
    receiver: .network
  ) { call in try call.fit() }

  private static let evaluate = FunctionRecord(
    "network:evaluate", "The mean loss and the accuracy on a dataset, in evaluation mode; the mode is restored.",
    [Parameter("ds", .object(.dataset), "the data")],
    options: [Parameter("batch", .integer, default: "1000", "how many samples at a time"), loss],
    returns: "a table: loss, accuracy (a fraction)", errors: "data of another shape",
    example: make + "local e = net:evaluate(ds); assert(e.loss > 0 and e.accuracy <= 1)", receiver: .network
  ) { call in
    guard case .object(let object, .dataset) = call.argument(0) else { return 0 }
    let dataset = unsafeDowncast(object, to: Dataset.self)
    let network = call.object(Network.self)
    let result = try network.evaluate(
      inputs: try dataset.inputs.to(network.dtype), targets: dataset.targets,
      batch: call.option("batch").asInteger ?? 1000, loss: call.lossOption())
    try check(sonde_try_table(call.lua, 0, 2))
    try call.set("loss") { call.push(result.loss) }
    try call.set("accuracy") { call.push(result.accuracy) }
    return 1
  }
}

extension Call {
  fileprivate func lossOption() -> FitOptions.Loss {
    option("loss").asString.flatMap(FitOptions.Loss.init(rawValue:)) ?? .crossEntropy
  }

  private func dataset(_ name: String, _ network: Network) throws -> (inputs: Tensor, targets: Tensor)? {
    guard case .object(let object, .dataset) = option(name) else { return nil }
    let dataset = unsafeDowncast(object, to: Dataset.self)
    return (try dataset.inputs.to(network.dtype), dataset.targets)
  }

  fileprivate func fit() throws -> Int32 {
    let network = object(Network.self)
    guard let train = try dataset("train", network), case .object(let object, .optimizer) = option("optimizer") else {
      return 0
    }
    let optimiser = unsafeDowncast(object, to: GroupedOptimiser.self)
    guard optimiser.network === network else { throw failure("option 'optimizer' belongs to another network") }
    let test = try dataset("test", network)
    var options = FitOptions()
    options.batch = option("batch").asInteger ?? options.batch
    options.epochs = option("epochs").asInteger
    options.steps = option("steps").asInteger
    options.shuffle = flag("shuffle", default: true)
    options.loss = lossOption()
    options.generator = generator()
    let bar = ProgressBar(shown: flag("progress", default: true))
    options.onStep = stepCallback(bar, batch: options.batch)
    options.onEpoch = epochCallback(bar)
    let history = try network.fit(
      inputs: train.inputs, targets: train.targets, test: test, optimiser: optimiser, options: options)
    // Ctrl-C has been answered: the script goes on with what there is.
    if history.end == .interrupted { sonde_interrupt_end(session.runtime) }
    bar.finish(history)
    return try push(TrainingHistory(history), .history)
  }

  private func stepCallback(_ bar: ProgressBar, batch: Int) -> (FitStep) throws -> Bool {
    let function = option("on_step")
    return { step in
      bar.show(step, batch: batch)
      guard case .function(let index) = function else { return true }
      return try self.goesOn(function: index) {
        try self.set("step") { self.push(step.step) }
        try self.set("steps") { self.push(step.steps) }
        try self.set("epoch") { self.push(step.epoch) }
        try self.set("loss") { self.push(step.loss) }
      }
    }
  }

  private func epochCallback(_ bar: ProgressBar) -> (FitEpoch) throws -> Bool {
    let function = option("on_epoch")
    return { epoch in
      bar.accuracy = epoch.accuracy ?? bar.accuracy
      guard case .function(let index) = function else { return true }
      return try self.goesOn(function: index) { try self.setFields(of: epoch) }
    }
  }

  /// Fills the table on top with what is known of an epoch.
  func setFields(of epoch: FitEpoch) throws {
    try set("epoch") { push(epoch.epoch) }
    try set("step") { push(epoch.step) }
    try set("loss") { push(epoch.loss) }
    if let loss = epoch.testLoss { try set("test_loss") { push(loss) } }
    if let accuracy = epoch.accuracy { try set("accuracy") { push(accuracy) } }
  }

  /// Calls a callback with a table; only an answer of false ends the training.
  private func goesOn(function index: Int32, _ fill: () throws -> Void) throws -> Bool {
    lua_pushvalue(lua, index)
    try check(sonde_try_table(lua, 0, 5))
    try fill()
    let status = sonde_try_call(lua, 1, 1)
    if status != LUA_OK && isInterruption {
      // Ctrl-C inside a callback ends the training as it does between two steps.
      sonde_pop(lua, 1)
      throw Interrupted()
    }
    try check(status)
    defer { sonde_pop(lua, 1) }
    return lua_type(lua, -1) != LUA_TBOOLEAN || lua_toboolean(lua, -1) != 0
  }

  /// Whether the error value on top is the hook's, which Ctrl-C has set.
  private var isInterruption: Bool {
    LuaValue(lua, lua_gettop(lua)).asString?.hasSuffix(Interrupted().description) ?? false
  }
}

extension TypeRecord {
  /// What a training has brought.
  static let historyType = TypeRecord(
    type: .history, summary: "What net:fit has brought: losses and accuracies by epoch.",
    properties: [
      PropertyRecord("loss", "The mean training loss of each epoch.") { call in
        try call.push(sequence: call.object(TrainingHistory.self).history.epochs) { call.push($0.loss) }
      },
      PropertyRecord("losses", "The loss of each step.") { call in
        try call.push(sequence: call.object(TrainingHistory.self).history.stepLosses) { call.push($0) }
      },
      PropertyRecord("test_loss", "The test loss after each epoch, empty without test data.") { call in
        try call.push(sequence: call.object(TrainingHistory.self).history.epochs.compactMap(\.testLoss)) {
          call.push($0)
        }
      },
      PropertyRecord("accuracy", "The test accuracy after each epoch, empty without test data.") { call in
        try call.push(sequence: call.object(TrainingHistory.self).history.epochs.compactMap(\.accuracy)) {
          call.push($0)
        }
      },
      PropertyRecord("stopped", "Why it ended: 'completed', 'stopped', 'interrupted' or 'diverged'.") { call in
        try call.push(call.object(TrainingHistory.self).history.end.name)
      },
    ],
    length: { call in call.object(TrainingHistory.self).history.epochs.count },
    text: { call in call.object(TrainingHistory.self).history.text })
}

extension FitHistory.End {
  /// The word for it.
  var name: String {
    switch self {
    case .completed: "completed"
    case .stopped: "stopped"
    case .interrupted: "interrupted"
    case .diverged: "diverged"
    }
  }
}

extension FitHistory {
  /// What `print` shows: the end, and the last numbers.
  var text: String {
    var text = "\(epochs.count) epochs, \(stepLosses.count) steps, \(end.name)"
    if let last = epochs.last {
      text += ", loss \(Decimal.text(last.loss))"
      if let accuracy = last.accuracy { text += ", accuracy \(Decimal.text(accuracy))" }
    }
    return text + (warning.map { "\n" + $0 } ?? "")
  }
}
