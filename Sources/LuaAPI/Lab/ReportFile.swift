import Files
import Kernels
import Lab
import Tensors

extension FunctionRecord {
  /// `report:save`.
  static let saveReport = FunctionRecord(
    "report:save",
    "Writes the report to a file: .json is whole and reads back by sonde.load_report; .csv, for other programs and data.csv(path, {header=true, columns={'layer', 'std'}, target='quantity'}), has a line of numbers for each row and quantity, the input as layer 0 and the upstream gradient behind the last, and does not read back.",
    [Parameter("path", .string, "the file; it is replaced whole or not at all")], returns: "the report itself",
    errors: "another ending, a path that can't be written",
    example: """
      local r, path = nn.mlp{inputs=4, width=4, depth=2}:probe(sonde.randn(9, 4)), os.tmpname() .. '.json'
      r:save(path); assert(sonde.load_report(path)[2].gradient.std == r[2].gradient.std); os.remove(path)
      """, receiver: .report
  ) { call in
    let report = call.object(ReportHandle.self).report
    let origin = Origin(operation: call.who, path: try call.string(0))
    switch fileEnding(of: origin.path) {
    case "csv": try ReportTable(report, CSV(operation: call.who)).write(origin)
    case "json":
      let text = try ReportDocument(report).value.text(origin)
      try AtomicFile.replace(origin) { try $0.write(text + "\n") }
    default: throw call.wrongEnding(of: origin.path, expected: ".csv or .json")
    }
    return call.pushSelf()
  }

  /// `sonde.load_report`.
  static let reportFunctions: [FunctionRecord] = [
    FunctionRecord(
      "sonde.load_report",
      "Reads a report that report:save has written to a .json file, or one variant's from what-if:save: it prints, predicts, diagnoses and draws as it did.",
      [Parameter("path", .string, "the file")],
      options: [
        Parameter(
          "variant", .oneOf([.integer, .string]), default: "nil", "of a what-if's file the variant's number or name")
      ],
      returns: "a report",
      errors:
        "a file that is no such report, told with the place of what is wrong; a .csv; an unknown variant, one that failed",
      example: """
        local r, path = nn.mlp{inputs=4, width=4, depth=2}:probe(sonde.randn(9, 4)), os.tmpname() .. '.json'
        r:save(path); local read = sonde.load_report(path); os.remove(path)
        assert(tostring(read) == tostring(r) and read:theory()[2].activation.std == r:theory()[2].activation.std)
        """
    ) { call in
      let origin = Origin(operation: call.who, path: try call.string(0))
      let root = try WhatIfReading(JSONPlace(reading: origin)).report(of: call.option("variant"))
      return try call.push(ReportHandle(try Report(root)), .report)
    }
  ]
}

/// A report as a table of lines: a row, a quantity, and its figures.
struct ReportTable {
  private let report: Report
  private let csv: CSV

  init(_ report: Report, _ csv: CSV) { (self.report, self.csv) = (report, csv) }

  /// Writes the header and the lines.
  func write(_ origin: Origin) throws {
    try AtomicFile.replace(origin) { try $0.write(([header] + lines).joined(separator: "\n") + "\n") }
  }

  /// The names of the columns.
  var header: String {
    let percentiles = report.input.percentiles.map(\.percent)
    let names =
      ["layer", "name", "kind", "quantity"] + Statistics.names
      + percentiles.map { "percentiles." + (Int(exactly: $0).map(String.init) ?? "\($0)") }
    return names.joined(separator: ",")
  }

  /// The lines; no cell of text or of `layer` is empty, for programs that take none.
  ///
  /// The input is layer 0, and the upstream gradient comes from behind the last. Rows of branches and auxiliary classifiers
  /// follow by their names, with the layer that they are in or behind.
  var lines: [String] {
    var lines = [
      line("0", "input", "input", "input", report.input),
      line("\(report.rows.count + 1)", "upstream", "upstream", "upstream", report.upstream),
    ]
    for (index, row) in report.rows.enumerated() { lines += self.lines(row, "\(index + 1)") }
    for row in report.auxiliary { lines += self.lines(row, layer(ofAuxiliary: row.name)) }
    return lines
  }

  /// The layer that the classifier of a name such as `auxiliary.0` or `auxiliary.0.1` stands behind; nan where the report does
  /// not know its net.
  private func layer(ofAuxiliary name: String) -> String {
    let places = report.theory?.model.auxiliaries ?? []
    guard let index = name.split(separator: ".").dropFirst().first.flatMap({ Int($0) }), places.indices.contains(index)
    else { return "nan" }
    return "\(places[index] + 1)"
  }

  private func lines(_ row: ReportRow, _ layer: String) -> [String] {
    let own = ReportRow.quantities.flatMap { quantity in
      [(quantity, row.quantity(quantity)), ("\(quantity).sd", row.deviation(quantity))].compactMap { title, figures in
        figures.map { line(layer, row.name, row.kind, title, $0) }
      }
    }
    return own + row.branch.flatMap { lines($0, layer) }
  }

  private func line(_ layer: String, _ name: String, _ kind: String, _ quantity: String, _ figures: Statistics)
    -> String
  {
    let numbers = Statistics.names.map { figure in
      let value = figures.value(named: figure) ?? .nan
      return Statistics.countNames.contains(figure) ? "\(Int(value))" : "\(value)"
    }
    let cells = [layer, csv.cell(name), kind, quantity] + numbers
    return (cells + figures.percentiles.map { "\($0.value)" }).joined(separator: ",")
  }
}
