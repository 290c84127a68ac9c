import Plots
import Tensors

/// A command of the prompt, as far as help tells of it.
public struct HelpCommand: Sendable {
  /// The word behind the colon.
  let name: String
  /// Other words for it.
  let aliases: [String]
  /// How it is typed: `:vars [pattern]`.
  let usage: String
  let summary: String

  /// Describes a command.
  public init(name: String, aliases: [String], usage: String, summary: String) {
    (self.name, self.aliases, self.usage, self.summary) = (name, aliases, usage, summary)
  }

  /// What it does, and its other words.
  private var meaning: String {
    summary + (aliases.isEmpty ? "" : "; also " + aliases.map { ":" + $0 }.joined(separator: ", "))
  }

  private var page: HelpPage {
    var page = HelpPage(heading: usage)
    page.add("", [.text(meaning)])
    page.add("See also", [.names([":help", "prompt"].filter { $0 != ":" + name })])
    return page
  }

  fileprivate static func page(of commands: [HelpCommand]) -> HelpPage {
    var page = HelpPage(heading: "Commands")
    page.add("", [.text("The beginning of a name will do: :exp is :experiments.")])
    page.add("", [.table(commands.map { ($0.usage, $0.meaning) })])
    page.add(
      "Typing",
      [
        .table([
          ("expression", "its values are printed, as a last call's are; a ; at the end silences them"),
          ("_, _1, _2", "the last result, the one before it, the one before that"),
          ("?name, ??name", "the documentation of a name, its source; help() is the tour"),
        ])
      ])
    page.add(
      "Keys",
      [
        .table([
          ("Tab", "completes names, fields, options and files"),
          ("Up, Down", "go through the history; Ctrl-R searches it"),
          ("Alt-Enter", "a new line inside the entry"),
          ("Ctrl-C", "stops what runs, or clears the line"),
          ("Ctrl-D", "leaves"),
        ])
      ])
    return page
  }

  // MARK: Answers

  /// The page of what is asked for with a colon, `:save`, with which a question about any other thing does not begin; nil then.
  static func page(asked text: String, among commands: [HelpCommand]) -> HelpPage? {
    guard text.hasPrefix(":"), !commands.isEmpty else { return nil }
    let name = text.dropFirst().prefix { !$0.isWhitespace }
    if name.isEmpty { return page(of: commands) }
    if let command = commands.first(where: { ([$0.name] + $0.aliases).contains(String(name)) }) { return command.page }
    let begun = commands.filter { $0.name.hasPrefix(name) }
    if let command = begun.first, begun.count == 1 { return command.page }
    let nearest = suggestion(for: ":\(name)", among: commands.map { ":" + $0.name })
    var page = HelpPage(heading: "There is no command ':\(name)'\(nearest.isEmpty ? "; there are" : nearest)")
    if nearest.isEmpty { page.add("", [.names(commands.map { ":" + $0.name })]) }
    return page
  }

  /// A page about a word, with the command of that name: below what else has it, or alone.
  static func adding(_ name: String, of commands: [HelpCommand], to page: HelpPage?) -> HelpPage? {
    guard let command = commands.first(where: { $0.name == name }) else { return page }
    guard var page else { return command.page }
    page.add("A command of the prompt", [.list([(command.usage, command.summary)])])
    return page
  }
}

extension Session {
  /// The commands of the prompt and its keys, as they are shown on this terminal.
  public var commandList: String { HelpStyle(.current).text(HelpCommand.page(of: commands)) }
}
