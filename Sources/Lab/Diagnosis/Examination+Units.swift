import Kernels
import RealModule

extension Examination {
  /// How far the fraction of dead units may be above what the samples' likeness explains.
  private static let deadMargin = 0.1

  /// Which layer has more dead units than the likeness of samples explains, and how many layers do.
  func deadUnits(beside broken: [Diagnosis]) -> [Diagnosis] {
    if broken.contains(where: { $0.kind == .zero }) { return [] }
    let hits = layers.compactMap { layer in
      layer.rows.first { excessOfDead(report.rows[$0]) > 0 }.map { (layer: layer, row: $0) }
    }
    guard let worst = hits.max(by: { report.rows[$0.row].activation.dead < report.rows[$1.row].activation.dead }),
      let first = hits.first
    else { return [] }
    let row = report.rows[worst.row]
    let expected = expectedDead(row.preactivation.cosine)
    var text =
      "\(Reading.percent(row.activation.dead)) of the units of layer \(worst.layer.number) are 0 on every sample"
      + " (the samples' likeness explains \(Reading.percent(expected))): no gradient reaches their weights"
    if hits.count > 1 { text += "; so it is in \(hits.count) layers, from \(first.layer.number) on" }
    text +=
      ". Biases of 0 and he_normal would leave about \(Reading.percent(expected)); net:activation(\"leaky_relu\") leaves none;"
      + " in training, a smaller learning rate."
    let evidence: [Diagnosis.Evidence] = [
      .init("dead", row.activation.dead), .init("expected", expected), .init("layers", Double(hits.count)),
    ]
    return [Diagnosis(.deadUnits, layer: first.layer.number, text, evidence)]
  }

  /// How far the dead units of a row are above what is expected, chance allowed for: three standard deviations of a proportion.
  private func excessOfDead(_ row: ReportRow) -> Double {
    let dead = row.activation.dead
    guard dead > Examination.deadMargin, row.activation.isSound, row.activation.underflow == 0, let units = row.shape.last
    else { return -1 }
    let expected = expectedDead(row.preactivation.cosine)
    let chance = 3 * (max(expected * (1 - expected), 0.01) / Double(units)).squareRoot()
    return dead - expected - max(Examination.deadMargin, chance)
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

  /// The fraction of saturated outputs that is told: ten times that of tanh at unit preactivations, which is 2.2 %; half of those
  /// of hardtanh, of which a third is at its ends then.
  private static func saturationLimit(_ activation: ActivationFunction?) -> Double { activation == .hardtanh ? 0.6 : 0.25 }

  /// Which layer has most outputs at the ends of its bounded activation, and how many layers have too many.
  func saturation(beside activations: [ScaleVerdict]) -> [Diagnosis] {
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
    text += ". " + saturationCure(first)
    let evidence: [Diagnosis.Evidence] = [
      .init("saturated", row.activation.saturated), .init("preactivation_std", row.preactivation.std),
      .init("layers", Double(hits.count)),
    ]
    return [Diagnosis(.saturation, layer: first + 1, text, evidence)]
  }

  private func saturationCure(_ row: Int) -> String {
    guard let layer = layers.first(where: { $0.rows.contains(row) }) else { return Cure.normalisation(traits[row].activation) }
    return cure(layer).ofSaturation
  }
}
