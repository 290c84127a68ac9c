import CLua

extension Call {
  /// Shows an example and pushes a function that runs it; for an empty name shows what has one.
  ///
  /// The function reads globals and keeps what it sets to itself. It gives a sequence of names and values in turn: what the
  /// example has made.
  func example(_ text: String) throws -> Int32 {
    let name = HelpQuestion(text).name
    if name.isEmpty { return try show(HelpPage.examples) }
    guard let (title, example, printsItself) = HelpPage.example(of: name) else {
      let near = HelpIndex.shared.nearest(to: name).first { HelpPage.example(of: $0) != nil }
      let cure = near.map { ", did you mean '\($0)'?" } ?? "; :example alone says what has one."
      return try show(HelpPage(heading: "No example of '\(name)'\(cure)"))
    }
    var page = HelpPage(heading: "\(title), as its page shows it; its variables stay its own")
    page.add("", [.code(example)])
    _ = try show(page)
    sonde_flush()
    return try push(example: example, made: printsItself ? [] : ExampleText.names(in: example))
  }

  private func push(example: String, made: [String]) throws -> Int32 {
    let made = made.map { "\"\($0)\", \($0)" }.joined(separator: ", ")
    let isEnded = example.split(separator: "\n").last?.hasPrefix("return") ?? false
    var text = isEnded ? example : "\(example)\nreturn {\(made)}"
    try check(
      text.withUTF8 { utf8 in
        utf8.withMemoryRebound(to: CChar.self) { sonde_try_load(lua, $0.baseAddress, $0.count, "=example") }
      })
    let function = lua_gettop(lua)
    try check(sonde_try_table(lua, 0, 4))
    try check(sonde_try_table(lua, 0, 1))
    try set("__index") {
      lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
      return 1
    }
    lua_setmetatable(lua, -2)
    // the only upvalue of a chunk: its globals
    lua_setupvalue(lua, function, 1)
    return 1
  }

  /// Shows the values that an example has made.
  func showMade() throws -> Int32 {
    guard case .table(let table) = argument(0) else { return 0 }
    let count = lua_Integer(lua_rawlen(lua, table))
    // a value may be nil: names stand at odd places
    for place in stride(from: lua_Integer(1), through: count, by: 2) {
      try restoring {
        lua_rawgeti(lua, table, place)
        guard let name = LuaValue(lua, lua_gettop(lua)).asString else { return }
        lua_rawgeti(lua, table, place + 1)
        try show(name, at: lua_gettop(lua))
      }
    }
    return 0
  }

  private func show(_ name: String, at index: Int32) throws {
    let text: String
    switch LuaValue(lua, index) {
    case .absent, .function, .closed: return
    case .object(_, let type) where type != .tensor:
      try check(sonde_try_tostring(lua, index))
      text = LuaValue.text(lua, lua_gettop(lua))
    default:
      var writer = ValueText(self, depth: 2, items: 8)
      text = try writer.write(at: index)
    }
    write("\(name) =" + (text.contains("\n") && !text.hasPrefix("{") ? "\n" : " ") + text + "\n")
  }
}

extension HelpPage {
  /// The example of a name: of a function, of a topic, of what makes objects of a type.
  static func example(of name: String) -> (title: String, text: String, printsItself: Bool)? {
    for entry in HelpIndex.shared.find(name) {
      switch entry.subject {
      case .function(let record): return (record.name, ExampleText.lines(of: record.example), false)
      case .topic(let topic): return (topic.name, topic.example, true)
      case .module(let module):
        if let topic = module.topic { return (topic.name, topic.example, true) }
      default: continue
      }
    }
    return nil
  }

  /// What has an example.
  static var examples: HelpPage {
    var page = HelpPage(heading: "Every function and method has an example, and these topics:")
    page.add("", [.names(HelpTopic.all.map(\.name))])
    page.add(
      "Functions and methods",
      [.text(":example nn.mlp, :example network:probe, :example tensor:sum and so on; ?nn and ?network list names")])
    return page
  }
}
