import Files
import Kernels
import Lab
import Tensors

/// A report as a tree of JSON, which `Report.init(readingJSON:)` reads.
struct ReportDocument {
  /// The number of the format, which a change that older programs can't read raises.
  static let format = 2

  private let report: Report

  init(_ report: Report) { self.report = report }

  var value: JSONValue {
    .members([
      ("sonde_report", .integer(ReportDocument.format)), ("dtype", .text(report.dtype.name)),
      ("input_shape", ReportDocument.shape(report.inputShape)), ("loss", report.loss.map(JSONValue.any)),
      ("settings", ReportDocument.settings(report.settings)), ("input", ReportDocument.statistics(report.input)),
      ("upstream", ReportDocument.statistics(report.upstream)),
      ("upstream_sd", report.upstreamDeviation.map(ReportDocument.statistics)),
      ("rows", .list(report.rows.map(ReportDocument.row))),
      ("auxiliary", .list(report.auxiliary.map(ReportDocument.row))),
      ("network", report.theory.map { NetworkModelDocument($0).value }),
    ])
  }

  private static func shape(_ shape: Extents) -> JSONValue { .list(shape.map { .integer($0) }) }

  private static func settings(_ settings: ProbeSettings) -> JSONValue {
    .members([
      ("upstream", .text(settings.upstream)), ("loss", settings.loss.map { .text($0) }),
      ("percentiles", .list(settings.percentiles.map(JSONValue.any))), ("bins", .integer(settings.bins)),
      ("repeats", .integer(settings.repeats)), ("spectrum", .boolean(settings.spectrum)),
      // a seed of 64 bits does not fit the whole numbers of other readers
      ("seed", settings.seed.map { .text("\($0)") }), ("generator", settings.generator.map { .text($0) }),
      ("version", settings.version.map { .text($0) }),
    ])
  }

  private static func row(_ row: ReportRow) -> JSONValue {
    .members(
      [("name", .text(row.name)), ("kind", .text(row.kind)), ("shape", shape(row.shape))]
        + ReportRow.quantities.map { ($0, row.quantity($0).map(statistics)) }
        + ReportRow.drawn.map { ("\($0)_sd", row.deviation($0).map(statistics)) }
        + [
          ("spectrum", row.spectrum.map { .list($0.values.map(JSONValue.any)) }),
          ("branch", row.branch.isEmpty ? nil : .list(row.branch.map(self.row))),
        ])
  }

  private static func statistics(_ statistics: Statistics) -> JSONValue {
    let figures = Statistics.names.map { name -> (String, JSONValue?) in
      let value = statistics.value(named: name) ?? .nan
      return (name, Statistics.countNames.contains(name) ? .integer(Int(value)) : .any(value))
    }
    return .members(
      figures + [
        ("percentiles", .list(statistics.percentiles.map { .list([.any($0.percent), .any($0.value)]) })),
        ("histogram", histogram(statistics.histogram)), ("log_histogram", histogram(statistics.logHistogram)),
      ])
  }

  private static func histogram(_ histogram: Histogram) -> JSONValue {
    .members([
      ("counts", .list(histogram.counts.map { .integer($0) })), ("edges", .list(histogram.edges.map(JSONValue.any))),
    ])
  }
}

extension Report {
  /// Reads a report that `ReportDocument` wrote; every number is as it was.
  ///
  /// Files of format 1 say nothing of the network, and their reports have no theory.
  ///
  /// - Throws: `LuaFailure` with the place for what is no such report; `Interrupted`.
  init(_ root: JSONPlace) throws {
    let format = try root.member("sonde_report")
    guard try format.count(from: 1) <= ReportDocument.format else {
      throw format.failure("a format up to \(ReportDocument.format)")
    }
    let dtype = try root.member("dtype")
    guard let type = DType(name: try dtype.text()), type.isFloat else {
      throw dtype.failure("\"float32\" or \"float64\"")
    }
    let settings = try ProbeSettings(root.member("settings"))
    let reader = StatisticsReader(percentiles: settings.percentiles)
    self.init(
      rows: try root.member("rows").list().map { try ReportRow($0, reader) }, dtype: type,
      inputShape: try Extents(root.member("input_shape")), input: try reader.read(root.member("input")),
      upstream: try reader.read(root.member("upstream")), loss: try root.optional("loss")?.number())
    self.settings = settings
    upstreamDeviation = try root.optional("upstream_sd").map(reader.spread)
    auxiliary = try root.member("auxiliary").list().map { try ReportRow($0, reader) }
    theory = try root.optional("network").map { try ReportTheory($0, of: self) }
  }
}

extension Extents {
  fileprivate init(_ place: JSONPlace) throws { self.init(try place.list(atMost: 32).map { try $0.size() }) }
}

extension ProbeSettings {
  fileprivate init(_ place: JSONPlace) throws {
    self.init()
    upstream = try place.member("upstream").choice(ProbeSettings.upstreams)
    loss = try place.optional("loss")?.text()
    percentiles = try place.member("percentiles").list().map { place in
      let percent = try place.number()
      guard (0...100).contains(percent) else { throw place.failure("a number from 0 to 100") }
      return percent
    }
    let width = try place.member("bins")
    bins = try width.count(from: 1)
    guard bins <= Histogram.maximumBins else { throw width.failure("at most \(Histogram.maximumBins)") }
    repeats = try place.member("repeats").size(from: 1)
    spectrum = try place.member("spectrum").flag()
    generator = try place.optional("generator")?.text()
    version = try place.optional("version")?.text()
    guard let held = try place.optional("seed") else { return }
    guard let number = UInt64(try held.text()) else { throw held.failure("a whole number of at least 0 in quotes") }
    seed = number
  }
}

/// Reads figures, all of the same percentiles.
private struct StatisticsReader {
  let percentiles: [Double]

  func read(_ place: JSONPlace) throws -> Statistics {
    var result = try spread(place)
    for name in Statistics.countNames {
      let figure = try place.member(name)
      guard try figure.count() <= result.count else { throw figure.failure("at most count, \(result.count)") }
    }
    result.histogram = try histogram(place.member("histogram"), of: result.count)
    result.logHistogram = try histogram(place.member("log_histogram"), of: result.count)
    return result
  }

  /// Reads figures that are spreads over draws, which have no histograms.
  func spread(_ place: JSONPlace) throws -> Statistics {
    var result = Statistics()
    for name in Statistics.names {
      let figure = try place.member(name)
      result.set(name, try Statistics.countNames.contains(name) ? Double(figure.size()) : number(figure, name))
    }
    result.percentiles = try values(place.member("percentiles"))
    return result
  }

  private func number(_ place: JSONPlace, _ name: String) throws -> Double {
    let number = try place.number()
    guard !["zeros", "dead", "saturated"].contains(name) || number.isNaN || 0...1 ~= number else {
      throw place.failure("a fraction from 0 to 1")
    }
    return number
  }

  private func values(_ place: JSONPlace) throws -> [Statistics.Percentile] {
    let pairs = try place.list()
    guard pairs.count == percentiles.count else { throw place.failure("\(percentiles.count) percentiles") }
    return try zip(pairs, percentiles).map { place, percent in
      let pair = try place.list()
      guard pair.count == 2, try pair[0].number() == percent else { throw place.failure("[\(percent), its value]") }
      return Statistics.Percentile(percent: percent, value: try pair[1].number())
    }
  }

  private func histogram(_ place: JSONPlace, of total: Int) throws -> Histogram {
    var left = total
    let counts = try place.member("counts").list(atMost: Histogram.maximumBins).map { place in
      let count = try place.count()
      guard count <= left else { throw place.failure("no more in the bins than count, \(total)") }
      left -= count
      return count
    }
    let limits = try place.member("edges")
    let edges = try limits.list(atMost: Histogram.maximumBins + 1).map { try $0.finite() }
    guard edges.count == (counts.isEmpty ? 0 : counts.count + 1) else {
      throw limits.failure(counts.isEmpty ? "no edges of no bins" : "\(counts.count + 1) edges of \(counts.count) bins")
    }
    guard zip(edges, edges.dropFirst()).allSatisfy({ $0 <= $1 }) else { throw limits.failure("edges that rise") }
    return Histogram(counts: counts, edges: edges)
  }
}

extension ReportRow {
  fileprivate init(_ place: JSONPlace, _ reader: StatisticsReader) throws {
    self.init(
      name: try place.member("name").text(), kind: try place.member("kind").text(),
      shape: try Extents(place.member("shape")), preactivation: try reader.read(place.member("preactivation")),
      activation: try reader.read(place.member("activation")), gradient: try reader.read(place.member("gradient")),
      weight: try place.optional("weight").map(reader.read),
      weightGradient: try place.optional("weight_gradient").map(reader.read))
    gradientDeviation = try place.optional("gradient_sd").map(reader.spread)
    weightGradientDeviation = try place.optional("weight_gradient_sd").map(reader.spread)
    spectrum = try place.optional("spectrum").map { Spectrum(values: try $0.list().map { try $0.number() }) }
    branch = try place.optional("branch")?.list().map { try ReportRow($0, reader) } ?? []
  }
}
