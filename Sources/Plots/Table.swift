/// A table of text with aligned columns, two spaces between them.
public struct Table {
  /// To which side of its column a text goes.
  public enum Side: Sendable {
    /// To the left: words.
    case left
    /// To the right: numbers.
    case right
  }

  private let sides: [Side]
  private let header: [String]
  private var rows: [[String]?] = []

  /// Starts a table with the names of its columns.
  public init(_ columns: [(name: String, side: Side)]) {
    sides = columns.map(\.side)
    header = columns.map(\.name)
  }

  /// Adds a row; cells that are missing are empty, those too many are left out.
  public mutating func add(_ cells: [String]) {
    rows.append((0..<sides.count).map { $0 < cells.count ? cells[$0] : "" })
  }

  /// Adds the rows 0 to `count`, where there are more than `limit` the first and last of them, with `...` for those between.
  ///
  /// The line of dots takes the place of a row; of the others at least one stands at either end.
  public mutating func add(rows count: Int, atMost limit: Int?, _ cells: (Int) -> [String]) {
    guard let limit = limit.map({ max(3, $0) }), limit < count else { return (0..<count).forEach { add(cells($0)) } }
    let head = limit / 2
    (0..<head).forEach { add(cells($0)) }
    addEllipsis()
    (count - (limit - 1 - head)..<count).forEach { add(cells($0)) }
  }

  /// Adds a line of `...` for rows that are left out.
  public mutating func addEllipsis() { rows.append(nil) }

  /// The header and the rows, without spaces at their ends.
  public var lines: [String] {
    let widths = sides.indices.map { column in
      ([header] + rows.compactMap { $0 }).map { $0[column].count }.max() ?? 0
    }
    return [join(header, widths)] + rows.map { $0.map { join($0, widths) } ?? "..." }
  }

  /// What a table does, in turn, until it is narrow enough.
  public enum Step {
    /// Leaves columns out, by their places.
    case drop([Int])
    /// Cuts names and cells of columns to no less than `least` characters, the widest first.
    case shorten([Int], least: Int)
    /// Cuts names of columns, but no cell.
    case shortenNames([Int])
    /// Gives a column a shorter name.
    case rename(Int, String)
    /// Breaks the cells of a column behind commas into lines of no less than `least` characters, those after the first set in.
    case wrap(Int, least: Int)
  }

  /// The lines of a table of at most `width` characters, and the names of the groups of columns that it left out for that.
  public func fitted(to width: Int, _ steps: [Step]) -> (lines: [String], dropped: [String]) {
    let cells = rows.compactMap { $0 }
    let inner = sides.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    var header = header
    var widths = sides.indices.map { max(inner[$0], header[$0].count) }
    var shown = Array(sides.indices)
    var (dropped, broken): ([String], Set<Int>) = ([], [])
    func excess() -> Int { shown.reduce(0) { $0 + widths[$1] } + 2 * max(shown.count - 1, 0) - width }
    func shorten(_ columns: [Int], _ least: (Int) -> Int) {
      while excess() > 0 {
        let columns = columns.filter { shown.contains($0) && widths[$0] > least($0) }
        guard let widest = columns.max(by: { widths[$0] < widths[$1] }) else { return }
        widths[widest] -= 1
      }
    }
    for step in steps where excess() > 0 {
      switch step {
      case .drop(let columns):
        dropped += columns.first.map { [header[$0]] } ?? []
        shown.removeAll(where: columns.contains)
      case .shorten(let columns, let least): shorten(columns) { _ in least }
      case .shortenNames(let columns): shorten(columns) { max(inner[$0], 6) }
      case .rename(let column, let name):
        header[column] = name
        widths[column] = max(inner[column], name.count)
      case .wrap(let column, let least):
        broken.insert(column)
        shorten([column]) { _ in least }
      }
    }
    var narrow = Table(shown.map { (Table.cut(header[$0], widths[$0]), sides[$0]) })
    narrow.rows = rows.flatMap { row -> [[String]?] in
      guard let row else { return [nil] }
      let cells = shown.map { broken.contains($0) ? Table.broken(row[$0], widths[$0]) : [row[$0]] }
      let height = cells.map(\.count).max() ?? 1
      return (0..<height).map { line in
        zip(shown, cells).map { Table.cut(line < $1.count ? $1[line] : "", widths[$0]) }
      }
    }
    return (narrow.lines.map { TerminalText.clipped($0, to: width, isUnicode: false) }, dropped)
  }

  private static func cut(_ text: String, _ width: Int) -> String {
    text.count <= width ? text : text.prefix(max(0, width - 2)) + ".."
  }

  /// The lines of a text that is broken behind commas.
  private static func broken(_ text: String, _ width: Int) -> [String] {
    guard text.count > width else { return [text] }
    var pieces: [String] = []
    for word in text.split(separator: " ").map(String.init) {
      if let last = pieces.last, !last.hasSuffix(",") {
        pieces[pieces.count - 1] = "\(last) \(word)"
      } else {
        pieces.append(word)
      }
    }
    return TerminalText.paragraph(of: pieces, separator: " ", to: width)
  }

  private func join(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (column, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: widths[column] - cell.count)
      line += (column == 0 ? "" : "  ") + (sides[column] == .left ? cell + padding : padding + cell)
    }
    return String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
  }
}
