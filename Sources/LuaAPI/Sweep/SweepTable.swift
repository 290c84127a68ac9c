import Files

/// A sweep as a file of comma-separated values.
struct SweepTable {
  private let results: SweepResults
  private let csv: CSV

  init(_ results: SweepResults, _ origin: Origin) throws {
    self.results = results
    csv = try CSV(operation: origin.operation)
  }

  /// Writes a row a cell, or a row a run.
  func write(runs: Bool, _ origin: Origin) throws {
    try AtomicFile.replace(origin) { file in
      for row in runs ? runRows : cellRows { try file.write(row.joined(separator: ",") + "\n") }
    }
  }

  private var settingNames: [String] { results.plan.names.map { cell(PlainData.decoded(name: $0)) } }

  private func settings(ofCell number: Int) -> [String] {
    results.plan.settings(ofCell: number).map { cell($0.value) }
  }

  private var cellRows: [[String]] {
    let metrics = results.metrics
    let names = metrics.flatMap { name in ["mean", "sd", "n"].map { cell("\(PlainData.decoded(name: name))_\($0)") } }
    return [["cell"] + settingNames + names + ["runs", "errors"]]
      + results.cells.map { row in
        let numbers = metrics.flatMap { name -> [String] in
          guard let summary = row.summaries[name] else { return ["", "", "0"] }
          return [text(summary.mean), text(summary.sd), "\(summary.n)"]
        }
        return ["\(row.number)"] + settings(ofCell: row.number) + numbers + ["\(row.ended)", "\(row.errors.count)"]
      }
  }

  private var runRows: [[String]] {
    let names = Set(results.runs.flatMap { $0.results.map(\.name) }).sorted()
    let head = ["run", "cell", "repetition", "seed"] + settingNames
    return [head + names.map { cell(PlainData.decoded(name: $0)) } + ["error"]]
      + results.runs.map { run in
        let position = results.plan.position(run.index)
        let values = names.map { name in run.results.first { $0.name == name }.map { cell($0.value) } ?? "" }
        return ["\(run.index)", "\(position.cell)", "\(position.repetition)", "\(results.plan.seed(of: position))"]
          + settings(ofCell: position.cell) + values + [run.error.map(cell) ?? ""]
      }
  }

  private func text(_ number: Double) -> String { number.isNaN ? "nan" : "\(number)" }

  /// A number with all its digits, anything else as a table prints it.
  private func cell(_ value: JSONValue) -> String {
    if case .integer(let integer) = value { return "\(integer)" }
    if let number = PlainData.number(value) { return text(number) }
    return cell(PlainData.text(value))
  }

  private func cell(_ text: String) -> String { csv.cell(text) }
}
