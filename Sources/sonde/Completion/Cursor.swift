import LuaAPI

/// What stands at the cursor, as far as the text before it tells.
struct Cursor {
  /// What a word at the cursor can be.
  enum Place: Equatable {
    /// Nothing that is known: in a comment, a number, or where a new name comes.
    case nowhere
    /// A field or a method of the value at the path; nil where that is not known.
    case member(of: ValuePath?, isMethod: Bool)
    /// A key of the value at the path, in brackets.
    case key(of: ValuePath)
    /// A variable or a word of the language's.
    case name
    /// `function` behind `local`.
    case localFunction
    /// The attribute of a local variable.
    case attribute
  }

  let code: TypedCode
  let outline: CodeOutline
  /// Where the word at the cursor begins, of a string what it says.
  let start: Int
  /// The word, as typed.
  let word: ArraySlice<UInt8>
  /// The string that the cursor is in.
  let string: QuotedText?
  /// Whether the cursor is in a comment or a number.
  private let isInert: Bool

  /// Looks at Lua text that ends at the cursor.
  init(_ text: [UInt8]) {
    let all = Array(LuaScanner(text))
    var tokens = all.filter { $0.kind != .comment }
    let last = all.last.flatMap { $0.range.upperBound == text.count ? $0 : nil }
    var (start, string, isInert) = (text.count, nil as QuotedText?, false)
    switch last?.kind {
    case .name, .keyword: start = tokens.removeLast().range.lowerBound
    case .string where last?.isClosed == false:
      string = QuotedText(text[tokens.removeLast().range], isClosed: false)
      start = string?.raw.startIndex ?? start
    case .comment: isInert = last.map { Cursor.goesOn($0, text) } ?? false
    case .number, .other: isInert = true
    default: break
    }
    code = TypedCode(tokens, of: text)
    outline = CodeOutline(code)
    (self.start, word, self.string, self.isInert) = (start, text[start...], string, isInert)
  }

  /// Whether what is typed behind a comment belongs to it.
  private static func goesOn(_ comment: LuaToken, _ text: [UInt8]) -> Bool {
    let rest = text[comment.range].dropFirst(2)
    let isLong =
      rest.first == UInt8(ascii: "[")
      && rest.dropFirst().drop { $0 == UInt8(ascii: "=") }.first == UInt8(ascii: "[")
    return isLong ? !comment.isClosed : true
  }

  // MARK: Before the word

  private var previous: Int { code.tokens.count - 1 }

  /// What the word can be.
  var place: Place {
    if isInert { return .nowhere }
    guard previous >= 0 else { return .name }
    switch code.words[previous] {
    case ".", ":":
      return .member(of: path(endingAt: previous - 1), isMethod: code.has(":", at: previous))
    case "[":
      guard code.endsPrefix(at: previous - 1) else { return .name }
      return path(endingAt: previous - 1).map { .key(of: $0) } ?? .name
    case "local": return .localFunction
    case "<" where code.isName(at: previous - 1) && ["local", ","].contains { code.has($0, at: previous - 2) }:
      return .attribute
    case "for", "goto": return .nowhere
    // what opens a label, not what closes one
    case "::" where !(code.isName(at: previous - 1) && code.has("::", at: previous - 2)): return .nowhere
    default: return .name
    }
  }

  /// A path as it can be looked up, without locals of the unfinished text's own.
  private func path(endingAt index: Int) -> ValuePath? {
    code.path(endingAt: index).flatMap { outline.resolved($0.path) }
  }

  /// Whether a field of a table begins here.
  var isFieldStart: Bool { outline.isFieldStart(code.tokens.count) }

  /// Whether this begins an argument, or a value behind `key =`, so that nothing but the word is before it.
  var isValueStart: Bool {
    let frame = outline.innermost
    if frame.word == "{", frame.key != nil { return code.has("=", at: previous) }
    return ["(", "{", ",", ";"].contains { code.has($0, at: previous) }
      || string != nil && code.endsPrefix(at: previous)
  }

  /// Whether an expression has ended here where no statement can begin.
  var expectsOperator: Bool {
    code.endsExpression(at: previous) && (outline.innermost.isBracket || outline.innermost.awaitsBody)
  }

  // MARK: Calls

  /// The argument that is typed here; nil outside of calls.
  var argument: ArgumentPlace? {
    if string != nil, code.endsPrefix(at: previous) {
      // `f"...`
      return call(openedAt: previous + 1).map { ArgumentPlace(of: $0.path, isMethod: $0.isMethod, position: 0) }
    }
    return argument(in: outline.frames.count - 1)
  }

  private func argument(in frame: Int) -> ArgumentPlace? {
    let open = outline.frames[frame]
    if open.word == "(" {
      guard let call = call(openedAt: open.index) else { return nil }
      return ArgumentPlace(of: call.path, isMethod: call.isMethod, position: open.commas)
    }
    guard open.word == "{", let (call, position, nesting) = table(in: frame) else { return nil }
    return ArgumentPlace(
      of: call.path, isMethod: call.isMethod, position: position, nesting: nesting, key: open.key, given: open.given)
  }

  /// How many tables inside each other are looked through.
  private static let deepest = 8

  private typealias TypedCall = (path: ValuePath, isMethod: Bool)

  /// The call, the argument, and the keys on the way to it, whose table a frame is.
  private func table(in frame: Int, depth: Int = 0) -> (TypedCall, Int, [String])? {
    let open = outline.frames[frame]
    if code.endsPrefix(at: open.index - 1) { return call(openedAt: open.index).map { ($0, 0, []) } }
    guard frame > 0, depth < Cursor.deepest else { return nil }
    let outer = outline.frames[frame - 1]
    if outer.word == "(", code.has("(", at: open.index - 1) || code.has(",", at: open.index - 1) {
      return call(openedAt: outer.index).map { ($0, outer.commas, []) }
    }
    guard outer.word == "{", let key = outer.key, code.has("=", at: open.index - 1) else { return nil }
    return table(in: frame - 1, depth: depth + 1).map { ($0, $1, $2 + [key]) }
  }

  /// What the arguments that begin at an index are given to; nil where the bracket is no call's.
  private func call(openedAt index: Int) -> TypedCall? {
    guard code.endsPrefix(at: index - 1), let (path, start) = code.path(endingAt: index - 1),
      !code.has("function", at: start - 1), let path = outline.resolved(path)
    else { return nil }
    return (path, code.isName(at: index - 1) && code.has(":", at: index - 2))
  }
}
