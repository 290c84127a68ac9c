extension Examination {
  /// The spread of weights beside their size below which they are one number: rounding in float32.
  private static let leastSpread = 1e-6

  /// That all units of hidden layers compute the same, for their weights are one number.
  ///
  /// They get the same gradient too and stay the same for ever: the layer has one unit. Weights of 0 in a branch leave its input,
  /// and those of 0 alone are told as such.
  func equalUnits() -> Diagnosis? {
    let equal = layers.filter(hasEqualUnits)
    guard let first = equal.first else { return equalScores() }
    let weights = first.first.weight?.mean ?? 0
    let more = equal.count > 1 ? "; so it is in \(equal.count) layers" : ""
    let number = hasOneWeight(first) ? "are \(Reading.number(weights))" : "are the same in each unit"
    // a layer behind that tells them apart gives them gradients of their own
    let isForEver = layers.count > first.place && hasOneWeight(layers[first.place])
    let consequence =
      isForEver ? "they get the same gradient and never become different" : "of a sample they pass on one number"
    let text =
      "all \(first.width) units of \(name(first)) compute the same, for all its weights \(number)\(more): \(consequence). "
      + Cure.drawing
    return Diagnosis(
      .equalUnits, layer: first.number, text, [.init("weight", weights), .init("layers", Double(equal.count))])
  }

  /// That a head gives every class the same score.
  ///
  /// The gradient of a cross-entropy with respect to scores sums to 0 over the classes, and weights that are the same for each multiply
  /// that sum: as of weights of 0, nothing comes back through them.
  private func equalScores() -> Diagnosis? {
    guard let head = weightedHead,
      let width = report.rows[head].shape.last, width > 1, hasEqualRows(report.rows[head], traits[head].linear)
    else { return nil }
    let text =
      "all \(width) units of \(name(row: head)) have the same weights: no gradient of a cross-entropy "
      + "gets below it before an update has told them apart. \(Cure.drawing)"
    return Diagnosis(
      .equalUnits, layer: head + 1, text,
      [.init("weight", report.rows[head].weight?.mean ?? 0), .init("layers", 1)])
  }

  private func hasEqualUnits(_ layer: ProbedLayer) -> Bool {
    guard layer.width > 1 else { return false }
    if let bias = layer.traits.linear?.bias {
      guard bias.maximum - bias.minimum <= Examination.leastSpread * bias.rms else { return false }
    } else if layer.traits.biasSize ?? 0 != 0 {
      return false
    }
    return hasEqualRows(layer.first, layer.traits.linear)
  }

  private func hasEqualRows(_ row: ReportRow, _ linear: LinearModel?) -> Bool {
    guard let weight = row.weight, weight.isSound, weight.count > 1 else { return false }
    if hasOneWeight(weight) { return true }
    let spread = Examination.leastSpread * Examination.leastSpread
    return linear?.likeness.map { $0.differing <= spread } ?? false
  }

  private func hasOneWeight(_ weight: Statistics) -> Bool {
    weight.isSound && weight.std <= Examination.leastSpread * weight.rms
  }

  private func hasOneWeight(_ layer: ProbedLayer) -> Bool { layer.first.weight.map(hasOneWeight) ?? false }
}
