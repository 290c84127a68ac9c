import CLua
import LuaAPI

extension Prompt {
  /// Answers what stands behind `?`; behind `??`, with the source.
  func ask(_ topic: [UInt8]) {
    let isSource = topic.first == UInt8(ascii: "?")
    let text = isSource ? Array(topic.dropFirst()) : topic
    _ = evaluator.report(askHelp(isSource ? .source : .question, text))
    sonde_flush()
  }

  /// Calls a function of help's with a text, and leaves its results; answers Lua's status.
  fileprivate func askHelp(_ help: PromptHelp, _ text: [UInt8]) -> Int32 {
    lua_settop(interpreter.lua, 0)
    var status = interpreter.session.pushHelp(help)
    if status == LUA_OK {
      status = text.withUnsafeBytes { sonde_try_string(interpreter.lua, $0.baseAddress, $0.count) }
    }
    return status == LUA_OK ? interpreter.run(arguments: 1, results: 1, hold: true) : status
  }
}

extension PromptCommand {
  /// `:example`.
  static let example = PromptCommand(
    name: "example", argument: "name", summary: "shows the example of a page of help and runs it; alone lists them"
  ) { prompt, name in
    let lua = prompt.interpreter.lua
    guard prompt.evaluator.report(prompt.askHelp(.example, Array(name.utf8))) else { return }
    guard lua_type(lua, -1) == LUA_TFUNCTION else { return sonde_flush() }
    guard prompt.evaluator.report(prompt.interpreter.run(arguments: 0, results: 1, hold: true)) else { return }
    guard lua_type(lua, -1) == LUA_TTABLE else { return sonde_flush() }
    var status = prompt.interpreter.session.pushHelp(.made)
    if status == LUA_OK {
      lua_rotate(lua, -2, 1)
      status = prompt.interpreter.run(arguments: 1, results: 0, hold: true)
    }
    _ = prompt.evaluator.report(status)
    sonde_flush()
  }
}
