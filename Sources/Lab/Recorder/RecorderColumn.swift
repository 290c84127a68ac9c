import Networks
import Tensors

/// One number that a recorder keeps of each layer and recorded step.
public struct RecorderColumn: Sendable {
  /// Where the number comes from.
  enum Source: Equatable, Sendable {
    /// A figure of a quantity of `ReportRow.quantities`, before the update; of a single unit, from 1, where one is told.
    case figure(quantity: String, unit: Int?, String)
    /// A percentile of such a quantity.
    case percentile(quantity: String, unit: Int?, Double)
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
    case .figure(let quantity, _, _), .percentile(let quantity, _, _): quantity
    default: nil
    }
  }

  /// The unit, from 1, if it is a figure of a single one.
  var unit: Int? {
    switch source {
    case .figure(_, let unit, _), .percentile(_, let unit, _): unit
    default: nil
    }
  }

  /// What figures are taken from together: a quantity, or one of its units, as in `preactivation[5]`.
  public var subject: String? { quantity.map { RecorderColumn.subject($0, unit) } }

  /// Which percentile it is, nil for another number.
  public var percent: Double? {
    if case .percentile(_, _, let percent) = source { return percent }
    return nil
  }

  /// What must be measured for it.
  var parts: Statistics.Parts {
    guard case .figure(_, _, let figure) = source else { return [] }
    if Statistics.batchNames.contains(figure) { return .batch }
    return Statistics.shapeNames.contains(figure) ? .shape : []
  }

  static func subject(_ quantity: String, _ unit: Int?) -> String { quantity + (unit.map { "[\($0)]" } ?? "") }

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
    guard parts.count == 2, let (quantity, unit) = parse(parts[0]) else { throw unknown(statistic, percentiles) }
    if Statistics.names.contains(parts[1]) {
      return [RecorderColumn(name: statistic, source: .figure(quantity: quantity, unit: unit, parts[1]))]
    }
    if parts[1] == "percentiles" { return try percentiles.map { try percentile(quantity, unit, $0) } }
    guard let percent = Report.percent(parts[1]) else { throw unknown(statistic, percentiles) }
    return [try percentile(quantity, unit, percent)]
  }

  /// Reads `preactivation` and `preactivation[5]`; weights have no units.
  private static func parse(_ text: String) -> (quantity: String, unit: Int?)? {
    guard let bracket = text.firstIndex(of: "["), text.hasSuffix("]") else {
      return ReportRow.quantities.contains(text) ? (text, nil) : nil
    }
    let quantity = String(text[..<bracket])
    let number = Int(text[text.index(after: bracket)...].dropLast())
    guard quantities(withUnits: quantity), let number, number >= 1 else { return nil }
    return (quantity, number)
  }

  /// Whether a quantity has units: those that weights have not.
  static func quantities(withUnits quantity: String) -> Bool {
    ["preactivation", "activation", "gradient"].contains(quantity)
  }

  /// The same figure of a unit, nil where it has none or is of one already.
  func ofUnit(_ unit: Int) -> RecorderColumn? {
    guard let quantity, self.unit == nil, RecorderColumn.quantities(withUnits: quantity) else { return nil }
    let name = RecorderColumn.subject(quantity, unit) + self.name.dropFirst(quantity.count)
    switch source {
    case .figure(_, _, let figure):
      return RecorderColumn(name: name, source: .figure(quantity: quantity, unit: unit, figure))
    case .percentile(_, _, let percent):
      return RecorderColumn(name: name, source: .percentile(quantity: quantity, unit: unit, percent))
    default: return nil
    }
  }

  private static func percentile(_ quantity: String, _ unit: Int?, _ percent: Double) throws -> RecorderColumn {
    guard (0...100).contains(percent) else { throw LabError.percentile(percent) }
    return RecorderColumn(
      name: "\(subject(quantity, unit)).percentiles.\(trimmed(percent))",
      source: .percentile(quantity: quantity, unit: unit, percent))
  }

  /// What may be asked for by name, a percentile for each number.
  static func names(percentiles: [Double] = []) -> [String] {
    let figures =
      Statistics.names + ["percentiles", "histogram", "log_histogram"]
      + percentiles.map { "percentiles.\(trimmed($0))" }
    return movements.map(\.name) + ["shift", "gradient_shift"]
      + ReportRow.quantities.flatMap { quantity in figures.map { "\(quantity).\($0)" } }
  }

  private static func unknown(_ statistic: String, _ percentiles: [Double]) -> RecorderError {
    .unknownStatistic(statistic, nearest: nearestName(to: statistic, among: names(percentiles: percentiles)))
  }
}

/// A histogram that a recorder keeps of each layer and recorded step.
public struct RecordedHistogram: Equatable, Sendable {
  /// The name that users type, for example `activation.log_histogram`.
  public let name: String
  /// The quantity of `ReportRow.quantities`.
  let quantity: String
  /// Whether log10 of magnitudes is counted.
  public let isLogarithmic: Bool

  /// Reads a stat, nil for one that is no histogram.
  init?(_ statistic: String) {
    let parts = statistic.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, ReportRow.quantities.contains(parts[0]), ["histogram", "log_histogram"].contains(parts[1])
    else { return nil }
    (name, quantity, isLogarithmic) = (statistic, parts[0], parts[1] == "log_histogram")
  }

  var needsLoss: Bool { ReportRow.drawn.contains(quantity) }
}
