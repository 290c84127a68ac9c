import LuaAPI

/// What is still open where typed Lua text ends: brackets and blocks from outside in, with the locals of each.
struct CodeOutline {
  /// A local variable.
  struct Local {
    let name: String
    /// What it was declared to be, by a path without locals; nil where that can't be told.
    var value: ValuePath?
  }

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
    var locals: [Local] = []
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
    return frames.reversed().flatMap { $0.locals.reversed() }.map(\.name).filter { seen.insert($0).inserted }
  }

  /// The path with what it is known to be in the place of a local that it begins with; nil where nothing is known.
  func resolved(_ path: ValuePath) -> ValuePath? {
    guard case .name(let name) = path.root else { return path }
    for frame in frames.reversed() {
      guard let local = frame.locals.last(where: { $0.name == name }) else { continue }
      return local.value.map { value in path.steps.reduce(value) { $0.appending($1) } }
    }
    return path
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
    case "for": openLoop(index)
    case "if", "while", "repeat": open(word, index)
    case "do": if !beginBody(["for", "while"]) { open(word, index) }
    case "then": _ = beginBody(["if"])
    case "end": closeBlock { $0.word != "repeat" }
    case "until": closeBlock { $0.word == "repeat" }
    case "local": declareLocals(index)
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

  private mutating func declare(_ locals: [Local]) {
    guard let block = frames.lastIndex(where: { !$0.isBracket }) else { return }
    frames[block].locals += locals
  }

  /// The names of a list without their attributes, and the index behind it.
  private func names(from start: Int) -> (names: [Local], end: Int) {
    var names: [Local] = []
    var index = start
    while code.isName(at: index) {
      names.append(Local(name: code.words[index]))
      index += 1
      if code.has("<", at: index), code.has(">", at: index + 2) { index += 3 }
      guard code.has(",", at: index) else { break }
      index += 1
    }
    return (names, index)
  }

  /// Declares the names behind `local`, the first as what is behind `=`.
  private mutating func declareLocals(_ index: Int) {
    var (names, end) = names(from: index + 1)
    if !names.isEmpty, code.has("=", at: end) { names[0].value = value(from: end + 1).flatMap(resolved) }
    declare(names)
  }

  /// Opens a loop with its variables; the second of `ipairs(path)` is as the first element.
  private mutating func openLoop(_ index: Int) {
    var (names, end) = names(from: index + 1)
    if names.count == 2, code.has("in", at: end), code.has("ipairs", at: end + 1), code.has("(", at: end + 2) {
      names[1].value = value(from: end + 3).flatMap(resolved)?.appending(.element(1))
    }
    open("for", index)
    declare(names)
  }

  /// The most tokens of a value that are looked at.
  private static let longestValue = 100

  /// The path that an expression is, from its first token on; nil for any other expression.
  private func value(from start: Int) -> ValuePath? {
    var found: (path: ValuePath, end: Int)?
    for end in start..<max(start, min(code.tokens.count, start + CodeOutline.longestValue)) {
      if let path = code.path(endingAt: end), path.start == start { found = (path.path, end) }
      let goesOn = code.isString(at: end + 1) || [".", ":", "[", "(", "{"].contains { code.has($0, at: end + 1) }
      if found?.end == end ? !goesOn : end == start && !code.has("(", at: start) { break }
    }
    guard let found else { return nil }
    let next = found.end + 1
    let ends =
      next >= code.tokens.count || [",", ";", ")"].contains { code.has($0, at: next) } || code.isName(at: next)
    return ends || code.tokens[next].kind == .keyword && !["and", "or"].contains(code.words[next]) ? found.path : nil
  }

  /// Opens a function with its parameters; its own name is a local of the block around it behind `local`.
  private mutating func openFunction(_ index: Int) {
    var next = index + 1
    if code.has("local", at: index - 1), code.isName(at: next) { declare([Local(name: code.words[next])]) }
    while code.isName(at: next) || code.has(".", at: next) || code.has(":", at: next) { next += 1 }
    open("function", index)
    if code.has("(", at: next) { declare(names(from: next + 1).names) }
    if code.has(":", at: next - 2) { declare([Local(name: "self")]) }
  }
}
