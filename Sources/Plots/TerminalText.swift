/// Text in the cells of a terminal: how wide it is, and what must not get there.
public enum TerminalText {
  /// The text in one line that can't do anything to a terminal: control, format and direction characters are written out
  /// as `\n`, `\x1b` or `\u{202e}`; without Unicode signs such as a times or a plus-minus are spelt in ASCII, and every other
  /// character beyond it is a question mark.
  ///
  /// Joiners between characters that make one sign, such as in emoji, stay.
  public static func visible(_ text: String, isUnicode: Bool = true) -> String {
    var result = ""
    for character in text {
      // a cluster may have any number of marks
      for scalar in character.unicodeScalars.prefix(16) { result += visible(scalar, isUnicode) }
    }
    return result
  }

  private static func visible(_ scalar: Unicode.Scalar, _ isUnicode: Bool) -> String {
    switch scalar {
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control:
      return "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
    case .format where scalar.value != 0x200D, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned,
      .surrogate:
      return isUnicode ? "\\u{\(String(scalar.value, radix: 16))}" : "?"
    default: return isUnicode || scalar.isASCII ? String(scalar) : spellings[scalar] ?? "?"
    }
  }

  /// The signs of figures' titles and labels in ASCII.
  private static let spellings: [Unicode.Scalar: String] = {
    var spellings: [Unicode.Scalar: String] = [
      "\u{D7}": "x", "\u{B7}": "*", "\u{B1}": "+-", "\u{2013}": "-", "\u{2014}": "-", "\u{2212}": "-",
      "\u{2026}": "...",
      "\u{2264}": "<=", "\u{2265}": ">=", "\u{2192}": "->", "\u{B2}": "^2", "\u{B3}": "^3", "\u{B5}": "u",
      "\u{3BC}": "u", "\u{221E}": "inf",
    ]
    // subscript digits
    for digit in UInt32(0)...9 { Unicode.Scalar(0x2080 + digit).map { spellings[$0] = "\(digit)" } }
    return spellings
  }()

  /// How many cells a text takes.
  public static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

  /// How many cells a character takes: 2 where it is wide, as in East Asian scripts and emoji, 0 for a mark.
  public static func width(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    if first.value < 0x300 { return 1 }
    // U+FE0F asks for the picture of a sign that is also a letter
    if character.unicodeScalars.contains(where: { $0.value == 0xFE0F }) || first.properties.isEmojiPresentation {
      return 2
    }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return wide.contains { $0.contains(first.value) } ? 2 : 1
    }
  }

  /// The scripts of Unicode's EastAsianWidth.txt that are wide or full width.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
    0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
    0x17000...0x18CFF, 0x1B000...0x1B2FF, 0x20000...0x3FFFD,
  ]

  /// The text cut to so many cells, with an ellipsis where something is missing.
  public static func clipped(_ text: String, to cells: Int, isUnicode: Bool = true) -> String {
    if width(text) <= cells { return text }
    let ellipsis = isUnicode ? "\u{2026}" : cells >= 6 ? "..." : ""
    var result = ""
    var used = width(ellipsis)
    guard used <= cells else { return "" }
    for character in text {
      used += width(character)
      if used > cells { break }
      result.append(character)
    }
    return result + ellipsis
  }

  /// A sentence in lines of so many cells, those after the first set in; words that are longer stay whole.
  public static func paragraph(_ sentence: String, to cells: Int) -> [String] {
    guard width(sentence) > cells else { return [sentence] }
    return paragraph(of: sentence.split(separator: " ").map(String.init), separator: " ", to: cells)
  }

  /// Pieces in lines of so many cells, those after the first set in; no piece is broken.
  public static func paragraph(of pieces: [String], separator: String, to cells: Int) -> [String] {
    var lines: [String] = []
    for piece in pieces {
      if let last = lines.last, width(last) + width(separator) + width(piece) <= cells {
        lines[lines.count - 1] += separator + piece
      } else {
        lines.append((lines.isEmpty ? "" : "  ") + piece)
      }
    }
    return lines
  }

  /// Breaks a sentence between words into lines of so many cells; words that are longer are cut.
  public static func wrapped(_ sentence: String, to cells: Int, isUnicode: Bool = true) -> [String] {
    var lines: [String] = []
    for word in sentence.split(separator: " ") {
      if let last = lines.last, width(last) + 1 + width(String(word)) <= cells {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(clipped(String(word), to: cells, isUnicode: isUnicode))
      }
    }
    return lines
  }
}
