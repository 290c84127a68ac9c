import CLua
import LuaAPI

extension PromptCommand {
  static let experiments = PromptCommand(
    name: "experiments", argument: "name [options]",
    summary: "lists the experiments that ship with Sonde, or runs one in a process of its own", isArgumentOptional: true
  ) { _, argument in
    let words = argument.split { $0.isWhitespace }.map(String.init)
    guard let first = words.first else { return Experiment.list() }
    do {
      let (experiment, arguments) = (try Experiment.find(first), Array(words.dropFirst()))
      if arguments.contains("--help") || arguments.contains("-h") {
        return print(experiment.help)
      }
      try experiment.check(arguments)
      try experiment.run(arguments)
    } catch let mistake as Mistake {
      sonde_complain(":experiments: \(mistake.text)\n")
    } catch {
      sonde_complain(":experiments: \(error)\n")
    }
  }
}
