import RealModule

extension Examination {
  /// How many times too large or small a running standard deviation is when it is told: as a variance 10 times.
  ///
  /// That of a net in training lags behind by less, even at a tenth of each new batch.
  private static let runningRatio = 10.0.squareRoot()

  /// That evaluation would take running statistics that are not those of what enters.
  ///
  /// A probe measures with the batch's, so nothing else shows them. A mean that is off by twice the standard deviation shifts samples as
  /// a beta of that size does.
  func runningStatistics() -> [Diagnosis] {
    let hits = report.rows.indices.compactMap { row in
      traits[row].normModel?.running.map { (row: row, running: $0) }
    }.filter { hit in
      hit.running.shift > LayerShift.least || abs(Double.log(hit.running.ratio)) > Double.log(Examination.runningRatio)
    }
    guard let first = hits.first else { return [] }
    let running = first.running
    let isShifted = running.shift > LayerShift.least
    let amount =
      running.ratio > 1
      ? "\(Reading.number(running.ratio)) times" : "1/\(Reading.number(1 / running.ratio)) of"
    let what =
      isShifted
      ? "the running mean is off by \(Reading.number(running.shift)) standard deviations"
      : "the running standard deviation is \(amount) the batch's"
    let effect =
      isShifted
      ? "as a beta of that size would shift it"
      : "so that what the norm gives is \(Reading.number(1 / running.ratio)) times its size"
    let more = hits.count > 1 ? "; so it is in \(hits.count) layers, from \(name(row: first.row)) on" : ""
    let text =
      "the running statistics of the norm of \(name(row: first.row)) are not those of this batch, and evaluation takes them: \(what), "
      + "\(effect)\(more). net:recalibrate(data) computes them anew."
    return [
      Diagnosis(
        .runningStatistics, layer: first.row + 1, text,
        [
          .init("shift", running.shift), .init("ratio", running.ratio), .init("layers", Double(hits.count)),
        ])
    ]
  }
}
