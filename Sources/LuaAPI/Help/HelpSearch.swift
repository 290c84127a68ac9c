/// Finds pages by words.
struct HelpSearch {
  /// A page and how well it fits.
  struct Hit {
    let entry: HelpEntry
    let score: Int
  }

  private let words: [String]

  init(_ question: String) {
    words = question.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
      .filter { !HelpSearch.passedOver.contains($0) }
  }

  private static let passedOver: Set<String> = [
    "a", "an", "the", "of", "to", "in", "is", "how", "do", "i", "for", "and",
  ]

  /// The pages in which all words stand, or as many of them as stand together anywhere; the best first.
  func hits(in entries: [HelpEntry]) -> [Hit] {
    guard !words.isEmpty else { return [] }
    var found: [(hit: Hit, words: Int)] = []
    for entry in entries {
      let text = Text(entry)
      let scores = words.map(text.score).filter { $0 > 0 }
      if !scores.isEmpty { found.append((Hit(entry: entry, score: scores.reduce(0, +)), scores.count)) }
    }
    let most = found.map(\.words).max() ?? 0
    return found.enumerated().filter { $0.element.words == most }
      .sorted { ($0.element.hit.score, $1.offset) > ($1.element.hit.score, $0.offset) }.map(\.element.hit)
  }

  /// What of a page is searched.
  private struct Text {
    let name: String
    let aliases: [String]
    let summary: String
    let parameters: [String]
    let rest: String

    init(_ entry: HelpEntry) {
      name = entry.name.lowercased()
      aliases = entry.aliases.map { $0.lowercased() }
      summary = entry.summary.lowercased()
      switch entry.subject {
      case .function(let record):
        let all = record.parameters + record.options
        parameters = all.map { $0.name.lowercased() }
        let groups = HelpGroup.containing(record.name).map(\.title)
        rest = (groups + all.map(\.meaning) + [record.returns, record.errors]).joined(separator: " ").lowercased()
      case .topic(let topic): (parameters, rest) = ([], topic.text.lowercased())
      default: (parameters, rest) = ([], "")
      }
    }

    /// How well one word fits; the plural of a word fits it too.
    func score(_ word: String) -> Int {
      let stem = word.count > 4 && word.hasSuffix("s") ? String(word.dropLast()) : word
      let plain = HelpIndex.plain(name)
      if name == word || plain == word || plain == stem { return 60 }
      if plain.hasPrefix(stem) { return 40 }
      if aliases.contains(word) { return 36 }
      if name.contains(stem) { return 30 }
      if begins(stem, in: summary) { return 20 }
      if parameters.contains(word) { return 12 }
      if stem.count > 4, summary.contains(stem) { return 10 }
      return begins(stem, in: rest) ? 4 : 0
    }

    /// Whether a word of the text begins so.
    private func begins(_ word: String, in text: String) -> Bool {
      var rest = text[...]
      while let range = rest.firstRange(of: word) {
        if range.lowerBound == text.startIndex { return true }
        let before = text[text.index(before: range.lowerBound)]
        if !(before.isLetter || before.isNumber || before == "_") { return true }
        rest = rest[range.upperBound...]
      }
      return false
    }
  }
}
