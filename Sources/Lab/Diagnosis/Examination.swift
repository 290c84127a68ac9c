import RealModule

/// A report looked at by all rules, in the order of causes: what an earlier rule explains a later one is silent about.
///
/// 1. The input: constant, far from 1, samples alike (`+Input`); NaN and infinity in it and in parameters (`+Numbers`).
/// 2. Weights that are all 0 or one number (`+Zero`, `+Equal`).
/// 3. Faults of single layers, which their parameters show (`Fault`): biases and beta (`+Shift`, `+Slope`), gamma (`+Gamma`), weights of low rank
///    (`+Direction`), auxiliary heads (`+Auxiliary`), dead units (`+Units`), weights out of line (`+Balance`).
/// 4. Running statistics that evaluation would take (`+Running`).
/// 5. Over what these leave, trends (`Symptoms`): the scale of activations through depth (`+Scale`), what tells samples apart
///    (`+Signal`), gradients (`+Gradients`), normalisations (`+Normalisation`), saturation (`+Units`), and numbers that end (`+Numbers`).
struct Examination {
  let report: Report
  /// What is known of each row beside its numbers.
  let traits: [RowTraits]
  let layers: [ProbedLayer]
  /// What theory says of the network; nil where nothing is known of it.
  let prediction: Prediction?

  /// The places of the layers whose faults are told, from 1.
  var cuts: Set<Int> = []
  /// The rows, from 0, of whose weights a fault that is told explains what gradients ask.
  var toldRows: Set<Int> = []
  /// The place from which on samples can't be told apart by a fault that is told, nil where none does that.
  var end: Int?
  /// Whether what is wrong with the input hides what the layers do to samples.
  var isMasked = false
  /// Whether most features of the input are 0, so that the units behind are of few dimensions.
  var hasDeadInputs = false

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

  /// What the rules find: what is wrong with the input and with single layers before what trends show, in each the most important first.
  func diagnoses() -> [Diagnosis] {
    let input = inputDiagnoses()
    let roots = brokenData()
    if !roots.isEmpty { return Examination.sorted(input + roots) }
    if !hasBrokenNumbers, let root = zeroWeights() ?? equalUnits() { return Examination.sorted(input + [root]) }
    var examination = self
    examination.isMasked = input.contains { $0.kind != .deadInputs }
    examination.hasDeadInputs = input.contains { $0.kind == .deadInputs }
    if examination.isMasked { examination.cuts.insert(1) }
    let faults = examination.takeFaults().map(\.diagnosis)
    let causes = Examination.sorted(input + faults) + runningStatistics()
    // what an activation that bends makes of numbers of another size is no measure of its layers
    let isHidden = examination.isMasked && layers.contains { !$0.traits.isHomogeneous }
    if isHidden || input.contains(where: { $0.kind == .constantInput }) { return causes }
    return causes + Examination.sorted(examination.trends())
  }

  /// What is wrong beside the faults of single layers and of the input.
  private func trends() -> [Diagnosis] {
    let symptoms = Symptoms(self)
    let (activations, signal, gradients) = (symptoms.activations, symptoms.signal, symptoms.gradients)
    var found = brokenNumbers(explainedBy: activations + gradients)
    if let outlier = symptoms.requests { found.append(outlier) }
    found += activations.map { diagnosis($0, gradients, signal) }
    if let signal, !signal.isTold(by: gradients) { found.append(diagnosis(signal, gradients)) }
    let saturated = saturation(beside: gradients)
    let isTold = { (verdict: ScaleVerdict) in
      verdict.isExplained || !saturated.isEmpty && verdict.direction == .growing
    }
    let small = smallBatch()
    if small.isEmpty { found += gradients.filter { !isTold($0) }.map { gradientDiagnosis($0, signal) } }
    found += small + saturated
    // the tails of an activation at its ends are as good as 0
    if !saturated.isEmpty { found.removeAll { $0.kind == .underflow } }
    return found
  }

  private static func sorted(_ found: [Diagnosis]) -> [Diagnosis] {
    let order = Diagnosis.Kind.allCases
    return order.flatMap { kind in found.filter { $0.kind == kind } }
  }
}
