import CLua
import Tensors

/// A command of the prompt: a word behind a colon, with the rest of the line as its argument.
struct PromptCommand: Sendable {
  /// The word without its colon.
  let name: String
  /// Other words for it.
  var aliases: [String] = []
  /// What the argument is called in help; nil where there is none.
  let argument: String?
  let summary: String
  /// Whether the argument may be left out.
  var isArgumentOptional = false
  /// Whether the argument is Lua.
  var runsLua = false
  let body: @Sendable (_ prompt: Prompt, _ argument: String) -> Void

  /// In the order of `:help`.
  static let all: [PromptCommand] = [
    list, example, time, bench, type, vars, load, save, saveOver, undo, trace, experiments, doctor, reset, quit,
  ]

  private static let quit = PromptCommand(
    name: "quit", aliases: ["exit"], argument: nil, summary: "leaves, as Ctrl-D does"
  ) { prompt, _ in prompt.isOpen = false }

  /// Runs a line without its colon.
  static func run(_ line: [UInt8], in prompt: Prompt) {
    let words = String(decoding: line, as: UTF8.self).split(maxSplits: 1) { $0.isWhitespace }.map(String.init)
    let (name, argument) = (words.first ?? "", (words.dropFirst().first ?? "").trimmed)
    switch find(name) {
    case .failure(let mistake): sonde_complain("\(mistake.text)\n")
    case .success(let command): command.run(argument, in: prompt)
    }
  }

  private func run(_ argument: String, in prompt: Prompt) {
    if self.argument == nil, !argument.isEmpty {
      return sonde_complain(":\(name): expected nothing behind it, got '\(argument.prefix(40))'\n")
    }
    if self.argument != nil, !isArgumentOptional, argument.isEmpty {
      return sonde_complain(":\(name): nothing stands behind it; it is typed as \(usage)\n")
    }
    let (steps, state) = (prompt.record.steps.count, prompt.interpreter.session.generator.state)
    body(prompt, argument)
    let drawn = prompt.interpreter.session.generator.state
    if prompt.record.steps.count == steps, drawn != state, name != "reset" {
      prompt.record.add(.drawn(drawn))
    }
  }

  /// How it is typed: `:vars [pattern]`.
  var usage: String { ":\(name)" + (argument.map { isArgumentOptional ? " [\($0)]" : " \($0)" } ?? "") }

  /// The Lua that stands behind a command which runs it, and may go on over several lines; nil in other chunks.
  static func code(in chunk: Chunk) -> Chunk? {
    guard let line = chunk.command else { return nil }
    let name = line.prefix { !Chunk.isSpace($0) }
    guard case .success(let command) = find(String(decoding: name, as: UTF8.self)), command.runsLua else { return nil }
    let code = Chunk(Array(line.dropFirst(name.count).drop(while: Chunk.isSpace)))
    return code.isBlank ? nil : code
  }

  // MARK: Names

  /// Why a name means no command.
  struct Mistake: Error {
    let text: String
  }

  /// Finds a command by its name, another word for it, or the beginning of one that no other has.
  static func find(_ name: String) -> Result<PromptCommand, Mistake> {
    guard !name.isEmpty else { return .failure(Mistake(text: "expected a command behind the colon; :help lists them")) }
    if let command = all.first(where: { $0.words.contains(name) }) { return .success(command) }
    let begun = all.filter { command in command.words.contains { $0.hasPrefix(name) } }
    // `:save!` is the stronger `:save`, and `:sa` means the weaker
    let named = begun.filter { command in !begun.contains { $0.name != command.name && command.name.hasPrefix($0.name) }
    }
    if let command = named.first, named.count == 1 { return .success(command) }
    guard named.isEmpty else {
      let names = named.map { ":" + $0.name }.joined(separator: ", ")
      return .failure(Mistake(text: ":\(name) can be \(names)"))
    }
    let nearest =
      nearestName(to: name, among: all.flatMap { $0.words }).map { ", did you mean ':\($0)'?" } ?? "; :help lists them"
    return .failure(Mistake(text: ":\(name.prefix(40)): no such command\(nearest)"))
  }

  private var words: [String] { [name] + aliases }
}
