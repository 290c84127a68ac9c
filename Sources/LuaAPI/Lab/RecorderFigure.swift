import Lab
import Plots

/// The figure of a recorder: a panel for each stat, with a line or a band a layer, and images of histograms over the steps.
struct RecorderFigure {
  /// The most layers whose percentiles are drawn as bands, and whose histograms are drawn.
  static let mostBands = 4

  private let recorder: Recorder
  /// The places of the layers that are drawn.
  private let layers: [Int]

  /// Draws all layers, or the one at the place `layer` alone.
  init(_ recorder: Recorder, layer: Int? = nil) {
    self.recorder = recorder
    layers = layer.map { [$0] } ?? Array(recorder.layers.indices)
  }

  /// Several columns that are drawn together: the percentiles of one subject, or a column alone.
  private struct Group {
    let name: String
    var columns: [Int]
  }

  /// The figure of one stat, or of all.
  ///
  /// - Throws: `RecorderError` for a stat that is not recorded, offering the nearest.
  func figure(of name: String? = nil) throws -> Figure {
    var panels: [Panel] = []
    let wanted = groups.filter { name == nil || $0.name == name }
    for group in wanted { panels.append(panel(group)) }
    for (place, histogram) in recorder.histograms.enumerated() where name == nil || histogram.name == name {
      panels += drawnLayers.map { image(histogram, place, $0) }
    }
    if panels.isEmpty, let name {
      panels.append(panel(Group(name: name, columns: [try recorder.column(name)])))
    }
    let title = "\(recorder.steps.count) of \(recorder.stepCount) training steps"
    return Figure(title: title, columns: RecorderFigure.columns(panels))
  }

  /// The names that `figure(of:)` takes beside those of columns.
  var names: [String] { groups.map(\.name) + recorder.histograms.map(\.name) }

  /// Up to three panels one above the other, more of them side by side.
  private static func columns(_ panels: [Panel]) -> [Figure.Column] {
    let count = (panels.count + 2) / 3
    return (0..<count).map { column in
      Figure.Column(Array(panels[column * panels.count / count..<(column + 1) * panels.count / count]))
    }
  }

  private var groups: [Group] {
    var groups: [Group] = []
    for (place, column) in recorder.columns.enumerated() {
      guard column.percent != nil, let subject = column.subject else {
        groups.append(Group(name: column.name, columns: [place]))
        continue
      }
      let name = "\(subject).percentiles"
      if let known = groups.firstIndex(where: { $0.name == name }) {
        groups[known].columns.append(place)
      } else {
        groups.append(Group(name: name, columns: [place]))
      }
    }
    return groups
  }

  /// All layers, or some from the first to the last where there are many.
  private var drawnLayers: [Int] {
    let most = RecorderFigure.mostBands
    if layers.count <= most { return layers }
    return (0..<most).map { layers[$0 * (layers.count - 1) / (most - 1)] }
  }

  private var steps: [Double] { recorder.steps.map(Double.init) }

  private func name(_ layer: Int) -> String {
    let about = recorder.layers[layer]
    return about.name == "\(about.position - 1)" ? "layer \(about.position)" : about.name
  }

  private func panel(_ group: Group) -> Panel {
    let marks = group.columns.count > 1 ? bands(group) : lines(group.columns[0])
    let only = layers.count == 1 ? ", \(name(layers[0]))" : ""
    return Panel(
      title: group.name + only, x: Axis(label: "step"), y: Axis(isLogarithmic: isLogarithmic(group)), marks: marks)
  }

  /// The colour of a layer by its place: its band and its lines have one.
  private func color(_ layer: Int) -> Color {
    Palette.curves[(layers.firstIndex(of: layer) ?? 0) % Palette.curves.count]
  }

  private func lines(_ column: Int) -> [Mark] {
    layers.map {
      .line(
        Series(
          layers.count == 1 ? "" : name($0), x: steps, y: recorder.series(layer: $0, column: column), hasPoints: false))
    }
  }

  /// What lies between the outermost percentiles, and a line for each that is between them; of many layers the middle alone.
  private func bands(_ group: Group) -> [Mark] {
    let ordered = group.columns.sorted { recorder.columns[$0].percent ?? 0 < recorder.columns[$1].percent ?? 0 }
    let middle = ordered[ordered.count / 2]
    guard layers.count <= RecorderFigure.mostBands, let first = ordered.first, let last = ordered.last else {
      return lines(middle)
    }
    let bands = layers.map { layer in
      Mark.band(
        Band(
          x: steps, lower: recorder.series(layer: layer, column: first),
          upper: recorder.series(layer: layer, column: last), color: color(layer)))
    }
    let between = ordered.count > 2 ? Array(ordered.dropFirst().dropLast()) : []
    let lines = layers.flatMap { layer in
      between.map { column in
        let isMiddle = column == middle && layers.count > 1
        return Mark.line(
          Series(
            isMiddle ? name(layer) : "", x: steps, y: recorder.series(layer: layer, column: column),
            color: color(layer), hasPoints: false))
      }
    }
    return bands + lines
  }

  /// Whether all numbers are above 0 and more than two decades apart.
  private func isLogarithmic(_ group: Group) -> Bool {
    let values = layers.flatMap { layer in group.columns.flatMap { recorder.series(layer: layer, column: $0) } }
    let finite = values.filter(\.isFinite)
    guard let least = finite.min(), let largest = finite.max(), least > 0 else { return false }
    return largest > 100 * least
  }

  /// The counts as colours, a column a step, the empty bins at the ends left out.
  private func image(_ histogram: RecordedHistogram, _ place: Int, _ layer: Int) -> Panel {
    let series = recorder.histograms(layer: layer, histogram: place)
    let (edges, bins) = (series.edges, series.bins)
    let filled = (0..<bins).filter { bin in series.counts.contains { $0[bin] > 0 } }
    let range = (filled.first ?? 0)...(filled.last ?? bins - 1)
    let values = range.map { bin in series.counts.map { Double($0[bin]) } }
    let centres = range.map { (edges[$0] + edges[$0 + 1]) / 2 }
    let heatmap = Heatmap(values, x: steps, y: centres, label: "count", isLogarithmic: true)
    let label = histogram.isLogarithmic ? "log10 |x|" : ""
    return Panel(
      title: "\(histogram.name), \(name(layer))", x: Axis(label: "step"), y: Axis(label: label),
      marks: [.heatmap(heatmap)])
  }
}
