import Kernels
import Lab

/// A column of the page's table of layers.
struct ReportColumn: Sendable {
  let name: String
  /// The cell of a row.
  let cell: @Sendable (ReportRow, Int) -> String

  private init(_ name: String, _ cell: @escaping @Sendable (ReportRow, Int) -> String) {
    self.name = name
    self.cell = cell
  }

  /// Every column; those of the theory only where it makes a statement.
  static func all(_ prediction: Prediction?) -> [ReportColumn] {
    let figures: [(String, String, String)] = [
      ("std z", "preactivation", "std"), ("mean h", "activation", "mean"), ("std h", "activation", "std"),
      ("zeros", "activation", "zeros"), ("dead", "activation", "dead"), ("saturated", "activation", "saturated"),
      ("cosine", "activation", "cosine"), ("std dL/dh", "gradient", "std"), ("std W", "weight", "std"),
      ("std dL/dW", "weight_gradient", "std"), ("NaN", "activation", "nan"), ("inf", "activation", "inf"),
      ("subnormal", "activation", "underflow"),
    ]
    return identity
      + figures.flatMap { name, quantity, statistic -> [ReportColumn] in
        let measured = ReportColumn(name) { row, _ in number(row.quantity(quantity)?.value(named: statistic)) }
        guard statistic == "std", let column = predicted(name, quantity, prediction) else { return [measured] }
        return [measured, column]
      }
  }

  private static let identity: [ReportColumn] = [
    ReportColumn("#") { _, index in number(Double(index + 1)) },
    ReportColumn("layer") { row, _ in MarkupText.element("td", text: row.name == "head" ? "head" : row.kind) },
    ReportColumn("shape") { row, _ in MarkupText.element("td", text: "\(row.shape)") },
    ReportColumn("histogram of h") { row, _ in "<td>\(bars(row.activation.histogram.counts))</td>" },
  ]

  private static func predicted(_ name: String, _ quantity: String, _ prediction: Prediction?) -> ReportColumn? {
    guard let prediction, prediction.rows.contains(where: { $0.figures[quantity]?.std != nil }) else { return nil }
    return ReportColumn("\(name), predicted") { _, index in
      number(index < prediction.rows.count ? prediction.rows[index].figures[quantity]?.std : nil)
    }
  }

  /// A number that reads well, with all its digits for sorting and for machines; nothing where there is none.
  private static func number(_ value: Double?) -> String {
    guard let value else { return "<td></td>" }
    let whole = Int(exactly: value).flatMap { abs($0) < 1_000_000 ? "\($0)" : nil }
    return "<td data-value=\"\(value)\">\(MarkupText.escaped(whole ?? Decimal.text(value)))</td>"
  }

  /// A histogram as a small picture, its fullest bin at full height.
  private static func bars(_ counts: [Int]) -> String {
    guard let most = counts.max(), most > 0 else { return "" }
    let points = counts.enumerated().flatMap { index, count in
      let y = count == 0 ? 100 : 100 - max(2, count * 100 / most)
      return ["\(index),\(y)", "\(index + 1),\(y)"]
    }
    return "<svg class=\"bars\" viewBox=\"0 0 \(counts.count) 100\" preserveAspectRatio=\"none\">"
      + "<polygon points=\"0,100 \(points.joined(separator: " ")) \(counts.count),100\"/></svg>"
  }
}
