import Kernels
import Lab
import Plots

/// How a prediction is printed: a row a layer, and below it what is not covered, where dtypes end and how far width reaches.
struct PredictionText {
  /// How many rows fit on a screen beside the head and what stands below.
  static let screenRows = 30

  /// Whether every row is printed, however many there are.
  var isFull = false
  /// How many characters fit on a line; all of them where every row is printed.
  var columns = Int.max

  /// The prediction as lines joined by newlines, without one at the end.
  func text(_ prediction: Prediction) -> String {
    let covered = prediction.rows.count { $0.reason == nil }
    let head = "theory: \(prediction.rows.count) rows of \(prediction.dtype), \(covered) covered"
    let sentences = below(prediction).flatMap { TerminalText.paragraph($0, to: columns) }
    return ([head] + table(prediction) + sentences).joined(separator: "\n")
  }

  private func table(_ prediction: Prediction) -> [String] {
    var table = Table([
      ("#", .right), ("layer", .left), ("std h", .right), ("std dL/dh", .right), ("std dL/dW", .right),
      ("std W", .right), ("cosine", .right), ("|h| x", .right), ("|dL/dh|^2 x", .right),
    ])
    let rows = prediction.rows
    table.add(rows: rows.count, atMost: isFull ? nil : PredictionText.screenRows) { cells(rows[$0], $0) }
    return isFull ? table.lines : table.fitted(to: columns, [5, 8, 7, 6, 4].map { .drop([$0]) }).lines
  }

  private func cells(_ row: PredictedRow, _ index: Int) -> [String] {
    func figure(_ quantity: String, _ name: String) -> String {
      PredictionText.number(row.figures[quantity]?.value(named: name))
    }
    return [
      "\(index + 1)", String((row.name == "head" ? "head" : row.kind).prefix(12)), figure("activation", "std"),
      figure("gradient", "std"), figure("weight_gradient", "std"), figure("weight", "std"),
      figure("activation", "cosine"), PredictionText.number(row.factor), PredictionText.number(row.gradientFactor),
    ]
  }

  private static func number(_ value: Double?) -> String { value.map(Decimal.text) ?? "-" }

  private func below(_ prediction: Prediction) -> [String] {
    var sentences = reasons(prediction) + notes(prediction) + ends(prediction)
    if let drift = prediction.drift, let spread = prediction.driftSpread, spread > 0.05 {
      sentences.append(
        "finite width: log q of one sample ends \(Decimal.text(-drift)) nats lower on the mean, +-\(Decimal.text(spread)) from draw "
          + "to draw of the weights")
    }
    return sentences.map { "- " + $0 }
  }

  private func reasons(_ prediction: Prediction) -> [String] {
    guard let first = prediction.rows.firstIndex(where: { $0.reason != nil }) else { return [] }
    let rows = Array(first..<prediction.rows.count)
    let layers = "\(PredictionText.layers(rows)) \(rows.count == 1 ? "is" : "are")"
    return ["\(layers) not covered: \(prediction.rows[first].reason ?? "")"]
  }

  /// Each note once, with the layers it is about.
  private func notes(_ prediction: Prediction) -> [String] {
    var seen: [String] = []
    for note in prediction.rows.flatMap(\.notes) where !seen.contains(note) { seen.append(note) }
    return seen.map { note in
      let rows = prediction.rows.indices.filter { prediction.rows[$0].notes.contains(note) }
      return "\(PredictionText.layers(rows)): \(note)"
    }
  }

  /// Places counted from 0 as layers from 1: `layers 1 to 4, 6`.
  static func layers(_ places: [Int]) -> String {
    var runs: [ClosedRange<Int>] = []
    for place in places {
      if let last = runs.last, last.upperBound == place - 1 {
        runs[runs.count - 1] = last.lowerBound...place
      } else {
        runs.append(place...place)
      }
    }
    let text = runs.map { $0.count == 1 ? "\($0.lowerBound + 1)" : "\($0.lowerBound + 1) to \($0.upperBound + 1)" }
    return (places.count == 1 ? "layer " : "layers ") + text.joined(separator: ", ")
  }

  /// One sentence for each quantity and dtype that ends.
  private func ends(_ prediction: Prediction) -> [String] {
    var sentences: [String] = []
    for quantity in ["activation", "gradient"] {
      for dtype in [DType.float32, .float64] {
        let ends = prediction.ends.filter { $0.quantity == quantity && $0.dtype == dtype }
        guard !ends.isEmpty else { continue }
        let what = quantity == "activation" ? "activations" : "dL/dh"
        let from = quantity == "activation" ? "layers" : "layers back from the output"
        let parts = ends.map { end in
          "\(PredictionText.verb(end.kind, quantity)) after \(end.layers) \(from)\(end.isWithin ? "" : ", were the net so deep")"
        }
        sentences.append("\(dtype): \(what) \(parts.joined(separator: ", "))")
      }
    }
    return sentences
  }

  private static func verb(_ kind: SignalEnd.Kind, _ quantity: String) -> String {
    let isPlural = quantity == "activation"
    return switch kind {
    case .subnormal: isPlural ? "lose digits" : "loses digits"
    case .zero: isPlural ? "are 0" : "is 0"
    case .overflow: isPlural ? "overflow" : "overflows"
    }
  }

  /// One row in a line.
  static func line(_ row: PredictedRow) -> String {
    if let reason = row.reason { return "\(row.name) \(row.kind): not covered, \(reason)" }
    let figures = ["preactivation", "activation", "gradient", "weight", "weight_gradient"].compactMap { name in
      row.figures[name]?.std.map { "\(name).std \(Decimal.text($0))" }
    }
    return "\(row.name) \(row.kind): " + figures.joined(separator: ", ") + (row.law.map { " (\($0))" } ?? "")
  }
}
