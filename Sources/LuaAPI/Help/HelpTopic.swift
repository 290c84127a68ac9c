/// A page that tells of a matter and not of a function.
struct HelpTopic: Sendable {
  let name: String
  let summary: String
  /// Paragraphs between blank lines; lines set in by four blanks are Lua, which a test runs as one program.
  let text: String
  /// Names of further pages.
  let see: [String]

  /// Every topic, in the order in which the tour lists them.
  static let all = first + building + running + looking

  /// The paragraphs, tables and Lua of the text.
  var blocks: [HelpPage.Block] {
    text.split(separator: "\n", omittingEmptySubsequences: false).split { $0.isEmpty }.map { lines in
      if lines.allSatisfy({ $0.hasPrefix("    ") }) {
        return .code(lines.map { String($0.dropFirst(2)) }.joined(separator: "\n"))
      }
      if lines.allSatisfy({ $0.hasPrefix("  ") }) { return .table(lines.map(HelpTopic.row)) }
      return .text(lines.joined(separator: " "))
    }
  }

  /// A line of a table: a name, two blanks or more, and its meaning.
  private static func row(_ line: Substring) -> (name: String, meaning: String) {
    let text = line.trimmingBlanks
    guard let gap = text.firstRange(of: "  ") else { return (text, "") }
    return (String(text[..<gap.lowerBound]), text[gap.upperBound...].trimmingBlanks)
  }

  /// The Lua of the text.
  var example: String {
    text.split(separator: "\n").filter { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }.joined(separator: "\n")
  }
}
