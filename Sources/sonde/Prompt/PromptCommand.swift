import CLua

/// A command of the prompt: a word behind a colon, with the rest of the line as its argument.
struct PromptCommand: Sendable {
  /// The word without its colon.
  let name: String
  /// What the argument is called in help; nil where there is none.
  let argument: String?
  let summary: String
  let body: @Sendable (_ prompt: Prompt, _ argument: String) -> Void

  static let all = [
    PromptCommand(name: "quit", argument: nil, summary: "leaves at once") { prompt, _ in prompt.isOpen = false },
    .trace,
    .example,
  ]

  /// Runs a line without its colon.
  static func run(_ line: [UInt8], in prompt: Prompt) {
    let words = String(decoding: line, as: UTF8.self).split(maxSplits: 1) { $0.isWhitespace }.map(String.init)
    let name = words.first ?? ""
    guard let command = all.first(where: { $0.name == name }) else {
      let known = all.map { ":" + $0.name }.joined(separator: ", ")
      return sonde_complain(":\(name): no such command; there are \(known)\n")
    }
    command.body(prompt, (words.dropFirst().first ?? "").trimmed)
  }
}
