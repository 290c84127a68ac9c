import CLua
import CProcess
import LuaAPI

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension PromptCommand {
  static let save = PromptCommand(
    name: "save", argument: "file.lua", summary: "writes the session as a script that gives the same results"
  ) { prompt, argument in prompt.save(argument, replaces: false) }

  static let saveOver = PromptCommand(
    name: "save!", argument: "file.lua", summary: "the same, over a file that exists"
  ) { prompt, argument in prompt.save(argument, replaces: true) }
}

extension Prompt {
  /// Writes the script of the session and tells what it holds.
  fileprivate func save(_ argument: String, replaces: Bool) {
    let path = UserFiles.path(typed: argument)
    if !replaces, !sonde_sandbox_is_on(), access(path, F_OK) == 0 {
      return sonde_complain(":save: \(path) exists; :save! \(argument) writes over it\n")
    }
    let script = SessionScript(record, compiles: compiles)
    do {
      try ScriptText.write(script.text, to: path, who: ":save")
    } catch let failure as ScriptText.Failure {
      return sonde_complain("\(failure.text); nothing was written\n")
    } catch {
      return sonde_complain(":save: \(error); nothing was written\n")
    }
    let count = record.steps.count
    print("saved \(count) step\(count == 1 ? "" : "s") to \(path); run it with: sonde \(path)")
    for warning in script.warnings { sonde_complain("warning: \(warning)\n") }
  }
}
