import Kernels
import Lab
import Plots
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How a probe's report is printed: a row a layer with a sparkline histogram, and below it the findings in words.
struct ReportText {
  /// The widest line, in characters.
  static let maximumWidth = 92
  /// How many rows fit on a screen beside the head and the findings.
  static let screenRows = 30
  /// How many findings fit on a screen below the table.
  static let screenFindings = 6

  private static let sparklineWidth = 16
  private static let longestName = 12

  /// Whether every row and finding is printed, however many there are.
  var isFull = false
  /// What sparklines are made of.
  var style = Sparkline.Style.blocks

  /// The report as lines joined by newlines, without one at the end.
  func text(_ report: Report) -> String {
    (head(report) + table(report) + findings(report)).joined(separator: "\n")
  }

  private func head(_ report: Report) -> [String] {
    let loss = report.loss.map { ", loss \(number($0))" } ?? ""
    let title =
      "probe: \(report.rows.count) rows, input \(report.inputShape) \(report.dtype) of std \(number(report.input.std)), "
      + "upstream gradient of std \(number(report.upstream.std))\(loss)"
    return ReportText.wrap(title, indent: 2)
  }

  private func table(_ report: Report) -> [String] {
    var table = Table([
      ("#", .right), ("layer", .left), ("histogram of h", .left), ("std h", .right), ("std dL/dh", .right),
      ("std dL/dW", .right), ("zeros", .right),
    ])
    let count = report.rows.count
    let isElided = !isFull && count > ReportText.screenRows
    // The line of dots takes the place of one row; the first half is the longer one.
    let head = isElided ? ReportText.screenRows / 2 : count
    let tail = isElided ? count - (ReportText.screenRows - 1 - head) : count
    for index in 0..<head { table.add(cells(report.rows[index], index)) }
    if isElided { table.addEllipsis() }
    for index in tail..<count { table.add(cells(report.rows[index], index)) }
    return table.lines
  }

  private func cells(_ row: ReportRow, _ index: Int) -> [String] {
    let name = row.name == "head" ? "head" : row.kind
    return [
      "\(index + 1)",
      String(name.prefix(ReportText.longestName)),
      Sparkline.histogram(row.activation.histogram.counts, width: ReportText.sparklineWidth, style: style),
      number(row.activation.std),
      number(row.gradient.std),
      row.weightGradient.map { number($0.std) } ?? "",
      percent(row.activation.zeros),
    ]
  }

  private func findings(_ report: Report) -> [String] {
    let all = report.findings
    let shown = isFull ? all[...] : all.prefix(ReportText.screenFindings)
    let more = all.count - shown.count
    return shown.flatMap { ReportText.wrap("- " + $0.text, indent: 2) }
      + (more > 0 ? ["- and \(more) more findings"] : [])
  }

  /// Three significant digits, which is what fits and what a histogram of a batch can tell.
  private func number(_ value: Double) -> String {
    if value == 0 { return "0" }
    if value.isNaN { return "nan" }
    if value.isInfinite { return value > 0 ? "inf" : "-inf" }
    return ReportText.format(abs(value) >= 0.001 && abs(value) < 1000 ? "%.3g" : "%.2e", value)
  }

  private func percent(_ fraction: Double) -> String {
    if fraction.isNaN { return "nan" }
    // A few zeros must not read as none, nor a few others as all.
    if fraction > 0 && fraction < 0.001 { return "<0.1 %" }
    if fraction < 1 && fraction > 0.999 { return ">99.9 %" }
    return ReportText.format("%.1f %%", fraction * 100)
  }

  private static func format(_ format: String, _ value: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let length = withVaList([value]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.prefix(Int(max(0, min(length, 63)))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Breaks a sentence between words, further lines indented.
  private static func wrap(_ sentence: String, indent: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in sentence.split(separator: " ") {
      if line.isEmpty {
        line = String(word)
      } else if line.count + 1 + word.count <= maximumWidth {
        line += " " + word
      } else {
        lines.append(line)
        line = String(repeating: " ", count: indent) + word
      }
    }
    return lines + [line]
  }
}
