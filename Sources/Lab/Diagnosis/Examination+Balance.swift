import RealModule

/// A row whose weights are far from the size of the others'.
private struct WeightOutlier {
  /// The row, from 0.
  let row: Int
  /// `rms sqrt(n)`, n being the inputs of a unit.
  let scale: Double
  /// How many times the size of the others' it is.
  let times: Double
}

extension Examination {
  /// How many times larger or smaller than the median a layer's weights are when it is told, at inputs of the same size.
  ///
  /// The scale is `rms sqrt(n)`, n being the inputs of a unit: what the layer multiplies an input's size by. Initialisers differ in
  /// it by less than 3, trained nets seldom by 10; it is the limit of a single layer's step in a `ScaleRun`.
  static let weightLimit = 31.6
  /// The same where the weights explain something else that is odd: half of the limit as a logarithm.
  private static let weightLimitWithEffect = 5.6
  /// The spread between layers of what gradients ask of weights, `rms dL/dW / rms W`, that is told: a learning rate at which one
  /// layer moves by the usual thousandth a step moves another by a millionth.
  private static let requestLimit = 1000.0

  // MARK: Weights

  /// The rows with weights that are drawn, neither 0 nor broken.
  private var weighted: [(row: Int, weight: Statistics, scale: Double)] {
    report.rows.indices.compactMap { index in
      let row = report.rows[index]
      guard let weight = row.weight, let outputs = row.shape.last, outputs > 0, weight.isSound else { return nil }
      return (index, weight, weight.rms * (Double(weight.count) / Double(outputs)).squareRoot())
    }
  }

  /// The scale that others are compared with: the median of the weights that are as they were drawn, where those are a quarter at
  /// least, else of all; nil of fewer than three.
  var weightReference: Double? {
    let all = weighted
    guard all.count >= 3 else { return nil }
    let drawn = all.filter { traits[$0.row].linear?.weight.reason == nil }
    let scales = (4 * drawn.count >= all.count ? drawn : all).map(\.scale).sorted()
    return scales[scales.count / 2]
  }

  /// The layers whose weights stand out, where they explain what is odd, or by so much that no learning rate suits all.
  ///
  /// They explain it where less is odd with their steps left out. Weights of layers in a row that are off together make a scale fall or
  /// grow over these, which is told then.
  func weightFault() -> Fault? {
    guard let reference = weightReference else { return nil }
    let all = weighted.filter { $0.weight.rms > 0 }
      .map { WeightOutlier(row: $0.row, scale: $0.scale, times: $0.scale / reference) }
      .filter { abs(Double.log($0.times)) > Double.log(Examination.weightLimitWithEffect) }
    let symptoms = Symptoms(self)
    if all.isEmpty || symptoms.hasRun && areInARow(all) { return nil }
    let isOneWay = all.allSatisfy { ($0.times > 1) == (all[0].times > 1) }
    let mayExplain = isOneWay || symptoms.requests != nil
    let isStep = all.allSatisfy { outlier in symptoms.activations.contains { makesStep(outlier, in: $0) } }
    let explained = isStep || mayExplain && Symptoms(without(all)).count < symptoms.count
    let told = explained ? all : all.filter { abs(Double.log($0.times)) > Double.log(Examination.weightLimit) }
    guard !told.isEmpty else { return nil }
    let left = without(told)
    // where a scale falls or grows in all layers, they are no measure of the one that stands out
    if !explained, symptoms.hasRun, Symptoms(left).count >= symptoms.count { return nil }
    return Fault(diagnosis: imbalance(told, reference), places: left.cuts, end: left.end, rows: left.toldRows)
  }

  /// Whether a scale that moves over several layers moves in that of an outlier by more than in the others, by half of what its weights
  /// are off at least.
  private func makesStep(_ outlier: WeightOutlier, in verdict: ScaleVerdict) -> Bool {
    guard (verdict.direction == .growing) == (outlier.times > 1), !verdict.run.isJump,
      let place = layers.first(where: { $0.rows.contains(outlier.row) })?.place,
      (verdict.first.place...max(verdict.first.place, verdict.last.place)).contains(place)
    else { return false }
    let steps = layers.compactMap { layer -> (place: Int, step: Double)? in
      let (before, after) = (entering(layer), layer.output.activation)
      return before.isSound && after.isSound ? (layer.place, Double.log(after.rms / before.rms)) : nil
    }
    guard steps.count > 2, let own = steps.first(where: { $0.place == place })?.step else { return false }
    let usual = steps.map(\.step).sorted()[steps.count / 2]
    return (own - usual) / Double.log(outlier.times) > 0.5
  }

  /// Whether outliers are of one kind, and the layers between the first and the last of them are outliers all.
  private func areInARow(_ outliers: [WeightOutlier]) -> Bool {
    guard outliers.count > 1 else { return false }
    let rows = report.rows.indices.filter { report.rows[$0].weight != nil }
    let range = outliers[0].row...outliers[outliers.count - 1].row
    return rows.filter(range.contains) == outliers.map(\.row)
      && outliers.allSatisfy { ($0.times > 1) == (outliers[0].times > 1) }
  }

  /// The examination with the steps of outliers left out; behind small ones samples may be lost in what an activation adds.
  private func without(_ outliers: [WeightOutlier]) -> Examination {
    var rest = self
    let places = outliers.compactMap { outlier in layers.first { $0.rows.contains(outlier.row) }?.place }
    rest.cuts.formUnion(places)
    rest.toldRows.formUnion(outliers.map(\.row))
    if let first = places.first, let loss = signalLoss(beside: []), loss.layer.place >= first {
      rest.end = min(end ?? first, first)
    }
    if let idle = outliers.first(where: { $0.times < 1 && idlesNorm(behind: $0) }),
      let place = layers.first(where: { $0.rows.contains(idle.row) })?.place
    {
      rest.end = min(rest.end ?? place, place)
    }
    return rest
  }

  /// Whether what small weights leave is so small that the norm of their layer, or of one behind, does not bring it back at once: eps
  /// is not small beside its variance.
  private func idlesNorm(behind outlier: WeightOutlier) -> Bool {
    guard let own = layers.first(where: { $0.rows.contains(outlier.row) }) else { return false }
    return layers[(own.place - 1)...].contains { layer in
      guard layer.traits.norm != nil, let weight = layer.first.weight, let fanIn = layer.fanIn else { return false }
      let spread = weight.rms * Double(fanIn).squareRoot() * entering(layer).rms
      return spread * spread < Examination.idleVariance * layer.traits.eps
    }
  }

  /// How many times eps the variance has to be for a norm to bring it to 1 within 5 %.
  private static let idleVariance = 10.0

  private func imbalance(_ outliers: [WeightOutlier], _ median: Double) -> Diagnosis {
    let first = outliers[0]
    let like = outliers.filter { abs(Double.log($0.times / first.times)) < Double.log(2) }
    let others = outliers.filter { outlier in !like.contains { $0.row == outlier.row } }
    var text =
      "weights of \(names(like.map(\.row))) are \(amount(first.times)) the size of the others' (rms*sqrt(n) "
      + "\(Reading.number(first.scale)), median \(Reading.number(median)))"
    let request = requestClause(first, isOne: like.count == 1)
    text += request
    text += effect(like, isBegun: !request.isEmpty)
    if let next = others.first {
      text += "; those of \(name(row: next.row)) are \(amount(next.times)) it"
      if others.count > 1 { text += ", and \(others.count - 1) more are off" }
    }
    text += ". Drawn as the others, \(like.count > 1 ? "each" : "it") would be \(Reading.number(median))."
    return Diagnosis(
      .scaleImbalance, layer: first.row + 1, text,
      [
        .init("ratio", first.times), .init("scale", first.scale), .init("median", median),
        .init("layers", Double(outliers.count)),
      ])
  }

  private func amount(_ times: Double) -> String {
    times > 1 ? "\(Reading.number(times)) times" : "1/\(Reading.number(1 / times)) of"
  }

  /// That dL/dW is off the other way, where it is: a layer that multiplies by a times as much passes that on, and back, but gets none of
  /// it itself.
  private func requestClause(_ outlier: WeightOutlier, isOne: Bool) -> String {
    let sizes = weighted.compactMap { report.rows[$0.row].weightGradient }.filter(\.isSound).map(\.rms).sorted()
    guard let gradient = report.rows[outlier.row].weightGradient, gradient.isSound, !sizes.isEmpty else { return "" }
    let median = sizes[sizes.count / 2]
    guard outlier.times > 1 ? gradient.rms < median : gradient.rms > median else { return "" }
    return
      ": by homogeneity \(isOne ? "its" : "their") dL/dW is \(outlier.times > 1 ? "small" : "large") beside that of the others, and no learning rate suits both"
  }

  /// What the outliers do to activations.
  private func effect(_ outliers: [WeightOutlier], isBegun: Bool) -> String {
    let begin = isBegun ? "; " : ": "
    if let most = outliers.map(\.row).filter(isSaturated).max(by: {
      report.rows[$0].activation.saturated < report.rows[$1].activation.saturated
    }) {
      let activation = traits[most].activation?.name ?? "its activation"
      return
        "\(begin)\(Reading.percent(report.rows[most].activation.saturated)) of the outputs of \(name(row: most)) are within 1 % of the "
        + "ends of \(activation)"
    }
    let changes = outliers.compactMap { outlier in
      layers.first { $0.rows.contains(outlier.row) }.flatMap { layer -> Double? in
        let (before, after) = (entering(layer), layer.output.activation)
        return before.isSound && after.isSound ? Double.log(after.rms / before.rms) : nil
      }
    }
    let change = changes.reduce(0, +)
    guard abs(change) > Double.log(5), (change > 0) == (outliers[0].times > 1) else { return "" }
    let place = outliers.count > 1 ? "through them" : "in it"
    return change > 0
      ? "\(begin)h grows \(Reading.number(Double.exp(change))) times \(place)"
      : "\(begin)h falls to 1/\(Reading.number(Double.exp(-change))) \(place)"
  }

  // MARK: Requests

  /// That gradients ask steps of such different sizes of the weights that no learning rate suits all; gradients of a batch that is too
  /// small, or of samples that can't be told apart, are no measure.
  func outlierOfRequests() -> Diagnosis? {
    if isMasked || end != nil || !smallBatch().isEmpty { return nil }
    let requests = weighted.compactMap { row, weight, _ -> (row: Int, size: Double)? in
      let isCut = layers.first { $0.rows.contains(row) }.map { cuts.contains($0.place) } ?? false
      guard let gradient = report.rows[row].weightGradient, gradient.isSound, !isCut, !toldRows.contains(row) else {
        return nil
      }
      return (row, gradient.rms / weight.rms)
    }
    guard let least = requests.min(by: { $0.size < $1.size }), let most = requests.max(by: { $0.size < $1.size }),
      most.size > Examination.requestLimit * least.size
    else { return nil }
    let text =
      "dL/dW beside W differs \(Reading.number(most.size / least.size)) times between layers: it is \(Reading.number(most.size)) "
      + "in \(name(row: most.row)), \(Reading.number(least.size)) in \(name(row: least.row)), so no learning rate of plain SGD suits both. "
      + "Adam divides each by its own size."
    return Diagnosis(
      .scaleImbalance, layer: least.row + 1, text,
      [.init("ratio", most.size / least.size), .init("largest_layer", Double(most.row + 1))])
  }
}
