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
    let text =
      "all \(first.width) units of \(name(first)) compute the same, for all its weights are \(Reading.number(weights))\(more): they get "
      + "the same gradient and never become different. An initialiser that draws, such as he_normal, tells units apart."
    return Diagnosis(
      .equalUnits, layer: first.number, text, [.init("weight", weights), .init("layers", Double(equal.count))])
  }

  private func hasEqualUnits(_ layer: ProbedLayer) -> Bool {
    guard layer.width > 1, let weight = layer.first.weight, weight.isSound, weight.count > 1,
      layer.traits.biasSize ?? 0 == 0
    else { return false }
    return weight.std <= Examination.leastSpread * weight.rms
  }
}
