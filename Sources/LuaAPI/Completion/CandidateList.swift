import Plots

/// Candidates as a terminal shows them: a few with what they are, a line each; many in columns.
public struct CandidateList {
  /// The most candidates that get a line each.
  private static let few = 12
  /// How wide a name may be: files have long ones.
  private static let widest = 60

  private let candidates: [Candidate]
  private let isUnicode: Bool

  /// Shows candidates in their order; without Unicode in ASCII.
  public init(_ candidates: [Candidate], isUnicode: Bool = TerminalAbilities.current.isUnicode) {
    (self.candidates, self.isUnicode) = (candidates, isUnicode)
  }

  /// The lines for a terminal of so many columns; of more than `rows`, where that is not 0, the last says what is missing.
  public func lines(columns: Int, rows: Int = 0) -> [String] {
    // the last column makes some terminals wrap
    let columns = max(columns - 1, 8)
    let names = candidates.map { TerminalText.visible($0.name, isUnicode: isUnicode) }
    if candidates.count <= CandidateList.few, candidates.contains(where: { !$0.summary.isEmpty }) {
      return explained(names, columns)
    }
    return inColumns(names, columns, rows)
  }

  private func explained(_ names: [String], _ columns: Int) -> [String] {
    let width = names.map(TerminalText.width).max() ?? 0
    return zip(names, candidates).map { name, candidate in
      let summary = TerminalText.visible(candidate.summary, isUnicode: isUnicode)
      let line = candidate.summary.isEmpty ? name : padded(name, to: width) + "  " + summary
      return TerminalText.clipped(line, to: columns, isUnicode: isUnicode)
    }
  }

  /// Down the columns, then across, as `ls` does.
  private func inColumns(_ names: [String], _ columns: Int, _ rows: Int) -> [String] {
    let limit = min(columns, CandidateList.widest)
    let names = names.map { TerminalText.clipped($0, to: limit, isUnicode: isUnicode) }
    let cell = (names.map(TerminalText.width).max() ?? 0) + 2
    let across = max(1, (columns + 2) / cell)
    let needed = (names.count + across - 1) / across
    let isCut = rows > 0 && needed > rows
    let down = isCut ? max(rows - 1, 1) : needed
    let shown = isCut ? Array(names.prefix(down * across)) : names
    let lines = (0..<down).map { row in
      let cells = stride(from: row, to: shown.count, by: down).map { padded(shown[$0], to: cell) }
      return String(cells.joined().reversed().drop { $0 == " " }.reversed())
    }
    let left = names.count - shown.count
    return lines + (left > 0 ? ["... \(left) more, Tab again shows all \(names.count)"] : [])
  }

  private func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - TerminalText.width(text)))
  }
}
