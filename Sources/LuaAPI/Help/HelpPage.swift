import Plots

/// A page of help: a heading, and parts with titles, not yet broken into lines.
struct HelpPage: Sendable {
  /// What a part is made of.
  enum Block: Sendable {
    /// Sentences, broken between words.
    case text(String)
    /// Names and what they mean, in two columns.
    case table([(name: String, meaning: String)])
    /// Names and what they mean, a line each, cut where it is too long.
    case list([(name: String, meaning: String)])
    /// Names side by side, none broken.
    case names([String])
    /// Lua as it stands, set in.
    case code(String)
    /// The lines of a file as they are.
    case source(String)
  }

  /// One part of a page.
  struct Part: Sendable {
    /// The line above it, nil for none.
    var title: String?
    var blocks: [Block]

    init(_ title: String?, _ blocks: [Block]) { (self.title, self.blocks) = (title, blocks) }
  }

  /// The first line: a signature or a name.
  var heading: String
  var parts: [Part] = []

  /// Adds a part that has something in it.
  mutating func add(_ title: String?, _ blocks: [Block]) {
    let full = blocks.filter {
      switch $0 {
      case .text(let text), .code(let text), .source(let text): !text.isEmpty
      case .table(let rows), .list(let rows): !rows.isEmpty
      case .names(let names): !names.isEmpty
      }
    }
    if !full.isEmpty { parts.append(Part(title, full)) }
  }
}

/// How pages are written: how wide, and whether headings stand out.
struct HelpStyle {
  private static let widest = 100
  private static let margin = "  "
  private static let widestName = 18
  private static let widestInList = 28
  /// With less room beside the names, meanings stand below them.
  private static let narrowest = 24

  let columns: Int
  let isBold: Bool
  let isUnicode: Bool

  init(_ abilities: TerminalAbilities) {
    columns = max(20, min(abilities.columns, HelpStyle.widest))
    isBold = abilities.colors != .none
    isUnicode = abilities.isUnicode
  }

  /// The lines of a page.
  func text(_ page: HelpPage) -> String {
    var lines = signature(page.heading).map(bold)
    for part in page.parts {
      if let title = part.title, !title.isEmpty { lines.append(bold(title)) }
      for (index, block) in part.blocks.enumerated() {
        if index > 0, part.title == nil { lines.append("") }
        lines += self.lines(block)
      }
      if part.title == nil { lines.append("") }
    }
    while lines.last == "" { lines.removeLast() }
    return lines.map { clean($0) }.joined(separator: "\n")
  }

  /// A line that stands out where the terminal can show it.
  func bold(_ line: String) -> String { isBold && !line.isEmpty ? "\u{1B}[1m\(line)\u{1B}[0m" : line }

  /// A line whose control characters are written out, but for tabs and the codes that make it bold.
  private func clean(_ line: String) -> String {
    let (on, off) = ("\u{1B}[1m", "\u{1B}[0m")
    if isBold, line.hasPrefix(on), line.hasSuffix(off) {
      return on + clean(String(line.dropFirst(on.count).dropLast(off.count))) + off
    }
    return line.split(separator: "\t", omittingEmptySubsequences: false)
      .map { TerminalText.visible(String($0), isUnicode: isUnicode) }.joined(separator: "\t")
  }

  /// The lines of a part's block.
  func lines(_ block: HelpPage.Block) -> [String] {
    switch block {
    case .text(let text): indented(wrapped(text, columns - 2))
    case .table(let rows): table(rows)
    case .list(let rows): list(rows)
    case .names(let names): indented(filled(names))
    case .code(let code): code.split(separator: "\n", omittingEmptySubsequences: false).map { HelpStyle.margin + $0 }
    case .source(let text): text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private func indented(_ lines: [String]) -> [String] { lines.map { $0.isEmpty ? "" : HelpStyle.margin + $0 } }

  /// The text in lines of at most `width` columns; line breaks of its own stay.
  func wrapped(_ text: String, _ width: Int) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
      let words = line.split(separator: " ").flatMap { HelpStyle.pieces(of: $0, width) }
      return line.isEmpty ? [""] : TerminalText.wrapped(words.joined(separator: " "), to: width, isUnicode: isUnicode)
    }
  }

  /// A word in parts that fit a line, broken behind punctuation where it has some.
  private static func pieces(of word: Substring, _ width: Int) -> [Substring] {
    guard TerminalText.width(String(word)) > width else { return [word] }
    let most = word.prefix(width)
    let mark = most.lastIndex { ".,:;({[/=_-".contains($0) }
    let end = mark.map { most.index(after: $0) } ?? most.endIndex
    return [word[..<end]] + pieces(of: word[end...], width)
  }

  /// Names with their meanings beside them, or below where there is too little room.
  private func table(_ rows: [(name: String, meaning: String)]) -> [String] {
    let longest = rows.map { TerminalText.width($0.name) }.max() ?? 0
    let column = min(longest, HelpStyle.widestName, columns / 4) + 2
    guard columns - 2 - column >= HelpStyle.narrowest else {
      return rows.flatMap { row in
        indented(wrapped(row.name, columns - 2) + indented(wrapped(row.meaning, columns - 4)))
      }
    }
    return rows.flatMap { row -> [String] in
      let space = String(repeating: " ", count: column)
      let width = TerminalText.width(row.name)
      let meaning = wrapped(row.meaning, columns - 2 - column)
      if width > column - 2 {
        return indented(wrapped(row.name, columns - 2)) + meaning.map { HelpStyle.margin + space + $0 }
      }
      let first = row.name + String(repeating: " ", count: column - width) + (meaning.first ?? "")
      return ([first] + meaning.dropFirst().map { space + $0 }).map { HelpStyle.margin + $0 }
    }
  }

  /// A line for each name, its meaning cut at the end of the line.
  private func list(_ rows: [(name: String, meaning: String)]) -> [String] {
    let longest = rows.map { TerminalText.width($0.name) }.max() ?? 0
    let column = min(longest, HelpStyle.widestInList, columns / 2) + 2
    return rows.map { row in
      let space = String(repeating: " ", count: max(2, column - TerminalText.width(row.name)))
      let line = HelpStyle.margin + row.name + space + row.meaning
      return TerminalText.clipped(line, to: columns, isUnicode: isUnicode)
    }
  }

  /// Names in lines, with commas.
  private func filled(_ names: [String]) -> [String] {
    var lines: [String] = []
    for (index, name) in names.enumerated() {
      let word = index == names.count - 1 ? name : name + ","
      if let last = lines.last, TerminalText.width(last) + 1 + TerminalText.width(word) <= columns - 2 {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(word)
      }
    }
    return lines
  }

  /// A signature, broken behind commas, its later lines set in.
  private func signature(_ text: String) -> [String] {
    var lines: [String] = []
    for (index, piece) in text.split(separator: ", ").enumerated() {
      let isLast = index == text.split(separator: ", ").count - 1
      let word = isLast ? String(piece) : piece + ","
      if let last = lines.last, TerminalText.width(last) + 1 + TerminalText.width(word) <= columns {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append((lines.isEmpty ? "" : "    ") + word)
      }
    }
    return lines.flatMap { TerminalText.width($0) <= columns ? [$0] : wrapped($0, columns) }
  }
}
