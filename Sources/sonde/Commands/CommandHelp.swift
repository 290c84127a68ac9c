import CLua
import LuaAPI

extension PromptCommand {
  static let list: PromptCommand = PromptCommand(
    name: "help", argument: nil, summary: "lists the commands and the keys"
  ) { prompt, _ in print(prompt.interpreter.session.commandList) }

  /// What help tells of the command.
  var help: HelpCommand { HelpCommand(name: name, aliases: aliases, usage: usage, summary: summary) }
}
