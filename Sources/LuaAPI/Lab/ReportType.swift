import CLua
import Kernels
import Lab
import Networks
import Tensors

/// A report as Lua holds it.
final class ReportHandle {
  let report: Report

  init(_ report: Report) { self.report = report }
}

/// A row of a report as Lua holds it.
final class ReportRowHandle {
  let row: ReportRow

  init(_ row: ReportRow) { self.row = row }
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
      .percentiles, .bins, .generator,
    ],
    returns: "a report: r[i] is a row, print(r) the table",
    errors: "a batch of another shape, a batch of 1 with batch normalisation",
    example:
      "local r = nn.mlp{inputs=8, width=8, depth=3}:probe(sonde.randn(20, 8)); assert(#r == 3 and r[1].activation.std > 0)",
    receiver: .network
  ) { call in
    var options = Probe.Options()
    options.percentiles = try call.percentiles()
    options.bins = call.option("bins").asInteger ?? options.bins
    options.upstream = try call.upstream()
    let report = try Probe.run(
      call.object(), try call.tensor(0), options: options, generator: call.generator())
    return try call.push(ReportHandle(report), .report)
  }

  /// The methods of reports.
  static let reportMethods: [FunctionRecord] = [
    FunctionRecord(
      "report:column", "One figure of every row.",
      [
        Parameter("path", .string, "a quantity and a figure, for example 'activation.std' or 'gradient.percentiles.50'")
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
      try call.push(ReportText(isFull: true).text(call.object(ReportHandle.self).report))
    },
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
    methods: FunctionRecord.reportMethods + FunctionRecord.reportTheoryMethods,
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
    text: { call in ReportText().text(call.object(ReportHandle.self).report) })

  /// One row of a report.
  static let reportRowType = TypeRecord(
    type: .reportRow, summary: "What a probe has measured of one row: five Stats.",
    properties: [
      PropertyRecord("name", "The row's name in parameters.") { call in
        try call.push(call.object(ReportRowHandle.self).row.name)
      },
      PropertyRecord("kind", "What the row is.") { call in try call.push(call.object(ReportRowHandle.self).row.kind) },
      PropertyRecord("shape", "The shape of the row's output.") { call in
        try call.push(sequence: call.object(ReportRowHandle.self).row.shape) { call.push($0) }
      },
      quantity("preactivation", "Stats of what enters the nonlinearity."),
      quantity("activation", "Stats of the row's output, after any norm."),
      quantity("gradient", "Stats of dL/d that output."),
      quantity("weight", "Stats of the weight, nil where there is none."),
      quantity("weight_gradient", "Stats of dL/dW, nil where there is no weight."),
    ],
    text: { call in
      let row = call.object(ReportRowHandle.self).row
      let figures = ReportRow.quantities.compactMap { name in
        row.quantity(name).map { "\(name).std \(Decimal.text($0.std))" }
      }
      return "\(row.name) \(row.kind) \(row.shape): " + figures.joined(separator: ", ")
    })

  private static func quantity(_ name: String, _ summary: String) -> PropertyRecord {
    PropertyRecord(name, summary) { call in try call.push(call.object(ReportRowHandle.self).row.quantity(name)) }
  }
}
