/// The cells of a picture in a terminal; what is put beyond its edges is cut off.
struct TerminalGrid {
  private struct Cell {
    /// A character, or nothing right of a wide one.
    var text = " "
    var foreground: Color?
    var background: Color?

    var isBlank: Bool { text == " " && background == nil }
  }

  /// How many cells a line has.
  let columns: Int
  private var cells: [[Cell]]

  init(columns: Int, lines: Int) {
    self.columns = max(columns, 1)
    cells = Array(repeating: Array(repeating: Cell(), count: self.columns), count: max(lines, 0))
  }

  /// How many lines there are.
  var lineCount: Int { cells.count }

  /// Puts a character into a cell.
  mutating func put(
    _ character: Character, line: Int, column: Int, _ foreground: Color? = nil, background: Color? = nil
  ) {
    let width = TerminalText.width(character)
    guard cells.indices.contains(line), column >= 0, column + width <= columns, width > 0 else { return }
    clear(line, column)
    if width == 2 {
      clear(line, column + 1)
      cells[line][column + 1].text = ""
    }
    cells[line][column] = Cell(text: String(character), foreground: foreground, background: background)
  }

  /// What is left of a wide character when half of it is overwritten is a space.
  private mutating func clear(_ line: Int, _ column: Int) {
    if cells[line][column].text.isEmpty, column > 0 { cells[line][column - 1] = Cell() }
    if column + 1 < columns, cells[line][column + 1].text.isEmpty { cells[line][column + 1] = Cell() }
    cells[line][column] = Cell()
  }

  /// Puts a text that is already visible, from a cell on.
  mutating func put(_ text: String, line: Int, column: Int, _ color: Color? = nil) {
    var place = column
    for character in text {
      put(character, line: line, column: place, color)
      place += TerminalText.width(character)
    }
  }

  /// Puts another grid's cells.
  mutating func put(_ other: TerminalGrid, line: Int, column: Int) {
    for (row, cells) in other.cells.enumerated() where self.cells.indices.contains(line + row) {
      for (place, cell) in cells.enumerated() where column + place < columns && !cell.isBlank {
        self.cells[line + row][column + place] = cell
      }
    }
  }

  /// The lines as text, without spaces at their ends.
  func text(_ colors: TerminalAbilities.Colors) -> [String] {
    cells.map { line in
      var text = ""
      var current: (Color?, Color?) = (nil, nil)
      for cell in line[..<(line.lastIndex { !$0.isBlank }.map { $0 + 1 } ?? 0)] {
        if colors != .none, !cell.text.isEmpty, current != (cell.foreground, cell.background),
          cell.text != " " || current.1 != cell.background
        {
          text += colors.code(cell.foreground, cell.background)
          current = (cell.foreground, cell.background)
        }
        text += cell.text
      }
      return current == (nil, nil) ? text : text + "\u{1B}[0m"
    }
  }
}
