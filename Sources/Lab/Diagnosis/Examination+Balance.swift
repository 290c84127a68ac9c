import RealModule

extension Examination {
  /// How many times larger or smaller than the median a layer's weights are when it is told, at inputs of the same size.
  ///
  /// The scale is `rms sqrt(n)`, n being the inputs of a unit: what the layer multiplies an input's size by. Initialisers differ in
  /// it by less than 3, trained nets seldom by 10; it is the limit of a single layer's step in a `ScaleRun`.
  private static let weightLimit = 31.6
  /// The same for the one layer where activations jump, whose weights explain it: half of the limit as a logarithm.
  private static let weightLimitAtJump = 5.6
  /// The spread between layers of what gradients ask of weights, `rms dL/dW / rms W`, that is told: a learning rate at which one
  /// layer moves by the usual thousandth a step moves another by a millionth.
  private static let requestLimit = 1000.0

  /// Which layer's weights stand out; nothing where the scale falls or grows in all layers, which is told then; gradients of
  /// samples that have collapsed are no measure.
  func imbalance(_ verdicts: [ScaleVerdict], isCollapsed: Bool) -> [Diagnosis] {
    if verdicts.contains(where: { !$0.run.isJump }) { return [] }
    if let outlier = outlierOfWeights(beside: Set(verdicts.map(\.first.rows.lowerBound))) { return [outlier] }
    return verdicts.isEmpty && smallBatch().isEmpty && !isCollapsed ? outlierOfRequests() : []
  }

  /// The rows with weights that are drawn, neither 0 nor broken.
  private var weighted: [(row: Int, weight: Statistics, fanIn: Double)] {
    report.rows.indices.compactMap { index in
      let row = report.rows[index]
      guard let weight = row.weight, let outputs = row.shape.last, outputs > 0, weight.isSound else { return nil }
      return (index, weight, Double(weight.count) / Double(outputs))
    }
  }

  private func outlierOfWeights(beside jumps: Set<Int>) -> Diagnosis? {
    let scales = weighted.map { (row: $0.row, scale: $0.weight.rms * $0.fanIn.squareRoot()) }
    guard scales.count >= 3 else { return nil }
    let median = scales.map(\.scale).sorted()[scales.count / 2]
    let outliers = scales.filter { row, scale in
      let limit = jumps.contains(row) ? Examination.weightLimitAtJump : Examination.weightLimit
      return abs(Double.log(scale / median)) > Double.log(limit)
    }
    guard let worst = outliers.first else { return nil }
    let times = worst.scale / median
    let amount = times > 1 ? "\(Reading.number(times)) times" : "1/\(Reading.number(1 / times)) of"
    var text =
      "weights of \(name(row: worst.row)) are \(amount) the size of the others' (rms*sqrt(n) \(Reading.number(worst.scale)), "
      + "median \(Reading.number(median)))"
    let row = report.rows[worst.row]
    if let gradient = row.weightGradient, gradient.isSound {
      text +=
        ": by homogeneity its dL/dW is \(times > 1 ? "small" : "large") beside that of the others, and no learning rate suits both"
    }
    if outliers.count > 1 {
      text += "; so are those of \(outliers.count - 1) more, from \(name(row: outliers[1].row)) on"
    }
    text += ". Drawn as the others, it would be \(Reading.number(median))."
    return Diagnosis(
      .scaleImbalance, layer: worst.row + 1, text,
      [.init("ratio", times), .init("scale", worst.scale), .init("median", median)])
  }

  private func outlierOfRequests() -> [Diagnosis] {
    let requests = weighted.compactMap { row, weight, _ -> (row: Int, size: Double)? in
      guard let gradient = report.rows[row].weightGradient, gradient.isSound else { return nil }
      return (row, gradient.rms / weight.rms)
    }
    guard let least = requests.min(by: { $0.size < $1.size }), let most = requests.max(by: { $0.size < $1.size }),
      most.size > Examination.requestLimit * least.size
    else { return [] }
    let text =
      "dL/dW beside W differs \(Reading.number(most.size / least.size)) times between layers: it is \(Reading.number(most.size)) "
      + "in \(name(row: most.row)), \(Reading.number(least.size)) in \(name(row: least.row)), so no learning rate of plain SGD suits both. "
      + "Adam divides each by its own size."
    return [
      Diagnosis(
        .scaleImbalance, layer: least.row + 1, text,
        [.init("ratio", most.size / least.size), .init("largest_layer", Double(most.row + 1))])
    ]
  }
}
