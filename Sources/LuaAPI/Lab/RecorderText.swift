import Lab
import Plots
import Tensors

/// How a recorder is printed: for each column and layer a sparkline over the recorded steps, the first number and the last.
struct RecorderText {
  /// How many rows fit on a screen.
  static let screenRows = 24

  private static let sparklineWidth = 32
  private static let longestName = 12

  /// Whether every row is printed, however many there are.
  var isFull = false

  /// The lines joined by newlines, without one at the end.
  func text(_ recorder: Recorder) -> String {
    guard !recorder.steps.isEmpty else {
      return head(recorder)
        + "; nothing yet: net:fit{record=rec}, or rec:before(net, x, t) and rec:after() around opt:step()"
    }
    return ([head(recorder)] + table(recorder)).joined(separator: "\n")
  }

  private func head(_ recorder: Recorder) -> String {
    let (count, every) = (recorder.steps.count, recorder.every)
    var text = "recorder: \(count) of \(recorder.stepCount) steps, every \(RecorderText.ordinal(every))"
    if every != recorder.requestedEvery {
      text +=
        " (at first every \(RecorderText.ordinal(recorder.requestedEvery)): thinned to at most \(recorder.capacity))"
    }
    guard !recorder.layers.isEmpty else { return text }
    let (now, most) = (TensorError.size(recorder.memory), TensorError.size(recorder.memoryLimit))
    return text + ", \(now) of at most \(most)"
  }

  private static func ordinal(_ number: Int) -> String {
    if number == 1 { return "one" }
    let ending =
      switch (number % 100, number % 10) {
      case (11...13, _): "th"
      case (_, 1): "st"
      case (_, 2): "nd"
      case (_, 3): "rd"
      default: "th"
      }
    return "\(number)\(ending)"
  }

  private func table(_ recorder: Recorder) -> [String] {
    var table = Table([
      ("column", .left), ("#", .right), ("layer", .left), ("over the steps", .left), ("first", .right),
      ("last", .right),
    ])
    let shown = shownLayers(recorder.layers.count, columns: recorder.columns.count)
    for (column, record) in recorder.columns.enumerated() {
      for (place, layer) in shown.enumerated() {
        guard let layer else {
          table.addEllipsis()
          continue
        }
        table.add(cells(recorder, layer, column, title: place == 0 ? record.name : ""))
      }
    }
    return table.lines
  }

  /// Which layers a column shows, nil for those left out: the ends where not all fit.
  private func shownLayers(_ count: Int, columns: Int) -> [Int?] {
    let room = max(3, RecorderText.screenRows / max(columns, 1))
    guard !isFull, count > room else { return Array(0..<count) }
    let head = room / 2
    let tail = max(1, room - head - 1)
    return Array(0..<head) + [nil] + Array((count - tail)..<count)
  }

  private func cells(_ recorder: Recorder, _ layer: Int, _ column: Int, title: String) -> [String] {
    let series = recorder.series(layer: layer, column: column)
    let (about, first, last) = (recorder.layers[layer], series.first ?? .nan, series.last ?? .nan)
    let name = about.name == "\(about.position - 1)" ? about.kind : about.name
    return [
      title, "\(about.position)", String(name.prefix(RecorderText.longestName)),
      Sparkline.values(RecorderText.thinned(series)), Decimal.text(first), Decimal.text(last),
    ]
  }

  /// At most as many values as fit, each the mean of neighbours.
  private static func thinned(_ values: [Double]) -> [Double] {
    let width = min(values.count, sparklineWidth)
    return (0..<width).map { place in
      let part = values[place * values.count / width..<(place + 1) * values.count / width].filter(\.isFinite)
      return part.isEmpty ? .nan : part.reduce(0) { $0 + $1 / Double(part.count) }
    }
  }
}
