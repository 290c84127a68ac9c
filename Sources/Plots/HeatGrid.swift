import Kernels

/// A heat map as cells with limits, few enough to be drawn one by one.
struct HeatGrid {
  private static let mostColumns = 240
  private static let mostRows = 160

  /// The limits of the columns, one more than there are.
  let x: [Double]
  /// The limits of the rows from the bottom up.
  let y: [Double]
  /// The rows from the bottom up; means of the finite numbers where several cells were joined, NaN without any.
  let values: [[Double]]
  let label: String
  /// Where a number lies between dark and bright.
  let scale: Scale

  init(_ map: Heatmap) {
    let columns = map.values.map(\.count).min() ?? 0
    let (across, up) = (
      HeatGrid.groups(columns, HeatGrid.mostColumns), HeatGrid.groups(map.values.count, HeatGrid.mostRows)
    )
    let (xs, ys) = (HeatGrid.limits(map.x, columns), HeatGrid.limits(map.y, map.values.count))
    x = (across.map(\.lowerBound) + [columns]).map { xs[$0] }
    y = (up.map(\.lowerBound) + [map.values.count]).map { ys[$0] }
    values = up.map { rows in
      across.map { columns in HeatGrid.mean(map.values[rows].flatMap { $0[columns] }) }
    }
    label = map.label
    scale = Scale(Axis(isLogarithmic: map.isLogarithmic), showing: values.joined(), air: 0)
  }

  private static func groups(_ count: Int, _ most: Int) -> [Range<Int>] {
    let parts = min(count, most)
    return (0..<parts).map { $0 * count / parts..<($0 + 1) * count / parts }
  }

  /// The limits lie halfway between the places.
  private static func limits(_ places: [Double]?, _ count: Int) -> [Double] {
    guard count > 0 else { return [0] }
    let given = places.flatMap { $0.count == count && $0.allSatisfy(\.isFinite) ? $0 : nil }
    let places = given ?? (1...count).map(Double.init)
    if count == 1 { return [places[0] - 0.5, places[0] + 0.5] }
    let inner = zip(places, places.dropFirst()).map { $0 / 2 + $1 / 2 }
    return [2 * places[0] - inner[0]] + inner + [2 * places[count - 1] - inner[count - 2]]
  }

  private static func mean(_ values: [Double]) -> Double {
    let finite = values.filter(\.isFinite)
    return finite.isEmpty ? .nan : finite.reduce(0) { $0 + $1 / Double(finite.count) }
  }
}

/// What the colours of a heat map mean: a bar beside the panel with a few numbers.
struct GnuplotHeatKey {
  private static let barWidth = 14.0
  private static let distance = 16.0
  private static let steps = 48

  private let grid: HeatGrid
  private let ticks: [Tick]

  init(_ grid: HeatGrid, height: Double) {
    self.grid = grid
    ticks = grid.scale.ticks(atMost: Int(height / 80))
  }

  /// What it takes of the panel's width, in pixels.
  var width: Double {
    GnuplotHeatKey.distance + GnuplotHeatKey.barWidth + 12 + (grid.label.isEmpty ? 0 : 24)
      + (ticks.map { GnuplotText.width($0.text) }.max() ?? 0)
  }

  /// Cells outside the panel are clipped, so the bar is made of objects; see `labels`.
  func drawings(_ box: GnuplotLayout.Box) -> [GnuplotDrawing] { [] }

  /// The bar, its numbers and its name.
  func labels(_ box: GnuplotLayout.Box) -> [String] {
    let n = GnuplotScript.number
    let left = 1 + GnuplotHeatKey.distance / box.width
    let right = left + GnuplotHeatKey.barWidth / box.width
    let steps = GnuplotHeatKey.steps
    let bar = (0..<steps).map { step in
      let color = Palette.heat((Double(step) + 0.5) / Double(steps)).hexadecimal
      return "set object \(step + 1) rectangle from graph \(n(left)),\(n(Double(step) / Double(steps))) to graph "
        + "\(n(right)),\(n(Double(step + 1) / Double(steps))) fc rgb '#\(color)' fs solid noborder front"
    }
    let ink = "tc rgb '#\(GnuplotLook.ink)'"
    let numbers = ticks.map { tick in
      let text =
        if case .power(let exponent) = tick.label { "'10^{\(exponent)}' enhanced" } else {
          GnuplotText.quoted(tick.text) + " noenhanced"
        }
      let words = text.split(separator: " ")
      return "set label \(words[0]) at graph \(n(right + 6 / box.width)),\(n(tick.share)) left \(words[1]) front \(ink)"
    }
    let name =
      grid.label.isEmpty
      ? []
      : [
        "set label \(GnuplotText.quoted(grid.label)) at graph \(n(right + (width - 46) / box.width)),0.5 center "
          + "rotate by 90 noenhanced front \(ink)"
      ]
    return bar + numbers + name
  }
}
