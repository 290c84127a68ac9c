import Files
import Plots

/// A sweep as a figure: means over a setting, with bands of a standard deviation; maps of two; points of random draws.
struct SweepFigure {
  private let results: SweepResults
  private let metrics: [String]
  private let x: SettingAxis
  private let by: SettingAxis?
  /// The most panels of a figure.
  private static let mostPanels = 4
  /// The most curves that can be told apart.
  private static let mostCurves = 7

  /// Chooses what is not chosen: all results, along the number with the most values, by the setting with the next most.
  init(_ results: SweepResults, metric: String?, x: String?, by: String?) {
    self.results = results
    metrics = metric.map { [$0] } ?? results.metrics
    let axes = results.plan.names.indices.map { SettingAxis(results.plan, $0) }
    let order = axes.filter { $0.values.count > 1 }.sorted { ($0.rank, $1.name) > ($1.rank, $0.name) }
    let chosen = axes.first { $0.name == x } ?? order.first { $0.name != by } ?? axes[0]
    self.x = chosen
    self.by = axes.first { $0.name == by } ?? (x == nil || by != nil ? order.first { $0.name != chosen.name } : nil)
  }

  /// The figure, with a note of what is not in it.
  var figure: Figure {
    let isRandom: Bool
    if case .random = results.plan.space { isRandom = true } else { isRandom = false }
    let panels = isRandom ? randomPanels : metrics.prefix(SweepFigure.mostPanels).map(panel)
    return Figure(title: "sweep of \(results.plan.runCount) runs", subtitle: subtitle, columns: [Figure.Column(panels)])
  }

  private var subtitle: String {
    var parts = ["\(results.runs.count - results.errors) results"]
    if results.errors > 0 { parts.append("\(results.errors) \(results.errors == 1 ? "error" : "errors")") }
    if results.plan.repeats > 1 { parts.append("mean ± sd over the runs") }
    return parts.joined(separator: ", ")
  }

  private func panel(_ metric: String) -> Panel {
    guard let by else { return curves(metric, by: nil) }
    let isMap = (by.isNumeric || !x.isNumeric || by.values.count > SweepFigure.mostCurves) && by.values.count > 1
    return isMap ? map(metric, by) : curves(metric, by: by)
  }

  // MARK: Groups of runs

  /// The numbers of the runs at each place along x of those that have a value of another setting.
  private func groups(_ metric: String, where other: SettingAxis?, is value: JSONValue?) -> [Double: [Double]] {
    var groups: [Double: [Double]] = [:]
    for run in results.runs {
      let cell = results.plan.cells[results.plan.position(run.index).cell - 1]
      if let other, cell[other.index] != value { continue }
      guard let number = run.number(metric) else { continue }
      groups[x.place(cell[x.index]), default: []].append(number)
    }
    return groups
  }

  private func curves(_ metric: String, by: SettingAxis?) -> Panel {
    let values = by.map { $0.values.map(Optional.some) } ?? [nil]
    let marks = values.enumerated().flatMap { number, value -> [Mark] in
      let groups = groups(metric, where: by, is: value)
      let places = groups.keys.sorted()
      let summaries = places.map { SweepCell.Summary(groups[$0] ?? []) }
      let name = value.flatMap { value in by.map { "\($0.name) \(PlainData.text(value))" } } ?? ""
      let color = Palette.curves[number % Palette.curves.count]
      let line = Mark.line(Series(name, x: places, y: summaries.map(\.mean), color: color))
      guard summaries.contains(where: { $0.sd.isFinite }) else { return [line] }
      let spread = summaries.map { $0.sd.isFinite ? $0.sd : 0 }
      return [
        .band(
          Band(
            x: places, lower: zip(summaries, spread).map { $0.mean - $1 },
            upper: zip(summaries, spread).map { $0.mean + $1 }, color: color)), line,
      ]
    }
    return Panel(
      title: PlainData.decoded(name: metric), x: x.axis, marks: marks.sorted { rank($0) < rank($1) }, note: note)
  }

  /// Bands lie under all lines.
  private func rank(_ mark: Mark) -> Int {
    if case .band = mark { return 0 }
    return 1
  }

  private func map(_ metric: String, _ by: SettingAxis) -> Panel {
    let rows = by.values.map { row in
      let groups = groups(metric, where: by, is: row)
      return x.values.map { groups[x.place($0)].map { SweepCell.Summary($0).mean } ?? .nan }
    }
    let name = PlainData.decoded(name: metric)
    let map = Heatmap(rows, x: x.isEven ? x.places : nil, y: by.isEven ? by.places : nil, label: name)
    return Panel(title: name, x: x.mapAxis, y: by.mapAxis, marks: [.heatmap(map)], note: note)
  }

  /// What the means are taken over besides the repetitions.
  private var note: String {
    let others = results.plan.names.indices.map { SettingAxis(results.plan, $0) }
      .filter { axis in axis.values.count > 1 && axis.name != x.name && axis.name != by?.name }.map(\.name)
    return others.isEmpty ? "" : "over all of \(others.joined(separator: ", "))"
  }

  // MARK: Random draws

  /// The first result of each cell along each setting that was drawn.
  private var randomPanels: [Panel] {
    guard let metric = metrics.first else { return [] }
    let axes = results.plan.names.indices.map { SettingAxis(results.plan, $0) }
    let drawn = [x] + axes.filter { $0.name != x.name && $0.values.count > 1 }
    return drawn.prefix(SweepFigure.mostPanels).map { axis in
      let points = results.cells.compactMap { cell in
        cell.summaries[metric].map { (axis.place(results.plan.cells[cell.number - 1][axis.index]), $0.mean) }
      }
      return Panel(
        x: axis.axis, y: Axis(label: PlainData.decoded(name: metric)),
        marks: [.scatter(Series(x: points.map(\.0), y: points.map(\.1), color: Palette.curves[0]))])
    }
  }
}

/// A setting as an axis: its numbers, or the names of values of another kind.
private struct SettingAxis {
  let index: Int
  let name: String
  /// The values there are, numbers in order.
  let values: [JSONValue]
  let isNumeric: Bool
  /// The ratio from which on numbers are better told apart by their logarithm.
  private static let logarithmicRatio = 50.0

  init(_ plan: SweepPlan, _ index: Int) {
    self.index = index
    name = PlainData.decoded(name: plan.names[index])
    let all = plan.cells.map { $0[index] }
    isNumeric = all.allSatisfy { PlainData.number($0)?.isFinite ?? false }
    if isNumeric {
      let numbers = Dictionary(all.map { (PlainData.number($0) ?? 0, $0) }, uniquingKeysWith: { first, _ in first })
      values = numbers.sorted { $0.key < $1.key }.map(\.value)
    } else {
      values = all.reduce(into: []) { found, value in if !found.contains(value) { found.append(value) } }
    }
  }

  /// How well it serves as the horizontal axis: numbers before words, then the number of values.
  var rank: Int { (isNumeric ? 1 << 32 : 0) + values.count }

  func place(_ value: JSONValue) -> Double {
    isNumeric ? PlainData.number(value) ?? .nan : Double((values.firstIndex(of: value) ?? 0) + 1)
  }

  var places: [Double] { values.map(place) }

  /// Whether its numbers lie so evenly that cells of a map can lie where they are.
  var isEven: Bool {
    guard isNumeric, values.count > 1 else { return false }
    let gaps = zip(places, places.dropFirst()).map { $1 - $0 }
    return (gaps.max() ?? 0) <= 3 * (gaps.min() ?? 0)
  }

  /// The axis of curves and points.
  var axis: Axis {
    guard isNumeric else {
      return Axis(label: name, lower: 0.5, upper: Double(values.count) + 0.5, names: values.map(PlainData.text))
    }
    let (least, most) = (places.first ?? 0, places.last ?? 0)
    return Axis(label: name, isLogarithmic: least > 0 && most / least >= SettingAxis.logarithmicRatio)
  }

  /// The axis of a map.
  var mapAxis: Axis { isEven ? Axis(label: name) : Axis(label: name, names: values.map(PlainData.text)) }
}
