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

  /// The bar, its numbers and its name.
  func labels(_ box: GnuplotLayout.Box) -> [String] {
    let n = GnuplotScript.number
    let left = 1 + GnuplotHeatKey.distance / box.width
    let right = left + GnuplotHeatKey.barWidth / box.width
    let steps = GnuplotHeatKey.steps
    let bar = (0..<steps).map { step in
      let color = Palette.heat((Double(step) + 0.5) / Double(steps)).hexadecimal
      // each reaches under the next, or hairlines of the background would show between them
      let top = min(Double(steps), Double(step) + 1.5) / Double(steps)
      return "set object \(step + 1) rectangle from graph \(n(left)),\(n(Double(step) / Double(steps))) to graph "
        + "\(n(right)),\(n(top)) fc rgb '#\(color)' fs solid noborder front noclip"
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
