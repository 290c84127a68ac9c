/// What is still open where typed Lua text ends: brackets and blocks from outside in, with the locals of each.
struct CodeOutline {
  /// Something that was opened and not closed.
  struct Frame {
    /// The token that opened it: a bracket, or the word of a block; empty for the chunk.
    let word: String
    /// Where that token is; -1 for the chunk.
    let index: Int
    /// How many commas stand between its elements so far.
    var commas = 0
    /// The key whose value comes next in a table.
    var key: String?
    /// The names that the table has as keys.
    var given: Set<String> = []
    /// The local variables that the block has declared.
    var locals: [String] = []
    /// Whether its `do` or `then` has come.
    var hasBody = false

    var isBracket: Bool { ["(", "{", "["].contains(word) }
    /// Whether a `do` or a `then` is still to come.
    var awaitsBody: Bool { ["for", "while", "if"].contains(word) && !hasBody }
  }

  private(set) var frames = [Frame(word: "", index: -1)]
  private let code: TypedCode

  init(_ code: TypedCode) {
    self.code = code
    for index in code.tokens.indices where code.tokens[index].kind != .string { take(index) }
  }

  /// What the text ends in.
  var innermost: Frame { frames[frames.count - 1] }

  /// The local variables in sight, the innermost first, each once.
  var locals: [String] {
    var seen: Set<String> = []
    return frames.reversed().flatMap { $0.locals.reversed() }.filter { seen.insert($0).inserted }
  }

  // MARK: Tokens

  private mutating func take(_ index: Int) {
    let word = code.words[index]
    switch word {
    case "(", "{", "[": open(word, index)
    case ")": close("(")
    case "}": close("{")
    case "]": close("[")
    case ",", ";": separate()
    case "=": takeKey(before: index)
    case "function": openFunction(index)
    case "for":
      open(word, index)
      declare(names(from: index + 1))
    case "if", "while", "repeat": open(word, index)
    case "do": if !beginBody(["for", "while"]) { open(word, index) }
    case "then": _ = beginBody(["if"])
    case "end": closeBlock { $0.word != "repeat" }
    case "until": closeBlock { $0.word == "repeat" }
    case "local": declare(names(from: index + 1))
    default: break
    }
  }

  private mutating func open(_ word: String, _ index: Int) { frames.append(Frame(word: word, index: index)) }

  /// Closes the innermost bracket of that kind, and what was left open inside it.
  private mutating func close(_ bracket: String) {
    guard let place = frames.lastIndex(where: { $0.word == bracket }) else { return }
    frames.removeSubrange(place...)
  }

  private mutating func closeBlock(where fits: (Frame) -> Bool) {
    guard let place = frames.lastIndex(where: { $0.index >= 0 && !$0.isBracket && fits($0) }) else { return }
    frames.removeSubrange(place...)
  }

  /// Takes a `do` or `then` for the block that waits for it.
  private mutating func beginBody(_ words: [String]) -> Bool {
    let last = frames.count - 1
    guard words.contains(frames[last].word), frames[last].awaitsBody else { return false }
    frames[last].hasBody = true
    return true
  }

  private mutating func separate() {
    let last = frames.count - 1
    guard frames[last].isBracket else { return }
    frames[last].commas += 1
    frames[last].key = nil
  }

  /// Notes `key =` where a field of a table begins.
  private mutating func takeKey(before index: Int) {
    let last = frames.count - 1
    guard frames[last].word == "{", code.isName(at: index - 1), isFieldStart(index - 1) else { return }
    frames[last].key = code.words[index - 1]
    frames[last].given.insert(code.words[index - 1])
  }

  /// Whether a field of the innermost table begins at an index.
  func isFieldStart(_ index: Int) -> Bool {
    innermost.word == "{" && ["{", ",", ";"].contains { code.has($0, at: index - 1) }
  }

  // MARK: Locals

  private mutating func declare(_ names: [String]) {
    guard let block = frames.lastIndex(where: { !$0.isBracket }) else { return }
    frames[block].locals += names
  }

  /// The names of a list, without their attributes.
  private func names(from start: Int) -> [String] {
    var names: [String] = []
    var index = start
    while code.isName(at: index) {
      names.append(code.words[index])
      index += 1
      if code.has("<", at: index), code.has(">", at: index + 2) { index += 3 }
      guard code.has(",", at: index) else { break }
      index += 1
    }
    return names
  }

  /// Opens a function with its parameters; its own name is a local of the block around it behind `local`.
  private mutating func openFunction(_ index: Int) {
    var next = index + 1
    if code.has("local", at: index - 1), code.isName(at: next) { declare([code.words[next]]) }
    while code.isName(at: next) || code.has(".", at: next) || code.has(":", at: next) { next += 1 }
    open("function", index)
    if code.has("(", at: next) { declare(names(from: next + 1)) }
    if code.has(":", at: next - 2) { declare(["self"]) }
  }
}
