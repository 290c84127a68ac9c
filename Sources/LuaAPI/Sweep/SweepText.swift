import Files
import Plots

/// How a sweep is printed: a line a cell with its settings, mean ± sd of each result, the best marked, and the errors.
struct SweepText {
  private static let screenRows = 24
  private static let mostMetrics = 5
  private static let mostErrors = 3
  private static let longestError = 120

  private let results: SweepResults
  private let metrics: [String]
  /// How many characters fit on a line.
  private let columns: Int

  init(_ results: SweepResults, columns: Int = .max) {
    self.results = results
    self.columns = columns
    metrics = results.metrics
  }

  /// The lines joined by newlines, without one at the end.
  var text: String {
    let (table, dropped) = table
    func fitted(_ lines: [String]) -> [String] { lines.flatMap { TerminalText.paragraph($0, to: columns) } }
    let below = more(without: dropped) + errors + (results.warning.map { [$0] } ?? [])
    return (fitted([head]) + table + fitted(below)).joined(separator: "\n")
  }

  private var head: String {
    let plan = results.plan
    let what: String
    switch plan.space {
    case .grid: what = plan.cells.count == 1 ? "1 cell" : "a grid of \(plan.cells.count) cells"
    case .random(_, let samples): what = samples == 1 ? "1 draw" : "\(samples) draws"
    }
    var text = "sweep: \(what), repeated \(plan.repeats == 1 ? "once" : "\(plan.repeats) times"): "
    text += "\(results.runs.count) of \(plan.runCount) runs have ended"
    if results.errors > 0 { text += ", \(results.errors) in an error" }
    return text + (results.isInterrupted ? "; interrupted" : "") + "; seed \(plan.seed)"
  }

  // MARK: Cells

  /// The best cell of each result that is shown.
  private var best: [String: Int] {
    var best: [String: Int] = [:]
    for metric in metrics {
      best[metric] = results.best(metric, isLowest: SweepResults.isLowestBest(metric))?.number
    }
    return best
  }

  /// The cells that fit on a screen: all, or the best ones of the first result.
  private var shownCells: [SweepCell] {
    guard results.cells.count > SweepText.screenRows else { return results.cells }
    guard let metric = metrics.first else { return Array(results.cells.prefix(SweepText.screenRows)) }
    let isLowest = SweepResults.isLowestBest(metric)
    let key = { (cell: SweepCell) -> Double in
      let mean = cell.summaries[metric]?.mean ?? .nan
      return mean.isNaN ? .infinity : isLowest ? mean : -mean
    }
    return Array(results.cells.sorted { (key($0), $0.number) < (key($1), $1.number) }.prefix(SweepText.screenRows))
  }

  private var table: (lines: [String], dropped: [String]) {
    let shown = metrics.prefix(SweepText.mostMetrics)
    let names = results.plan.names.map(PlainData.decoded)
    var table = Table(
      [(name: "#", side: .right)] + names.map { (name: $0, side: .right) }
        + shown.map { (name: PlainData.decoded(name: $0), side: .right) }
        + [(name: "n", side: .right), (name: results.errors > 0 ? "errors" : "", side: .right)])
    let best = best
    for cell in shownCells {
      let settings = results.plan.settings(ofCell: cell.number).map { String(PlainData.text($0.value).prefix(24)) }
      let means = shown.map { text(cell.summaries[$0], isBest: best[$0] == cell.number, ended: cell.ended) }
      let errors = cell.errors.isEmpty ? "" : "\(cell.errors.count)"
      table.add(["\(cell.number)"] + settings + means + ["\(cell.ended - cell.errors.count)", errors])
    }
    return table.fitted(to: columns, steps(settings: names.count, metrics: shown.count))
  }

  /// What gives way where the lines are too long: long settings, results from the last, then names.
  private func steps(settings count: Int, metrics: Int) -> [Table.Step] {
    let settings = Array(1..<1 + count)
    let results = Array(1 + count..<1 + count + metrics)
    return [.shorten(settings, least: 12)] + results.dropFirst().reversed().map { .drop([$0]) }
      + [.shortenNames(settings + results), .shorten(settings, least: 6)]
      + settings.dropFirst().reversed().map { .drop([$0]) }
  }

  private func text(_ summary: SweepCell.Summary?, isBest: Bool, ended: Int) -> String {
    guard let summary else { return ended > 0 ? "-  " : "" }
    let scatter = summary.sd.isFinite ? " \(TerminalAbilities.current.plusMinus) \(Decimal.text(summary.sd))" : ""
    return Decimal.text(summary.mean) + scatter + (isBest ? " *" : "  ")
  }

  /// What the table means, and what it leaves out.
  private func more(without dropped: [String]) -> [String] {
    var lines: [String] = []
    if results.cells.count > SweepText.screenRows {
      let order = metrics.first.map { ", best \(PlainData.decoded(name: $0)) first" } ?? ""
      lines.append("\(SweepText.screenRows) of \(results.cells.count) cells\(order); s:table() has all")
    }
    let rest = dropped.reversed() + metrics.dropFirst(SweepText.mostMetrics).map(PlainData.decoded)
    if !rest.isEmpty { lines.append("and \(rest.joined(separator: ", "))") }
    if !best.isEmpty {
      let sign = TerminalAbilities.current.plusMinus
      let spread = results.plan.repeats > 1 ? "mean \(sign) sd (n - 1) over the n runs without an error; " : ""
      lines.append("\(spread)* is the best: \(best(without: dropped))")
    }
    return lines + missing
  }

  private func best(without dropped: [String]) -> String {
    metrics.prefix(SweepText.mostMetrics).filter { best[$0] != nil }.compactMap { metric in
      let name = PlainData.decoded(name: metric)
      guard !dropped.contains(name) else { return nil }
      return "\(SweepResults.isLowestBest(metric) ? "lowest" : "highest") \(name)"
    }.joined(separator: ", ")
  }

  /// Results that some runs have and others don't.
  private var missing: [String] {
    let whole = results.runs.filter { $0.error == nil }
    return metrics.compactMap { metric in
      let count = whole.count { $0.number(metric) == nil }
      guard count > 0 else { return nil }
      return "'\(PlainData.decoded(name: metric))' is no number in \(count) of \(whole.count) runs"
    }
  }

  // MARK: Errors

  /// The first texts, equal ones counted.
  private var errors: [String] {
    var counts: [String: Int] = [:]
    var order: [SweepRun] = []
    for run in results.runs {
      guard let error = run.error else { continue }
      if counts[error] == nil { order.append(run) }
      counts[error, default: 0] += 1
    }
    let lines = order.prefix(SweepText.mostErrors).map { run in
      let (error, position) = (run.error ?? "", results.plan.position(run.index))
      let times = counts[error].map { $0 > 1 ? " (\($0) times)" : "" } ?? ""
      return
        "run \(run.index) (\(results.plan.text(ofCell: position.cell)), repetition \(position.repetition))\(times): "
        + SweepText.line(error)
    }
    let rest = order.count - lines.count
    return lines + (rest > 0 ? ["and \(rest) other \(rest == 1 ? "error" : "errors"); s.runs has all"] : [])
  }

  /// A text as one line that is not too long.
  static func line(_ text: String) -> String {
    let first = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
    let visible = first.unicodeScalars.map(ValueText.visible).joined()
    return visible.count <= longestError ? visible : visible.prefix(longestError - 3) + "..."
  }
}
