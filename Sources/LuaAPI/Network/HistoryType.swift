import CLua
import Networks
import Plots

/// What a training has brought, as Lua holds it.
final class TrainingHistory {
  let history: FitHistory

  init(_ history: FitHistory) { self.history = history }
}

extension FunctionRecord {
  /// The methods of histories.
  static let historyMethods: [FunctionRecord] = [plot, table]

  private static let make =
    "local net = nn.mlp{inputs=64, width=8, depth=1, outputs=10}; "
    + "local h = net:fit{train=data.digits(), optimizer=optim.SGD(net, {lr=0.1}), epochs=2, progress=false}; "

  private static let plot = FunctionRecord(
    "history:plot", "Draws the losses and the accuracies as curves over the epochs; of one epoch, over the steps.",
    [Parameter("path", .string, default: "nil", "a file to write: .svg, .png or .pdf, by gnuplot; else it is printed")],
    options: [
      Parameter("title", .string, default: "''", "the line above"),
      Parameter("logy", .boolean, default: "false", "whether the losses stand on a logarithmic axis"),
    ] + Parameter.figureOptions,
    returns: "nothing; with text=true the picture as a string",
    errors: "no step taken, no finite loss, paths that can't be written",
    example: make + "assert(h:plot{text=true}:find('loss by epoch', 1, true))", receiver: .history
  ) { call in
    let history = call.object(TrainingHistory.self).history
    if history.stepLosses.isEmpty { throw call.failure("nothing to draw: no step was taken") }
    let figure = history.figure(
      title: call.option("title").asString ?? "", isLogarithmic: call.flag("logy", default: false))
    return try call.show(asAskedFor: figure, path: call.argument(0).asString)
  }

  private static let table = FunctionRecord(
    "history:table", "The numbers of each epoch.",
    returns: "a sequence of tables with epoch, step, loss, accuracy, train_accuracy, test_loss, test_accuracy and lr",
    example: make + "local rows = h:table(); assert(#rows == 2 and rows[2].epoch == 2 and rows[2].lr == 0.1)",
    receiver: .history
  ) { call in
    try call.push(sequence: call.object(TrainingHistory.self).history.epochs) { epoch in
      try check(sonde_try_table(call.lua, 0, 8))
      try call.setFields(of: epoch)
      return 1
    }
  }
}

extension TypeRecord {
  /// What a training has brought.
  static let historyType = TypeRecord(
    type: .history, summary: "What net:fit has brought: losses and accuracies by epoch and by step.",
    methods: FunctionRecord.historyMethods,
    properties: epochProperties + stepProperties + endProperties,
    length: { call in call.object(TrainingHistory.self).history.epochs.count },
    text: { call in call.object(TrainingHistory.self).history.text })

  private static let epochProperties = [
    numbers("loss", "The mean training loss of each epoch, each sample's before its step.") { $0.epochs.map(\.loss) },
    numbers("accuracy", "The accuracy of each epoch: on the test data where there is some, else while training.") {
      $0.epochs.compactMap(\.accuracy)
    },
    numbers("train_accuracy", "The accuracy of each epoch while training, empty where targets are no classes.") {
      $0.epochs.compactMap(\.trainAccuracy)
    },
    numbers("test_loss", "The test loss after each epoch, empty without test data.") {
      $0.epochs.compactMap(\.testLoss)
    },
    numbers("test_accuracy", "The test accuracy after each epoch, empty without test data or classes.") {
      $0.epochs.compactMap(\.testAccuracy)
    },
    numbers("lr", "The learning rate at the end of each epoch.") { $0.epochs.map(\.learningRate) },
  ]

  private static let stepProperties = [
    PropertyRecord("steps", "The number of steps taken.") { call in
      call.push(call.object(TrainingHistory.self).history.stepLosses.count)
    },
    numbers("step_loss", "The loss of each step.") { $0.stepLosses },
    numbers("losses", "The loss of each step, another name of step_loss.") { $0.stepLosses },
    numbers("step_lr", "The learning rate of each step.") { $0.stepRates },
    numbers("step_norm", "The norm of all gradients in each step before clipping, empty without clip_norm.") {
      $0.stepNorms
    },
  ]

  private static let endProperties = [
    PropertyRecord(
      "stopped", "Why it ended: 'completed', 'stopped', 'early', 'interrupted', 'diverged' or 'failed'."
    ) { call in try call.push(call.object(TrainingHistory.self).history.end.name) },
    PropertyRecord("interrupted", "Whether Ctrl-C ended it.") { call in
      call.push(call.object(TrainingHistory.self).history.end == .interrupted)
    },
    PropertyRecord(
      "diverged",
      "Of a loss or gradient that was NaN or infinite {step=, loss=, cause=, layer=, kept_step=}: the network is as it was "
        + "before kept_step; nil otherwise."
    ) { call in
      guard case .diverged(let divergence) = call.object(TrainingHistory.self).history.end else {
        return call.pushNil()
      }
      return try call.push(divergence)
    },
    PropertyRecord("warning", "What went wrong and the cure, in a sentence; nil when nothing did.") { call in
      try call.object(TrainingHistory.self).history.warning.map { try call.push($0) } ?? call.pushNil()
    },
    PropertyRecord("best_epoch", "The epoch with the best metric of early_stopping, nil without.") { call in
      call.object(TrainingHistory.self).history.bestEpoch.map { call.push($0) } ?? call.pushNil()
    },
  ]

  private static func numbers(
    _ name: String, _ summary: String, _ values: @escaping @Sendable (FitHistory) -> [Double]
  ) -> PropertyRecord {
    PropertyRecord(name, summary) { call in
      try call.push(sequence: values(call.object(TrainingHistory.self).history)) { call.push($0) }
    }
  }
}

extension Call {
  fileprivate func push(_ divergence: FitDivergence) throws -> Int32 {
    try check(sonde_try_table(lua, 0, 5))
    try set("step") { push(divergence.step) }
    try set("loss") { push(divergence.loss) }
    try set("cause") { try push(divergence.cause.rawValue) }
    if let layer = divergence.layer { try set("layer") { try push(layer) } }
    try set("kept_step") { push(divergence.keptStep) }
    return 1
  }
}

extension FitHistory.End {
  /// The word for it.
  var name: String {
    switch self {
    case .completed: "completed"
    case .stopped: "stopped"
    case .early: "early"
    case .interrupted: "interrupted"
    case .diverged: "diverged"
    case .failed: "failed"
    }
  }
}

extension FitHistory {
  /// What `print` shows: the end, the last numbers, and how the loss went.
  var text: String {
    var text = "\(epochs.count) epochs, \(stepLosses.count) steps, \(end.name)"
    if let last = epochs.last {
      text += ", loss \(Decimal.text(last.loss))"
      if let loss = last.testLoss { text += ", test loss \(Decimal.text(loss))" }
      if let accuracy = last.accuracy { text += ", accuracy \(Decimal.text(accuracy))" }
    }
    if let bestEpoch { text += ", best epoch \(bestEpoch)" }
    let curve = epochs.count > 1 ? epochs.map(\.loss) : stepLosses
    if curve.count > 1 {
      text += "\nloss \(Sparkline.values(curve, width: 60, style: TerminalAbilities.current.sparklines))"
    }
    return text + (warning.map { "\n" + $0 } ?? "")
  }

  /// What `plot` draws.
  fileprivate func figure(title: String, isLogarithmic: Bool) -> Figure {
    let hasEpochs = epochs.count > 1
    let losses = hasEpochs ? [("train", epochs.map(\.loss)), ("test", epochs.map { $0.testLoss ?? .nan })] : []
    let accuracies =
      hasEpochs
      ? [("train", epochs.map { $0.trainAccuracy ?? .nan }), ("test", epochs.map { $0.testAccuracy ?? .nan })] : []
    let panels = [
      FitHistory.panel("loss by epoch", losses, isLogarithmic: isLogarithmic),
      FitHistory.panel("loss by step", hasEpochs ? [] : [("train", stepLosses)], isLogarithmic: isLogarithmic),
      FitHistory.panel("accuracy by epoch", accuracies, isLogarithmic: false),
    ]
    return Figure(title: title, columns: panels.compactMap { $0.map { Figure.Column([$0]) } })
  }

  /// Curves over their index; those that were never measured are left out, and the panel when all are.
  private static func panel(_ title: String, _ curves: [(String, [Double])], isLogarithmic: Bool) -> Panel? {
    let measured = curves.filter { !$0.1.allSatisfy(\.isNaN) }
    guard !measured.isEmpty else { return nil }
    return Panel(
      title: title, y: Axis(isLogarithmic: isLogarithmic),
      marks: measured.map { name, values in
        .line(Series(name, x: values.indices.map { Double($0 + 1) }, y: values, hasPoints: values.count <= 100))
      })
  }
}
