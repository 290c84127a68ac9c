extension Examination {
  /// Below how many samples a batch is too small for batch norm: the growth of dL/dh is more than a fifth above that of large ones.
  ///
  /// For linear layers it is `(B-2)/(B-3)` in the mean square, 1.2 at 8; for ReLU 1.78 instead of 1.467 (both Yang et al. 2019, theorem
  /// 8).
  static let leastBatch = 8

  /// That the batch is too small for batch norm.
  func smallBatch() -> [Diagnosis] {
    let normed = layers.filter { $0.traits.norm == .batch }
    guard let first = normed.first, batch < Examination.leastBatch, batch > 0 else { return [] }
    var evidence: [Diagnosis.Evidence] = [.init("batch", Double(batch))]
    var text = "a batch of \(batch) is too small for batch norm: "
    if batch <= 2 {
      text +=
        "of \(batch == 1 ? "one sample nothing" : "two samples only the sign of their difference") is left, and dL/dh ends there"
    } else if batch == 3 {
      text += "the mean square of dL/dh grows without bound from layer to layer, as the law's 1/(B-3) says"
    } else {
      guard normed.count > 1 else { return [] }
      let (finite, infinite) = growth(first)
      text += "dL/dh grows by \(Reading.factor(finite.squareRoot())) per layer towards the input "
      text += "instead of \(Reading.factor(infinite.squareRoot())) as with large ones"
      evidence += [.init("predicted", finite.squareRoot()), .init("predicted_of_large", infinite.squareRoot())]
    }
    text +=
      ". At least \(Examination.leastBatch) samples, better 32; or net:normalize(\"layer\"), which needs no batch."
    return [Diagnosis(.smallBatch, layer: first.number, text, evidence)]
  }

  /// The growth of the mean square of dL/dh a layer, for the batch and for an infinite one; that of linear layers where the activation
  /// has no closed law for a finite batch.
  private func growth(_ layer: ProbedLayer) -> (finite: Double, infinite: Double) {
    for function in [layer.traits.activation ?? .linear, .linear] {
      let law = ActivationLaw(function)
      if let finite = try? GradientGrowth.factor(law, batch: batch), let infinite = try? GradientGrowth.factor(law) {
        return (finite, infinite)
      }
    }
    return (1, 1)
  }
}
