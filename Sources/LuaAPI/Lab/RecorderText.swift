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
    let room = RecorderText.screenRows / max(recorder.columns.count, 1)
    for (column, record) in recorder.columns.enumerated() {
      table.add(rows: recorder.layers.count, atMost: isFull ? nil : room) { layer in
        cells(recorder, layer, column, title: layer == 0 ? record.name : "")
      }
    }
    return table.lines
  }

  private func cells(_ recorder: Recorder, _ layer: Int, _ column: Int, title: String) -> [String] {
    let series = recorder.series(layer: layer, column: column)
    let (about, first, last) = (recorder.layers[layer], series.first ?? .nan, series.last ?? .nan)
    let name = about.name == "\(about.position - 1)" ? about.kind : about.name
    return [
      title, "\(about.position)", String(name.prefix(RecorderText.longestName)),
      Sparkline.values(series, width: RecorderText.sparklineWidth, style: TerminalAbilities.current.sparklines),
      Decimal.text(first), Decimal.text(last),
    ]
  }
}
