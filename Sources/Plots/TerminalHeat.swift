import Kernels

/// Draws a matrix as colours, two cells to a character, or as shades where there are not enough colours.
struct TerminalHeat {
  private let grid: HeatGrid
  private let scales: PanelScales
  private let abilities: TerminalAbilities

  init(_ grid: HeatGrid, _ scales: PanelScales, _ abilities: TerminalAbilities) {
    (self.grid, self.scales, self.abilities) = (grid, scales, abilities)
  }

  private var isColored: Bool { abilities.isUnicode && abilities.colors >= .indexed }

  private var shades: [Character] {
    abilities.isUnicode ? [" ", "\u{2591}", "\u{2592}", "\u{2593}", "\u{2588}"] : Array(" .:-=+*#%@")
  }

  /// Fills an area.
  func draw(_ area: inout TerminalArea) throws {
    let across = spans(grid.x, scales.x, area.columns)
    let halves = isColored ? 2 : 1
    let up = spans(grid.y, scales.y, area.lines * halves)
    for line in 0..<area.lines {
      try Interrupt.check()
      let level = area.lines - 1 - line
      for (column, columns) in across.enumerated() {
        if isColored {
          let (upper, lower) = (mean(up[2 * level + 1], columns), mean(up[2 * level], columns))
          pair(upper, lower, line, column, &area)
        } else if let value = mean(up[level], columns) {
          area.block(value.isFinite ? shade(value) : "?", line: line, column: column, nil)
        }
      }
    }
  }

  private func pair(_ upper: Double?, _ lower: Double?, _ line: Int, _ column: Int, _ area: inout TerminalArea) {
    let (above, below) = (upper.flatMap(color), lower.flatMap(color))
    switch (above, below) {
    case (nil, nil): break
    case (let above, nil): area.block("\u{2580}", line: line, column: column, above)
    case (nil, let below): area.block("\u{2584}", line: line, column: column, below)
    case (let above, let below): area.block("\u{2580}", line: line, column: column, above, background: below)
    }
  }

  private func color(_ value: Double) -> Color? { grid.scale.share(value).map(Palette.heat) }

  private func shade(_ value: Double) -> Character {
    guard let share = grid.scale.share(value) else { return "?" }
    return shades[max(0, min(shades.count - 1, Int(share * Double(shades.count))))]
  }

  /// For each of `count` parts of an axis the cells whose middle lies in it, or the one that holds its middle; none outside.
  private func spans(_ limits: [Double], _ scale: Scale, _ count: Int) -> [Range<Int>] {
    let shares = limits.map { scale.share($0) ?? -1 }
    let middles = zip(shares, shares.dropFirst()).map { $0 / 2 + $1 / 2 }
    return (0..<count).map { part in
      let (start, end) = (Double(part) / Double(count), Double(part + 1) / Double(count))
      let first = middles.firstIndex { $0 >= start } ?? middles.count
      let last = middles.firstIndex { $0 >= end } ?? middles.count
      if first < last { return first..<last }
      let middle = (start + end) / 2
      return middles.indices.first { shares[$0] <= middle && middle < shares[$0 + 1] }.map { $0..<$0 + 1 } ?? 0..<0
    }
  }

  /// The mean of the finite numbers; NaN without any, nil where there are no cells.
  private func mean(_ rows: Range<Int>, _ columns: Range<Int>) -> Double? {
    guard !rows.isEmpty, !columns.isEmpty else { return nil }
    let values = rows.flatMap { grid.values[$0][columns] }.filter(\.isFinite)
    return values.isEmpty ? .nan : values.reduce(0) { $0 + $1 / Double(values.count) }
  }

  /// A line that tells what the colours mean.
  func key(columns: Int) -> TerminalGrid {
    var key = TerminalGrid(columns: columns, lines: 1)
    let label = grid.label.isEmpty ? "" : TerminalText.visible(grid.label, isUnicode: abilities.isUnicode) + " "
    let bounds = [grid.scale.lower, grid.scale.upper].map {
      TerminalNumber.text(grid.scale.isLogarithmic ? Double.exp10($0) : $0)
    }
    var place = 0
    key.put(label + bounds[0] + " ", line: 0, column: place, TerminalLook.frame)
    place += TerminalText.width(label + bounds[0]) + 1
    let count = isColored ? 16 : shades.count
    for step in 0..<count {
      if isColored {
        key.put("\u{2588}", line: 0, column: place + step, Palette.heat(Double(step) / Double(count - 1)))
      } else {
        key.put(shades[step], line: 0, column: place + step)
      }
    }
    key.put(" " + bounds[1], line: 0, column: place + count, TerminalLook.frame)
    return key
  }
}
