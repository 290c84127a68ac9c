import Networks
import Tensors

/// One number that a recorder keeps of each layer and recorded step.
public struct RecorderColumn: Sendable {
  /// Where the number comes from.
  enum Source: Equatable, Sendable {
    /// A figure of a quantity of `ReportRow.quantities`, before the update.
    case figure(quantity: String, String)
    /// A percentile of such a quantity.
    case percentile(quantity: String, Double)
    /// The norm of the update over the norm of the weight before it.
    case updateRatio
    /// How far the means of the row's inputs moved.
    case shiftOfMean
    /// How much the spread of the row's inputs changed.
    case shiftOfSpread
    /// How the lower rows' updates change the gradient of the row's weight.
    case gradientCosine
    case gradientDistance
    case gradientRelative
  }

  /// The name that users type, for example `shift.mean`.
  public let name: String
  let source: Source

  /// The quantity of a report, if it is a figure of one.
  var quantity: String? {
    switch source {
    case .figure(let quantity, _), .percentile(let quantity, _): quantity
    default: nil
    }
  }

  /// Whether it is measured from a loss.
  var needsLoss: Bool { isGradientShift || quantity == "gradient" || quantity == "weight_gradient" }

  var isShift: Bool { source == .shiftOfMean || source == .shiftOfSpread }

  var isGradientShift: Bool {
    [.gradientCosine, .gradientDistance, .gradientRelative].contains(source)
  }
}

extension RecorderColumn {
  private static let movements: [RecorderColumn] = [
    RecorderColumn(name: "update_ratio", source: .updateRatio),
    RecorderColumn(name: "shift.mean", source: .shiftOfMean),
    RecorderColumn(name: "shift.std", source: .shiftOfSpread),
    RecorderColumn(name: "gradient_shift.cosine", source: .gradientCosine),
    RecorderColumn(name: "gradient_shift.distance", source: .gradientDistance),
    RecorderColumn(name: "gradient_shift.relative", source: .gradientRelative),
  ]

  /// The columns of a stat; `percentiles` are those that stand for a bare `preactivation.percentiles`.
  ///
  /// - Throws: `RecorderError` for an unknown name, offering the nearest; `LabError` for a percentile outside 0 to 100.
  static func columns(of statistic: String, percentiles: [Double]) throws -> [RecorderColumn] {
    let moving = movements.filter { $0.name == statistic || $0.name.hasPrefix("\(statistic).") }
    if !moving.isEmpty { return moving }
    let parts = statistic.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, ReportRow.quantities.contains(parts[0]) else { throw unknown(statistic, percentiles) }
    if Statistics.names.contains(parts[1]) {
      return [RecorderColumn(name: statistic, source: .figure(quantity: parts[0], parts[1]))]
    }
    if parts[1] == "percentiles" { return try percentiles.map { try percentile(parts[0], $0) } }
    guard let percent = Report.percent(parts[1]) else { throw unknown(statistic, percentiles) }
    return [try percentile(parts[0], percent)]
  }

  private static func percentile(_ quantity: String, _ percent: Double) throws -> RecorderColumn {
    guard (0...100).contains(percent) else { throw LabError.percentile(percent) }
    return RecorderColumn(
      name: "\(quantity).percentiles.\(trimmed(percent))", source: .percentile(quantity: quantity, percent))
  }

  private static func unknown(_ statistic: String, _ percentiles: [Double]) -> RecorderError {
    let figures = Statistics.names + ["percentiles"] + percentiles.map { "percentiles.\(trimmed($0))" }
    let names =
      movements.map(\.name) + ["shift", "gradient_shift"]
      + ReportRow.quantities.flatMap { quantity in figures.map { "\(quantity).\($0)" } }
    return .unknownStatistic(statistic, nearest: nearestName(to: statistic, among: names))
  }
}
