/// A figure as lines of text.
public struct TerminalFigure {
  /// A column of panels is at least as wide, or the panels stand one below the other.
  private static let leastColumns = 36
  /// Between columns of panels.
  private static let gap = 2
  /// A panel is at most as high unless it has as many ridges, and at least so high.
  private static let panelLines = 6...20
  /// Ridges have at most so many lines.
  private static let ridgeLines = 40

  private let abilities: TerminalAbilities
  /// The lines of the whole figure, nil for what its panels need.
  private let lines: Int?

  /// Draws for a terminal.
  ///
  /// - Parameters:
  ///   - abilities: what it can show; the figure is as wide as it.
  ///   - lines: how many lines the figure takes, at least about 4 a panel; nil for what is readable on its screen.
  public init(_ abilities: TerminalAbilities, lines: Int? = nil) {
    self.abilities = abilities
    self.lines = lines
  }

  /// The lines of a figure, none longer than the terminal is wide, without spaces at their ends.
  ///
  /// Without colours there are no control codes either.
  ///
  /// - Throws: `Interrupted`.
  public func text(_ figure: Figure) throws -> [String] {
    let head = head(figure)
    let columns = max(1, abilities.columns)
    let shares = widths(figure.columns, columns)
    let grid: TerminalGrid
    if let shares {
      let height = lines.map { $0 - head.lineCount } ?? figure.columns.map { natural($0.panels) }.max() ?? 0
      grid = try beside(figure.columns, shares, height)
    } else {
      let panels = figure.columns.flatMap(\.panels)
      grid = try below(panels, columns, lines.map { $0 - head.lineCount } ?? natural(panels))
    }
    return head.text(abilities.colors) + grid.text(abilities.colors)
  }

  private func head(_ figure: Figure) -> TerminalGrid {
    let isUnicode = abilities.isUnicode
    let rows = [(figure.title, nil), (figure.subtitle, TerminalLook.frame)].filter { !$0.0.isEmpty }
    var grid = TerminalGrid(columns: abilities.columns, lines: rows.count)
    for (line, (text, color)) in rows.enumerated() {
      let visible = TerminalText.visible(text, isUnicode: isUnicode)
      grid.put(
        TerminalText.clipped(visible, to: grid.columns, isUnicode: isUnicode), line: line, column: 0, color)
    }
    return grid
  }

  /// The widths of columns that stand side by side, nil where one would be too narrow.
  private func widths(_ columns: [Figure.Column], _ width: Int) -> [Int]? {
    guard columns.count > 1 else { return columns.isEmpty ? [] : [width] }
    let room = width - TerminalFigure.gap * (columns.count - 1)
    let whole = columns.reduce(0) { $0 + max(0, $1.weight) }
    guard whole > 0, whole.isFinite, room > 0 else { return nil }
    let widths = columns.map { Int(Double(room) * max(0, $0.weight) / whole) }
    return widths.allSatisfy { $0 >= TerminalFigure.leastColumns } ? widths : nil
  }

  private func natural(_ panels: [Panel]) -> Int { panels.reduce(max(0, panels.count - 1)) { $0 + natural($1) } }

  /// The lines a panel has where nothing else is asked for.
  private func natural(_ panel: Panel) -> Int {
    let range = TerminalFigure.panelLines
    let screen = max(range.lowerBound, min(range.upperBound, abilities.lines - 5))
    let ridges = panel.marks.reduce(0) { if case .ridges(let ridges) = $1 { $0 + ridges.count } else { $0 } }
    // a few ridges have two or three lines each
    let rows = ridges > 8 ? ridges : ridges > 4 ? 2 * ridges : 3 * ridges
    return ridges > 0 ? min(rows, TerminalFigure.ridgeLines) + 6 : screen
  }

  private func beside(_ columns: [Figure.Column], _ widths: [Int], _ height: Int) throws -> TerminalGrid {
    let grids = try zip(columns, widths).map { column, width in try below(column.panels, width, height) }
    var all = TerminalGrid(columns: abilities.columns, lines: grids.map(\.lineCount).max() ?? 0)
    var place = 0
    for (grid, width) in zip(grids, widths) {
      all.put(grid, line: 0, column: place)
      place += width + TerminalFigure.gap
    }
    return all
  }

  /// Panels one below the other, which share the lines as their wishes ask for.
  private func below(_ panels: [Panel], _ width: Int, _ height: Int) throws -> TerminalGrid {
    let wished = panels.map(natural)
    let room = max(0, height - max(0, panels.count - 1))
    let grids = try panels.enumerated().map { index, panel in
      let share = room * wished[index] / max(1, wished.reduce(0, +))
      return try TerminalPanel(panel, columns: width, lines: share, abilities).grid()
    }
    var all = TerminalGrid(
      columns: width, lines: grids.reduce(max(0, grids.count - 1)) { $0 + $1.lineCount })
    var line = 0
    for grid in grids {
      all.put(grid, line: line, column: 0)
      line += grid.lineCount + 1
    }
    return all
  }
}
