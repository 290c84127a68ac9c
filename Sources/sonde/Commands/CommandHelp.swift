extension PromptCommand {
  static let help: PromptCommand = PromptCommand(
    name: "help", argument: nil, summary: "lists the commands and the keys"
  ) { _, _ in
    let width = all.map { $0.usage.count }.max() ?? 0
    let lines = all.map { command in
      let padding = String(repeating: " ", count: width - command.usage.count)
      let aliases = command.aliases.map { ":" + $0 }.joined(separator: ", ")
      return "  \(command.usage)\(padding)  \(command.summary)\(aliases.isEmpty ? "" : "; also \(aliases)")"
    }
    print("Commands; the beginning of a name will do, :exp for :experiments")
    print(lines.joined(separator: "\n"))
    print(keys)
  }

  private static let keys = """
    Typing
      expression     its values are printed; a ; at the end silences them
      _, _1, _2      the last result, the one before it, the one before that
      ?name, ??name  the documentation of a name, its source; help() is the tour
    Keys
      Tab            completes names, fields, options and files
      Up, Down       go through the history; Ctrl-R searches it
      Alt-Enter      a new line inside the entry
      Ctrl-C         stops what runs, or clears the line
      Ctrl-D         leaves
    """
}
