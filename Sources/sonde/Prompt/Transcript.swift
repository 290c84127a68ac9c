/// A piece of a session, copied with its prompts and what was printed between them.
enum Transcript {
  /// The lines that were typed, without their prompts; nil for a text that does not begin with a prompt, as no Lua does.
  static func typedLines(_ text: [UInt8]) -> [[UInt8]]? {
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let first = lines.first, first.starts(with: "> ".utf8) else { return nil }
    return lines.compactMap(typed)
  }

  /// What stands behind a prompt, nil where there is none.
  private static func typed(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    for prompt in [">> ", "> "] where line.starts(with: prompt.utf8) { return Array(line.dropFirst(prompt.utf8.count)) }
    // the space behind a prompt is easily lost
    return line.elementsEqual(">>".utf8) || line.elementsEqual(">".utf8) ? [] : nil
  }
}
