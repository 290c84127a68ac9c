/// What a terminal shows: a grid of characters and the lines that have left it at the top, as xterm keeps them.
///
/// It knows what readline, the C library and this project's programs write: cursor moves, erasing, inserting and
/// deleting, wrapping at the last column, scrolling, wide and combining characters. Colours are left out.
public struct Screen {
  /// How many lines it has.
  public private(set) var rows: Int
  /// How many characters fit on a line.
  public private(set) var columns: Int
  /// Where the next character goes: the row from 0 at the top.
  public private(set) var row = 0
  /// Where the next character goes: the column from 0.
  public private(set) var column = 0
  /// Whether the program has asked for pastes to be marked, `ESC [ ? 2004 h`.
  public private(set) var marksPastes = false
  /// Whether the cursor can be seen.
  public private(set) var showsCursor = true

  /// A place of the grid; what follows a wide character is empty.
  private typealias Cell = String

  private var grid: [[Cell]]
  private var past: [String] = []
  private var parser = ControlSequences()
  private var saved = (row: 0, column: 0)
  /// The last column is written to, and the next character goes on the next line.
  private var wraps = false

  /// Makes a blank screen.
  public init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    grid = Array(repeating: Array(repeating: " ", count: columns), count: rows)
  }

  /// The lines that are shown, without blanks at their ends and without empty lines below the last.
  public var lines: [String] {
    let lines = grid.map(Screen.text)
    return Array(lines[...(max(lines.lastIndex { !$0.isEmpty } ?? 0, row))])
  }

  /// The lines that are shown, joined.
  public var text: String { lines.joined(separator: "\n") }

  /// Everything from the start: the lines that have left at the top, and those that are shown.
  public var history: String { (past + lines).joined(separator: "\n") }

  private static func text(_ cells: [Cell]) -> String {
    let text = cells.joined()
    return String(text[..<(text.lastIndex { $0 != " " }.map { text.index(after: $0) } ?? text.startIndex)])
  }

  /// Shows what a program has written.
  public mutating func show(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      if let part = parser.take(byte) { show(part) }
    }
  }

  /// Changes the size; as in xterm, lines are cut or lengthened and never wrapped anew.
  public mutating func resize(rows: Int, columns: Int) {
    while row >= rows { scroll() }
    let blank = Array(repeating: " ", count: columns)
    grid = (0..<rows).map { index in
      index < grid.count ? Array((grid[index] + blank).prefix(columns)) : blank
    }
    (self.rows, self.columns, wraps) = (rows, columns, false)
    column = min(column, columns - 1)
  }

  private mutating func show(_ part: ControlSequences.Part) {
    switch part {
    case .character(let scalar): put(scalar)
    case .control(let byte): control(byte)
    case .escape(let byte): escape(byte)
    case .sequence(nil, let numbers, let final): sequence(final, numbers)
    case .sequence(_, let numbers, let final): setMode(numbers.first ?? 0, final == UInt8(ascii: "h"))
    case .string: break
    }
  }

  // MARK: Characters

  private mutating func put(_ scalar: Unicode.Scalar) {
    let width = Screen.width(scalar)
    if width == 0 { return combine(scalar) }
    if wraps || column + width > columns {
      (column, wraps) = (0, false)
      feedLine()
    }
    grid[row][column] = String(scalar)
    if width == 2, column + 1 < columns { grid[row][column + 1] = "" }
    wraps = column + width >= columns
    column = min(column + width, columns - 1)
  }

  private mutating func combine(_ scalar: Unicode.Scalar) {
    let before = wraps ? column : column - 1
    if before >= 0 { grid[row][before].unicodeScalars.append(scalar) }
  }

  /// As the C library's wcwidth, for what tests type.
  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0x300..<0x370, 0x200b..<0x2010, 0x20d0..<0x2100, 0xfe00..<0xfe10: 0
    case 0x1100..<0x1160, 0x2e80..<0x303f, 0x3041..<0xa4d0, 0xac00..<0xd7a4, 0xf900..<0xfb00, 0xfe30..<0xfe70,
      0xff00..<0xff61, 0xffe0..<0xffe7, 0x1f300..<0x1f650, 0x1f900..<0x1fa00, 0x20000..<0x3fffe:
      2
    default: 1
    }
  }

  private mutating func control(_ byte: UInt8) {
    switch byte {
    case 0x08:
      column = max(column - 1, 0)
      wraps = false
    case 0x09: column = min((column / 8 + 1) * 8, columns - 1)
    case 0x0a...0x0c: feedLine()
    case 0x0d: (column, wraps) = (0, false)
    default: break
    }
  }

  private mutating func feedLine() {
    wraps = false
    if row == rows - 1 { scroll() }
    row += 1
  }

  /// Moves everything up by a line; the cursor stays with its line.
  private mutating func scroll() {
    past.append(Screen.text(grid.removeFirst()))
    grid.append(Array(repeating: " ", count: columns))
    row -= 1
  }

  // MARK: Sequences

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "7"): saved = (row, column)
    case UInt8(ascii: "8"): move(saved.row, saved.column)
    case UInt8(ascii: "D"): feedLine()
    case UInt8(ascii: "E"):
      column = 0
      feedLine()
    case UInt8(ascii: "M"):
      if row > 0 { row -= 1 } else { insertLines(1) }
    case UInt8(ascii: "c"): self = Screen(rows: rows, columns: columns)
    default: break
    }
  }

  private mutating func setMode(_ mode: Int, _ on: Bool) {
    switch mode {
    case 25: showsCursor = on
    case 2004: marksPastes = on
    default: break
    }
  }

  private mutating func move(_ row: Int, _ column: Int) {
    self.row = min(max(row, 0), rows - 1)
    self.column = min(max(column, 0), columns - 1)
    wraps = false
  }

  private mutating func sequence(_ final: UInt8, _ numbers: [Int]) {
    let first = numbers.first ?? 0
    let count = max(first, 1)
    switch Character(Unicode.Scalar(final)) {
    case "A": move(row - count, column)
    case "B", "e": move(row + count, column)
    case "C", "a": move(row, column + count)
    case "D": move(row, column - count)
    case "E": move(row + count, 0)
    case "F": move(row - count, 0)
    case "G", "`": move(row, count - 1)
    case "d": move(count - 1, column)
    case "H", "f": move(count - 1, max(numbers.dropFirst().first ?? 1, 1) - 1)
    case "s": saved = (row, column)
    case "u": move(saved.row, saved.column)
    default: change(final, first, count)
    }
  }

  /// The sequences that change what is shown.
  private mutating func change(_ final: UInt8, _ first: Int, _ count: Int) {
    let (column, columns) = (column, columns)
    switch Character(Unicode.Scalar(final)) {
    case "J": eraseScreen(first)
    case "K": erase(row, first == 0 ? column..<columns : first == 1 ? 0..<(column + 1) : 0..<columns)
    case "X": erase(row, column..<min(column + count, columns))
    case "P": edit { $0.removeSubrange(column..<min(column + count, columns)) }
    case "@": edit { $0.insert(contentsOf: Array(repeating: " ", count: count), at: column) }
    case "L": insertLines(count)
    case "M":
      grid.removeSubrange(row..<min(row + count, rows))
      while grid.count < rows { grid.append(Array(repeating: " ", count: columns)) }
    case "S":
      for _ in 0..<min(count, rows) {
        scroll()
        row += 1
      }
    default: break
    }
  }

  private mutating func erase(_ row: Int, _ range: Range<Int>) {
    for column in range { grid[row][column] = " " }
    wraps = false
  }

  private mutating func eraseScreen(_ mode: Int) {
    switch mode {
    case 0:
      erase(row, column..<columns)
      for below in (row + 1)..<max(rows, row + 1) { erase(below, 0..<columns) }
    case 1:
      for above in 0..<row { erase(above, 0..<columns) }
      erase(row, 0..<(column + 1))
    case 2: for row in 0..<rows { erase(row, 0..<columns) }
    default: past = []
    }
  }

  /// Changes the cursor's line, and cuts or fills it to its length.
  private mutating func edit(_ body: (inout [Cell]) -> Void) {
    var line = grid[row]
    body(&line)
    grid[row] = Array((line + Array(repeating: " ", count: columns)).prefix(columns))
    wraps = false
  }

  private mutating func insertLines(_ count: Int) {
    grid.insert(contentsOf: Array(repeating: Array(repeating: " ", count: columns), count: min(count, rows)), at: row)
    grid.removeLast(grid.count - rows)
  }
}
