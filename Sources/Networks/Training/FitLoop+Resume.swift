import OrderedCollections
import Tensors

extension FitLoop {
  // MARK: Keeping

  /// How things stand now, between two steps.
  func checkpoint() throws -> FitCheckpoint {
    var kept = FitCheckpoint(state: network.state)
    kept.set("version", FitCheckpoint.version)
    kept.set("network", network.outline)
    kept.set("training", outline)
    kept.set("batches_seen", network.allBatchNormalisations.map { "\($0.batchesSeen)" }.joined(separator: " "))
    kept.set("generator", generator.state)
    kept.set("network_generator", network.generator.state)
    kept.set(try optimiser.state())
    try setHistory(&kept)
    setOpenEpoch(&kept)
    setBest(&kept)
    return kept
  }

  /// What a training must have in common with the one it goes on from.
  private var outline: String {
    "loss \(options.objective.name), accumulate \(options.accumulate), \(source.outline)"
  }

  private func setHistory(_ kept: inout FitCheckpoint) throws {
    kept.set("step", history.stepLosses.count)
    try kept.set("step_loss", history.stepLosses)
    try kept.set("step_lr", history.stepRates)
    try kept.set("step_norm", history.stepNorms)
    let rows = history.epochs.flatMap { epoch in
      [
        Double(epoch.epoch), Double(epoch.step), epoch.loss, epoch.trainAccuracy ?? .nan, epoch.testLoss ?? .nan,
        epoch.testAccuracy ?? .nan, epoch.learningRate,
      ]
    }
    try kept.set("epochs", rows, columns: 7)
  }

  private func setOpenEpoch(_ kept: inout FitCheckpoint) {
    kept.set("epoch_is_open", open != nil)
    guard let open else { return }
    kept.set("epoch.batches", open.batches)
    kept.set("epoch.loss", open.loss)
    kept.set("epoch.weight", open.weight)
    kept.set("epoch.samples", accuracy.samples)
    kept.set("epoch.right", accuracy.right)
    kept.set("epoch.generator", open.generator)
  }

  private func setBest(_ kept: inout FitCheckpoint) {
    guard let best, let epoch = best.epoch else { return }
    kept.set("best.metric", best.settings.metric.rawValue)
    kept.set("best.epoch", epoch)
    kept.set("best.value", best.value)
    kept.set("best.wait", best.wait)
    kept.add("best/", best.state)
  }

  // MARK: Going on

  /// Goes on from a checkpoint; everything in it is checked before anything is changed.
  ///
  /// - Throws: `NetworkError` for a checkpoint of another network, optimiser or training, and one that lacks a part; what a
  ///   function that gives batches throws.
  func take(_ kept: FitCheckpoint) throws {
    try check(kept)
    let history = try readHistory(kept)
    let (ownState, networkState) = (try kept.generator("generator"), try kept.generator("network_generator"))
    let (best, seen) = (try readBest(kept), try readBatchesSeen(kept))
    let epoch = try readOpenEpoch(kept)
    try position(epoch)
    do {
      try optimiser.restore(try kept.optimiser())
    } catch let error as NetworkError {
      throw kept.failure("expected a checkpoint of this optimizer, got another: \(error)")
    }
    // from here on nothing fails
    for (name, tensor) in network.state { if let value = kept.state[name] { try tensor.copy(from: value) } }
    for (norm, count) in zip(network.allBatchNormalisations, seen) { norm.batchesSeen = count }
    generator.state = ownState
    network.generator.state = networkState
    self.history = history
    if let best { self.best = best }
    self.history.bestEpoch = self.best?.epoch
  }

  private func check(_ kept: FitCheckpoint) throws {
    let version = try kept.text("version")
    guard version == FitCheckpoint.version else {
      throw kept.failure("expected a checkpoint of version \(FitCheckpoint.version), got \(version)")
    }
    let state = network.state
    for (name, tensor) in state {
      let value = kept.state[name]
      if let value, value.shape == tensor.shape, value.dtype == tensor.dtype { continue }
      let got = value.map { "\($0.dtype) \($0.shape)" } ?? "none"
      throw kept.failure(
        "expected a checkpoint of this network with '\(name)' \(tensor.dtype) \(tensor.shape), got \(got)")
    }
    if let other = kept.state.keys.first(where: { state[$0] == nil }) {
      throw kept.failure("expected a checkpoint of this network, got one with '\(other)'")
    }
    for (name, own) in [("network", network.outline), ("training", outline)] {
      let given = try kept.text(name)
      guard given == own else { throw kept.failure("expected a checkpoint of this \(name) (\(own)), got (\(given))") }
    }
  }

  private func readHistory(_ kept: FitCheckpoint) throws -> FitHistory {
    var history = FitHistory()
    history.stepLosses = try kept.numbers("step_loss")
    history.stepRates = try kept.numbers("step_lr")
    history.stepNorms = try kept.numbers("step_norm")
    let steps = try kept.count("step")
    guard history.stepLosses.count == steps, history.stepRates.count == steps else {
      throw kept.failure("expected the losses of \(steps) steps, got \(history.stepLosses.count)")
    }
    let numbers = try kept.numbers("epochs", columns: 7)
    history.epochs = try stride(from: 0, to: numbers.count, by: 7).map { first in
      let row = numbers[first..<first + 7].map { $0 }
      guard let epoch = Int(exactly: row[0]), let step = Int(exactly: row[1]) else {
        throw kept.failure("expected whole numbers of epochs and steps, got \(row[0]) and \(row[1])")
      }
      return FitEpoch(
        epoch: epoch, step: step, loss: row[2], trainAccuracy: row[3].isNaN ? nil : row[3],
        testLoss: hasTest ? row[4] : nil, testAccuracy: row[5].isNaN ? nil : row[5], learningRate: row[6])
    }
    return history
  }

  private func readBatchesSeen(_ kept: FitCheckpoint) throws -> [Int] {
    let counts = try kept.text("batches_seen").split(separator: " ").compactMap { Int($0) }
    let norms = network.allBatchNormalisations.count
    guard counts.count == norms, counts.allSatisfy({ $0 >= 0 }) else {
      throw kept.failure("expected the batches that \(norms) batch normalisations have seen, got \(counts.count)")
    }
    return counts
  }

  private func readBest(_ kept: FitCheckpoint) throws -> BestEpoch? {
    guard var best, kept.facts["fit.best.metric"] == best.settings.metric.rawValue else { return nil }
    best.epoch = try kept.count("best.epoch")
    best.value = try kept.value("best.value")
    best.wait = try kept.count("best.wait")
    best.state = kept.tensors("best/")
    for (name, tensor) in network.state where best.settings.restoresBest {
      guard best.state[name]?.shape == tensor.shape else {
        throw kept.failure("expected 'best/\(name)' \(tensor.shape), got another or none")
      }
    }
    return best
  }

  private func readOpenEpoch(_ kept: FitCheckpoint) throws -> OpenEpoch? {
    guard try kept.value("epoch_is_open", Bool.self) else { return nil }
    accuracy.reset(samples: try kept.count("epoch.samples"), right: try kept.count("epoch.right"))
    return OpenEpoch(
      batches: try kept.count("epoch.batches"), loss: try kept.value("epoch.loss"),
      weight: try kept.value("epoch.weight"), generator: try kept.generator("epoch.generator"))
  }

  /// Begins the epoch as it was begun, and passes over the batches it has had.
  private func position(_ epoch: OpenEpoch?) throws {
    guard let epoch else { return }
    let state = generator.state
    defer { generator.state = state }
    generator.state = epoch.generator
    try source.begin()
    try source.skip(epoch.batches)
    open = epoch
  }
}

extension Network {
  /// The rows in a line, as a checkpoint keeps them to be told from another network's.
  var outline: String { allLayers.map(\.description).joined(separator: ", ") }
}
