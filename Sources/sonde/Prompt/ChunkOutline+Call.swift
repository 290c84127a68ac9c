extension ChunkOutline {
  /// Has statements that end in a call return what that gives, as IPython and Julia show what an input's last statement gives.
  ///
  ///     local net = nn.mlp{inputs = 4} net:count()    -- gives what `net:count()` gives
  ///
  /// Lua decides what is a statement and what a call: `compiles` tells whether it takes a text. That of the outline is one that
  /// it takes; a call alone is an expression and stays as it is.
  mutating func returnLastCall(compiles: ([UInt8]) -> Bool) {
    guard let position = lastCall(compiles) else { return }
    returns.append(Return(position: position, declarations: declarations.count, isLast: true, isCall: true))
  }

  /// The text as it runs: with a `return` before the call whose values it gives.
  func running(_ text: [UInt8]) -> [UInt8] {
    guard let call = returns.last, call.isCall else { return text }
    return text[..<call.position] + Chunk.expressionHead + text[call.position...]
  }

  /// Where the call begins that is the last of several statements; nil where the last is none.
  private func lastCall(_ compiles: ([UInt8]) -> Bool) -> Int? {
    let text = scanner.text
    var tries = 0
    for index in places.reversed() {
      let token = tokens[index]
      let statements = text[..<token.range.lowerBound]
      guard tries < ChunkOutline.mostTries else { return nil }
      tries += 1
      guard compiles(Array(statements)), ChunkOutline.isApart(token, in: text, behind: statements, compiles)
      else { continue }
      // behind the last statement's beginning is no other's
      let returning = statements + Chunk.expressionHead + text[token.range.lowerBound...]
      return compiles(Array(returning)) ? token.range.lowerBound : nil
    }
    return nil
  }

  /// Whether a token begins a statement behind others that are whole: a `(` may call what they end with.
  ///
  /// Brackets with nothing in them are a call's or nothing.
  static func isApart(
    _ token: LuaToken, in text: [UInt8], behind statements: ArraySlice<UInt8>, _ compiles: ([UInt8]) -> Bool
  ) -> Bool {
    !text[token.range].elementsEqual("(".utf8) || !compiles(statements + Array("\n()".utf8))
  }

  /// A statement has seldom more places where another could begin.
  private static let mostTries = 50

  /// The tokens outside of blocks and brackets with which a call behind other statements could begin.
  private var places: [Int] {
    var open = OpenConstructs()
    var places: [Int] = []
    for (index, token) in tokens.enumerated() {
      if index > 0, open.stack.isEmpty, token.kind == .name || word(index) == "(", mayEnd(tokens[index - 1]) {
        places.append(index)
      }
      open.take(token, scanner)
    }
    return places
  }

  /// Whether a statement may end with a token.
  private func mayEnd(_ token: LuaToken) -> Bool {
    switch token.kind {
    case .name, .number, .string: true
    case .keyword: ["end", "nil", "true", "false"].contains(scanner.text(of: token))
    case .symbol: [")", "]", "}", ";", "::", ">", "..."].contains(scanner.text(of: token))
    case .comment, .other: false
    }
  }
}
