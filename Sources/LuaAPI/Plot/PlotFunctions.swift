import CLua
import Plots

extension FunctionRecord {
  /// `plot.lines`, `plot.scatter` and the other pictures of a user's own data.
  static let plotFunctions: [FunctionRecord] = [lines, scatter, histogram, ridges, heatmap]

  private static let drawn = "nothing; with text=true the picture as a string"
  private static let failures = "data that are no numbers or have none to draw, paths that can't be written"

  private static let curveOptions =
    [
      Parameter("x", .curves, default: "1, 2, ...", "the horizontal places, of all curves or of each"),
      Parameter("names", .table, default: "nil", "a name for each curve"),
      Parameter("theory", .curves, default: "nil", "predictions, drawn first, wide and grey"),
    ] + Parameter.axisOptions + Parameter.figureOptions

  private static let lines = FunctionRecord(
    "plot.lines",
    "Draws curves: a sequence or tensor [n], several of them (a sequence of curves, a tensor [k, n]), or a table name -> curve.",
    [Parameter("curves", .curves, "what to draw; of a table of names in the order of the names")],
    options: curveOptions, returns: drawn, errors: failures,
    example: "local s = plot.lines({1, 4, 9}, {title='squares', text=true}); assert(s:find('squares', 1, true) == 1)"
  ) { call in
    try call.show(asAskedFor: try call.figure(try call.curves { .line($0) }))
  }

  private static let scatter = FunctionRecord(
    "plot.scatter", "Draws points: as plot.lines, without lines between them.",
    [Parameter("points", .curves, "their vertical places, as the curves of plot.lines")],
    options: curveOptions, returns: drawn, errors: failures,
    example: "plot.scatter(sonde.tensor{3, 1, 2}, {x={1, 10, 100}, logx=true})"
  ) { call in
    try call.show(asAskedFor: try call.figure(try call.curves { .scatter($0) }))
  }

  private static let countOptions = [
    Parameter("bins", .integer, default: "50", "the number of bins of what is not counted yet"),
    Parameter("lo", .number, default: "the smallest element", "the lower edge of the first bin"),
    Parameter("hi", .number, default: "the largest element", "the upper edge of the last"),
    Parameter("log", .boolean, default: "false", "whether log10 |x| is counted, zeros left out"),
  ]

  private static let histogram = FunctionRecord(
    "plot.histogram",
    "Draws a histogram: of a tensor, a sequence, stats, or a table {counts=, edges=}; several of them as outlines.",
    [
      Parameter(
        "x", .oneOf([.curves, .object(.statistics)]), "what is counted, or a sequence or table of names of several")
    ],
    options: countOptions + [Parameter("names", .table, default: "nil", "a name for each")] + Parameter.axisOptions
      + Parameter.figureOptions,
    returns: drawn, errors: failures + ", bins or limits out of order",
    example: "plot.histogram(sonde.randn(1000), {bins=20})"
  ) { call in
    var histograms = try PlotHistograms(call).read(call.argument(0))
    if let names = try call.texts("names", count: histograms.count) {
      for index in names.indices { histograms[index].bins.name = names[index] }
    }
    let figure = try call.figure(
      histograms.map { .histogram($0.bins) }, xlabel: call.flag("log", default: false) ? "log10 |x|" : "",
      note: histograms.note)
    return try call.show(asAskedFor: figure)
  }

  private static let ridges = FunctionRecord(
    "plot.ridges",
    "Draws histograms one below the other, each as high as its fullest bin, such as those of a net's layers.",
    [
      Parameter(
        "rows", .oneOf([.curves, .object(.statistics)]),
        "a sequence or table of names of tensors, sequences, stats or {counts=, edges=}, or a tensor [k, n]")
    ],
    options: countOptions + [Parameter("labels", .table, default: "1, 2, ...", "what stands beside each row")]
      + Parameter.axisOptions.filter { !["logy", "ylim"].contains($0.name) } + Parameter.figureOptions,
    returns: drawn, errors: failures + ", bins or limits out of order",
    example: "plot.ridges({sonde.randn(500), sonde.randn(500) * 0.1}, {labels={'in', 'out'}})"
  ) { call in
    let histograms = try PlotHistograms(call, splitsRows: true).read(call.argument(0))
    let labels = try call.texts("labels", count: histograms.count)
    let rows = histograms.enumerated().map { index, histogram in
      let name = histogram.bins.name
      return Ridge(labels?[index] ?? (name.isEmpty ? "\(index + 1)" : name), histogram.bins)
    }
    let figure = try call.figure(
      [.ridges(rows)], xlabel: call.flag("log", default: false) ? "log10 |x|" : "", note: histograms.note)
    return try call.show(asAskedFor: figure)
  }

  private static let heatmap = FunctionRecord(
    "plot.heatmap", "Draws a matrix as colours, its first row at the bottom; shades where there are no colours.",
    [Parameter("matrix", .curves, "a tensor [rows, columns] or a sequence of rows")],
    options: [
      Parameter("x", .curves, default: "1, 2, ...", "the horizontal place of each column, rising"),
      Parameter("y", .curves, default: "1, 2, ...", "the vertical place of each row, rising"),
      Parameter("label", .string, default: "''", "what the colours mean"),
      Parameter("log", .boolean, default: "false", "whether the colours follow the logarithm"),
    ] + Parameter.axisOptions + Parameter.figureOptions,
    returns: drawn, errors: failures + ", rows of several lengths",
    example: "plot.heatmap({{1, 2, 3}, {4, 5, 6}}, {label='count'})"
  ) { call in
    try call.show(asAskedFor: try call.figure([.heatmap(try call.matrix())]))
  }
}

extension Call {
  /// The curves of the first argument as marks, behind them the predictions.
  fileprivate func curves(_ mark: (Series) -> Mark) throws -> [Mark] {
    var curves = try PlotCurves(call: self, what: "curves").read(argument(0))
    if let names = try texts("names", count: curves.count) {
      for index in names.indices { curves[index].name = names[index] }
    }
    let places = option("x").isAbsent ? nil : try PlotCurves(call: self, what: "x").read(option("x"))
    let series = try placed(curves, places, isTheory: false)
    guard !option("theory").isAbsent else { return series.map(mark) }
    var theories = try PlotCurves(call: self, what: "theory").read(option("theory"))
    if theories.count == 1, theories[0].name.isEmpty { theories[0].name = "theory" }
    return try placed(theories, places, isTheory: true).map { .theory($0) } + series.map(mark)
  }

  private func placed(
    _ curves: [PlotCurves.Curve], _ places: [PlotCurves.Curve]?, isTheory: Bool
  ) throws -> [Series] {
    if let places, places.count != 1, places.count != curves.count, !isTheory {
      throw failure(
        "option 'x' expected places for all curves or for each of \(curves.count), got \(places.count) rows")
    }
    return try curves.enumerated().map { index, curve in
      let count = curve.values.count
      let name = curve.name.isEmpty ? "\(isTheory ? "theory" : "curve") \(index + 1)" : LuaValue.string(curve.name).text
      guard let places else {
        return Series(curve.name, x: (0..<count).map { Double($0 + 1) }, y: curve.values)
      }
      // a prediction has the places of the curve at its number
      let x = places.count == 1 ? places[0].values : index < places.count ? places[index].values : []
      guard x.count == count else {
        throw failure("option 'x' expected \(count) numbers as \(name) has, got \(x.count)")
      }
      return Series(curve.name, x: x, y: curve.values)
    }
  }

  fileprivate func matrix() throws -> Heatmap {
    let rows = try PlotCurves(call: self, what: "rows").read(argument(0)).map(\.values)
    if let other = rows.first(where: { $0.count != rows[0].count }) {
      throw failure("expected rows of one length, got one of \(rows[0].count) and one of \(other.count)")
    }
    return Heatmap(
      rows, x: try places("x", rows.first?.count ?? 0), y: try places("y", rows.count),
      label: option("label").asString ?? "", isLogarithmic: flag("log", default: false))
  }

  private func places(_ name: String, _ count: Int) throws -> [Double]? {
    guard !option(name).isAbsent else { return nil }
    let places = try PlotCurves(call: self, what: name).vector(option(name), "option '\(name)'")
    guard places.count == count else {
      throw failure(
        "option '\(name)' expected \(count) numbers, one for each \(name == "x" ? "column" : "row"), got \(places.count)"
      )
    }
    guard places.allSatisfy(\.isFinite), zip(places, places.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw failure("option '\(name)' expected finite numbers that rise")
    }
    if flag("log\(name)", default: false), let first = places.first, first <= 0 {
      throw failure("option '\(name)' expected numbers above 0 for a logarithmic axis, got \(first)")
    }
    return places
  }
}
