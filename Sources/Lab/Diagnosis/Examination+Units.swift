import Kernels
import RealModule

extension Examination {
  /// How far the fraction of dead units may be above what the samples' likeness explains.
  ///
  /// A quarter of a layer; small nets that have learnt the digits well leave up to a sixth.
  private static let deadMargin = 0.25

  /// Which layer has more dead units than the likeness of samples explains, and how many layers do.
  func deadUnits(beside broken: [Diagnosis]) -> [Diagnosis] {
    if broken.contains(where: { $0.kind == .zero }) { return wholeLayerShiftedOff() }
    let hits = layers.compactMap { layer in
      layer.rows.first { excessOfDead(layer, $0) > 0 }.map { (layer: layer, row: $0) }
    }
    guard let worst = hits.max(by: { report.rows[$0.row].activation.dead < report.rows[$1.row].activation.dead }),
      let first = hits.first
    else { return [] }
    let row = report.rows[worst.row]
    let expected = expectedDead(enteringCosine(worst.layer, worst.row))
    var text =
      "\(Reading.percent(row.activation.dead)) of the units of \(name(worst.layer)) are 0 on every sample"
      + " (the samples' likeness explains \(Reading.percent(expected)))\(shiftClause(worst.layer)): no gradient reaches their weights"
    if hits.count > 1 { text += "; so it is in \(hits.count) layers, from \(name(first.layer)) on" }
    text += ". \(deadCure(worst.layer, leaving: Reading.percent(expected)))"
    let evidence: [Diagnosis.Evidence] = [
      .init("dead", row.activation.dead), .init("expected", expected), .init("layers", Double(hits.count)),
    ]
    return [Diagnosis(.deadUnits, layer: first.layer.number, text, evidence)]
  }

  private func deadCure(_ layer: ProbedLayer, leaving share: String) -> String {
    let start = layer.traits.norm == nil ? "Biases of 0 and he_normal" : "A norm's beta of 0"
    return
      "\(start) would leave about \(share); net:activation(\"leaky_relu\") leaves none; in training, a smaller learning rate."
  }

  // MARK: A norm's beta

  /// How far below 0, in units of gamma, a norm's beta has to be to be told: about 2 % of normal numbers are that far from their mean.
  private static let leastShift = 2.0

  /// The lowest beta of a norm in front of the nonlinearity over gamma, what is added to numbers of variance 1; 0 without one.
  private func lowestShift(_ layer: ProbedLayer) -> Double {
    guard layer.traits.norm != nil, layer.traits.normPosition == .before, layer.traits.gamma != 0 else { return 0 }
    return min(0, layer.traits.lowestShift) / abs(layer.traits.gamma)
  }

  /// The share of normal samples' units that a mild beta leaves dead on a batch, `Phi(-beta/gamma)^B`; of one that is told, none.
  private func expectedDead(shiftedBy shift: Double) -> Double {
    if shift == 0 || shift < -Examination.leastShift { return 0 }
    return Double.pow(Double.erfc(shift / 2.0.squareRoot()) / 2, Double(batch))
  }

  /// That beta is what kills units, as a clause; empty where it isn't.
  private func shiftClause(_ layer: ProbedLayer) -> String {
    guard lowestShift(layer) < -Examination.leastShift else { return "" }
    let traits = layer.traits
    let least = Reading.number(traits.lowestShift)
    return ", for its norm's beta is down to \(least) beside a gamma of \(Reading.number(abs(traits.gamma)))"
  }

  /// That all units of a layer are dead by its norm's beta, whatever is 0 behind it.
  private func wholeLayerShiftedOff() -> [Diagnosis] {
    let isOff = { (layer: ProbedLayer) in
      layer.output.activation.dead == 1 && lowestShift(layer) < -Examination.leastShift
    }
    guard let first = layers.first(where: { $0.output.activation.zeros == 1 }), isOff(first) else { return [] }
    let more = layers.count(where: isOff) - 1
    let text =
      "all \(first.width) units of \(name(first)) are 0 on every sample\(shiftClause(first)): nothing gets through"
      + "\(more > 0 ? ", as in \(more) more layers" : ""), and no gradient back. "
      + deadCure(first, leaving: Reading.percent(expectedDead(enteringCosine(first, first.rows.lowerBound))))
    return [
      Diagnosis(
        .deadUnits, layer: first.number, text,
        [
          .init("dead", 1), .init("expected", 0), .init("layers", Double(more + 1)),
          .init("beta", first.traits.lowestShift),
        ])
    ]
  }

  /// How far the dead units of a row are above what is expected, chance allowed for: three standard deviations of a proportion.
  private func excessOfDead(_ layer: ProbedLayer, _ place: Int) -> Double {
    let row = report.rows[place]
    let dead = row.activation.dead
    guard dead > Examination.deadMargin, row.activation.isSound, row.activation.underflow == 0,
      let units = row.shape.last
    else { return -1 }
    let expected = max(expectedDead(enteringCosine(layer, place)), expectedDead(shiftedBy: lowestShift(layer)))
    let chance = 3 * (max(expected * (1 - expected), 0.01) / Double(units)).squareRoot()
    return dead - expected - max(Examination.deadMargin, chance)
  }

  /// The cosine between samples of what enters a layer: its preactivations have it where weights are drawn and biases are 0.
  ///
  /// What the layer makes of it is no measure, for the biases that kill units make the samples look alike too. Batch norm before the
  /// nonlinearity leaves nothing that samples have in common.
  private func enteringCosine(_ layer: ProbedLayer, _ place: Int) -> Double {
    if layer.traits.norm == .batch, layer.traits.normPosition == .before { return 0 }
    let before = layer.rows.lowerBound - 1
    return before < 0 ? report.input.cosine : report.rows[before].activation.cosine
  }

  /// The fraction of units that are dead on a batch whose preactivations are normal around 0 with a cosine between samples.
  ///
  /// With a common part `sqrt(c) u` of every unit and `sqrt(1-c) e` of each sample it is `E[Phi(-sqrt(c/(1-c)) u)^B]` over standard
  /// normal u: `2^-B` for unlike samples, one half for equal ones.
  func expectedDead(_ cosine: Double) -> Double {
    guard cosine < 1 else { return 0.5 }
    guard cosine > 0 else { return Double.pow(2, -Double(batch)) }
    let ratio = (cosine / (1 - cosine)).squareRoot()
    let step = 0.01
    return (-800...800).reduce(0) { sum, place in
      let u = Double(place) * step
      let below = Double.erfc(ratio * u / 2.0.squareRoot()) / 2
      return sum + Double.pow(below, Double(batch)) * Double.exp(-u * u / 2) * step * 0.3989422804014327
    }
  }

  /// The fraction of saturated outputs that is told.
  ///
  /// At unit preactivations tanh has 2.2 % of them and hardtanh 33 %; a layer of tanh that has learnt to decide has up to a third.
  private static func saturationLimit(_ activation: ActivationFunction?) -> Double {
    activation == .hardtanh ? 0.6 : 0.4
  }

  /// Which layer has most outputs at the ends of its bounded activation, and how many layers have too many; gradients that grow by
  /// the same large weights are told with it.
  func saturation(beside gradients: [ScaleVerdict]) -> [Diagnosis] {
    let hits = report.rows.indices.filter {
      report.rows[$0].activation.saturated > Examination.saturationLimit(traits[$0].activation)
    }
    guard let first = hits.first,
      let worst = hits.max(by: { report.rows[$0].activation.saturated < report.rows[$1].activation.saturated })
    else { return [] }
    let row = report.rows[worst]
    let name = traits[worst].activation?.name ?? "its activation"
    var text =
      "\(Reading.percent(row.activation.saturated)) of the outputs of layer \(worst + 1) are within 1 % of the ends of \(name), "
      + "where it has no slope: the std of what enters it is \(Reading.number(row.preactivation.std))"
    if hits.count > 1 { text += "; so it is in \(hits.count) layers, from \(first + 1) on" }
    if let growing = gradients.first(where: { $0.direction == .growing && !$0.run.isJump }) {
      text +=
        "; dL/dh grows by \(Reading.factor(growing.run.factor)) per layer towards the input, for large weights outdo the small slopes"
    }
    text += ". " + saturationCure(first)
    let evidence: [Diagnosis.Evidence] = [
      .init("saturated", row.activation.saturated), .init("preactivation_std", row.preactivation.std),
      .init("layers", Double(hits.count)),
    ]
    return [Diagnosis(.saturation, layer: first + 1, text, evidence)]
  }

  private func saturationCure(_ row: Int) -> String {
    guard let layer = layers.first(where: { $0.rows.contains(row) }) else {
      return Cure.normalisation(traits[row].activation)
    }
    return cure(layer).ofSaturation
  }
}
