/// What was typed at the prompt, in bytes: Lua's strings need not be UTF-8.
struct Chunk {
  private(set) var bytes: [UInt8]
  /// The line it begins on, in the block that it is a part of.
  let line: Int
  /// The block that it is a part of; nil for what stands alone.
  private let block: [UInt8]?

  /// Makes a chunk of text, or an empty one.
  init(_ bytes: [UInt8] = []) { (self.bytes, line, block) = (bytes, 1, nil) }

  /// Makes a chunk of a part of a block, which begins on its line `line`.
  init(_ range: Range<Int>, of block: [UInt8], line: Int) {
    (bytes, self.line, self.block) = (Array(block[range]), line, block)
  }

  /// The text in which its lines have their numbers.
  var source: [UInt8] { block ?? bytes }

  /// Adds a line behind what is there.
  mutating func append(_ line: [UInt8]) {
    if !bytes.isEmpty { bytes.append(UInt8(ascii: "\n")) }
    bytes += line
  }

  /// Whether there is nothing but white space.
  var isBlank: Bool { bytes.allSatisfy(Chunk.isSpace) }

  /// Whether it starts with `=`, which means `return`.
  var isMarkedExpression: Bool { first == UInt8(ascii: "=") }

  /// What it starts with, blanks left out.
  private var first: UInt8? { bytes.first { !Chunk.isSpace($0) } }

  /// The chunk without a `=` at its beginning.
  var code: [UInt8] { Array(isMarkedExpression ? Chunk.trimmed(bytes[...]).dropFirst() : bytes[...]) }

  /// The chunk as an expression whose values are wanted.
  ///
  /// What is to be closed keeps Lua from making a tail call of it: the chunk stays in tracebacks, and `error(text, 2)` finds it.
  var expression: [UInt8] { Chunk.expressionHead + code }

  static let expressionHead = Array("local __result <close> = nil return ".utf8)

  /// What documentation is asked for: the text behind `?`, nil when there is no `?`.
  var topic: [UInt8]? {
    first == UInt8(ascii: "?") ? Array(Chunk.trimmed(Chunk.trimmed(bytes[...]).dropFirst())) : nil
  }

  /// What the prompt itself is told to do: the text behind `:`, nil when there is no `:` that is no label's.
  var command: [UInt8]? {
    let text = Chunk.trimmed(bytes[...])
    guard text.first == UInt8(ascii: ":"), text.dropFirst().first != UInt8(ascii: ":") else { return nil }
    return Array(Chunk.trimmed(text.dropFirst()))
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
