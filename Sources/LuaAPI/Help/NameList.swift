import Plots

/// Names and what they mean, a line each where the terminal has room for it, else broken as in a page of help.
public struct NameList {
  private let heading: String
  private let rows: [(name: String, meaning: String)]

  /// Lists names, under a heading where it is not empty.
  public init(_ rows: [(name: String, meaning: String)], heading: String = "") {
    (self.rows, self.heading) = (rows, heading)
  }

  /// The lines, as they are shown on this terminal.
  public var text: String {
    let abilities = TerminalAbilities.current
    let style = HelpStyle(abilities)
    let fits = { (line: String) in TerminalText.width(line) <= abilities.columns }
    let above = heading.isEmpty ? [] : fits(heading) ? [heading] : style.wrapped(heading, style.columns)
    let column = rows.map { TerminalText.width($0.name) }.max() ?? 0
    let lines = rows.map { row in
      "  \(row.name)\(String(repeating: " ", count: column - TerminalText.width(row.name) + 2))\(row.meaning)"
    }
    return (above + (lines.allSatisfy(fits) ? lines : style.lines(.table(rows)))).joined(separator: "\n")
  }
}
