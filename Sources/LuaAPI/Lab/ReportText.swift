import Kernels
import Lab
import Plots
import Tensors

/// How a probe's report is printed: a row a layer with a sparkline histogram, and below it the diagnosis in words.
///
/// All of it fits on a screen: what the diagnosis leaves of the lines the table gets, the middle of deep nets left out.
struct ReportText {
  /// Whether every row and diagnosis is printed, however many there are.
  var isFull = false
  /// What sparklines are made of.
  var style = Sparkline.Style.blocks
  /// How many characters a line has.
  var columns = 80
  /// How many lines a screen has.
  var lines = 24

  /// Less than this no table is drawn in, however narrow the terminal: the words of the diagnosis want room.
  private static let narrowest = 40
  /// How many lines of a screen the diagnosis takes at most.
  private static let diagnosisShare = 0.5
  private static let longestName = 9

  /// Makes a text of a file of 80 columns, unless told otherwise.
  init(isFull: Bool = false, style: Sparkline.Style = .blocks, columns: Int = 80, lines: Int = 24) {
    (self.isFull, self.style, self.columns, self.lines) = (isFull, style, columns, lines)
  }

  /// Makes a text for where it will be shown.
  init(_ abilities: TerminalAbilities, isFull: Bool = false) {
    self.init(
      isFull: isFull, style: abilities.sparklines, columns: abilities.columns, lines: abilities.lines)
  }

  private var width: Int { max(columns, ReportText.narrowest) }

  /// The report as lines joined by newlines, without one at the end.
  ///
  /// - Throws: `Interrupted`.
  func text(_ report: Report) throws -> String {
    let head = wrap(title(report))
    let diagnosis = diagnosis(report)
    let table = try ReportLines(report, style, width)
    if isFull { return (head + table.lines + diagnosis).joined(separator: "\n") }
    // one line is the prompt's, one the header of the table, and two say what a narrow one leaves out
    let rows = max(5, lines - 2 - head.count - diagnosis.count - (width < 80 ? 2 : 0))
    let (shown, dropped) = table.fitted(atMost: rows)
    let rest = dropped.isEmpty ? [] : wrap("no room for \(dropped.joined(separator: ", ")): r:text() has all")
    return (head + shown + rest + diagnosis).joined(separator: "\n")
  }

  private func title(_ report: Report) -> String {
    let loss = report.loss.map { ", loss \(Reading.number($0))" } ?? ""
    return
      "probe: \(report.rows.count) rows, input \(report.inputShape) \(report.dtype) of std \(Reading.number(report.input.std)), "
      + "upstream gradient of std \(Reading.number(report.upstream.std))\(loss)"
  }

  /// The diagnoses that fit, each whole, the first one always.
  private func diagnosis(_ report: Report) -> [String] {
    let all = report.diagnosis()
    if all.isEmpty { return [Diagnosis.nothing] }
    var shown: [String] = []
    for (place, diagnosis) in all.enumerated() {
      let next = wrap("- " + diagnosis.text)
      let isLast = place + 1 == all.count
      let fits = shown.count + next.count + (isLast ? 0 : 1) <= Int(Double(lines) * ReportText.diagnosisShare)
      guard isFull || place == 0 || fits else {
        let left = all.count - place
        return shown + ["- and \(left) more: r:diagnose() lists them"]
      }
      shown += next
    }
    return shown
  }

  /// Breaks a sentence between words, further lines indented.
  private func wrap(_ sentence: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in sentence.split(separator: " ") {
      if line.isEmpty {
        line = String(word)
      } else if line.count + 1 + word.count <= width {
        line += " " + word
      } else {
        lines.append(line)
        line = "  " + word
      }
    }
    return lines + [line]
  }
}

/// The rows of a report as a table.
private struct ReportLines {
  private let report: Report
  private let style: Sparkline.Style
  private let columns: Int
  private let histograms: RowHistograms
  private let predicted: [Double?]?

  init(_ report: Report, _ style: Sparkline.Style, _ columns: Int) throws {
    (self.report, self.style, self.columns) = (report, style, columns)
    predicted = try report.predictedStd()
    // the other columns take up to 65 characters
    histograms = RowHistograms(report, width: max(6, min(24, columns - (predicted == nil ? 54 : 65))))
  }

  /// The header and all rows.
  var lines: [String] { table(atMost: nil).lines }

  /// The header and at most so many rows, the middle ones left out, without the columns that a narrow terminal has no room for: the
  /// shares of zeros first, dL/dW, the prediction and the names of layers then, the histogram at last.
  func fitted(atMost limit: Int) -> (lines: [String], dropped: [String]) {
    let last = predicted == nil ? 6 : 7
    let places = [last, last - 1] + (predicted == nil ? [] : [4]) + [1, 2]
    return table(atMost: limit).fitted(to: columns, places.map { .drop([$0]) })
  }

  private func table(atMost limit: Int?) -> Table {
    var columns: [(name: String, side: Table.Side)] = [
      ("#", .right), ("layer", .left), (histograms.title, .left), ("std h", .right),
    ]
    if predicted != nil { columns.append(("predicted", .right)) }
    columns += [("std dL/dh", .right), ("std dL/dW", .right), ("zeros", .right)]
    var table = Table(columns)
    table.add(rows: report.rows.count, atMost: limit, cells)
    return table
  }

  private func cells(_ index: Int) -> [String] {
    let row = report.rows[index]
    let name = row.name == "head" ? "head" : row.kind
    let predicted = predicted.map { [$0[index].map(Reading.number) ?? "-"] } ?? []
    let hasNumbers = row.activation.nan < row.activation.count
    return [
      "\(index + 1)", String(name.prefix(9)), histograms.sparkline(index, style), Reading.number(row.activation.std),
    ]
      + predicted
      + [
        Reading.number(row.gradient.std), row.weightGradient.map { Reading.number($0.std) } ?? "-",
        hasNumbers ? Reading.percent(row.activation.zeros) : "-",
      ]
  }
}

extension Report {
  /// What theory predicts for the std of each row's activations; nil where it makes no statement of any.
  fileprivate func predictedStd() throws -> [Double?]? {
    guard let prediction = try prediction(), prediction.rows.count == rows.count else { return nil }
    let figures = prediction.rows.map { $0.figures["activation"]?.std }
    return figures.contains { $0 != nil } ? figures : nil
  }
}
