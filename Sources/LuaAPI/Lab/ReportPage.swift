import Files
import Kernels
import Lab
import Plots

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A report as one page that needs nothing but itself: the figure, what is wrong in words, the table, the theory, and what it takes
/// to measure it again.
struct ReportPage {
  private let report: Report
  private let prediction: Prediction?
  private let title: String

  /// Prepares the page; without a `title` its heading is what the report says of itself.
  init(_ report: Report, title: String? = nil) throws {
    self.report = report
    prediction = try report.prediction()
    self.title = title ?? ReportFigure(report, prediction: prediction).figure.title
  }

  /// The figure the page shows, to be drawn as svg.
  var figure: Figure {
    var figure = ReportFigure(report, prediction: prediction).figure
    // the page's heading says it
    figure.title = ""
    return figure
  }

  /// The whole page around the figure as gnuplot drew it.
  func text(figure svg: [UInt8]) -> String {
    let body = [
      MarkupText.element("h1", text: title), "<figure>\(ReportPage.inline(svg, title))</figure>", diagnosis, table,
      theory,
      settings,
      MarkupText.element("footer", text: "Measured by Sonde \(version), \(ReportPage.machine)."),
    ]
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      \(MarkupText.element("title", text: title))
      <style>\(ReportPage.style)</style>
      </head>
      <body>
      \(body.joined(separator: "\n"))
      <script>\(ReportPage.script)</script>
      </body>
      </html>

      """
  }

  private var version: String { report.settings.version ?? Session.version }

  private static var machine: String {
    var system = utsname()
    guard uname(&system) == 0 else { return "on an unknown system" }
    func text(_ field: some Any) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return "page made on \(text(system.sysname)) \(text(system.machine))"
  }

  /// The element without what belongs to a file of its own; the address of a namespace is none of the page's.
  private static func inline(_ svg: [UInt8], _ title: String) -> String {
    let source = String(decoding: svg, as: UTF8.self)
    guard let start = source.firstRange(of: "<svg"), let end = source[start.upperBound...].firstRange(of: ">") else {
      return ""
    }
    let head = "<svg viewBox=\"0 0 \(Gnuplot.standardSize.width) \(Gnuplot.standardSize.height)\" role=\"img\">"
    let lines = source[end.upperBound...].split(separator: "\n").filter { !$0.hasPrefix("<desc>") }.map { line in
      if line.hasPrefix("<title>") { return MarkupText.element("title", text: title) }
      return line.firstRange(of: "<text") == nil ? String(line.replacing("xlink:href=", with: "href=")) : String(line)
    }
    return head + lines.joined(separator: "\n")
  }
}

// MARK: What stands below the figure

extension ReportPage {
  private var diagnosis: String {
    let sentences = report.diagnosis().map(\.text)
    let list = sentences.isEmpty ? [Diagnosis.nothing] : sentences
    return section(
      "Diagnosis", "<ul>" + list.map { MarkupText.element("li", text: $0) }.joined(separator: "\n") + "</ul>")
  }

  private var table: String {
    let columns = ReportColumn.all(prediction)
    let head = columns.map { column in
      "<th scope=\"col\"><button type=\"button\" title=\"sort\">\(MarkupText.escaped(column.name))</button></th>"
    }
    let rows = report.rows.indices.map { index in
      "<tr>" + columns.map { $0.cell(report.rows[index], index) }.joined() + "</tr>"
    }
    return section(
      "Layers",
      "<div class=\"wide\"><table id=\"layers\">\n<thead><tr>\(head.joined())</tr></thead>\n<tbody>\n"
        + rows.joined(separator: "\n") + "\n</tbody>\n</table></div>")
  }

  /// Each law and each reason once, with the layers it is about.
  private var theory: String {
    guard let prediction else { return section("Theory", "<p>This report does not know its network.</p>") }
    let statements = prediction.rows.map { row in
      ([row.law.map { "law \($0)" }, row.reason.map { "not covered: \($0)" }].compactMap(\.self)) + row.notes
    }
    var order: [String] = []
    for statement in statements.joined() where !order.contains(statement) { order.append(statement) }
    let items = order.map { statement in
      let layers = statements.indices.filter { statements[$0].contains(statement) }
      return MarkupText.element("li", text: "\(PredictionText.layers(layers)): \(statement)")
    }
    return section("Theory", items.isEmpty ? "<p>No statement.</p>" : "<ul>" + items.joined(separator: "\n") + "</ul>")
  }

  private var settings: String {
    let probe = report.settings
    let entries: [(String, String?)] = [
      (
        "input",
        "\(report.inputShape) \(report.dtype), mean \(Decimal.text(report.input.mean)), std \(Decimal.text(report.input.std))"
      ),
      ("upstream gradient", "\(probe.upstream), std \(Decimal.text(report.upstream.std))"),
      ("loss", report.loss.map { "\(probe.loss.map { "\($0) " } ?? "")\(Decimal.text($0))" }),
      ("percentiles", probe.percentiles.map { Int(exactly: $0).map(String.init) ?? "\($0)" }.joined(separator: ", ")),
      ("bins", "\(probe.bins)"), ("draws of the upstream gradient", "\(probe.repeats)"),
      ("seed", probe.seed.map { "\($0)" }), ("state of the generator", probe.generator), ("Sonde", version),
    ]
    let list = entries.compactMap { name, value in
      value.map { MarkupText.element("dt", text: name) + MarkupText.element("dd", text: $0) }
    }
    return section("To measure it again", "<dl>" + list.joined(separator: "\n") + "</dl>")
  }

  private func section(_ heading: String, _ content: String) -> String {
    "<section>\n\(MarkupText.element("h2", text: heading))\n\(content)\n</section>"
  }
}
