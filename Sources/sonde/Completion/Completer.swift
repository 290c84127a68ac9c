import LuaAPI

/// Finds what a line at the prompt may go on with.
struct Completer {
  /// The most elements whose numbers are offered.
  private static let mostElements = 50
  /// The most bytes of earlier lines that are looked at.
  private static let mostText = 32 << 10

  /// The session of now: `:reset` makes another.
  private let session: () -> Session
  /// The names of the prompt's local variables.
  private let locals: () -> [String]
  private let pushLocal: (String) -> Bool

  /// Looks at the session of the moment; the prompt's locals are told by `locals` and pushed on Lua's stack by `pushLocal`.
  init(
    locals: @escaping () -> [String] = { [] }, pushLocal: @escaping (String) -> Bool = { _ in false },
    session: @escaping () -> Session
  ) {
    (self.session, self.locals, self.pushLocal) = (session, locals, pushLocal)
  }

  private var inspector: ValueInspector { ValueInspector(session(), pushLocal: pushLocal) }

  /// What fits at the cursor, which is between `line` and `rest`; `earlier` are the lines of the chunk before.
  func complete(_ line: [UInt8], rest: [UInt8] = [], earlier: [UInt8] = []) -> Completion? {
    let isContinued = earlier.contains { !Completer.isBlank($0) }
    if isContinued, line.allSatisfy(Completer.isBlank) { return indentation(line) }
    if !isContinued, let promptLine = PromptLine(line) {
      return promptLine.completion(self).map(\.matched).flatMap { $0.candidates.isEmpty ? nil : $0 }
    }
    let text = isContinued ? Completer.end(of: earlier) + [UInt8(ascii: "\n")] + line : line
    guard var completion = lua(text, rest: rest)?.matched else { return nil }
    completion.start -= text.count - line.count
    return completion.start < 0 || completion.candidates.isEmpty ? nil : completion
  }

  /// The last lines of a text that is too long to be looked at for a Tab.
  private static func end(of text: [UInt8]) -> [UInt8] {
    guard text.count > mostText else { return text }
    return Array(text.suffix(mostText).drop { $0 != UInt8(ascii: "\n") }.dropFirst())
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  /// Two spaces more, where a line of an unfinished chunk begins.
  private func indentation(_ line: [UInt8]) -> Completion {
    Completion(start: line.count, word: "", candidates: [Candidate("  ")])
  }

  // MARK: Lua

  /// What fits at the end of Lua text, unmatched.
  func lua(_ text: [UInt8], rest: [UInt8] = []) -> Completion? {
    let cursor = Cursor(text)
    if let string = cursor.string { return inside(string, cursor, rest) }
    let word = String(decoding: cursor.word, as: UTF8.self)
    var completion = Completion(start: cursor.start, word: word, candidates: [])
    switch cursor.place {
    case .nowhere: return nil
    case .localFunction: completion.candidates = [Candidate("function")]
    case .attribute: completion.candidates = ["const", "close"].map { Candidate($0) }
    case .member(let path, let isMethod):
      completion.candidates = path.map { inspector.members(of: $0, onlyMethods: isMethod) } ?? []
    case .key(let path): completion.candidates = keys(of: path, word, rest) + (word.isEmpty ? [] : names(cursor))
    case .name: completion.candidates = values(cursor, word)
    }
    completion.candidates = sorted(completion.candidates)
    return completion
  }

  /// Options in a table of options; the words that an argument can be; else variables and words of the language's.
  private func values(_ cursor: Cursor, _ word: String) -> [Candidate] {
    guard let help = cursor.argument.flatMap(inspector.help) else { return names(cursor) }
    if cursor.isFieldStart, !help.keys.isEmpty {
      let isOption = help.keys.contains { $0.name.hasPrefix(word) }
      return isOption || names(cursor).allSatisfy { !$0.name.hasPrefix(word) } ? help.keys : names(cursor)
    }
    guard word.isEmpty, cursor.isValueStart, help.takesBoolean || !help.words.isEmpty else { return names(cursor) }
    let booleans = help.takesBoolean ? ["true", "false"].map { Candidate($0) } : []
    return help.words.map { Candidate($0.name, text: Array("\"\($0.name)\"".utf8), summary: $0.summary) } + booleans
  }

  private func names(_ cursor: Cursor) -> [Candidate] {
    let keywords = cursor.word.isEmpty ? [] : cursor.keywords.map { Candidate($0) }
    if cursor.expectsOperator { return keywords }
    var seen: Set<String> = []
    let locals = (cursor.outline.locals + locals()).map { Candidate($0, summary: "local") }
    return (locals + keywords + inspector.globals()).filter { seen.insert($0.name).inserted }
  }

  /// Keys in quotes with the bracket that closes them, and the numbers of a few elements.
  private func keys(of path: ValuePath, _ word: String, _ rest: [UInt8]) -> [Candidate] {
    guard word.isEmpty else { return [] }
    let closing = rest.first == UInt8(ascii: "]") ? [] : [UInt8(ascii: "]")]
    let mark = QuotedText.Quote.mark(UInt8(ascii: "\""))
    let names = inspector.keys(of: path).compactMap { key in
      QuotedText.written(key, mark).map { Candidate(shown(key), text: mark.closing + $0 + mark.closing + closing) }
    }
    let numbers = (0..<min(inspector.length(of: path), Completer.mostElements)).map { index in
      Candidate("\(index + 1)", text: Array("\(index + 1)".utf8) + closing)
    }
    return names + numbers
  }

  /// Sorted by name, the numbers of elements behind them.
  private func sorted(_ candidates: [Candidate]) -> [Candidate] {
    candidates.map { (Int($0.name) ?? 0, $0) }.sorted { ($0.0, $0.1.name) < ($1.0, $1.1.name) }.map(\.1)
  }

  // MARK: Strings

  /// What a string may go on with: keys, the words of an argument, else the names of files.
  private func inside(_ string: QuotedText, _ cursor: Cursor, _ rest: [UInt8]) -> Completion? {
    guard let typed = string.content else { return nil }
    var (closing, words): ([UInt8], [[UInt8]]) = (string.quote.closing, [])
    var takesPath = true
    switch cursor.place {
    case .key(let path):
      (words, takesPath) = (inspector.keys(of: path), false)
      closing.append(UInt8(ascii: "]"))
    case .name where cursor.isValueStart:
      let argument = cursor.argument
      let help = argument.flatMap(inspector.help)
      words = help?.words.map { Array($0.name.utf8) } ?? []
      if argument?.function == ValuePath(.name("require")) { words = modules }
      takesPath = words.isEmpty && help?.takesPath ?? true
    default: break
    }
    if takesPath { return files(typed, string, closing, rest) }
    let candidates = words.compactMap { word in
      QuotedText.written(word, string.quote).map { Candidate(shown(word), text: $0) }
    }
    return Completion(
      start: string.raw.startIndex, word: String(decoding: typed, as: UTF8.self), candidates: sorted(candidates),
      closing: unclosed(closing, rest))
  }

  /// The modules that `require` has or knows how to make.
  private var modules: [[UInt8]] {
    let package = ValuePath(.name("package"))
    return ["loaded", "preload"].flatMap { inspector.keys(of: package.appending(.field(Array($0.utf8)))) }
  }

  private func files(_ typed: [UInt8], _ string: QuotedText, _ closing: [UInt8], _ rest: [UInt8]) -> Completion? {
    let files = FileNames(typed)
    guard let directory = files.expandedDirectory else { return nil }
    let candidates = files.candidates.compactMap { name in
      QuotedText.written(directory + name, string.quote).map { file(name, $0) }
    }
    return Completion(
      start: string.raw.startIndex, word: String(decoding: files.name, as: UTF8.self), candidates: candidates,
      closing: unclosed(closing, rest))
  }

  /// The file of a name; `text` is its path.
  func file(_ name: [UInt8], _ text: [UInt8]) -> Candidate {
    Candidate(shown(name), text: text, isWhole: name.last != UInt8(ascii: "/"))
  }

  /// What is still to be typed of a closing, some of which may stand behind the cursor.
  private func unclosed(_ closing: [UInt8], _ rest: [UInt8]) -> [UInt8] {
    for count in stride(from: closing.count, to: 0, by: -1) where rest.starts(with: closing.suffix(count)) {
      return Array(closing.dropLast(count))
    }
    return rest.starts(with: closing.prefix(1)) ? [] : closing
  }

  private func shown(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  // MARK: Commands

  /// The topics of help.
  var topics: [Candidate] { sorted(inspector.topics()) }
}
