import RealModule

/// What theory says of a measured factor.
struct LawVerdict {
  /// What to add to the sentence, beginning with a comma or a semicolon; empty where there is nothing to say.
  let clause: String
  /// The factor a step that theory predicts, nil where it doesn't cover the layers.
  let factor: Double?
}

extension Examination {
  /// What theory says of the factor a layer of a quantity over a run.
  ///
  /// It is the law behind what was measured only where the two agree to within what finite width explains; where they don't, the
  /// text says both.
  func law(_ quantity: String, _ verdict: ScaleVerdict) -> LawVerdict {
    guard let prediction else { return LawVerdict(clause: "", factor: nil) }
    let rows = prediction.rows
    let between = min(verdict.start ?? 0, verdict.end)...max(verdict.start ?? 0, verdict.end)
    guard let predicted = predictedFactor(rows, quantity, verdict) else {
      guard let reason = between.lazy.compactMap({ rows[$0].reason }).first else {
        return LawVerdict(clause: "", factor: nil)
      }
      return LawVerdict(clause: " (no law: \(reason))", factor: nil)
    }
    let law = lawText(rows, verdict.first).map(Examination.form)
    let initialiser = verdict.first.traits.initialiser.map { " for \($0)" } ?? ""
    // the measured factor is fitted over a first layer of other inputs too, which the ends of the prediction count as well
    let distance = [predicted, endsFactor(rows, quantity, verdict) ?? predicted]
      .map { abs(Double.log($0) - Double.log(verdict.run.factor)) }.reduce(.infinity, min)
    if distance > verdict.tolerance {
      return LawVerdict(
        clause: "; theory says \(Reading.factor(predicted))\(initialiser), which is not what the layers do",
        factor: predicted)
    }
    return LawVerdict(clause: ", as \(law ?? "theory") predicts\(initialiser)", factor: predicted)
  }

  /// The law of a layer as people count, its Linear and its nonlinearity taken together, though they be rows of their own.
  private func lawText(_ rows: [PredictedRow], _ layer: ProbedLayer) -> String? {
    if layer.rows.count > 1, let parts = parts(of: layer.rows) { return RowLaw.text(parts) }
    return rows[layer.rows].lazy.compactMap(\.law).first
  }

  /// The form of a row's law, for example `sigma*sqrt(n/2)` of `normal(0.01): sigma*sqrt(n/2) = 0.07071`.
  private static func form(_ law: String) -> String {
    let behindName = law.split(separator: ":").last ?? law[...]
    let form = behindName.split(separator: "=").first ?? behindName
    return form.split(separator: " ").joined(separator: " ")
  }

  /// The factor a step over a run as theory predicts it: for the layers of its common width, or between its ends.
  private func predictedFactor(_ rows: [PredictedRow], _ quantity: String, _ verdict: ScaleVerdict) -> Double? {
    guard let ends = endsFactor(rows, quantity, verdict) else { return nil }
    return commonFactor(rows, quantity, verdict) ?? ends
  }

  /// The factor a step between the ends of a run, from what theory predicts there.
  private func endsFactor(_ rows: [PredictedRow], _ quantity: String, _ verdict: ScaleVerdict) -> Double? {
    guard rows.count == report.rows.count, let end = rows[verdict.end].scale(quantity) else { return nil }
    guard let start = verdict.start.map({ rows[$0].scale(quantity) }) ?? report.input.rms, start > 0, end > 0 else {
      return nil
    }
    return Double.exp((Double.log(end) - Double.log(start)) / Double(verdict.run.steps))
  }

  /// The predicted factor of the layers of the width that most of a run have, where the first one's inputs are of another.
  private func commonFactor(_ rows: [PredictedRow], _ quantity: String, _ verdict: ScaleVerdict) -> Double? {
    guard quantity == "activation" else { return nil }
    let common = commonLayer(verdict)
    guard common.rows != verdict.first.rows, let end = rows[verdict.end].scale(quantity),
      let start = rows[common.rows.lowerBound - 1].scale(quantity), start > 0, end > 0
    else { return nil }
    let steps = layers.count { $0.rows.lowerBound >= common.rows.lowerBound && $0.rows.upperBound <= verdict.end }
    return steps > 0 ? Double.exp((Double.log(end) - Double.log(start)) / Double(steps)) : nil
  }
}

extension PredictedRow {
  /// The predicted size of a quantity, or the `batch_std` of activations; nil where theory makes no statement.
  fileprivate func scale(_ quantity: String) -> Double? {
    if quantity == "batch_std" { return figures["activation"]?.batchStandardDeviation }
    return figures[quantity]?.rms ?? figures[quantity]?.std
  }
}
