import Gradients
import Kernels
import Tensors

/// The loop over epochs and steps of one training.
final class FitLoop {
  /// What an epoch that has begun has brought so far.
  struct OpenEpoch {
    /// How many batches were taken.
    var batches = 0
    /// The sum of the batches' losses times their weights.
    var loss = 0.0
    /// The sum of the weights.
    var weight = 0.0
    /// Where the generator of orders stood at the beginning.
    var generator: Generator.State
  }

  let network: Network
  let optimiser: any Optimiser
  let options: FitOptions
  let source: any BatchSource
  /// Where orders come from.
  let generator: Generator
  var history = FitHistory()
  var open: OpenEpoch?
  var accuracy: Accuracy
  var best: BestEpoch?

  let lastGood: LastGoodState
  /// The batches of the present step.
  private(set) var group: [Batch] = []
  private let test: (any BatchSource)?
  private var samples = 0
  /// Whether there is data to evaluate on.
  var hasTest: Bool { test != nil }
  private var hasFinalCheckpoint = false

  init(
    _ network: Network, _ data: FitData, _ test: FitData?, _ optimiser: any Optimiser, _ options: FitOptions
  ) throws {
    try FitLoop.check(options, hasTest: test != nil)
    source = try FitLoop.source(network, data, options)
    self.test = try test.map { try network.source($0, "fit", "test ", batch: 1000, options.objective) }
    self.network = network
    self.optimiser = optimiser
    self.options = options
    generator = options.generator ?? network.generator
    accuracy = Accuracy(options.objective)
    best = options.earlyStopping.map(BestEpoch.init)
    lastGood = try LastGoodState(network, optimiser)
  }

  /// Runs to the end, whatever that is.
  func run() throws {
    do {
      try goOn()
    } catch is Interrupted {
      // a step that was under way has been taken back
      history.end = .interrupted
      Interrupt.clear()
    } catch {
      history.end = .failed
      throw error
    }
    try keepFinalCheckpoint()
    history.unrestored = try best?.restore(network)
  }

  private func goOn() throws {
    while history.end == .completed, !isFinished {
      if open == nil { try beginEpoch() }
      try takeSteps()
      // what closes an epoch before its end is of no use to a training that goes on from here
      if hasTakenSteps || history.end != .completed { try keepFinalCheckpoint() }
      try closeEpoch()
    }
  }

  // MARK: How long

  /// How many steps there will be, nil while nobody knows.
  var plannedSteps: Int? {
    if let steps = options.steps { return steps }
    guard let epochs = options.epochs, let batches = source.batchesPerEpoch else { return nil }
    let each = (batches + options.accumulate - 1) / options.accumulate
    let (all, overflow) = epochs.multipliedReportingOverflow(by: each)
    return overflow ? nil : all
  }

  private var hasTakenSteps: Bool { options.steps.map { history.stepLosses.count >= $0 } ?? false }

  private var isFinished: Bool {
    if let epochs = options.epochs { return history.epochs.count >= epochs }
    return hasTakenSteps && open == nil
  }

  // MARK: Epochs

  private func beginEpoch() throws {
    let state = generator.state
    try source.begin()
    open = OpenEpoch(generator: state)
    accuracy.reset()
  }

  private func takeSteps() throws {
    while history.end == .completed, !hasTakenSteps, try fetchGroup() {
      try Interrupt.check()
      try takeStep()
    }
    group.removeAll(keepingCapacity: true)
  }

  /// Fetches the batches of a step; false at the end of the epoch.
  private func fetchGroup() throws -> Bool {
    group.removeAll(keepingCapacity: true)
    while group.count < options.accumulate, let batch = try source.next() { group.append(batch) }
    return !group.isEmpty
  }

  private func closeEpoch() throws {
    guard let epoch = open, epoch.weight > 0 else { return }
    open = nil
    let measured = try test.map { try network.evaluate($0, options.objective) }
    let state = FitEpoch(
      epoch: history.epochs.count + 1, step: history.stepLosses.count, loss: epoch.loss / epoch.weight,
      trainAccuracy: accuracy.fraction, testLoss: measured?.loss,
      testAccuracy: measured.flatMap { $0.accuracy.isNaN ? nil : $0.accuracy }, learningRate: optimiser.learningRate)
    history.epochs.append(state)
    let goesOn = try best?.goesOn(after: state, network) ?? true
    history.bestEpoch = best?.epoch
    guard history.end == .completed else { return }
    if try options.onEpoch?(state) == false {
      history.end = .stopped
    } else if !goesOn, !isFinished {
      history.end = .early
    }
  }

  // MARK: Steps

  private func takeStep() throws {
    let step = history.stepLosses.count + 1
    let counted = (accuracy.samples, accuracy.right)
    try lastGood.begin()
    let outcome: StepOutcome
    do {
      outcome = try learn(step)
    } catch {
      lastGood.takeBack()
      accuracy.reset(samples: counted.0, right: counted.1)
      throw error
    }
    guard outcome.isFinite else {
      accuracy.reset(samples: counted.0, right: counted.1)
      history.end = .diverged(try divergence(step, outcome))
      return
    }
    note(outcome)
    // the step is whole: what goes wrong from here on takes nothing of it back
    try options.observer?.didUpdate(network)
    if let onStep = options.onStep, try onStep(state(outcome)) == false { history.end = .stopped }
    if options.checkpointEvery > 0, step % options.checkpointEvery == 0 { try keepCheckpoint() }
  }

  private func note(_ outcome: StepOutcome) {
    history.stepLosses.append(outcome.loss)
    history.stepRates.append(optimiser.learningRate)
    if let norm = outcome.gradientNorm { history.stepNorms.append(norm) }
    samples += outcome.samples
    open?.batches += group.count
    // an epoch's loss is a mean over samples, also where a batch's is a sum
    open?.loss += outcome.loss * (options.objective.isSum ? 1 : Double(outcome.samples))
    open?.weight += Double(outcome.samples)
  }

  private func state(_ outcome: StepOutcome) -> FitStep {
    FitStep(
      step: history.stepLosses.count, steps: plannedSteps, epoch: history.epochs.count + 1, loss: outcome.loss,
      accuracy: outcome.right.map { Double($0) / Double(outcome.samples) }, learningRate: optimiser.learningRate,
      gradientNorm: outcome.gradientNorm, epochLoss: (open?.loss ?? 0) / (open?.weight ?? 1),
      epochAccuracy: accuracy.fraction, samples: samples)
  }

  // MARK: Checkpoints

  private func keepCheckpoint() throws {
    if let keep = options.keep { try keep(try checkpoint()) }
  }

  /// Keeps how things stand at the end, once; a training that has diverged leaves the checkpoint before.
  private func keepFinalCheckpoint() throws {
    if case .diverged = history.end { return }
    guard !hasFinalCheckpoint else { return }
    hasFinalCheckpoint = true
    try keepCheckpoint()
  }
}
