import CLua

/// The inputs of which a block consists that is no Lua as a whole: commands and questions, each on lines of its own, and between
/// them Lua, where expressions may stand behind statements and behind each other.
///
///     x = {1, 2}; x        -- a statement and an expression
///     ?print
///     1 + 1
///     2 + 2
///
/// Lua decides where a statement or an expression ends. So what it takes for one stays one, and of the rest only that is an input
/// of its own which stands behind a `;`, on a new line, behind an `end`, or begins with a name.
struct BlockInputs {
  /// What a block turns out to be.
  enum Reading {
    case inputs([Chunk])
    /// More lines may make the part whole with which it ends; Lua's message is on the stack.
    case unfinished(Chunk)
    /// The part is no Lua; the message is on the stack.
    case wrong(Chunk)
  }

  private let text: [UInt8]
  private let compiler: ChunkCompiler
  private var inputs: [Chunk] = []
  /// What is read next, in bytes, and its line.
  private var position = 0
  private var line = 1

  init(_ chunk: Chunk, _ compiler: ChunkCompiler) {
    text = chunk.bytes
    self.compiler = compiler
  }

  /// Takes the block apart.
  mutating func read() -> Reading {
    while skipSpace() {
      let failure = isForPrompt(at: position) ? readCommand() : readLua(to: nextCommand())
      if let failure { return failure }
    }
    return .inputs(inputs)
  }

  /// Whether something is left.
  private mutating func skipSpace() -> Bool {
    move(to: text[position...].firstIndex { !Chunk.isSpace($0) } ?? text.count)
    return position < text.count
  }

  private mutating func move(to place: Int) {
    line += text[position..<place].count { $0 == UInt8(ascii: "\n") }
    position = place
  }

  /// What stands from the next byte on.
  private func chunk(to end: Int) -> Chunk { Chunk(position..<end, of: text, line: line) }

  private mutating func add(to end: Int) {
    inputs.append(chunk(to: end))
    move(to: end)
  }

  // MARK: Commands

  private func isForPrompt(at place: Int) -> Bool { chunkBegins(with: "?", at: place) || beginsCommand(at: place) }

  private func beginsCommand(at place: Int) -> Bool {
    chunkBegins(with: ":", at: place) && !chunkBegins(with: "::", at: place)
  }

  private func chunkBegins(with word: String, at place: Int) -> Bool { text[place...].starts(with: word.utf8) }

  private func lineEnd(_ place: Int) -> Int { text[place...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count }

  /// Whether nothing but blanks stands before it on its line.
  private func isFirstOnLine(_ place: Int) -> Bool {
    let before = text[..<place].last { !Chunk.isSpace($0) || $0 == UInt8(ascii: "\n") }
    return before == nil || before == UInt8(ascii: "\n")
  }

  /// Takes a line, or of a command that runs Lua as many as that needs.
  private mutating func readCommand() -> Reading? {
    var end = lineEnd(position)
    if PromptCommand.code(in: chunk(to: end)) != nil {
      guard let whole = codeEnd(from: end) else { return .unfinished(chunk(to: text.count)) }
      end = whole
    }
    add(to: end)
    return nil
  }

  /// The end of the first line with which the Lua behind a command is whole; nil where none is.
  private func codeEnd(from first: Int) -> Int? {
    var open = OpenConstructs()
    var next = first
    // the colon and the command's name are tokens like others, and open nothing
    let scanner = LuaScanner(text, from: position)
    for token in scanner {
      if token.range.lowerBound > next, open.stack.isEmpty {
        if isWhole(to: next) { return next }
      }
      if token.range.lowerBound > next { next = lineEnd(token.range.lowerBound) }
      open.take(token, scanner)
      next = max(next, lineEnd(token.range.upperBound))
    }
    return isWhole(to: next) ? next : nil
  }

  private func isWhole(to end: Int) -> Bool { PromptCommand.code(in: chunk(to: end)).map(compiler.isComplete) ?? true }

  /// Where the line begins that is the next for the prompt; the text's end where there is none.
  private func nextCommand() -> Int {
    // most blocks have none, and are read by Lua alone
    let mayBegin = { [text] place in text[place] == UInt8(ascii: ":") || text[place] == UInt8(ascii: "?") }
    guard (position..<text.count).contains(where: { mayBegin($0) && isForPrompt(at: $0) && isFirstOnLine($0) }) else {
      return text.count
    }
    var open = OpenConstructs()
    var last: LuaToken?
    let scanner = LuaScanner(text, from: position)
    for token in scanner {
      let place = token.range.lowerBound
      if open.stack.isEmpty, isForPrompt(at: place), isFirstOnLine(place), !goesOn(last, at: place) { return place }
      open.take(token, scanner)
      if token.kind != .comment { last = token }
    }
    return text.count
  }

  /// Whether what looks like a command on a line of its own calls a method of what stands before: `net` and, below, `:fit(...)`.
  ///
  /// Behind a blank, a command's name is that of the command.
  private func goesOn(_ last: LuaToken?, at place: Int) -> Bool {
    guard let last, text[place] == UInt8(ascii: ":") else { return false }
    let name = text[(place + 1)...].prefix { LuaScanner.isLetter($0) || LuaScanner.isDigit($0) }
    let rest = text[name.endIndex...].drop { $0 == UInt8(ascii: " ") }
    guard let opening = rest.first, "({[\"'".utf8.contains(opening) else { return false }
    if rest.startIndex == name.endIndex { return true }
    if case .success = PromptCommand.find(String(decoding: name, as: UTF8.self)) { return false }
    let isBracket = [")", "]", "}"].contains { text[last.range].elementsEqual($0.utf8) }
    return isBracket || last.kind == .name || last.kind == .string
  }

  // MARK: Lua

  /// Lua up to a place, as tokens without comments.
  private struct Code {
    var tokens: [LuaToken] = []
    /// Whether a token stands in no block and no brackets.
    var isOutside: [Bool] = []

    init(_ text: [UInt8], _ range: Range<Int>) {
      var open = OpenConstructs()
      let scanner = LuaScanner(Array(text[..<range.upperBound]), from: range.lowerBound)
      for token in scanner where token.kind != .comment {
        tokens.append(token)
        isOutside.append(open.stack.isEmpty)
        open.take(token, scanner)
      }
    }
  }

  /// What Lua says to a part of the text.
  private struct Attempt {
    let isTaken: Bool
    let endsEarly: Bool
    /// Behind the token that the error is near, in bytes.
    let reached: Int
  }

  private func attempt(_ range: Range<Int>, asExpression: Bool) -> Attempt {
    let head = asExpression ? Chunk.expressionHead : []
    let part = head + text[range]
    var taken = 0
    lua_settop(compiler.interpreter.lua, 0)
    let status = part.withUnsafeBytes { bytes in
      sonde_try_load_text(
        compiler.interpreter.lua, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, "=stdin", &taken)
    }
    // without memory Lua may not have come to the text itself
    let reached = max(range.lowerBound, range.lowerBound + taken - 1 - head.count)
    return Attempt(
      isTaken: status == LUA_OK, endsEarly: status != LUA_OK && compiler.isUnfinished,
      reached: min(reached, range.upperBound))
  }

  /// Takes statements and expressions up to a place.
  private mutating func readLua(to end: Int) -> Reading? {
    while skipSpace(), position < end {
      let range = position..<end
      if attempt(range, asExpression: true).isTaken { return take(to: end) }
      let statements = attempt(range, asExpression: false)
      if statements.isTaken {
        addStatements(to: end)
        return nil
      }
      // what Lua has not looked at does not matter
      guard let start = expressionStart(Code(text, position..<statements.reached), before: statements) else {
        return refuse(statements, to: end)
      }
      let expression = attempt(start..<end, asExpression: true)
      let code = Code(text, position..<expression.reached)
      guard let stop = expression.isTaken ? end : expressionStop(code, from: start, expression) else {
        guard isBroken(code, from: start, expression), !statements.endsEarly else { return refuse(statements, to: end) }
        if start > position { add(to: start) }
        return refuse(expression, to: end, asExpression: true)
      }
      if start > position { addStatements(to: start) }
      add(to: stop)
    }
    return nil
  }

  private mutating func take(to end: Int) -> Reading? {
    add(to: end)
    return nil
  }

  /// Adds statements up to a place; a call that ends its line is an input's last, and prints as if the line were typed alone.
  ///
  /// What jumps or closes something needs the statements in one.
  private mutating func addStatements(to end: Int) {
    let code = Code(text, position..<end)
    let outline = ChunkOutline(Array(text[position..<end]))
    let hasLabel = zip(code.tokens, code.isOutside).contains { $1 && text[$0.range].elementsEqual("::".utf8) }
    if !hasLabel, !outline.declarations.contains(where: { $0.attribute == .close }) {
      var start = position
      for (index, token) in code.tokens.enumerated() where code.isOutside[index] && beginsStatement(token) {
        let place = token.range.lowerBound
        guard place > start, isFirstOnLine(place), attempt(start..<place, asExpression: false).isTaken,
          ChunkOutline.isApart(token, in: text, behind: text[start..<place], compiler.compiles)
        else { continue }
        if endsInCall(start..<place) { add(to: place) }
        start = place
      }
    }
    add(to: end)
  }

  /// Whether the last of statements is a call, or all of them are one.
  private func endsInCall(_ range: Range<Int>) -> Bool {
    if attempt(range, asExpression: true).isTaken { return true }
    var outline = ChunkOutline(Array(text[range]))
    outline.returnLastCall(compiles: compiler.compiles)
    return outline.returns.last?.isCall == true
  }

  private func beginsStatement(_ token: LuaToken) -> Bool {
    let word = text[token.range]
    return token.kind == .name || word.elementsEqual("(".utf8)
      || token.kind == .keyword && BlockInputs.statementWords.contains { word.elementsEqual($0.utf8) }
  }

  private static let statementWords = [
    "do", "for", "function", "goto", "if", "local", "repeat", "return", "while",
  ]

  /// What to make of text that Lua has not taken; leaves its message on the stack.
  private func refuse(_ attempt: Attempt, to end: Int, asExpression: Bool = false) -> Reading {
    let chunk = chunk(to: end)
    lua_settop(compiler.interpreter.lua, 0)
    _ = compiler.load(asExpression ? chunk.expression : chunk.bytes, line: line)
    return attempt.endsEarly && end == text.count ? .unfinished(chunk) : .wrong(chunk)
  }

  /// Where an expression begins behind statements that Lua takes: at the token that it has refused or before that.
  private func expressionStart(_ code: Code, before attempt: Attempt) -> Int? {
    var tries = 0
    for index in stride(from: refused(code, attempt) ?? -1, through: 0, by: -1) {
      let place = code.tokens[index].range.lowerBound
      guard place >= position, tries < BlockInputs.mostTries else { return nil }
      guard code.isOutside[index], beginsExpression(code, index) else { continue }
      tries += 1
      if place == position { return place }
      let statements = ChunkOutline(Array(text[position..<place]))
      if self.attempt(position..<place, asExpression: false).isTaken, statements.returns.last?.isLast != true {
        return place
      }
    }
    return nil
  }

  /// A statement has seldom more places where another could begin.
  private static let mostTries = 50

  private func beginsExpression(_ code: Code, _ index: Int) -> Bool {
    let token = code.tokens[index]
    let word = text[token.range]
    switch token.kind {
    case .name: return true
    case .number, .string: break
    case .keyword: guard BlockInputs.openingWords.contains(where: { word.elementsEqual($0.utf8) }) else { return false }
    case .symbol:
      guard BlockInputs.openingSymbols.contains(where: { word.elementsEqual($0.utf8) }) else { return false }
    case .comment, .other: return false
    }
    return isSeparated(code, index)
  }

  private static let openingWords = ["function", "not", "nil", "true", "false"]
  private static let openingSymbols = ["{", "(", "-", "#", "~", "..."]

  /// Whether a token stands behind a `;`, on a new line or behind an `end`.
  private func isSeparated(_ code: Code, _ index: Int) -> Bool {
    guard index > 0, !isFirstOnLine(code.tokens[index].range.lowerBound) else { return true }
    let before = text[code.tokens[index - 1].range]
    return before.elementsEqual(";".utf8) || before.elementsEqual("end".utf8)
  }

  /// Where an expression ends that begins at a place and that Lua has not taken to the text's end; nil where nothing may follow.
  private func expressionStop(_ code: Code, from start: Int, _ attempt: Attempt) -> Int? {
    guard !attempt.endsEarly, let index = refused(code, attempt), isSeparated(code, index),
      isExpression(code, start, before: index)
    else { return nil }
    return code.tokens[index].range.lowerBound
  }

  /// Whether what is wrong with an expression is not what stands behind it.
  private func isBroken(_ code: Code, from start: Int, _ attempt: Attempt) -> Bool {
    guard !attempt.endsEarly, let index = refused(code, attempt) else { return true }
    return !isExpression(code, start, before: index)
  }

  /// The token that an error is near.
  private func refused(_ code: Code, _ attempt: Attempt) -> Int? {
    code.tokens.lastIndex { $0.range.upperBound <= attempt.reached }
  }

  private func isExpression(_ code: Code, _ start: Int, before index: Int) -> Bool {
    let end = code.tokens[index].range.lowerBound
    return end > start && attempt(start..<end, asExpression: true).isTaken
  }
}
