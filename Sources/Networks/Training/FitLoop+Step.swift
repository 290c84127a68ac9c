import Gradients
import Kernels
import Tensors

/// What one step has brought.
struct StepOutcome {
  var loss = 0.0
  var samples = 0
  /// How many samples were classified right, nil where targets are no classes.
  var right: Int?
  /// The norm of all gradients before clipping, nil where nobody asks.
  var gradientNorm: Double?

  /// Whether the step was taken: the loss is finite, and the norm where it is known.
  var isFinite: Bool { loss.isFinite && gradientNorm?.isFinite ?? true }
}

extension FitLoop {
  /// One step: forward, loss and backward of each batch, then the update; none where the loss is not finite.
  func learn(_ step: Int) throws -> StepOutcome {
    var outcome = StepOutcome()
    outcome.samples = group.reduce(0) { $0 + $1.rows }
    for (place, batch) in group.enumerated() {
      let output = try network.forward(batch.inputs)
      let loss = try options.objective.value(output, batch.targets)
      try requireScalar(loss)
      let share = options.objective.isSum ? 1 : Double(batch.rows) / Double(outcome.samples)
      outcome.loss += loss.number * share
      let auxiliary = try network.auxiliaryLoss { try options.objective.value($0, batch.targets) }
      guard outcome.loss.isFinite, auxiliary?.number.isFinite ?? true else {
        if outcome.loss.isFinite { outcome.loss = .nan }
        return outcome
      }
      if let right = try accuracy.add(output, batch.targets) { outcome.right = (outcome.right ?? 0) + right }
      if place == 0 {
        try lastGood.keep(before: step)
        try network.zeroGradients()
      }
      try backward(from: try auxiliary.map { try Differentiable.apply(.add, loss, $0) } ?? loss, share)
    }
    try clip(&outcome)
    guard outcome.isFinite else { return outcome }
    if let observer = options.observer { try announceUpdate(to: observer) }
    try optimiser.step()
    return outcome
  }

  private func announceUpdate(to observer: any StepObserver) throws {
    let (batch, objective) = (group[0], options.objective)
    try observer.willUpdate(network, inputs: batch.inputs) { try objective.value($0, batch.targets) }
  }

  private func requireScalar(_ loss: Tensor) throws {
    guard loss.count == 1, loss.dtype.isFloat else {
      throw NetworkError.expected(
        "fit", "\(options.objective.name) to give a tensor of one number", "\(loss.dtype) \(loss.shape)")
    }
    guard Tape.follows(loss) || !loss.number.isFinite else {
      throw NetworkError.expected(
        "fit", "\(options.objective.name) to be computed from the output, on the tape", "a tensor without history")
    }
  }

  private func backward(from loss: Tensor, _ share: Double) throws {
    let start = share == 1 ? nil : try Tensor(loss.dtype, loss.shape).fill(.number(share))
    try Tape.backward(from: loss, gradient: start)
  }

  private func clip(_ outcome: inout StepOutcome) throws {
    if let limit = options.clipValue { try GradientClipping.clipValue(network.trainedTensors, to: limit) }
    if let limit = options.clipNorm {
      outcome.gradientNorm = try GradientClipping.clipNorm(network.trainedTensors, to: limit)
    }
  }

  /// Tells where a loss that is not finite comes from, and brings back the last good state.
  func divergence(_ step: Int, _ outcome: StepOutcome) throws -> FitDivergence {
    lastGood.takeBack()
    var (cause, layer): (FitDivergence.Cause, String?) = (.gradient, nil)
    if outcome.loss.isFinite {
      layer = network.layerWithBadGradient
    } else {
      for batch in group {
        (cause, layer) = try network.culprit(batch.inputs)
        if layer != nil { break }
      }
    }
    let kept = try lastGood.recover(step) {
      try group.allSatisfy { try network.hasFiniteLoss($0, options.objective) }
    }
    return FitDivergence(
      step: step, loss: outcome.loss, gradientNorm: outcome.gradientNorm, cause: cause, layer: layer, keptStep: kept)
  }
}
