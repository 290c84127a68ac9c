import CLua
import Kernels
import Lab
import Networks
import Plots
import Tensors

/// A report as Lua holds it.
final class ReportHandle {
  let report: Report

  init(_ report: Report) { self.report = report }
}

extension FunctionRecord {
  /// `net:probe`.
  static let probeMethods: [FunctionRecord] = [probe]

  private static let probe = FunctionRecord(
    "network:probe",
    "Measures every row with one forward and one backward pass, batch statistics on, dropout off; the net is left as it was.",
    [Parameter("x", .tensor, "a batch [batch, features]")],
    options: [
      Parameter(
        "upstream", .oneOf([.choice(["normal", "ones"]), .tensor]), default: "\"normal\"",
        "dL/d output: drawn from the generator, ones, or a tensor"),
      Parameter("target", .tensor, default: "nil", "begins with the gradient of a loss instead"),
      .loss("which loss, with target"),
      .percentiles, .bins,
      Parameter(
        "repeats", .integer, default: "1",
        "how many upstream gradients to draw, a backward for each: gradient and weight_gradient are then means, gradient_sd and "
          + "weight_gradient_sd their spreads"),
      Parameter("spectrum", .boolean, default: "false", "also the singular values of every weight: r[i].spectrum"),
      .generator,
    ],
    returns: "a report: r[i] is a row, print(r) the table",
    errors:
      "a batch of another shape, an empty one, a batch of 1 with batch normalisation, repeats of what is not drawn",
    example:
      "local r = nn.mlp{inputs=8, width=8, depth=3}:probe(sonde.randn(20, 8)); assert(#r == 3 and r[1].activation.std > 0)",
    receiver: .network
  ) { call in
    var options = Probe.Options()
    options.percentiles = try call.percentiles()
    options.bins = call.option("bins").asInteger ?? options.bins
    options.repeats = call.option("repeats").asInteger ?? options.repeats
    options.spectrum = call.flag("spectrum", default: false)
    options.upstream = try call.upstream()
    options.version = Session.version
    if case .loss = options.upstream, case .function = call.option("loss") {
    } else if case .loss = options.upstream {
      options.lossName = call.option("loss").asString ?? "cross_entropy"
    }
    let report = try Probe.run(
      call.object(), try call.tensor(0), options: options, generator: call.generator())
    return try call.push(ReportHandle(report), .report)
  }

  /// The methods of reports.
  static let reportMethods: [FunctionRecord] = [
    FunctionRecord(
      "report:column", "One figure of every row.",
      [
        Parameter(
          "path", .string,
          "a quantity and a figure, for example 'activation.std' or 'gradient.percentiles.50'; of several draws 'gradient.std.sd'; "
            + "with spectrum=true 'spectrum.condition', 'spectrum.effective_rank', 'spectrum.max', 'spectrum.min'")
      ],
      returns: "a sequence; NaN where a row lacks the quantity", errors: "an unknown path, which offers the nearest",
      example:
        "local r = nn.mlp{inputs=8, width=8, depth=3}:probe(sonde.randn(20, 8)); assert(#r:column('gradient.std') == 3)",
      receiver: .report
    ) { call in
      let column = try call.object(ReportHandle.self).report.column(try call.string(0))
      return try call.push(sequence: column) { call.push($0 ?? .nan) }
    },
    FunctionRecord(
      "report:text", "The whole table, with every row, however deep the network.", returns: "a string",
      example: "local r = nn.mlp{inputs=8, width=8, depth=3}:probe(sonde.randn(20, 8)); assert(#r:text() > 100)",
      receiver: .report
    ) { call in
      try call.push(try ReportText(TerminalAbilities.current, isFull: true).text(call.object(ReportHandle.self).report))
    },
    saveReport, reportDiagnosis,
  ]
}

extension Call {
  /// Where a probe's backward pass begins.
  fileprivate func upstream() throws -> Probe.Upstream {
    if let target = option("target").asTensor {
      guard option("upstream").isAbsent else { throw failure("takes upstream or target, not both") }
      let loss = try loss(option("loss"))
      return .loss { try loss($0, target) }
    }
    guard option("loss").isAbsent else { throw failure("option 'loss' needs a target") }
    if let tensor = option("upstream").asTensor { return .tensor(tensor) }
    return option("upstream").asString == "ones" ? .ones : .normal
  }
}

extension TypeRecord {
  /// What a probe has measured.
  static let reportType = TypeRecord(
    type: .report, summary: "What a probe has measured: a row for each row of the network.",
    methods: FunctionRecord.reportMethods + FunctionRecord.reportTheoryMethods + FunctionRecord.reportFigureMethods,
    properties: [
      PropertyRecord("input", "Stats of the input batch.") { call in
        try call.push(call.object(ReportHandle.self).report.input)
      },
      PropertyRecord("upstream", "Stats of dL/d output.") { call in
        try call.push(call.object(ReportHandle.self).report.upstream)
      },
      PropertyRecord("loss", "The loss, nil where the pass began with a gradient.") { call in
        call.object(ReportHandle.self).report.loss.map { call.push($0) } ?? call.pushNil()
      },
      PropertyRecord("upstream_sd", "The spread of upstream over several draws: every figure's standard deviation.") {
        call in
        try call.push(call.object(ReportHandle.self).report.upstreamDeviation)
      },
      PropertyRecord("dtype", "What the network computes in.") { call in
        try call.push(call.object(ReportHandle.self).report.dtype.name)
      },
      PropertyRecord("shape", "The shape of the input batch.") { call in
        try call.push(sequence: call.object(ReportHandle.self).report.inputShape) { call.push($0) }
      },
      PropertyRecord(
        "auxiliary",
        "Rows of the layers of the auxiliary classifiers, which take part under target=; empty without them."
      ) { call in
        try call.push(rows: call.object(ReportHandle.self).report.auxiliary)
      },
      PropertyRecord(
        "settings",
        "How it was probed: upstream, loss, percentiles, bins, repeats, spectrum, seed, generator (the state it was drawn from), version."
      ) { call in try call.push(call.object(ReportHandle.self).report.settings) },
      PropertyRecord("findings", "NaN, infinities, exact zeros and underflow with the layer where they begin.") {
        call in
        try call.push(sequence: call.object(ReportHandle.self).report.findings) { finding in
          try check(sonde_try_table(call.lua, 0, 4))
          try call.set("kind") { try call.push(finding.kind.rawValue) }
          try call.set("quantity") { try call.push(finding.quantity) }
          try call.set("text") { try call.push(finding.text) }
          if let layer = finding.layer { try call.set("layer") { call.push(layer) } }
          return 1
        }
      },
    ],
    element: { call in
      guard let index = call.argument(0).asInteger else { return nil }
      let rows = call.object(ReportHandle.self).report.rows
      if index == rows.count + 1 { return call.pushNil() }
      guard let position = Tensor.position(index, extent: rows.count) else {
        throw call.failure("row \(index) is outside 1 to \(rows.count)")
      }
      return try call.push(ReportRowHandle(rows[position]), .reportRow)
    },
    length: { call in call.object(ReportHandle.self).report.rows.count },
    text: { call in try ReportText(TerminalAbilities.current).text(call.object(ReportHandle.self).report) },
    walksElements: true,
    keys: { call in
      let report = call.object(ReportHandle.self).report
      return ["input", "upstream"] + (report.upstreamDeviation == nil ? [] : ["upstream_sd"])
        + (report.loss == nil ? [] : ["loss"]) + ["dtype", "shape"]
        + (report.auxiliary.isEmpty ? [] : ["auxiliary"]) + ["settings"]
    })
}

extension Call {
  /// Pushes rows of a report as a sequence.
  func push(rows: [ReportRow]) throws -> Int32 {
    try push(sequence: rows) { try push(ReportRowHandle($0), .reportRow) }
  }

  /// Pushes the settings of a probe as a table.
  func push(_ settings: ProbeSettings) throws -> Int32 {
    try check(sonde_try_table(lua, 0, 9))
    try set("upstream") { try push(settings.upstream) }
    if let loss = settings.loss { try set("loss") { try push(loss) } }
    try set("percentiles") {
      try push(sequence: settings.percentiles) { percent in
        Int(exactly: percent).map { push($0) } ?? push(percent)
      }
    }
    try set("bins") { push(settings.bins) }
    try set("repeats") { push(settings.repeats) }
    try set("spectrum") { push(settings.spectrum) }
    if let seed = settings.seed { try set("seed") { push(Int(truncatingIfNeeded: seed)) } }
    if let state = settings.generator { try set("generator") { try push(state) } }
    if let version = settings.version { try set("version") { try push(version) } }
    return 1
  }
}
