import LuaAPI
import Tensors

/// What a word at the cursor can be replaced by.
struct Completion: Equatable {
  /// Where in the line the word begins.
  var start: Int
  /// The word as it is compared, without escapes.
  var word: String
  /// What may take its place; those that fit come out of `matched`.
  var candidates: [Candidate]
  /// What closes the string or bracket behind the one candidate that is left.
  var closing: [UInt8] = []

  /// Fewer letters than these are not taken for a slip.
  private static let shortestSlip = 3
  /// The most names that are compared letter by letter.
  private static let mostCompared = 2_000

  /// Those candidates that begin with the word; else those that do but for capitals; else the nearest.
  var matched: Completion {
    var result = self
    result.candidates = candidates.filter { $0.name.utf8.starts(with: word.utf8) }
    guard result.candidates.isEmpty else { return result }
    let small = word.lowercased()
    result.candidates = candidates.filter { $0.name.lowercased().utf8.starts(with: small.utf8) }
    guard result.candidates.isEmpty, word.count >= Completion.shortestSlip else { return result }
    let nearest = nearestNames(to: word, among: candidates.prefix(Completion.mostCompared).map(\.name))
    result.candidates = candidates.filter { nearest.contains($0.name) }
    return result
  }

  /// What all candidates have in common, or the one with what closes it; nil where the word is better left as it is.
  var replacement: [UInt8]? {
    guard let first = candidates.first else { return nil }
    guard candidates.count > 1 else { return first.text + (first.isWhole ? closing : []) }
    var common = first.text[...]
    for candidate in candidates.dropFirst() {
      common = common.prefix(zip(common, candidate.text).prefix { $0 == $1 }.count)
    }
    // not within a character
    while let last = common.last, last >= 0x80, String(validating: common, as: UTF8.self) == nil { common.removeLast() }
    return common.count >= word.utf8.count ? Array(common) : nil
  }
}
