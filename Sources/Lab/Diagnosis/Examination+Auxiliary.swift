import RealModule

/// A layer of an auxiliary classifier.
struct AuxiliaryLayer {
  /// What was measured of it.
  let row: ReportRow
  /// The row, from 0, that the classifier stands behind.
  let anchor: Int
}

extension Examination {
  /// The layers of the auxiliary classifiers with weights; none where the report does not know where they stand.
  var auxiliaryLayers: [AuxiliaryLayer] {
    guard let anchors = report.theory?.model.auxiliaries else { return [] }
    var names: [Substring] = []
    return report.auxiliary.compactMap { row in
      // the first two parts of `auxiliary.0.2` tell which classifier it is
      let name = row.name.split(separator: ".").prefix(2).joined(separator: ".")
      if names.last != name[...] { names.append(name[...]) }
      guard names.count <= anchors.count, row.weight != nil else { return nil }
      return AuxiliaryLayer(row: row, anchor: anchors[names.count - 1])
    }
  }

  /// How the text calls an auxiliary classifier.
  func name(_ auxiliary: AuxiliaryLayer) -> String { "the auxiliary head behind \(name(row: auxiliary.anchor))" }

  /// The `rms sqrt(n)` of weights as nn.Linear draws them, uniform within `1/sqrt(n)`; other initialisers have up to three times that.
  private static let drawnScale = 0.5773502691896258

  /// The auxiliary classifiers whose weights are all 0, or far from the size that weights are drawn with.
  func auxiliaryFaults() -> [Fault] {
    auxiliaryLayers.compactMap { auxiliary in
      guard let weight = auxiliary.row.weight, let outputs = auxiliary.row.shape.last, outputs > 0 else { return nil }
      if weight.zeros == 1 { return fault(auxiliary, zeroWeights(auxiliary)) }
      guard weight.isSound else { return nil }
      let scale = weight.rms * (Double(weight.count) / Double(outputs)).squareRoot()
      guard abs(Double.log(scale / Examination.drawnScale)) > Double.log(Examination.weightLimit) else { return nil }
      return fault(auxiliary, imbalance(auxiliary, scale))
    }
  }

  private func fault(_ auxiliary: AuxiliaryLayer, _ diagnosis: Diagnosis) -> Fault {
    let place = layers.first { $0.rows.contains(auxiliary.anchor) }?.place
    // what the gradient asks of the weights below is of its size too
    return Fault(diagnosis: diagnosis, places: place.map { [$0] } ?? [], rows: Set(0...auxiliary.anchor))
  }

  private func zeroWeights(_ auxiliary: AuxiliaryLayer) -> Diagnosis {
    let text =
      "all weights of \(name(auxiliary)) are 0: no gradient of its loss gets below it before an update has moved them. "
      + Cure.drawing
    return Diagnosis(.zeroWeights, layer: auxiliary.anchor + 1, text, [.init("layers", 1)])
  }

  private func imbalance(_ auxiliary: AuxiliaryLayer, _ scale: Double) -> Diagnosis {
    let times = scale / Examination.drawnScale
    let amount = times > 1 ? "\(Reading.number(times)) times" : "1/\(Reading.number(1 / times)) of"
    var effect = "the gradient that it sends back is as \(times > 1 ? "large" : "small")"
    if times > 1, let growth = growth(at: auxiliary.anchor) {
      effect = "dL/dh grows by \(Reading.factor(growth)) where its gradient enters"
    }
    let text =
      "weights of \(name(auxiliary)) are \(amount) the size that nn.Linear draws (rms*sqrt(n) \(Reading.number(scale)) "
      + "instead of \(Reading.number(Examination.drawnScale))): \(effect). Drawn anew, it would be one of several again."
    return Diagnosis(
      .scaleImbalance, layer: auxiliary.anchor + 1, text,
      [.init("ratio", times), .init("scale", scale), .init("drawn", Examination.drawnScale)])
  }

  /// How many times larger the gradient is at a row than behind it, where it grows.
  private func growth(at row: Int) -> Double? {
    guard row + 1 < report.rows.count else { return nil }
    let (own, next) = (report.rows[row].gradient, report.rows[row + 1].gradient)
    return own.isSound && next.isSound && own.rms > next.rms ? own.rms / next.rms : nil
  }
}
