extension Examination {
  /// The spread of weights beside their size below which they are one number: rounding in float32.
  private static let leastSpread = 1e-6

  /// That all units of hidden layers compute the same, for their weights are one number.
  ///
  /// They get the same gradient too and stay the same for ever: the layer has one unit. Weights of 0 in a branch leave its input,
  /// and those of 0 alone are told as such; a head may begin at one number.
  func equalUnits() -> Diagnosis? {
    let equal = layers.filter(hasEqualUnits)
    guard let first = equal.first else { return nil }
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

  private func hasEqualUnits(_ layer: ProbedLayer) -> Bool {
    guard layer.width > 1, let weight = layer.first.weight, weight.isSound, weight.count > 1 else { return false }
    if let bias = layer.traits.linear?.bias {
      guard bias.maximum - bias.minimum <= Examination.leastSpread * bias.rms else { return false }
    } else if layer.traits.biasSize ?? 0 != 0 {
      return false
    }
    if hasOneWeight(layer) { return true }
    let spread = Examination.leastSpread * Examination.leastSpread
    return layer.traits.linear?.likeness.map { $0.differing <= spread } ?? false
  }

  private func hasOneWeight(_ layer: ProbedLayer) -> Bool {
    guard let weight = layer.first.weight, weight.isSound else { return false }
    return weight.std <= Examination.leastSpread * weight.rms
  }
}
