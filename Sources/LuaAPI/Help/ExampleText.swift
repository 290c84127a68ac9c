/// Lua of examples, a statement a line: records hold short ones in one line, with semicolons.
enum ExampleText {
  private static let openers: Set<String> = ["function", "do", "then", "repeat"]
  private static let closers: Set<String> = ["end", "until", "elseif"]

  /// The text with a line break in place of every `;` between whole statements.
  static func lines(of example: String) -> String {
    var scanner = Scanner(example)
    var lines: [String] = []
    var line = ""
    var depth = 0
    while let token = scanner.next() {
      depth += change(token)
      if token == ";" && depth == 0 {
        scanner.skipBlanks()
        // a line that begins with a bracket would go on with the last one
        lines.append(scanner.isAtBracket ? line + ";" : line)
        line = ""
      } else {
        line += token
      }
    }
    return (lines + [line]).filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// The variables that statements at the top set, in order: what an example has made.
  static func names(in example: String) -> [String] {
    var names: [String] = []
    var depth = 0
    for line in example.split(separator: "\n") {
      if depth == 0 { names += variables(of: line).filter { !names.contains($0) } }
      var scanner = Scanner(String(line))
      while let token = scanner.next() { depth += change(token) }
    }
    return names
  }

  /// The names on the left of an assignment or a `local`.
  private static func variables(of line: Substring) -> [String] {
    let isLocal = line.hasPrefix("local ")
    guard let equals = line.firstIndex(of: "="), line[equals...].dropFirst().first != "=" else { return [] }
    let left = line[..<equals].dropFirst(isLocal ? 6 : 0)
    let names = left.split(separator: ",").map(\.trimmingBlanks)
    let areNames = names.allSatisfy { name in
      name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } && !name.isEmpty
    }
    return areNames ? names : []
  }

  /// By how much a token changes how deep what follows stands.
  private static func change(_ token: String) -> Int {
    switch token {
    case "(", "{", "[": 1
    case ")", "}", "]": -1
    case _ where openers.contains(token): 1
    case _ where closers.contains(token): -1
    default: 0
    }
  }

  /// Splits Lua into words, strings, comments and single characters, as far as their ends matter here.
  private struct Scanner {
    private let text: [Character]
    private var place = 0

    init(_ text: String) { self.text = Array(text) }

    /// Whether a bracket is next.
    var isAtBracket: Bool { place < text.count && text[place] == "(" }

    mutating func skipBlanks() {
      while place < text.count, text[place] == " " { place += 1 }
    }

    mutating func next() -> String? {
      guard place < text.count else { return nil }
      let start = place
      let first = text[place]
      place += 1
      if first == "\"" || first == "'" {
        skipString(first)
      } else if first == "-", place < text.count, text[place] == "-" {
        while place < text.count, text[place] != "\n" { place += 1 }
      } else if first.isLetter || first == "_" {
        while place < text.count, text[place].isLetter || text[place].isNumber || text[place] == "_" { place += 1 }
      }
      return String(text[start..<place])
    }

    private mutating func skipString(_ quote: Character) {
      while place < text.count, text[place] != quote { place += text[place] == "\\" ? 2 : 1 }
      place = min(place + 1, text.count)
    }
  }
}
