/// What a piece of Lua text has begun and not ended: blocks, brackets, a string or a comment.
struct OpenConstructs {
  struct Construct: Equatable {
    /// The word or bracket that opens it: `function`, `for`, `(`, `[==[`, `"`.
    let name: String
    /// The line it stands on, from 1.
    let line: Int
  }

  /// From the outermost to the innermost.
  private(set) var stack: [Construct] = []
  /// Whether no further line can make it whole: a string in quotes ended with its line.
  private(set) var isBroken = false
  /// What the text ends with, comments left out; nil where there is nothing else.
  private(set) var last: String?

  /// Makes that of a text without a token.
  init() {}

  init(_ text: [UInt8]) {
    let scanner = LuaScanner(text)
    for token in scanner { take(token, scanner) }
  }

  /// Goes on with the next token of a text.
  mutating func take(_ token: LuaToken, _ scanner: LuaScanner) {
    switch token.kind {
    case .keyword, .symbol: take(scanner.text(of: token), line: token.line)
    case .string, .comment: if !token.isClosed { takeUnclosed(token, scanner) }
    case .name, .number, .other: break
    }
    if token.kind != .comment { last = token.kind == .string ? "a string" : scanner.text(of: token) }
  }

  private mutating func take(_ word: String, line: Int) {
    switch word {
    case "function", "if", "for", "while", "repeat", "(", "{", "[": stack.append(Construct(name: word, line: line))
    // that of a loop opens nothing more; behind it the loop waits for its end
    case "do": if !takesDo() { stack.append(Construct(name: word, line: line)) }
    case "end": close(["function", "if", "for", "while", "do"])
    case "until": close(["repeat"])
    case ")": close(["("])
    case "}": close(["{"])
    case "]": close(["["])
    default: break
    }
  }

  /// How many loops on the stack have their `do`, by their place.
  private var loopsWithDo: Set<Int> = []

  private mutating func takesDo() -> Bool {
    guard let top = stack.last, top.name == "for" || top.name == "while" else { return false }
    return loopsWithDo.insert(stack.count).inserted
  }

  /// Ends the innermost; what does not fit it is an error that Lua tells.
  private mutating func close(_ names: Set<String>) {
    guard let top = stack.last, names.contains(top.name) else { return }
    loopsWithDo.remove(stack.count)
    stack.removeLast()
  }

  private mutating func takeUnclosed(_ token: LuaToken, _ scanner: LuaScanner) {
    let bytes = scanner.text[token.range]
    guard let quote = bytes.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      let isComment = bytes.starts(with: "--".utf8)
      let equals = bytes.dropFirst(isComment ? 3 : 1).prefix { $0 == UInt8(ascii: "=") }.count
      let bracket = "[" + String(repeating: "=", count: equals) + "["
      return stack.append(Construct(name: (isComment ? "--" : "") + bracket, line: token.line))
    }
    // behind `\` or `\z` the next line belongs to it
    var continued = LuaScanner(bytes + [UInt8(ascii: "\n")])
    if continued.next()?.range.count == bytes.count + 1 {
      stack.append(Construct(name: String(decoding: [quote], as: UTF8.self), line: token.line))
    } else {
      isBroken = true
    }
  }

  /// What is open in at most `width` characters, the innermost first: `( at line 3, for at line 1`.
  ///
  /// Where nothing is open the text ends with what asks for more: `after =`. Empty where there is no room or no need.
  func hint(width: Int) -> String {
    guard !stack.isEmpty else {
      let text = last.map { "after \($0)" } ?? ""
      return text.count <= width ? text : ""
    }
    var hint = ""
    var inner: Construct?
    for construct in stack.reversed() where construct != inner {
      inner = construct
      let longer = hint + (hint.isEmpty ? "" : ", ") + "\(construct.name) at line \(construct.line)"
      if longer.count > width { break }
      hint = longer
    }
    return hint
  }
}
