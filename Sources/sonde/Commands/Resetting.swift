import CLua
import LuaAPI

extension PromptCommand {
  static let reset = PromptCommand(
    name: "reset", argument: nil, summary: "begins a fresh session, as after the start"
  ) { prompt, _ in prompt.reset() }
}

extension Prompt {
  /// Goes on in a Lua state of its own, with the options of the command line, LUA_INIT, -l and init.lua, but neither -e nor the
  /// script, which may be long.
  fileprivate func reset() {
    guard let lua = sonde_new_state(), let fresh = try? arguments.session(in: lua) else {
      return sonde_complain(":reset: not enough memory for a fresh session; this one goes on\n")
    }
    interpreter.replaceSession(with: fresh)
    _ = interpreter.setArguments(arguments.words, script: arguments.script ?? 0)
    if !arguments.ignoresEnvironment { _ = interpreter.runInit() }
    record = SessionRecord(interpreter, arguments, isFresh: true)
    for action in arguments.actions {
      if case .execute = action { continue }
      _ = Program.perform(action, interpreter)
    }
    runInitFile()
    let left = arguments.executes || arguments.script != nil ? "; -e and the script were not run again" : ""
    print("a fresh session\(left); the history is still there, and what was typed can be recalled from it")
  }
}
