import RealModule

/// A recorder looked at for what one probe can't show: how far updates go, and what changes while a network trains.
struct RecorderExamination {
  /// The updates that are usual: the norm of one over that of the weight is around a thousandth.
  ///
  /// The rule of thumb of Stanford's CS231n ("Neural Networks Part 3", ratio of weights to updates). Above a tenth ten steps exchange
  /// a weight whole; below 1e-5 a thousand steps move it by less than 1 %. Adam at its default rate begins at a hundredth.
  static let usualUpdates = 1e-5...0.1
  /// The drift of a layer's inputs by one update, in their standard deviations, that is told: as far as they vary.
  static let largestShift = 1.0
  /// How much dead or saturated units may become more over a training.
  static let rise = 0.3
  /// By how much a scale may change over a training.
  static let change = 1000.0

  private let recorder: Recorder

  init(_ recorder: Recorder) { self.recorder = recorder }

  func diagnoses() -> [Diagnosis] {
    guard !recorder.steps.isEmpty else { return [] }
    if let broken = broken() { return [broken] }
    return scales()
      + [rising("activation.dead", .deadUnits), rising("activation.saturated", .saturation)].compactMap { $0 }
      + updates() + shift()
  }

  // MARK: Columns

  /// A column's numbers over the recorded steps, layer by layer, those that are finite; layers without any are left out.
  private func series(_ name: String) -> [(layer: Int, values: [Double])] {
    guard let column = recorder.place(of: name) else { return [] }
    return recorder.layers.indices.compactMap { layer in
      let values = recorder.series(layer: layer, column: column).filter(\.isFinite)
      return values.isEmpty ? nil : (recorder.layers[layer].position, values)
    }
  }

  /// The layers' medians over the recorded steps.
  private func medians(_ name: String) -> [(layer: Int, median: Double)] {
    series(name).map { ($0.layer, $0.values.sorted()[$0.values.count / 2]) }
  }

  // MARK: Rules

  /// Where numbers that were finite cease to be, at the earliest step.
  private func broken() -> Diagnosis? {
    var earliest: (record: Int, layer: Int, column: Int)?
    for (column, about) in recorder.columns.enumerated() where about.quantity != nil {
      for layer in recorder.layers.indices {
        let series = recorder.series(layer: layer, column: column)
        guard series.first?.isFinite == true, series.last?.isFinite == false,
          let record = series.firstIndex(where: { !$0.isFinite }), record < earliest?.record ?? .max
        else { continue }
        earliest = (record, layer, column)
      }
    }
    guard let (record, layer, column) = earliest else { return nil }
    let value = recorder.value(record: record, layer: layer, column: column)
    let (position, step) = (recorder.layers[layer].position, recorder.steps[record])
    let text =
      "\(recorder.columns[column].name) of layer \(position) is \(Reading.number(value)) from step \(step) on: the training has diverged. "
      + "Go back to weights from before, with a smaller learning rate or nn.clip_grad_norm."
    return Diagnosis(value.isNaN ? .nan : .inf, layer: position, text, [.init("step", Double(step))])
  }

  /// Where the size of activations changes by more than `change`.
  private func scales() -> [Diagnosis] {
    for figure in ["activation.std", "activation.rms"] {
      let changes = series(figure).compactMap { layer, values -> (layer: Int, from: Double, to: Double)? in
        guard let first = values.first, let last = values.last, first > 0, last > 0 else { return nil }
        return (layer, first, last)
      }
      guard let worst = changes.max(by: { abs(Double.log($0.to / $0.from)) < abs(Double.log($1.to / $1.from)) }),
        abs(Double.log(worst.to / worst.from)) > Double.log(RecorderExamination.change)
      else { continue }
      let isGrowing = worst.to > worst.from
      let text =
        "\(figure) of layer \(worst.layer) \(isGrowing ? "grows" : "falls") from \(Reading.number(worst.from)) to \(Reading.number(worst.to)) "
        + "over the recorded steps. A smaller learning rate, weight decay or a normalisation would hold it."
      let kind: Diagnosis.Kind = isGrowing ? .explodingActivations : .vanishingActivations
      return [Diagnosis(kind, layer: worst.layer, text, [.init("from", worst.from), .init("to", worst.to)])]
    }
    return []
  }

  /// In which layer a fraction of units rises most, by more than `rise`.
  private func rising(_ name: String, _ kind: Diagnosis.Kind) -> Diagnosis? {
    let rises = series(name).map { (layer: $0.layer, from: $0.values[0], to: $0.values[$0.values.count - 1]) }
    guard let worst = rises.max(by: { $0.to - $0.from < $1.to - $1.from }),
      worst.to - worst.from > RecorderExamination.rise
    else { return nil }
    let text =
      "\(name) of layer \(worst.layer) rises from \(Reading.percent(worst.from)) to \(Reading.percent(worst.to)) over the recorded steps: "
      + "updates have driven units to where they have no slope. A smaller learning rate would leave them."
    return Diagnosis(kind, layer: worst.layer, text, [.init("from", worst.from), .init("to", worst.to)])
  }

  /// Updates that are too large or too small beside the weights.
  ///
  /// One large update is enough to ruin a layer, so the largest that was recorded counts; weights that move no more afterwards are its
  /// consequence. Weights that grow out of 0 have no usual ratio at first: of their updates the median counts.
  private func updates() -> [Diagnosis] {
    let medians = medians("update_ratio")
    let large = largestUpdates().filter { $0.ratio > RecorderExamination.usualUpdates.upperBound }
    if let worst = large.max(by: { $0.ratio < $1.ratio }) {
      let isRepeated = medians.contains {
        $0.layer == worst.layer && $0.median > RecorderExamination.usualUpdates.upperBound
      }
      let stopped = medians.filter { $0.median == 0 }.count
      return [tooLarge(worst, isRepeated: isRepeated, count: large.count, stopped: stopped)]
    }
    let small = medians.filter { $0.median < RecorderExamination.usualUpdates.lowerBound }
    guard let worst = small.min(by: { $0.median < $1.median }) else { return [] }
    return [tooSmall(worst, count: small.count, of: medians.count)]
  }

  /// A layer's update that is larger than usual, and the step it was recorded at; no step where it is a median.
  private typealias Update = (layer: Int, ratio: Double, step: Int?)

  /// The layers' largest updates over the recorded steps.
  private func largestUpdates() -> [Update] {
    guard let column = recorder.place(of: "update_ratio") else { return [] }
    return recorder.layers.indices.compactMap { layer -> Update? in
      let values = recorder.series(layer: layer, column: column)
      let position = recorder.layers[layer].position
      let finite = values.indices.filter { values[$0].isFinite }
      guard let most = finite.max(by: { values[$0] < values[$1] }) else { return nil }
      if values.contains(.infinity) {
        return (position, finite.map { values[$0] }.sorted()[finite.count / 2], nil)
      }
      return (position, values[most], recorder.steps[most])
    }
  }

  private func tooLarge(_ worst: Update, isRepeated: Bool, count: Int, stopped: Int) -> Diagnosis {
    let ratio =
      isRepeated ? medians("update_ratio").first { $0.layer == worst.layer }?.median ?? worst.ratio : worst.ratio
    let when = isRepeated ? "median" : worst.step.map { "step \($0)" } ?? "median"
    var text =
      "an update moves the weights of layer \(worst.layer) by \(Reading.percent(ratio)) of their norm (\(when)), where about 0.1 % "
      + "is usual\(others(count))"
    if stopped > 0 {
      text += "; the weights of \(stopped) \(stopped == 1 ? "layer" : "layers") don't move any more after it"
    }
    text += ". A learning rate \(Reading.number(ratio / 1e-3)) times smaller would bring it there."
    return Diagnosis(
      .updateTooLarge, layer: worst.layer, text,
      [.init("ratio", ratio), .init("layers", Double(count))])
  }

  private func tooSmall(_ worst: (layer: Int, median: Double), count: Int, of all: Int) -> Diagnosis {
    let amount =
      worst.median == 0
      ? "don't move at all" : "move by \(Reading.number(worst.median)) of their norm an update (median)"
    let cure =
      worst.median == 0
      ? "They are frozen, not in the optimizer, or get no gradient: net:probe tells which."
      : count == all
        ? "A larger learning rate would train it."
        : "Other layers move more: it is the gradient that is small there, see net:probe."
    let text =
      "the weights of layer \(worst.layer) \(amount), where about 1e-3 is usual\(others(count)). \(cure)"
    return Diagnosis(
      .updateTooSmall, layer: worst.layer, text,
      [.init("ratio", worst.median), .init("layers", Double(count))])
  }

  private func others(_ count: Int) -> String { count > 1 ? "; so it is in \(count) layers" : "" }

  /// Inputs of layers that one update moves by as much as they vary.
  private func shift() -> [Diagnosis] {
    guard let worst = medians("shift.mean").max(by: { $0.median < $1.median }),
      worst.median > RecorderExamination.largestShift
    else { return [] }
    let text =
      "an update moves the mean of what enters layer \(worst.layer) by \(Reading.number(worst.median)) of its standard deviations (median): "
      + "what the layer has learnt is for other inputs. A smaller learning rate or batch norm before it would hold them."
    return [Diagnosis(.inputShift, layer: worst.layer, text, [.init("shift", worst.median)])]
  }
}

extension Recorder {
  /// What is wrong with the training that was recorded, the most important first; empty where nothing is, or nothing was recorded.
  ///
  /// It looks at the columns there are: `update_ratio`, `shift`, `activation.std` or `.rms`, `.dead`, `.saturated`.
  public func diagnosis() -> [Diagnosis] { RecorderExamination(self).diagnoses() }
}
