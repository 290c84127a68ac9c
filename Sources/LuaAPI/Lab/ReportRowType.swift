import CLua
import Kernels
import Lab
import Tensors

/// A row of a report as Lua holds it.
final class ReportRowHandle {
  let row: ReportRow

  init(_ row: ReportRow) { self.row = row }
}

extension TypeRecord {
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
      deviation("gradient"), deviation("weight_gradient"),
      PropertyRecord(
        "spectrum",
        "The singular values of the weight, descending, with the fields condition and effective_rank; nil unless asked for."
      ) { call in try call.push(call.object(ReportRowHandle.self).row.spectrum) },
      PropertyRecord(
        "branch", "A row for each layer of the residual branch, with the same fields; nil where there is no branch."
      ) { call in
        let branch = call.object(ReportRowHandle.self).row.branch
        return branch.isEmpty ? call.pushNil() : try call.push(rows: branch)
      },
    ],
    text: { call in
      let row = call.object(ReportRowHandle.self).row
      let figures = ReportRow.quantities.compactMap { name in
        row.quantity(name).map { "\(name).std \(Decimal.text($0.std))" }
      }
      return "\(row.name) \(row.kind) \(row.shape): " + figures.joined(separator: ", ")
    },
    keys: { call in
      let row = call.object(ReportRowHandle.self).row
      return ["name", "kind", "shape"] + ReportRow.quantities.filter { row.quantity($0) != nil }
        + ReportRow.drawn.filter { row.deviation($0) != nil }.map { "\($0)_sd" }
        + (row.spectrum == nil ? [] : ["spectrum"]) + (row.branch.isEmpty ? [] : ["branch"])
    })

  private static func quantity(_ name: String, _ summary: String) -> PropertyRecord {
    PropertyRecord(name, summary) { call in try call.push(call.object(ReportRowHandle.self).row.quantity(name)) }
  }

  private static func deviation(_ quantity: String) -> PropertyRecord {
    PropertyRecord(
      "\(quantity)_sd", "Each figure of \(quantity)'s standard deviation over several upstream draws; nil of one draw."
    ) { call in try call.push(call.object(ReportRowHandle.self).row.deviation(quantity)) }
  }
}

extension Call {
  /// Pushes singular values as a sequence with the figures made of them as fields.
  fileprivate func push(_ spectrum: Spectrum?) throws -> Int32 {
    guard let spectrum else { return pushNil() }
    _ = try push(sequence: spectrum.values) { push($0) }
    try set("condition") { push(spectrum.condition) }
    try set("effective_rank") { push(spectrum.effectiveRank) }
    return 1
  }
}
