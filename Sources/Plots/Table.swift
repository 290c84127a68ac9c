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

  private func join(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (column, cell) in cells.enumerated() {
      let padding = String(repeating: " ", count: widths[column] - cell.count)
      line += (column == 0 ? "" : "  ") + (sides[column] == .left ? cell + padding : padding + cell)
    }
    return String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
  }
}
