/// A piece of a session, copied with its prompts and what was printed between them.
enum Transcript {
  /// The lines that were typed, without their prompts; nil for a text that does not begin with a prompt, as no Lua does.
  ///
  /// Before the first prompt may stand what comes before it on a screen, the program's call and its greeting; and the whole may
  /// be indented, as in a page that shows it.
  static func typedLines(_ text: [UInt8]) -> [[UInt8]]? {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
    lines = lines.drop(while: stands)
    guard let first = lines.first, unindented(first).starts(with: "> ".utf8) else { return nil }
    let indent = first.count - unindented(first).count
    return lines.compactMap { typed($0.dropFirst(min(indent, $0.count - unindented($0).count))) }
  }

  /// Whether a line may stand before the first prompt.
  private static func stands(_ line: ArraySlice<UInt8>) -> Bool {
    let line = unindented(line)
    let isGreeting = ["Sonde ", "Lua "].contains { word in
      line.starts(with: word.utf8) && line.dropFirst(word.utf8.count).first.map(LuaScanner.isDigit) == true
    }
    return line.isEmpty || isGreeting || line.starts(with: "$ ".utf8)
  }

  private static func unindented(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> { line.drop(while: Chunk.isSpace) }

  /// What stands behind a prompt, nil where there is none.
  private static func typed(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    for prompt in [">> ", "> "] where line.starts(with: prompt.utf8) { return Array(line.dropFirst(prompt.utf8.count)) }
    // the space behind a prompt is easily lost
    return line.elementsEqual(">>".utf8) || line.elementsEqual(">".utf8) ? [] : nil
  }
}
