import RealModule

/// A report looked at by all rules, in the order of causes: what an earlier rule explains a later one is silent about.
///
/// 1. Numbers that are none, infinite or 0 (`+Numbers`), traced to where they come from.
/// 2. The input: constant, far from 1, samples alike (`+Input`).
/// 3. The scale of activations through depth (`+Scale`), and of weights beside each other (`+Balance`).
/// 4. What tells samples apart: hidden signal death, collapse (`+Signal`).
/// 5. Gradients (`+Gradients`), normalisations (`+Normalisation`).
/// 6. Units: dead, saturated (`+Units`).
struct Examination {
  let report: Report
  /// What is known of each row beside its numbers.
  let traits: [RowTraits]
  let layers: [ProbedLayer]
  /// What theory says of the network; nil where nothing is known of it.
  let prediction: Prediction?

  private let trial: CureTrial?

  init(_ report: Report) {
    self.report = report
    let (theory, count) = (report.theory, report.rows.count)
    let model = (theory?.model).flatMap { $0.rows.count == count ? $0 : nil }
    traits = report.rows.enumerated().map { index, row in
      model.map { RowTraits($0.rows[index], kind: row.kind) } ?? RowTraits(kind: row.kind)
    }
    prediction = (theory?.prediction).flatMap { $0.rows.count == count ? $0 : nil }
    trial = model.flatMap { model in theory.map { CureTrial(model, $0.input) } }
    layers = ProbedLayer.layers(of: report, traits)
  }

  /// The parts that the network's model has in some rows, nil where there is no model.
  func parts(of rows: ClosedRange<Int>) -> [NetworkModel.Part]? {
    guard let model = report.theory?.model, model.rows.count == report.rows.count else { return nil }
    return model.rows[rows].flatMap(\.parts)
  }

  /// What would help a layer.
  func cure(_ layer: ProbedLayer) -> Cure { Cure(layer, depth: layers.count, trial: trial) }

  /// The number of samples.
  var batch: Int { report.inputShape.first ?? 0 }

  /// What the rules find, the most important first.
  func diagnoses() -> [Diagnosis] {
    let input = inputDiagnoses()
    let isBlind = input.contains { $0.kind == .constantInput }
    let activations = activationVerdicts()
    let signal = isBlind ? nil : signalLoss(beside: activations)
    let gradients = gradientVerdicts(besides: activations, signal)
    var broken = brokenNumbers(explainedBy: activations + gradients)
    // an input that is as small as that is told with its cure
    if input.contains(where: { $0.kind == .inputScale }), report.input.underflow > 0 {
      broken.removeAll { $0.kind == .underflow }
    }
    let balance = imbalance(activations + gradients, isCollapsed: signal != nil)
    if !broken.contains(where: { $0.kind == .nan || $0.kind == .inf }), let root = zeroWeights() ?? equalUnits() {
      return Examination.sorted(input + [root])
    }
    var found = broken + input + balance
    let isJumpOfWeights = { (verdict: ScaleVerdict) in verdict.run.isJump && !balance.isEmpty }
    found += activations.filter { !isJumpOfWeights($0) }.map { diagnosis($0, gradients, signal) }
    if let signal, !signal.isTold(by: gradients) { found.append(diagnosis(signal, gradients)) }
    let small = smallBatch()
    let saturated = saturation(beside: gradients)
    if small.isEmpty {
      let isTold = { (verdict: ScaleVerdict) in
        verdict.isExplained || isJumpOfWeights(verdict) || !saturated.isEmpty && verdict.direction == .growing
      }
      found += gradients.filter { !isTold($0) }.map { gradientDiagnosis($0, signal) }
    }
    let dead = deadUnits(beside: broken)
    if dead.contains(where: { $0.evidence("dead") == 1 }) { found.removeAll { $0.kind == .zero } }
    found += small + dead + saturated
    // the tails of an activation at its ends are as good as 0
    if !saturated.isEmpty { found.removeAll { $0.kind == .underflow } }
    return Examination.sorted(found)
  }

  private static func sorted(_ found: [Diagnosis]) -> [Diagnosis] {
    let order = Diagnosis.Kind.allCases
    return order.flatMap { kind in found.filter { $0.kind == kind } }
  }
}
