import RealModule

extension Examination {
  /// The growth of gradients towards the input that is told where normalisations make it, as a natural logarithm: a factor of 1000.
  ///
  /// Batch norm makes gradients grow at any init, by `sqrt(pi/(pi-1)) = 1.211` a layer for ReLU (Yang et al. 2019, theorem 8), which nets
  /// of moderate depth are trained with all the same; the same paper (section 4, figure 2) finds training to fail at about 50 layers,
  /// where the growth is 14 000. A factor of 1000 is reached with 37.
  static let normLimit = 6.907755278982137

  /// Where gradients fall or grow on their way to the input, those that another diagnosis tells of marked so.
  ///
  /// The scale is the root mean square, which a gradient of ones has too.
  func gradientVerdicts(besides activations: [ScaleVerdict], _ signal: SignalLoss?) -> [ScaleVerdict] {
    let sound = Array(layers.reversed().prefix { $0.output.gradient.isSound })
    let entries = entries(sound)
    let ways = zip([0] + entries, entries + [sound.count]).map { Array(sound[$0..<$1]) }
    return [ScaleRun.Direction.falling, .growing].compactMap { direction in
      let verdicts = ways.compactMap { gradientVerdict(direction, $0) }
      guard var verdict = verdicts.max(by: { abs($0.run.change) < abs($1.run.change) }) else { return nil }
      verdict.entries = entries.map { sound[$0] }
      verdict.isExplained = isExplained(verdict, activations, signal)
      return verdict
    }
  }

  /// Where a gradient falls or grows on a way without any that enters.
  private func gradientVerdict(_ direction: ScaleRun.Direction, _ way: [ProbedLayer]) -> ScaleVerdict? {
    let logs = way.map { Double.log($0.output.gradient.rms) }
    let widths = way.map(\.width)
    let isNormed = direction == .growing && way.contains { $0.traits.norm != nil }
    // what a norm makes of samples that look the same is no measure
    if isNormed, isMasked || end != nil { return nil }
    let limit = isNormed ? Examination.normLimit : ScaleRun.limit
    let levelled = levelled(logs, way.map(\.place))
    guard let run = ScaleRun(levelled, widths: widths, direction, limit: limit) else { return nil }
    return ScaleVerdict(
      run: run, direction: direction, first: way[run.places.lowerBound], last: way[run.places.upperBound],
      start: way[run.places.lowerBound].rows.upperBound, end: way[run.places.upperBound].rows.upperBound,
      endLog: logs[run.places.upperBound], widths: Array(widths[run.places]))
  }

  /// The places on the way back where an auxiliary classifier's gradient enters that is far above what has come so far.
  ///
  /// It adds to the gradient of the last layer at or below its row. A step up of less than 5 times is no entry to tell of.
  private func entries(_ sound: [ProbedLayer]) -> [Int] {
    guard let theory = report.theory, theory.input.hasAuxiliaryGradients else { return [] }
    let places = theory.model.auxiliaries.compactMap { row in sound.firstIndex { $0.rows.upperBound <= row } }
    return Set(places).sorted().filter { place in
      place > 0 && sound[place].output.gradient.rms > 5 * sound[place - 1].output.gradient.rms
    }
  }

  /// That the gradient enters anew, as a clause; empty where it doesn't.
  func entering(_ verdict: ScaleVerdict) -> String {
    guard let first = verdict.entries.first else { return "" }
    let more = verdict.entries.count - 1
    return " and enters anew at the auxiliary head behind \(name(first))" + (more > 0 ? ", and at \(more) more" : "")
  }

  private func isExplained(_ verdict: ScaleVerdict, _ activations: [ScaleVerdict], _ signal: SignalLoss?) -> Bool {
    if activations.contains(where: { $0.isLike(verdict) }) { return true }
    if let lost = signal?.verdict, lost.isLike(verdict), signal?.isHeldUp == true { return true }
    return false
  }

  /// What is wrong with the gradients, in words.
  func gradientDiagnosis(_ verdict: ScaleVerdict, _ signal: SignalLoss?) -> Diagnosis {
    let factor = verdict.run.factor
    let law = self.law("gradient", verdict)
    let isNormed = verdict.direction == .growing && verdict.first.traits.norm != nil && !verdict.run.isJump
    let change = Reading.number(Double.exp(abs(verdict.run.change)))
    var text = "dL/dh \(movement(verdict)) towards the input" + law.clause
    if !verdict.run.isJump {
      text += "; from \(span(verdict)) by \(verdict.direction == .falling ? "1/" : "")\(change) in all"
    }
    if !verdict.entries.isEmpty { text += "; it\(entering(verdict).dropFirst(4))" }
    if let lost = signal?.verdict, verdict.isLike(lost) {
      text +=
        "; what tells samples apart falls alike going up, to a batch_std of \(Reading.number(signal?.batchStd ?? 0))"
    }
    text += isNormed ? normConsequence(verdict) : ends(ofGradient: verdict)
    text += ". " + gradientCure(verdict, isNormed)
    let kind: Diagnosis.Kind =
      verdict.direction == .falling ? .vanishingGradients : isNormed ? .normGradientGrowth : .explodingGradients
    var evidence: [Diagnosis.Evidence] = [.init("factor", factor), .init("change", Double.exp(verdict.run.change))]
    if isNormed { evidence.append(.init("factor_of_squares", factor * factor)) }
    evidence += law.factor.map { [.init("predicted", $0)] } ?? []
    return Diagnosis(kind, layer: verdict.first.number, text, evidence)
  }

  /// At which depth a dtype holds no gradient any more.
  private func ends(ofGradient verdict: ScaleVerdict) -> String {
    if verdict.run.isJump || !verdict.entries.isEmpty || !reachesInput(verdict) { return "" }
    let steps = FloatRange.steps(from: verdict.endLog, factor: verdict.run.factor, report.dtype)
    let depth = layers.count + steps
    if depth >= 100_000 { return "" }
    return "; with about \(depth) layers \(report.dtype) would \(verdict.direction == .falling ? "end" : "overflow")"
  }

  /// Whether a gradient falls or grows down to the first layer, so that more layers would go on with it.
  private func reachesInput(_ verdict: ScaleVerdict) -> Bool { verdict.last.place == layers.first?.place }

  private func normConsequence(_ verdict: ScaleVerdict) -> String {
    let slope = Double.log(verdict.run.factor)
    let trained = 1 + Int(Examination.normLimit / slope)
    let steps = FloatRange.steps(from: verdict.endLog, factor: verdict.run.factor, report.dtype)
    let overflow = layers.count + steps
    return
      ": no learning rate suits both; up to \(trained) layers it stays below 1000, \(report.dtype) overflows near \(overflow)"
  }

  private func gradientCure(_ verdict: ScaleVerdict, _ isNormed: Bool) -> String {
    if isNormed {
      return "Residual blocks with the norm on the branch keep it below sqrt(depth); fewer layers lessen it."
    }
    if verdict.run.isJump, isConstantUpstream, layers.contains(where: { $0.traits.norm == .batch }) {
      return
        "The upstream gradient is the same for every sample, of which batch norm passes nothing: probe with upstream=\"normal\"."
    }
    return cure(verdict.first).sentence(verdict.direction == .falling ? .tooSmall : .tooLarge)
  }

  private var isConstantUpstream: Bool { report.upstream.rms > 0 && report.upstream.std <= 1e-6 * report.upstream.rms }
}
