import Kernels

/// The inside of a panel in a terminal: cells of 2 by 4 dots, shades and blocks below them.
struct TerminalArea {
  /// What a mark draws with.
  struct Pen {
    var color: Color?
    /// What stands for a cell with dots where there is no braille.
    var sign: Character
  }

  private struct Cell {
    /// The dots as braille counts them.
    var dots: UInt8 = 0
    /// What the dots were drawn with last.
    var pen = Pen(color: nil, sign: " ")
    var isShaded = false
    var block: (character: Character, foreground: Color?, background: Color?)?
  }

  /// How many cells there are in a line.
  let columns: Int
  /// How many lines there are.
  let lines: Int
  let abilities: TerminalAbilities
  /// Whether signs are drawn instead of dots, to tell marks apart without colours.
  let usesSigns: Bool
  private var cells: [Cell]

  init(columns: Int, lines: Int, _ abilities: TerminalAbilities, usesSigns: Bool) {
    (self.columns, self.lines, self.abilities, self.usesSigns) = (columns, lines, abilities, usesSigns)
    cells = Array(repeating: Cell(), count: columns * lines)
  }

  /// How many dots there are from left to right.
  var width: Int { 2 * columns }
  /// How many dots there are from the bottom up.
  var height: Int { 4 * lines }

  /// The dots of braille, by line from the top and column.
  private static let braille: [UInt8] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]

  /// Sets the dot at `x` from the left and `y` from the bottom; none outside.
  mutating func dot(_ x: Int, _ y: Int, _ pen: Pen) {
    guard 0..<width ~= x, 0..<height ~= y else { return }
    let fromTop = height - 1 - y
    let index = fromTop / 4 * columns + x / 2
    cells[index].dots |= TerminalArea.braille[fromTop % 4 * 2 + x % 2]
    cells[index].pen = pen
  }

  /// Shades the cells around a dot, two dots up and down and one to each side, so that they are seen beside a curve on them.
  mutating func shade(_ x: Int, _ y: Int) {
    for place in stride(from: x - 1, through: x + 1, by: 1) where 0..<width ~= place {
      for level in stride(from: y - 2, through: y + 2, by: 2) where 0..<height ~= level {
        cells[(height - 1 - level) / 4 * columns + place / 2].isShaded = true
      }
    }
  }

  /// Puts a block into a cell.
  mutating func block(
    _ character: Character, line: Int, column: Int, _ foreground: Color?, background: Color? = nil
  ) {
    guard 0..<lines ~= line, 0..<columns ~= column, character != " " || background != nil else { return }
    cells[line * columns + column].block = (character, foreground, background)
  }

  /// A bar over a column that is `height` of the area high, between two lines; what is above 0 gets at least the lowest block.
  mutating func bar(_ column: Int, height: Double, from top: Int, to bottom: Int, _ color: Color?) {
    guard height > 0 else { return }
    let steps = TerminalArea.steps(abilities)
    let count = max(1, Int((min(height, 1) * Double((bottom - top) * steps.count)).rounded()))
    for line in 0..<(bottom - top) {
      let left = count - line * steps.count
      if left > 0 { block(steps[min(left, steps.count) - 1], line: bottom - 1 - line, column: column, color) }
    }
  }

  /// The parts of a cell that bars fill, the last one whole.
  private static func steps(_ abilities: TerminalAbilities) -> [Character] {
    abilities.isUnicode ? (0x2581...0x2588).compactMap { UnicodeScalar($0).map(Character.init) } : [".", ":", "#"]
  }

  /// The cells as they are shown: dots over blocks over shades.
  func grid() -> TerminalGrid {
    var grid = TerminalGrid(columns: columns, lines: lines)
    for (index, cell) in cells.enumerated() {
      let (line, column) = (index / columns, index % columns)
      if cell.dots != 0 {
        let behind = cell.block.flatMap { $0.background ?? ($0.character == "\u{2588}" ? $0.foreground : nil) }
        // on a heat map the dots are black or white
        let color = behind.map { Color(hex: $0.isDark ? 0xFFFFFF : 0x000000) } ?? cell.pen.color
        grid.put(sign(cell), line: line, column: column, color, background: behind)
      } else if let block = cell.block {
        grid.put(block.character, line: line, column: column, block.foreground, background: block.background)
      } else if cell.isShaded {
        grid.put(abilities.isUnicode ? "\u{2591}" : ".", line: line, column: column, TerminalLook.theory)
      }
    }
    return grid
  }

  private func sign(_ cell: Cell) -> Character {
    guard !usesSigns, let braille = UnicodeScalar(0x2800 + UInt32(cell.dots)) else { return cell.pen.sign }
    return Character(braille)
  }
}

/// Colours and signs of pictures in a terminal, readable on black and on white.
enum TerminalLook {
  /// Frames and numbers.
  static let frame = Color(hex: 0x888888)
  /// Predictions, under what was measured.
  static let theory = Color(hex: 0xA0A0A8)
  /// What tells marks apart without colours; the last one for all further ones.
  static let signs: [Character] = ["*", "o", "+", "x", "@", "%", "&", "$"]
}

extension Color {
  /// Whether white is read better on it than black.
  fileprivate var isDark: Bool { 299 * Int(red) + 587 * Int(green) + 114 * Int(blue) < 128_000 }
}
