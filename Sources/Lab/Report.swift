import Kernels
import Networks
import Tensors

/// What a probe has found in one row of a network.
public struct ReportRow: Sendable {
  /// How the row's parameter names begin: its position from 0, or `head`.
  public let name: String
  /// The row's kind, for example `Block` or `Linear`.
  public let kind: String
  /// The shape of its output.
  public let shape: Extents
  /// What enters the nonlinearity.
  public let preactivation: Statistics
  /// The row's output, after any normalisation.
  public let activation: Statistics
  /// The gradient of the loss with respect to that output.
  public let gradient: Statistics
  /// The weight, nil where the row has none.
  public let weight: Statistics?
  /// The gradient of the loss with respect to the weight.
  public let weightGradient: Statistics?

  /// The names of the five quantities as users write them, in order.
  public static let quantities = ["preactivation", "activation", "gradient", "weight", "weight_gradient"]

  /// The quantity of a name in `quantities`, nil where the row has none.
  public func quantity(_ name: String) -> Statistics? {
    switch name {
    case "preactivation": preactivation
    case "activation": activation
    case "gradient": gradient
    case "weight": weight
    case "weight_gradient": weightGradient
    default: nil
    }
  }
}

/// What a probe has found: a row for each of the network's, and what went in at either end.
public struct Report: Sendable {
  /// One row for each row of the network, in order.
  public let rows: [ReportRow]
  /// What the network computes in.
  public let dtype: DType
  /// The shape of the input batch.
  public let inputShape: Extents
  /// The input batch.
  public let input: Statistics
  /// The gradient of the loss with respect to the network's output, which the backward pass began with.
  public let upstream: Statistics
  /// The loss, nil where the pass began with a gradient instead.
  public let loss: Double?
  /// Where the prediction comes from, nil where there is none.
  public var theory: ReportTheory?

  /// One figure of every row, nil where a row lacks the quantity.
  ///
  /// - Parameter path: a quantity and a statistic, for example `activation.std` or `gradient.percentiles.15`.
  /// - Returns: the figure of each row, in order.
  /// - Throws: `LabError` for a path no report has, offering the nearest, and for a percentile that was not measured.
  public func column(_ path: String) throws -> [Double?] {
    let parts = path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, ReportRow.quantities.contains(parts[0]) else { throw unknownColumn(path) }
    let (quantity, statistic) = (parts[0], parts[1])
    if Statistics.names.contains(statistic) {
      return rows.map { $0.quantity(quantity)?.value(named: statistic) }
    }
    guard let percent = Report.percent(statistic) else { throw unknownColumn(path) }
    let measured = input.percentiles.map(\.percent)
    guard measured.contains(percent) else { throw LabError.notMeasured(path, percentiles: measured) }
    return rows.map { $0.quantity(quantity)?.percentile(percent) }
  }

  /// Reads `percentiles.15` and `percentiles[15]`.
  static func percent(_ statistic: String) -> Double? {
    let prefix = "percentiles"
    guard statistic.hasPrefix(prefix) else { return nil }
    let rest = statistic.dropFirst(prefix.count)
    if rest.hasPrefix(".") { return Double(rest.dropFirst()) }
    return rest.hasPrefix("[") && rest.hasSuffix("]") ? Double(rest.dropFirst().dropLast()) : nil
  }

  private func unknownColumn(_ path: String) -> LabError {
    let statistics = Statistics.names + input.percentiles.map { "percentiles.\(trimmed($0.percent))" }
    let paths = ReportRow.quantities.flatMap { quantity in statistics.map { "\(quantity).\($0)" } }
    return .column(path, nearest: nearestName(to: path, among: paths))
  }
}
