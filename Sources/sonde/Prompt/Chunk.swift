/// What was typed at the prompt, in bytes: Lua's strings need not be UTF-8.
struct Chunk {
  private(set) var bytes: [UInt8]

  /// Makes a chunk of text, or an empty one.
  init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  /// Adds a line behind what is there.
  mutating func append(_ line: [UInt8]) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: "\n")) }
    bytes += line
  }

  /// Whether there is nothing but white space.
  var isBlank: Bool { bytes.allSatisfy(Chunk.isSpace) }

  /// Whether it starts with `=`, which means `return`.
  var isMarkedExpression: Bool { bytes.first == UInt8(ascii: "=") }

  /// The chunk as an expression whose values are wanted.
  ///
  /// What is to be closed keeps Lua from making a tail call of it: the chunk stays in tracebacks, and `error(text, 2)` finds it.
  var expression: [UInt8] {
    Array("local __result <close> = nil return ".utf8) + (isMarkedExpression ? bytes.dropFirst() : bytes[...])
  }

  /// What documentation is asked for: the text behind `?`, nil when there is no `?`.
  var topic: [UInt8]? {
    bytes.first == UInt8(ascii: "?") ? Array(Chunk.trimmed(bytes.dropFirst())) : nil
  }

  /// What the prompt itself is told to do: the text behind `:`, nil when there is no `:` that is no label's.
  var command: [UInt8]? {
    guard bytes.first == UInt8(ascii: ":"), bytes.dropFirst().first != UInt8(ascii: ":") else { return nil }
    return Array(Chunk.trimmed(bytes.dropFirst()))
  }

  /// Whether it is no Lua: a command or a question.
  var isForPrompt: Bool { command != nil || topic != nil }

  /// Whether there is text on more than one line.
  var hasSeveralLines: Bool { historyEntry.contains(UInt8(ascii: "\n")) }

  /// Whether it is kept out of the history: a single line behind a space, as shells have it.
  var isPrivate: Bool { bytes.first == UInt8(ascii: " ") && !hasSeveralLines }

  /// The chunk without blank lines at its ends.
  var historyEntry: [UInt8] { Array(Chunk.trimmed(bytes[...])) }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let start = bytes.drop(while: isSpace)
    guard let end = start.lastIndex(where: { !isSpace($0) }) else { return [] }
    return start[...end]
  }
}
