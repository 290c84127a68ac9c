extension Cursor {
  /// The words of the language's that can stand at the cursor.
  var keywords: [String] {
    let last = code.tokens.count - 1
    let frame = outline.innermost
    guard last >= 0 else { return Cursor.operands + Cursor.statements }
    let isBlock = !frame.isBracket
    let ends = isBlock ? Cursor.ends(of: frame) : []
    if code.endsExpression(at: last) {
      let goesOn = ["and", "or"] + (isBlock ? Cursor.continuations(of: frame) : [])
      return goesOn + (isBlock && !frame.awaitsBody ? Cursor.statements + ends : [])
    }
    let begins = ["do", "then", "else", "repeat", ";"].contains { code.has($0, at: last) } && isBlock
    return begins ? Cursor.statements + ends : Cursor.operands + (code.has("return", at: last) ? ends : [])
  }

  private static let operands = ["nil", "true", "false", "not", "function"]
  private static let statements = [
    "local", "function", "for", "while", "if", "repeat", "return", "do", "break", "goto",
  ]

  /// What a block goes on with before its body.
  private static func continuations(of frame: CodeOutline.Frame) -> [String] {
    guard frame.awaitsBody else { return [] }
    return frame.word == "if" ? ["then"] : frame.word == "for" ? ["in", "do"] : ["do"]
  }

  /// What ends a block or its part.
  private static func ends(of frame: CodeOutline.Frame) -> [String] {
    switch frame.word {
    case "": []
    case "if": ["end", "else", "elseif"]
    case "repeat": ["until"]
    default: ["end"]
    }
  }
}
