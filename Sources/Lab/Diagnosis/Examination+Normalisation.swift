import RealModule

extension Examination {
  /// Below how many samples a batch is too small for batch norm: the growth of dL/dh is more than a fifth above that of large ones.
  ///
  /// For linear layers it is `(B-2)/(B-3)` in the mean square (Yang et al. 2019), 1.2 at 8; for ReLU 1.78 instead of 1.467.
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
    text += ". At least \(Examination.leastBatch) samples, better 32; or net:normalize(\"layer\"), which needs no batch."
    return [Diagnosis(.smallBatch, layer: first.number, text, evidence)]
  }

  /// The growth of the mean square of dL/dh a layer, for the batch and for an infinite one: of ReLU, or of linear layers where the
  /// activation has no closed law.
  ///
  /// Yang et al. 2019, theorem 3.9 and its finite batch form (SCIENCE section 5), batch norm before the activation.
  private func growth(_ layer: ProbedLayer) -> (finite: Double, infinite: Double) {
    let count = Double(batch)
    guard layer.traits.activation == .relu else { return ((count - 2) / (count - 3), 1) }
    let rho = -1 / (count - 1)
    let both = 0.25 + Double.asin(rho) / (2 * .pi)
    let (ones, pairs) = (count / 2, count / 2 + count * (count - 1) * both)
    let kernel = ((1 - rho * rho).squareRoot() + (.pi - Double.acos(rho)) * rho) / .pi
    let sums = count / 2 + count * (count - 1) * kernel / 2
    let inner = (count / 2 - 1 - (ones - pairs / count - sums / count) / count) / (count - 1)
    return (2 * count / ((count - 3) * (1 - kernel)) * inner, .pi / (.pi - 1))
  }
}
