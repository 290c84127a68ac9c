/// Finds what an error speaks of in the line it comes from.
struct Caret {
  private let excerpt: TypedSources.Excerpt
  private let scanner: LuaScanner
  /// The tokens that begin on the line, without comments.
  private let tokens: [LuaToken]

  init(_ excerpt: TypedSources.Excerpt) {
    self.excerpt = excerpt
    scanner = LuaScanner(excerpt.text)
    tokens = scanner.filter { $0.kind != .comment && excerpt.range.contains($0.range.lowerBound) }
  }

  /// The words before a quoted name that say what it names; with those that stand in the text before the name, if any do.
  private static let kinds: [(word: String, before: Set<String>)] = [
    ("global", []), ("local", []), ("upvalue", []), ("variable", []), ("label", []), ("attribute", ["<"]),
    ("field", [".", ":", "{", ",", ";", "["]), ("method", [":"]), ("option", ["{", ",", ";", "["]),
    ("function", []), ("to", []), ("calling", []), ("module", []),
  ]

  /// The bytes of the text to point at; nil where that can't be known, as when a name stands twice on the line.
  ///
  /// `repeats` compiles text and tells whether the message is the same: that is how the token of a syntax error is found.
  func range(of message: Substring, repeats: (ArraySlice<UInt8>) -> Bool) -> Range<Int>? {
    if message.hasPrefix("unfinished string"), let open = tokens.first(where: { $0.kind == .string && !$0.isClosed }) {
      return open.range
    }
    if let near = message.firstRange(of: " near ") { return syntax(message[near.upperBound...], repeats) }
    return named(message) ?? speaker(message)
  }

  // MARK: Syntax errors

  /// What opens a construct that is not closed, if it stands on the line once.
  func range(ofOpening name: String) -> Range<Int>? {
    let found = tokens.filter { excerpt.text[$0.range].starts(with: name.utf8) }
    return found.count == 1 ? found[0].range.prefix(name.utf8.count) : nil
  }

  /// The token behind `near`, in quotes: the first that the text may end with for the same message.
  private func syntax(_ near: Substring, _ repeats: (ArraySlice<UInt8>) -> Bool) -> Range<Int>? {
    guard near.hasPrefix("'"), near.hasSuffix("'"), near.count > 2 else { return nil }
    let word = near.dropFirst().dropLast()
    let found = tokens.filter { scanner.text(of: $0).hasPrefix(word) }
    if found.count < 2 { return found.first.map { clipped($0.range) } }
    return found.first { repeats(excerpt.text[..<$0.range.upperBound]) }.map { clipped($0.range) }
  }

  /// The part of a token that stands on the line.
  private func clipped(_ range: Range<Int>) -> Range<Int> { range.clamped(to: excerpt.range) }

  // MARK: Names

  /// A name in quotes behind a word that says what it is.
  private func named(_ message: Substring) -> Range<Int>? {
    let pieces = message.split(separator: "'", omittingEmptySubsequences: false)
    for position in stride(from: 1, to: pieces.count, by: 2) {
      let word = pieces[position - 1].split { $0 == " " || $0 == "(" }.last
      guard let kind = Caret.kinds.first(where: { $0.word == word ?? "" }) else { continue }
      let behind = Caret.operations.first { message.hasPrefix($0.word) }?.behind ?? []
      if let range = only(String(pieces[position]), before: kind.before, behind: behind) { return range }
    }
    return nil
  }

  /// What Lua could not do, and what stands behind the name when it is that which it tried.
  private static let operations: [(word: String, behind: Set<String>)] = [
    ("attempt to index", [".", ":", "["]), ("attempt to call", ["(", "{"]),
  ]

  /// The last part of the name with which a message of a function begins: `mlp` of `nn.mlp: ...`.
  private func speaker(_ message: Substring) -> Range<Int>? {
    guard let end = message.firstRange(of: ": ")?.lowerBound, !message[..<end].contains(" ") else { return nil }
    guard let name = message[..<end].split(whereSeparator: { $0 == "." || $0 == ":" }).last else { return nil }
    return only(String(name), before: [], behind: [])
  }

  /// The one token that is the name, or a string of it, on the line; nil where there is none or several, also with what stands
  /// behind it considered.
  private func only(_ name: String, before: Set<String>, behind: Set<String>) -> Range<Int>? {
    let last = name.split { $0 == "." || $0 == ":" }.last.map(String.init) ?? name
    var found = tokens.indices.filter { index in
      let text = scanner.text(of: tokens[index])
      let isName = text == last || tokens[index].kind == .string && text.dropFirst().dropLast() == name
      return isName && (before.isEmpty || index > 0 && before.contains(scanner.text(of: tokens[index - 1])))
    }
    if found.count > 1 {
      found = found.filter { $0 + 1 < tokens.count && behind.contains(scanner.text(of: tokens[$0 + 1])) }
    }
    return found.count == 1 ? tokens[found[0]].range : nil
  }
}

extension Range<Int> {
  /// Its first numbers, so many.
  fileprivate func prefix(_ count: Int) -> Range<Int> { lowerBound..<Swift.min(upperBound, lowerBound + count) }
}
