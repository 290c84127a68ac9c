import RealModule

extension ParameterFigures {
  /// The numbers less their mean.
  var centred: ParameterFigures {
    var result = ParameterFigures(
      count: count, mean: 0, rms: max(0, rms * rms - mean * mean).squareRoot(), minimum: minimum - mean,
      maximum: maximum - mean, nan: nan, inf: inf)
    result.quantiles = quantiles.map { $0 - mean }
    return result
  }
}

extension Examination {
  /// The slope beside that around 0 below which a layer counts among those that are slowed.
  private static let slowed = 0.75
  /// The product of these slopes that is told.
  private static let leastSlopes = 1.0 / 3

  /// That biases, or betas, of layers together leave little of the slopes that gradients need, though none of them does alone.
  ///
  /// What goes back through a layer is multiplied by `sqrt(E phi'^2)`; what is less than a third of it without a shift asks for steps of
  /// three times the size that suits the last layer. Rectifiers have units that are dead.
  func slowing(_ known: [(layer: ProbedLayer, shift: LayerShift)]) -> [Fault] {
    let hits = known.compactMap { layer, shift -> (layer: ProbedLayer, shift: LayerShift, slope: Double)? in
      guard let law = shift.law, law.rectifierSlope == nil, !layer.traits.isResidual, shift.figures.rms > shift.spread,
        isChanged(shift, layer), entering(layer).rms > 0
      else { return nil }
      return (layer, shift, shift.slope)
    }.filter { $0.slope < Examination.slowed }
    let left = hits.reduce(1) { $0 * $1.slope }
    guard let first = hits.first, left < Examination.leastSlopes else { return [] }
    let layers = hits.map(\.layer)
    let activation = first.layer.traits.activation?.name ?? "its activation"
    let text =
      "\(activation) has \(Reading.percent(first.slope)) of the slope in \(name(first.layer)) that it has around 0"
      + "\(first.shift.clause(first.shift.usual, ""))\(andMore(layers)): 1/\(Reading.number(1 / left)) of dL/dh is left by it. "
      + "\(first.shift.cure) would bring it back."
    let diagnosis = Diagnosis(
      .vanishingGradients, layer: first.layer.number, text,
      [
        .init("slope", first.slope), .init("left", left), .init("layers", Double(hits.count)),
        .init("shift", first.shift.usual), .init("spread", first.shift.spread),
      ])
    return [Fault(diagnosis: diagnosis, places: Set(layers.map(\.place)), end: first.layer.place)]
  }

  /// That the biases of a head are all that its scores are.
  ///
  /// A tenth of what the scores are has to tell samples apart, as of an input: what is less takes as many updates to grow beside it.
  func headShift() -> [Fault] {
    guard batch > 1, let head = weightedHead,
      let bias = traits[head].linear?.bias, let weight = report.rows[head].weight,
      let width = report.rows[head].shape.last, width > 0, head > 0
    else { return [] }
    let (before, scores) = (report.rows[head - 1].activation, report.rows[head].activation)
    let spread = weight.rms * (Double(weight.count) / Double(width)).squareRoot() * before.rms
    guard bias.rms > LayerShift.least * spread, share(before) > Examination.leastInputShare,
      share(scores) < Examination.leastInputShare
    else { return [] }
    let text =
      "what tells samples apart is \(Reading.percent(share(scores))) of the scores of \(name(row: head)), for its biases are "
      + "\(Reading.number(bias.rms)) beside a std of \(Reading.number(spread)) of what its weights make of its input: it says the same of "
      + "every sample. Biases of 0 would bring the root mean square of the scores from \(Reading.number(scores.rms)) to "
      + "\(Reading.number(spread))."
    let diagnosis = Diagnosis(
      .hiddenSignalDeath, layer: head + 1, text,
      [
        .init("share", share(scores)), .init("shift", bias.rms), .init("spread", spread), .init("predicted", spread),
      ])
    return [Fault(diagnosis: diagnosis, places: [], end: layers.count + 1, rows: [head])]
  }
}
