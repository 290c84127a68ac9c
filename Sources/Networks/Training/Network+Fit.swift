import Gradients
import Kernels
import Tensors

extension Network {
  /// Trains on `data`, evaluating on `test` after each epoch, until the epochs or steps asked for are taken.
  ///
  /// Runs in training mode and restores the mode. Ctrl-C ends it and gives the history so far, the network as it was after
  /// the last whole step. A step whose loss is NaN or infinite changes nothing and ends it. What an error leaves of the
  /// history is in `lastFit`.
  ///
  /// - Throws: before the first step `NetworkError` for options out of range, data of different lengths or of other features
  ///   than the network's, no data, NaN or infinity in the data and classes out of range, naming row and column, a batch larger
  ///   than the data, a batch of 1 for a batch normalisation, and a checkpoint of another training; later what the callbacks
  ///   and the optimiser throw.
  public func fit(
    _ data: FitData, test: FitData? = nil, optimiser: any Optimiser, options: FitOptions
  ) throws -> FitHistory {
    let loop = try FitLoop(self, data, test, optimiser, options)
    try options.observer?.willTrain(self)
    if let resume = options.resume { try loop.take(resume) }
    let mode = isTraining
    isTraining = true
    defer {
      isTraining = mode
      lastFit = loop.history
    }
    try loop.scheduled { try loop.run() }
    return loop.history
  }

  /// Trains on `inputs` `[samples, features]` and `targets`: classes `[samples]` from 1, or values of the output's shape.
  ///
  /// - Throws: as for other data.
  public func fit(
    inputs: Tensor, targets: Tensor, test: (inputs: Tensor, targets: Tensor)? = nil, optimiser: any Optimiser,
    options: FitOptions
  ) throws -> FitHistory {
    try fit(
      .tensors(inputs: inputs, targets: targets), test: test.map { .tensors(inputs: $0.inputs, targets: $0.targets) },
      optimiser: optimiser, options: options)
  }
}

/// A schedule that counts the steps of one training, whatever the optimiser has done before.
private struct FitSchedule: Schedule {
  let schedule: any Schedule
  /// The optimiser's steps before the training.
  let offset: Int

  func rate(step: Int, base: Double) throws -> Double { try schedule.rate(step: max(step - offset, 0), base: base) }
}

extension FitLoop {
  /// Runs with the schedule of the options in place of the optimiser's own; the rates set by hand come back after it.
  func scheduled(_ body: () throws -> Void) throws {
    guard let schedule = options.schedule else { return try body() }
    let own = optimiser.schedule
    let groups = (optimiser as? GroupedOptimiser)?.groups ?? []
    let rates = groups.map { $0.settings["lr"] }
    optimiser.schedule = FitSchedule(schedule: schedule, offset: optimiser.steps - history.stepLosses.count)
    defer {
      // taking a schedule away leaves the rates where it has brought them
      optimiser.schedule = nil
      for (group, rate) in zip(groups, rates) { group.learningRate = rate }
      optimiser.schedule = own
    }
    try body()
  }

  /// Checks what the options say by themselves.
  static func check(_ options: FitOptions, hasTest: Bool) throws {
    try NetworkError.require(options.batch ?? 1, atLeast: 1, "fit", "batch")
    try NetworkError.require(options.epochs ?? 1, atLeast: 1, "fit", "epochs")
    try NetworkError.require(options.steps ?? 1, atLeast: 1, "fit", "steps")
    try NetworkError.require(options.accumulate, atLeast: 1, "fit", "accumulate")
    switch (options.epochs, options.steps) {
    case (nil, nil): throw NetworkError.expected("fit", "epochs or steps", "neither; say how long to train")
    case (_?, _?): throw NetworkError.expected("fit", "epochs or steps", "both; one of them decides")
    default: break
    }
    for (name, limit) in [("clip_norm", options.clipNorm), ("clip_value", options.clipValue)] {
      if let limit, !(limit > 0) || !limit.isFinite {
        throw NetworkError.expected("fit", "a finite \(name) above 0", "\(limit)")
      }
    }
    guard let stopping = options.earlyStopping else { return }
    try NetworkError.require(stopping.patience, atLeast: 1, "fit", "early_stopping.patience")
    guard stopping.minDelta >= 0, stopping.minDelta.isFinite else {
      throw NetworkError.expected("fit", "a finite early_stopping.min_delta of 0 or more", "\(stopping.minDelta)")
    }
    guard hasTest || !stopping.metric.needsTest else {
      throw NetworkError.expected("fit", "test data to watch '\(stopping.metric.rawValue)'", "none; give test=")
    }
  }

  /// Cuts training data into batches, all of it checked before anything is changed.
  static func source(_ network: Network, _ data: FitData, _ options: FitOptions) throws -> any BatchSource {
    switch data {
    case .tensors(let inputs, let targets):
      return try cut(try network.checked(inputs, targets, "fit", "", options.objective), network, options)
    case .mapped(let inputs, let targets, let map):
      let data = try TrainingData("fit", inputs: inputs, targets: targets, dtype: network.dtype)
      try data.requireFinite()
      // the function may keep what it is given
      return MappedBatches(
        try cut(data, network, options, reuses: false), "fit", "", dtype: network.dtype, map)
    case .batches(let begins):
      if let batch = options.batch {
        throw NetworkError.expected("fit", "no batch= where a function gives the batches", "\(batch)")
      }
      return FunctionBatches("fit", "", dtype: network.dtype, begins)
    }
  }

  private static func cut(
    _ data: TrainingData, _ network: Network, _ options: FitOptions, reuses: Bool = true
  ) throws -> TensorBatches {
    if let batch = options.batch, batch > data.count {
      throw NetworkError.expected("fit", "a batch of at most \(data.count), the number of samples", "\(batch)")
    }
    let batch = options.batch ?? min(60, data.count)
    let normalised = network.rowWithBatchStatistics
    if let row = normalised, batch == 1 {
      throw NetworkError.expected(
        "fit", "batches of at least 2 samples for layer \(network.label(row))",
        "1: its variance is 0; use a larger batch or normalize(\"layer\")")
    }
    let ranges = TensorBatches.cut(
      data.count, batch, dropLast: options.dropLast, joinsSingle: normalised != nil)
    return TensorBatches(
      data, ranges: ranges, generator: options.shuffle ? options.generator ?? network.generator : nil,
      reuses: reuses && options.objective.isOurs)
  }
}
