import CLua
import LuaAPI

extension PromptCommand {
  static let undo = PromptCommand(
    name: "undo", argument: nil, summary: "takes back the last surgery of the net that was changed last"
  ) { prompt, _ in
    guard prompt.interpreter.session.hasSurgeryToUndo else {
      return sonde_complain(":undo: nothing to take back; net:batchnorm, net:init and their like are surgeries\n")
    }
    let lua = prompt.interpreter.lua
    lua_settop(lua, 0)
    guard prompt.evaluator.report(prompt.interpreter.session.pushFunction("sonde.undo")),
      prompt.evaluator.call(arguments: 0, results: 2), lua_gettop(lua) == 2
    else { return }
    prompt.record.add(.undone)
    let name = prompt.name(ofObjectAt: 2) ?? "a \(prompt.interpreter.session.kind(at: 2))"
    let text = prompt.interpreter.session.text(at: 1)
    print("took back \(name)\(text.hasPrefix("[") ? "" : ":")\(text)")
  }
}

extension Prompt {
  /// The variable that holds the object at a stack index, a local before a global; nil where none does.
  fileprivate func name(ofObjectAt index: Int32) -> String? {
    let (lua, session) = (interpreter.lua, interpreter.session)
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    for name in evaluator.locals.names {
      lua_settop(lua, top)
      if evaluator.locals.push(name), session.isSameObject(index, lua_gettop(lua)) { return name }
    }
    lua_settop(lua, top)
    return session.global(holdingObjectAt: index)
  }
}
