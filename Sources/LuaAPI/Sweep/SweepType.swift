import CLua
import Files
import Plots

extension FunctionRecord {
  /// The methods of sweeps.
  static let sweepMethods: [FunctionRecord] = [table, best, csv, plot]

  private static let make =
    "local s = sonde.sweep{grid={lr={0.1, 0.2}}, repeats=2, progress=false, run=function(c) return {loss=c.lr} end}; "

  private static let table = FunctionRecord(
    "sweep:table", "The numbers of each cell.",
    returns:
      "a sequence of tables: cell, settings and each setting by its own name too where that is none of these, mean, sd (n - 1, NaN for one run) and n of "
      + "each result by its name, runs (that have ended), errors (how many of them) and error (the first one's text)",
    example: make + "local row = s:table()[2]; assert(row.lr == 0.2 and row.mean.loss == 0.2 and row.n.loss == 2)",
    receiver: .sweep
  ) { call in
    let results = call.object(SweepResults.self)
    return try call.push(sequence: results.cells) { try call.push($0, of: results) }
  }

  private static let best = FunctionRecord(
    "sweep:best", "The cell whose mean of a result is the best; those without such a number or with NaN don't count.",
    [
      Parameter("metric", .string, default: "the only one", "the result's name; s.metrics lists them"),
      Parameter(
        "order", .choice(["max", "min"]),
        default: "min for names with loss, error, mse, mae, perplexity, time or seconds, else max",
        "whether the largest or the smallest mean is the best"),
    ],
    returns: "the cell's row as s:table() has it; nil where no cell has such a mean",
    errors: "an unknown name, no name where there are several results",
    example: make + "assert(s:best().lr == 0.1 and s:best('loss', 'max').lr == 0.2)", receiver: .sweep
  ) { call in
    let results = call.object(SweepResults.self)
    let metric = try call.metric(of: results)
    let isLowest = call.argument(1).asString.map { $0 == "min" } ?? SweepResults.isLowestBest(metric)
    guard let cell = results.best(metric, isLowest: isLowest) else { return call.pushNil() }
    return try call.push(cell, of: results)
  }

  private static let csv = FunctionRecord(
    "sweep:csv", "Writes a row a cell to a file: settings, mean, sd and n of each result, runs and errors.",
    [Parameter("path", .string, "the file; it is replaced whole or not at all")],
    options: [
      Parameter(
        "runs", .boolean, default: "false",
        "whether to write a row a run instead: run, cell, repetition, seed, settings, results, error")
    ],
    returns: "the sweep itself", errors: "a path that can't be written",
    example: make
      + "local path = os.tmpname(); s:csv(path); assert(io.lines(path)():find('loss_mean')); os.remove(path)",
    receiver: .sweep
  ) { call in
    let origin = Origin(operation: call.who, path: try call.string(0))
    let table = try SweepTable(call.object(SweepResults.self), origin)
    try table.write(runs: call.flag("runs", default: false), origin)
    return call.pushSelf()
  }
}

extension FunctionRecord {
  private static let plot = FunctionRecord(
    "sweep:plot",
    "Draws the means: along one setting as curves with bands of one sd, along two numbers as a map; of random draws a point a "
      + "cell along each setting. Numbers over a wide range have a logarithmic axis.",
    [Parameter("path", .string, default: "nil", "a file to write, as the option path")],
    options: [
      Parameter("metric", .string, default: "all, of random draws the first", "the result to draw"),
      Parameter("x", .string, default: "the number with the most values", "the setting along the horizontal axis"),
      Parameter("by", .string, default: "the one with the next most", "the setting that tells curves or rows apart"),
    ] + Parameter.figureOptions,
    returns: "nothing; with text=true the picture as a string",
    errors: "an unknown result or setting, no result that is a number, a path that can't be written",
    example: make + "assert(s:plot{text=true}:find('loss'))", receiver: .sweep
  ) { call in
    let results = call.object(SweepResults.self)
    guard !results.metrics.isEmpty else { throw call.failure("no run has a result that is a number") }
    let metric = try call.option("metric").asString.map { try call.metric($0, of: results) }
    let (x, by) = (try call.setting("x", of: results), try call.setting("by", of: results))
    if let x, x == by { throw call.failure("options 'x' and 'by' expected two settings, got '\(x)' twice") }
    let figure = SweepFigure(results, metric: metric, x: x, by: by).figure
    return try call.show(asAskedFor: figure, path: call.argument(0).asString)
  }
}

extension TypeRecord {
  /// What a sweep has brought.
  static let sweepType = TypeRecord(
    type: .sweep, summary: "What sonde.sweep has brought: a row a cell, and every run.",
    methods: FunctionRecord.sweepMethods,
    properties: [
      PropertyRecord(
        "runs",
        "The runs that have ended, by their numbers: tables with index, cell, repetition, seed, settings, seconds, and result "
          + "or error."
      ) { call in
        let results = call.object(SweepResults.self)
        return try call.push(sequence: results.runs) { try call.push($0, of: results.plan) }
      },
      PropertyRecord("metrics", "The names of the results that are numbers, sorted.") { call in
        try call.push(sequence: call.object(SweepResults.self).metrics) { try call.push(PlainData.decoded(name: $0)) }
      },
      PropertyRecord("names", "The names of the settings, sorted.") { call in
        try call.push(sequence: call.object(SweepResults.self).plan.names) {
          try call.push(PlainData.decoded(name: $0))
        }
      },
      PropertyRecord("seed", "What all seeds come from.") { call in
        call.push(call.object(SweepResults.self).plan.seed)
      },
      PropertyRecord("repeats", "How often each cell is run.") { call in
        call.push(call.object(SweepResults.self).plan.repeats)
      },
      PropertyRecord("errors", "How many runs ended in an error.") { call in
        call.push(call.object(SweepResults.self).errors)
      },
      PropertyRecord("interrupted", "Whether Ctrl-C ended it.") { call in
        call.push(call.object(SweepResults.self).isInterrupted)
      },
      PropertyRecord("warning", "What went wrong around the runs, in a sentence; nil when nothing did.") { call in
        try call.object(SweepResults.self).warning.map { try call.push($0) } ?? call.pushNil()
      },
      PropertyRecord("path", "The file that keeps the results, nil without.") { call in
        try call.object(SweepResults.self).path.map { try call.push($0) } ?? call.pushNil()
      },
    ],
    element: { call in
      let results = call.object(SweepResults.self)
      guard let index = call.argument(0).asInteger else { return nil }
      let count = results.cells.count
      let place = index < 0 ? index + count : index - 1
      if place == count { return call.pushNil() }
      guard 0..<count ~= place else { throw call.failure("expected a cell from 1 to \(count), got \(index)") }
      return try call.push(results.cells[place], of: results)
    },
    length: { call in call.object(SweepResults.self).cells.count },
    text: { call in SweepText(call.object(SweepResults.self), columns: TerminalAbilities.current.columns).text },
    keys: { call in
      let results = call.object(SweepResults.self)
      return ["runs", "metrics", "names", "seed", "repeats", "errors", "interrupted"]
        + (results.warning == nil ? [] : ["warning"]) + (results.path == nil ? [] : ["path"])
    })
}

extension Call {
  /// The result that the first argument names, or the only one there is.
  fileprivate func metric(of results: SweepResults) throws -> String {
    let names = results.metrics.map(PlainData.decoded)
    guard let name = argument(0).asString else {
      if names.count == 1 { return results.metrics[0] }
      throw failure(
        names.isEmpty
          ? "no run has a result that is a number"
          : "expected the name of a result, one of \(names.joined(separator: ", "))")
    }
    return try metric(name, of: results)
  }

  fileprivate func metric(_ name: String, of results: SweepResults) throws -> String {
    let names = results.metrics.map(PlainData.decoded)
    guard names.contains(name) else {
      let cure =
        names.isEmpty
        ? "; no run has a result that is a number"
        : suggestion(for: name, among: names, otherwise: "print(s) shows them")
      throw failure("no result '\(name)'\(cure)")
    }
    return PlainData.encoded(name: name)
  }

  /// The setting that an option names, nil where it was not given.
  fileprivate func setting(_ option: String, of results: SweepResults) throws -> String? {
    guard let name = self.option(option).asString else { return nil }
    let names = results.plan.names.map(PlainData.decoded)
    guard names.contains(name) else {
      let cure = suggestion(for: name, among: names, otherwise: "print(s) shows them")
      throw failure("option '\(option)' expected a setting, got '\(name)'\(cure)")
    }
    return name
  }

  /// Pushes a cell as a row of `s:table()`.
  fileprivate func push(_ cell: SweepCell, of results: SweepResults) throws -> Int32 {
    let settings = results.plan.settings(ofCell: cell.number)
    try check(sonde_try_table(lua, 0, Int32(settings.count + 8)))
    for setting in settings { try set(plain: PlainData.decoded(name: setting.name), setting.value) }
    try set("cell") { push(cell.number) }
    try set("settings") { try push(plain: .object(settings)) }
    try set("mean") { try push(cell, results.metrics) { $0.map { push($0.mean) } } }
    try set("sd") { try push(cell, results.metrics) { $0.map { push($0.sd) } } }
    try set("n") { try push(cell, results.metrics) { push($0?.n ?? 0) } }
    try set("runs") { push(cell.ended) }
    try set("errors") { push(cell.errors.count) }
    if let error = cell.errors.first { try set("error") { try push(error) } }
    return 1
  }

  /// Pushes a table of one number for each result that `number` pushes one for.
  private func push(
    _ cell: SweepCell, _ metrics: [String], _ number: (SweepCell.Summary?) -> Int32?
  ) throws -> Int32 {
    try check(sonde_try_table(lua, 0, Int32(clamping: metrics.count)))
    let table = lua_gettop(lua)
    for metric in metrics {
      _ = try push(PlainData.decoded(name: metric))
      if number(cell.summaries[metric]) == nil { sonde_pop(lua, 1) } else { try check(sonde_try_set(lua, table)) }
    }
    return 1
  }

  fileprivate func push(_ run: SweepRun, of plan: SweepPlan) throws -> Int32 {
    let position = plan.position(run.index)
    try check(sonde_try_table(lua, 0, 8))
    try set("index") { push(run.index) }
    try set("cell") { push(position.cell) }
    try set("repetition") { push(position.repetition) }
    try set("seed") { push(plan.seed(of: position)) }
    try set("settings") { try push(plain: .object(plan.settings(ofCell: position.cell))) }
    try set("seconds") { push(run.seconds) }
    switch run.outcome {
    case .result(let members): try set("result") { try push(plain: .object(members)) }
    case .error(let text): try set("error") { try push(text) }
    }
    return 1
  }
}
