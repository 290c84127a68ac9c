import CLua
import LuaAPI

extension Prompt {
  /// Answers what stands behind `?`; behind `??`, with the source.
  func ask(_ topic: [UInt8]) {
    let isSource = topic.first == UInt8(ascii: "?")
    if askHelp(isSource ? .source : .question, isSource ? Array(topic.dropFirst()) : topic) { sonde_flush() }
  }

  /// Calls a function of help's with a text, and leaves its result; tells an error, and answers whether there was none.
  fileprivate func askHelp(_ help: PromptHelp, _ text: [UInt8]) -> Bool {
    let (session, lua) = (interpreter.session, interpreter.lua)
    session.chunkText = { [evaluator] name in evaluator.text(ofChunk: name).map { String(decoding: $0, as: UTF8.self) }
    }
    session.pushLocal = { [evaluator] name in evaluator.locals.push(name) }
    lua_settop(lua, 0)
    var status = session.pushHelp(help)
    if status == LUA_OK { status = text.withUnsafeBytes { sonde_try_string(lua, $0.baseAddress, $0.count) } }
    return evaluator.report(status) && evaluator.call(arguments: 1, results: 1)
  }
}

extension PromptCommand {
  /// `:example`.
  static let example = PromptCommand(
    name: "example", argument: "name",
    summary: "shows the example of a page of help and runs it; alone tells what has one",
    isArgumentOptional: true
  ) { prompt, name in
    let lua = prompt.interpreter.lua
    defer { sonde_flush() }
    guard prompt.askHelp(.example, Array(name.utf8)), lua_type(lua, -1) == LUA_TFUNCTION,
      prompt.evaluator.call(arguments: 0, results: 1), lua_type(lua, -1) == LUA_TTABLE,
      prompt.evaluator.report(prompt.interpreter.session.pushHelp(.made))
    else { return }
    lua_rotate(lua, -2, 1)
    _ = prompt.evaluator.call(arguments: 1)
  }
}
