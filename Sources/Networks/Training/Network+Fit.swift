import Gradients
import Kernels
import Tensors

extension Network {
  /// Trains on `inputs` `[samples, features]` and `targets`: classes `[samples]` from 1, or values of the output's shape.
  ///
  /// Runs in training mode and restores the mode. Ctrl-C ends it and gives the history so far.
  ///
  /// - Throws: `NetworkError` for options below 1, data of different lengths, no data, and NaN or infinity in the data,
  ///   naming its row and column; what the callbacks throw.
  public func fit(
    inputs: Tensor, targets: Tensor, test: (inputs: Tensor, targets: Tensor)? = nil, optimiser: any Optimiser,
    options: FitOptions
  ) throws -> FitHistory {
    let data = try TrainingData("fit", inputs: inputs, targets: targets, dtype: dtype)
    try data.requireFinite("fit")
    let loop = try FitLoop(self, data, test, optimiser, options)
    let mode = isTraining
    isTraining = true
    defer { isTraining = mode }
    return try loop.run()
  }
}

/// The loop over epochs and steps of one training.
private final class FitLoop {
  private let network: Network
  private let data: TrainingData
  private let test: (inputs: Tensor, targets: Tensor)?
  private let optimiser: any Optimiser
  private let options: FitOptions
  private let generator: Generator
  private let batches: [Range<Int>]
  private let steps: Int
  private var history = FitHistory()

  init(
    _ network: Network, _ data: TrainingData, _ test: (inputs: Tensor, targets: Tensor)?, _ optimiser: any Optimiser,
    _ options: FitOptions
  ) throws {
    try NetworkError.require(options.batch, atLeast: 1, "fit", "batch")
    try NetworkError.require(options.epochs ?? 1, atLeast: 1, "fit", "epochs")
    try NetworkError.require(options.steps ?? 1, atLeast: 1, "fit", "steps")
    self.network = network
    self.data = data
    self.test = test
    self.optimiser = optimiser
    self.options = options
    generator = options.generator ?? network.generator
    batches = TrainingData.cut(data.count, options.batch)
    let epochs = options.epochs ?? (options.steps == nil ? 1 : Int.max)
    let (all, overflow) = epochs.multipliedReportingOverflow(by: batches.count)
    steps = min(options.steps ?? Int.max, overflow ? Int.max : all)
  }

  func run() throws -> FitHistory {
    var epoch = 1
    do {
      while history.stepLosses.count < steps, history.end == .completed {
        try runEpoch(epoch)
        epoch += 1
      }
    } catch is Interrupted {
      history.end = .interrupted
    }
    return history
  }

  private func runEpoch(_ epoch: Int) throws {
    let order = options.shuffle ? generator.permutation(data.count) : Array(0..<data.count)
    var (total, samples) = (0.0, 0)
    for batch in batches where history.stepLosses.count < steps {
      try Interrupt.check()
      let loss = try takeStep(order[batch])
      history.stepLosses.append(loss)
      guard loss.isFinite else {
        history.end = .diverged(step: history.stepLosses.count, loss: loss)
        break
      }
      total += loss * Double(batch.count)
      samples += batch.count
      let state = FitStep(step: history.stepLosses.count, steps: steps, epoch: epoch, loss: loss)
      if try options.onStep?(state) == false {
        history.end = .stopped
        break
      }
    }
    try close(epoch, samples > 0 ? total / Double(samples) : .nan)
  }

  /// One step: forward, loss, backward, update; nothing is changed where the loss is not finite.
  private func takeStep(_ indices: ArraySlice<Int>) throws -> Double {
    let (x, target) = try data.gather(indices)
    try network.zeroGradients()
    let loss = try options.loss.value(try network.forward(x), target)
    let value = loss.number
    guard value.isFinite else { return value }
    try Tape.backward(from: loss)
    try optimiser.step()
    return value
  }

  private func close(_ epoch: Int, _ loss: Double) throws {
    var measured: (loss: Double, accuracy: Double)?
    if let test {
      measured = try network.evaluate(inputs: test.inputs, targets: test.targets, loss: options.loss)
    }
    let accuracy = options.loss == .crossEntropy ? measured?.accuracy : nil
    let state = FitEpoch(
      epoch: epoch, step: history.stepLosses.count, loss: loss, testLoss: measured?.loss, accuracy: accuracy)
    history.epochs.append(state)
    if history.end == .completed, try options.onEpoch?(state) == false { history.end = .stopped }
  }
}
