import Kernels
import RealModule

extension Examination {
  /// How far the fraction of dead units may be above what the samples' likeness explains.
  ///
  /// A quarter of a layer; small nets that have learnt the digits well leave up to a sixth.
  static let deadMargin = 0.25

  /// Units of a layer, or of its branch, that a nonlinearity gives.
  private struct Units {
    let layer: ProbedLayer
    let row: ReportRow
    let isOfBranch: Bool
    let expected: Double
  }

  /// Which layer has more dead units than the likeness of samples explains, and how many layers do.
  ///
  /// Where a whole layer is dead, all behind it is 0 too: it is told where its biases or its norm's beta are the cause, else where numbers
  /// end.
  func deadUnits() -> [Fault] {
    if let whole = layers.first(where: { $0.output.activation.zeros == 1 }) { return wholeLayerShiftedOff(whole) }
    let asked = layers.filter {
      isInSight($0) && !cuts.contains($0.place) && !(hasDeadInputs && shiftClause($0).isEmpty)
    }
    let hits = asked.compactMap { layer in units(layer).first { excessOfDead($0) > 0 } }
    guard let worst = hits.max(by: { $0.row.activation.dead < $1.row.activation.dead }), let first = hits.first else {
      return []
    }
    let (dead, layer) = (worst.row.activation.dead, worst.layer)
    let zeroRows = emptyRows(layer, dead, worst.expected)
    var text =
      "\(Reading.percent(dead)) of the units of \(worst.isOfBranch ? "the branch of " : "")\(name(layer)) are 0 on every sample"
      + " (the samples' likeness explains \(Reading.percent(worst.expected)))"
    text += zeroRows.map { ", for the weights of \($0) of its \(layer.width) units are all 0" } ?? shiftClause(layer)
    text += ": no gradient reaches their weights"
    if hits.count > 1 { text += "; so it is in \(hits.count) layers, from \(name(first.layer)) on" }
    let cure =
      zeroRows == nil ? deadCure(layer, leaving: Reading.percent(worst.expected)) : "Drawn anew, they are alive."
    text += ". " + cure
    var evidence: [Diagnosis.Evidence] = [
      .init("dead", dead), .init("expected", worst.expected), .init("layers", Double(hits.count)),
    ]
    if let zeroRows { evidence.append(.init("zero_rows", Double(zeroRows))) }
    let diagnosis = Diagnosis(.deadUnits, layer: first.layer.number, text, evidence)
    // what a norm makes of the few units that are left is no measure
    let isShiftedOff = dead > Examination.mostDead && !shiftClause(layer).isEmpty
    return [
      Fault(diagnosis: diagnosis, places: Set(hits.map(\.layer.place)), end: isShiftedOff ? layer.place : nil)
    ]
  }

  /// The share of dead units of a layer above which it passes next to nothing on.
  static let mostDead = 0.9

  /// How many units of a layer have weights of 0 alone, where these are what is dead, biases of 0 or below with them; nil otherwise.
  private func emptyRows(_ layer: ProbedLayer, _ dead: Double, _ expected: Double) -> Int? {
    guard let linear = layer.traits.linear, let rows = linear.zeroRows,
      linear.bias.map({ $0.maximum <= 0 }) ?? true
    else { return nil }
    return Double(rows) / Double(layer.width) >= dead - expected - Examination.deadMargin ? rows : nil
  }

  /// The rows of a layer whose zeros are those of units: of a residual layer those of
  /// the ReLU in its branch, for what goes around it is not 0.
  private func units(_ layer: ProbedLayer) -> [Units] {
    let rows = Array(layer.rows).map { report.rows[$0] }
    let branches = rows.flatMap(\.branch)
    let own = layer.traits.isResidual ? branches : rows
    return own.filter { !layer.traits.isResidual || ActivationFunction.relu.layerName == $0.kind }.map {
      Units(layer: layer, row: $0, isOfBranch: layer.traits.isResidual, expected: expectedDead(entering: layer))
    }
  }

  func deadCure(_ layer: ProbedLayer, leaving share: String) -> String {
    let start = startOfUnits(layer).joined(separator: " and ")
    let leaving = start.isEmpty ? "" : "\(start) would leave about \(share); "
    return "\(leaving)net:activation(\"leaky_relu\") leaves none; in training, a smaller learning rate."
  }

  /// What a layer's units begin with in good health that they don't have now; all of it where nothing is known of them.
  private func startOfUnits(_ layer: ProbedLayer) -> [String] {
    if layer.traits.norm != nil, layer.traits.normPosition == .before {
      return layer.traits.normModel?.shifts?.rms == 0 ? [] : ["A norm's beta of 0"]
    }
    guard let linear = layer.traits.linear else { return ["Biases of 0", "he_normal"] }
    let isDrawn = linear.weight.reason == nil && linear.weight.text == "he_normal"
    return (linear.biasSize == 0 ? [] : ["Biases of 0"]) + (isDrawn ? [] : ["he_normal"])
  }

  // MARK: Biases and beta

  /// How far below 0, in standard deviations of what it is added to, a norm's beta has to be to be told: about 2 % of normal
  /// numbers are that far from their mean.
  private static let leastShift = 2.0

  /// The same of biases, whose units dead are told beside it: samples that are alike need less to be below 0 all.
  private static let leastBias = 1.0

  /// The lowest of what is added in front of the nonlinearity, in standard deviations of the rest; 0 where nothing is.
  private func lowestShift(_ layer: ProbedLayer) -> Double {
    guard let shift = shift(layer), shift.law != nil, shift.spread > 0, shift.figures.minimum.isFinite else {
      // a report of before has the lowest beta alone
      guard layer.traits.normPosition == .before, layer.traits.gamma != 0 else { return 0 }
      return min(0, layer.traits.lowestShift) / abs(layer.traits.gamma)
    }
    return min(0, shift.figures.minimum) / shift.spread
  }

  /// The share of normal samples' units that a mild beta leaves dead on a batch, `Phi(-beta/gamma)^B`; of one that is told, none.
  private func expectedDead(shiftedBy shift: Double) -> Double {
    if shift == 0 || shift <= -Examination.leastShift { return 0 }
    return Double.pow(Double.erfc(shift / 2.0.squareRoot()) / 2, Double(batch))
  }

  /// That biases or beta are what kills units, as a clause; empty where they aren't.
  func shiftClause(_ layer: ProbedLayer) -> String {
    let isNormed = layer.traits.norm != nil
    guard lowestShift(layer) <= (isNormed ? -Examination.leastShift : -Examination.leastBias) else { return "" }
    if let shift = shift(layer) { return shift.clause(shift.figures.minimum, "down to ") }
    return
      ", for its norm's beta is down to \(Reading.number(layer.traits.lowestShift)) beside a gamma of "
      + "\(Reading.number(abs(layer.traits.gamma)))"
  }

  /// That all units of a layer are dead by its norm's beta, whatever is 0 behind it.
  private func wholeLayerShiftedOff(_ layer: ProbedLayer) -> [Fault] {
    guard layer.traits.norm != nil, isInSight(layer), !cuts.contains(layer.place),
      lowestShift(layer) <= -Examination.leastShift
    else { return [] }
    let off = layers.filter {
      $0.output.activation.dead == 1 && $0.traits.norm != nil && lowestShift($0) <= -Examination.leastShift
    }
    let more = off.count - 1
    let text =
      "all \(layer.width) units of \(name(layer)) are 0 on every sample\(shiftClause(layer)): nothing gets through"
      + "\(more > 0 ? ", as in \(more) more layers" : ""), and no gradient back. "
      + deadCure(layer, leaving: Reading.percent(expectedDead(entering: layer)))
    let diagnosis = Diagnosis(
      .deadUnits, layer: layer.number, text,
      [
        .init("dead", 1), .init("expected", 0), .init("layers", Double(off.count)),
        .init("beta", layer.traits.lowestShift),
      ])
    return [Fault(diagnosis: diagnosis, places: Set(off.map(\.place)), end: layer.place)]
  }

  // MARK: What is expected

  /// How far the dead units of a row are above what is expected, chance allowed for: four standard deviations of a proportion.
  ///
  /// A deep net has as many chances as layers; four are one in 30 000.
  private func excessOfDead(_ units: Units) -> Double {
    let activation = units.row.activation
    guard activation.dead > Examination.deadMargin, activation.isSound || activation.zeros == 1,
      activation.underflow == 0, let count = units.row.shape.last
    else { return -1 }
    let expected = max(units.expected, expectedDead(shiftedBy: lowestShift(units.layer)))
    let chance = 4 * (max(expected * (1 - expected), 0.01) / Double(count)).squareRoot()
    return activation.dead - expected - max(Examination.deadMargin, chance)
  }

  /// The cosine between samples of what enters a layer: its preactivations have it where weights are drawn and biases are 0.
  ///
  /// What the layer makes of it is no measure, for the biases that kill units make the samples look alike too. Batch norm before the
  /// nonlinearity leaves nothing that samples have in common.
  private func enteringCosine(_ layer: ProbedLayer) -> Double {
    if layer.traits.norm == .batch, layer.traits.normPosition == .before { return 0 }
    return entering(layer).cosine
  }

  /// The fraction of a layer's units that are dead on the batch, drawn with biases of 0.
  ///
  /// The samples count as many as what enters has dimensions at most: of d units that are alive and never below 0 the samples lie in a
  /// cone that d directions span, and a unit whose d weights are all below 0 is dead on each of them, however many they are. So it is for
  /// `2^-d` of unlike ones (Lu et al. 2019, "Dying ReLU and Initialization", of the narrow nets in which that happens).
  func expectedDead(entering layer: ProbedLayer) -> Double {
    let entering = entering(layer)
    let alive = (1 - (entering.dead.isFinite ? entering.dead : 0)) * Double(layer.fanIn ?? layer.width)
    let isBelowZero = entering.min < 0
    let dimensions = isBelowZero || layer.traits.norm == .batch ? Double(batch) : max(1, alive.rounded())
    return expectedDead(enteringCosine(layer), samples: min(Double(batch), dimensions))
  }

  /// The fraction of units that are dead on a batch whose preactivations are normal around 0 with a cosine between samples.
  ///
  /// With a common part `sqrt(c) u` of every unit and `sqrt(1-c) e` of each sample it is `E[Phi(-sqrt(c/(1-c)) u)^B]` over standard
  /// normal u: `2^-B` for unlike samples, one half for equal ones.
  func expectedDead(_ cosine: Double, samples: Double? = nil) -> Double {
    let samples = samples ?? Double(batch)
    guard cosine < 1 else { return 0.5 }
    guard cosine > 0 else { return Double.pow(2, -samples) }
    let ratio = (cosine / (1 - cosine)).squareRoot()
    let step = 0.01
    return (-800...800).reduce(0) { sum, place in
      let u = Double(place) * step
      let below = Double.erfc(ratio * u / 2.0.squareRoot()) / 2
      return sum + Double.pow(below, samples) * Double.exp(-u * u / 2) * step * 0.3989422804014327
    }
  }

  /// The fraction of saturated outputs that is told.
  ///
  /// At unit preactivations tanh has 2.2 % of them and hardtanh 33 %; a layer of tanh that has learnt to decide has up to a third.
  static func saturationLimit(_ activation: ActivationFunction?) -> Double {
    activation == .hardtanh ? 0.6 : 0.4
  }

  /// The rows with too many outputs at the ends of a bounded activation, those of faults that are told left out.
  var saturatedRows: [Int] {
    if isMasked { return [] }
    return report.rows.indices.filter { row in
      isSaturated(row) && !(layers.first { $0.rows.contains(row) }.map(isSaturatedByFault) ?? false)
    }
  }

  /// Whether a fault that is told makes a layer's outputs large, or what enters it where its own weights are of unit size.
  private func isSaturatedByFault(_ layer: ProbedLayer) -> Bool {
    if cuts.contains(layer.place) { return true }
    guard layer.traits.normPosition != .before, let weight = layer.first.weight, let fanIn = layer.fanIn,
      weight.rms * Double(fanIn).squareRoot() < Cure.unitSize
    else { return false }
    return cuts.contains { $0 < layer.place }
  }

  /// Which layer has most outputs at the ends of its bounded activation, and how many layers have too many; gradients that grow by
  /// the same large weights are told with it.
  func saturation(beside gradients: [ScaleVerdict]) -> [Diagnosis] {
    let hits = saturatedRows
    guard let first = hits.first,
      let worst = hits.max(by: { report.rows[$0].activation.saturated < report.rows[$1].activation.saturated })
    else { return [] }
    let row = report.rows[worst]
    let name = traits[worst].activation?.name ?? "its activation"
    var text =
      "\(Reading.percent(row.activation.saturated)) of the outputs of \(self.name(row: worst)) are within 1 % of the ends of \(name), "
      + "where it has no slope: the std of what enters it is \(Reading.number(row.preactivation.std))"
    if hits.count > 1 { text += "; so it is in \(hits.count) layers, from \(self.name(row: first)) on" }
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
