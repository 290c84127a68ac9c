import Tensors

extension Report {
  /// One figure of every row, nil where a row lacks the quantity.
  ///
  /// - Parameter path: a quantity and a statistic, for example `activation.std` or `gradient.percentiles.15`, and `.sd` behind it for
  ///   the spread over several upstream draws; or a figure of the weight's singular values, for example `spectrum.condition`.
  /// - Returns: the figure of each row, in order.
  /// - Throws: `LabError` for a path no report has, offering the nearest, and for what was not measured.
  public func column(_ path: String) throws -> [Double?] {
    if path.hasPrefix("spectrum.") { return try spectrumColumn(path) }
    guard path.hasSuffix(".sd") else { return try column(path, path) { $0.quantity($1) } }
    let plain = String(path.dropLast(3))
    // a misspelt path is told first
    let means = try column(plain, path) { $0.quantity($1) }
    let quantity = String(plain.prefix { $0 != "." })
    guard ReportRow.drawn.contains(quantity) else {
      throw LabError.notDrawn(path, quantities: ReportRow.drawn)
    }
    guard settings.repeats > 1 else { throw LabError.noRepeats(path) }
    return try zip(means, column(plain, path) { $0.deviation($1) }).map { $0 == nil ? nil : $1 }
  }

  private func column(
    _ path: String, _ asked: String, _ quantity: (ReportRow, String) -> Statistics?
  ) throws -> [Double?] {
    let parts = path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, ReportRow.quantities.contains(parts[0]) else { throw unknownColumn(asked) }
    let statistic = parts[1]
    if Statistics.names.contains(statistic) { return rows.map { quantity($0, parts[0])?.value(named: statistic) } }
    guard let percent = Report.percent(statistic) else { throw unknownColumn(asked) }
    let measured = input.percentiles.map(\.percent)
    guard measured.contains(percent) else { throw LabError.notMeasured(asked, percentiles: measured) }
    return rows.map { quantity($0, parts[0])?.percentile(percent) }
  }

  private func spectrumColumn(_ path: String) throws -> [Double?] {
    let figure = String(path.dropFirst("spectrum.".count))
    guard Spectrum.names.contains(figure) else { throw unknownColumn(path) }
    guard settings.spectrum else { throw LabError.noSpectrum(path) }
    return rows.map { $0.spectrum?.value(named: figure) }
  }

  /// Reads `percentiles.15` and `percentiles[15]`.
  static func percent(_ statistic: String) -> Double? {
    let prefix = "percentiles"
    guard statistic.hasPrefix(prefix) else { return nil }
    let rest = statistic.dropFirst(prefix.count)
    if rest.hasPrefix(".") { return Double(rest.dropFirst()) }
    return rest.hasPrefix("[") && rest.hasSuffix("]") ? Double(rest.dropFirst().dropLast()) : nil
  }

  /// The paths of `column` that any report knows, those of its percentiles and of several draws aside.
  public static let columnNames = columnNames(Statistics.names)

  private static func columnNames(_ statistics: [String]) -> [String] {
    ReportRow.quantities.flatMap { quantity in statistics.map { "\(quantity).\($0)" } }
      + Spectrum.names.map { "spectrum.\($0)" }
  }

  private func unknownColumn(_ path: String) -> LabError {
    let statistics = Statistics.names + input.percentiles.map { "percentiles.\(trimmed($0.percent))" }
    var paths = Report.columnNames(statistics)
    if settings.repeats > 1 {
      paths += ReportRow.drawn.flatMap { quantity in statistics.map { "\(quantity).\($0).sd" } }
    }
    return .column(path, nearest: nearestName(to: path, among: paths))
  }
}
