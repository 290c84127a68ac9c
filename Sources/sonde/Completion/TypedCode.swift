import LuaAPI

/// Lua text as far as it is typed, in tokens without comments.
struct TypedCode {
  let tokens: [LuaToken]
  /// The text of each token; empty for strings, which may be long.
  let words: [String]
  private let text: [UInt8]

  /// The longest chain of fields and calls that is followed.
  private static let longestPath = 50

  init(_ tokens: [LuaToken], of text: [UInt8]) {
    self.tokens = tokens
    self.text = text
    words = tokens.map { $0.kind == .string ? "" : String(decoding: text[$0.range], as: UTF8.self) }
  }

  /// Whether there is a token of that text at an index.
  func has(_ word: String, at index: Int) -> Bool { words.indices ~= index && words[index] == word }

  func isName(at index: Int) -> Bool { tokens.indices ~= index && tokens[index].kind == .name }

  func isString(at index: Int) -> Bool { tokens.indices ~= index && tokens[index].kind == .string }

  /// Whether a token can be the end of what is called, indexed or a method's object.
  func endsPrefix(at index: Int) -> Bool {
    isName(at: index) || isString(at: index) || [")", "]", "}"].contains { has($0, at: index) }
  }

  /// Whether a token can be the end of an expression.
  func endsExpression(at index: Int) -> Bool {
    guard tokens.indices ~= index else { return false }
    return endsPrefix(at: index) || tokens[index].kind == .number
      || ["end", "nil", "true", "false", "..."].contains(words[index])
  }

  // MARK: Paths

  /// The path whose last token is at an index, and the index of its first; nil where its value can't be told.
  func path(endingAt index: Int, depth: Int = 0) -> (path: ValuePath, start: Int)? {
    guard tokens.indices ~= index, depth < TypedCode.longestPath else { return nil }
    switch words[index] {
    case "]": return element(closedAt: index, depth)
    case ")", "}": return callOrGroup(closedAt: index, depth)
    default: break
    }
    if isString(at: index) { return call(from: index, depth) }
    guard isName(at: index) else { return nil }
    guard has(".", at: index - 1) || has(":", at: index - 1) else { return (ValuePath(.name(words[index])), index) }
    return appending(.field(Array(words[index].utf8)), to: index - 2, depth)
  }

  private func appending(_ step: ValuePath.Step, to index: Int, _ depth: Int) -> (path: ValuePath, start: Int)? {
    path(endingAt: index, depth: depth + 1).map { ($0.path.appending(step), $0.start) }
  }

  /// `path[constant]`.
  private func element(closedAt index: Int, _ depth: Int) -> (path: ValuePath, start: Int)? {
    guard let open = opening(of: index), let step = constant(open + 1..<index) else { return nil }
    return appending(step, to: open - 1, depth)
  }

  /// A string or a whole number as a key.
  private func constant(_ range: Range<Int>) -> ValuePath.Step? {
    guard let last = range.last else { return nil }
    if range.count == 1, tokens[last].kind == .string {
      return QuotedText(text[tokens[last].range], isClosed: tokens[last].isClosed)?.content.map { .field($0) }
    }
    let isNegative = range.count == 2 && has("-", at: range.lowerBound)
    guard range.count == 1 || isNegative, tokens[last].kind == .number, let number = Int64(words[last]) else {
      return nil
    }
    return .element(isNegative ? -number : number)
  }

  /// `path(...)`, `path{...}`, `(path)` or `("...")`.
  private func callOrGroup(closedAt index: Int, _ depth: Int) -> (path: ValuePath, start: Int)? {
    guard let open = opening(of: index) else { return nil }
    if endsPrefix(at: open - 1) { return call(from: open, depth) }
    guard has("(", at: open) else { return nil }
    if index == open + 2, isString(at: open + 1) { return (ValuePath(.string), open) }
    guard let inner = path(endingAt: index - 1, depth: depth + 1), inner.start == open + 1 else { return nil }
    return (inner.path, open)
  }

  /// The call whose arguments begin at an index.
  private func call(from index: Int, _ depth: Int) -> (path: ValuePath, start: Int)? {
    endsPrefix(at: index - 1) ? appending(.call, to: index - 1, depth) : nil
  }

  /// The index of the bracket that the one at an index closes.
  private func opening(of index: Int) -> Int? {
    var depth = 0
    for place in stride(from: index, through: 0, by: -1) {
      switch words[place] {
      case ")", "]", "}": depth += 1
      case "(", "[", "{": depth -= 1
      default: continue
      }
      if depth == 0 { return place }
    }
    return nil
  }
}
