import TestSupport
import Testing

/// A session at the prompt, word for word: what is typed, and all that is shown.
///
/// The file starts with comments behind `#` and the command behind `$`: settings of the environment, `columns=` for the
/// terminal's width, `sonde` and its arguments. Then follows what stands on the screen; what comes after `> ` or `>> `
/// at a line's start is what the user types. The greeting before it and the prompt after it are left out.
struct TranscriptFile: CustomTestStringConvertible {
  /// A line of the session that is typed, and everything shown before it, its prompt included.
  struct Step: Equatable {
    let shown: String
    let typed: String
  }

  let name: String
  let environment: [String: String]
  let arguments: [String]
  let columns: Int
  /// Everything that is shown, up to the last line's end.
  let text: String

  var testDescription: String { name }

  /// Why a file is no transcript.
  struct Mistake: Error, CustomStringConvertible {
    let description: String
  }

  init(name: String, contents: String) throws {
    self.name = name
    var lines = contents.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while lines.first?.hasPrefix("#") == true { lines.removeFirst() }
    guard let command = lines.popFirst(), command.hasPrefix("$ ") else {
      throw Mistake(description: "\(name): expected a line '$ sonde', got '\(lines.first ?? "")'")
    }
    var words = command.dropFirst(2).split(separator: " ").map(String.init)
    var settings: [String: String] = [:]
    while let word = words.first, let equals = word.firstIndex(of: "=") {
      settings[String(word[..<equals])] = String(word[word.index(after: equals)...])
      words.removeFirst()
    }
    columns = settings.removeValue(forKey: "columns").flatMap { Int($0) } ?? 80
    environment = settings
    arguments = Array(words.dropFirst())
    text = lines.joined(separator: "\n")
  }

  /// What is typed, with what stands before it.
  var steps: [Step] {
    var steps: [Step] = []
    var shown = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let prompt = [">> ", "> "].first(where: { line.hasPrefix($0) }) {
        let typed = String(line.dropFirst(prompt.count))
        steps.append(Step(shown: shown + prompt, typed: typed))
      }
      shown += line + "\n"
    }
    return steps
  }

  /// What is piped in.
  var input: String { steps.map { $0.typed + "\n" }.joined() }
}

extension TranscriptFile {
  /// The first line in which two texts differ, for a test's report; nil when they are the same.
  static func difference(_ shown: String, _ expected: String) -> String? {
    let (left, right) = (
      shown.split(separator: "\n", omittingEmptySubsequences: false),
      expected.split(separator: "\n", omittingEmptySubsequences: false)
    )
    for index in 0..<max(left.count, right.count) {
      let (line, wanted) = (index < left.count ? left[index] : nil, index < right.count ? right[index] : nil)
      if line == wanted { continue }
      return """
        line \(index + 1) is
        \(line.map { $0.debugDescription } ?? "missing")
        and should be
        \(wanted.map { $0.debugDescription } ?? "missing")
        of the whole text
        \(shown)
        """
    }
    return nil
  }
}
