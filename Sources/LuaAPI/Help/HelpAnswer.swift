import CLua

extension HelpPage {
  private static let mostHits = 15

  /// The page of a name, those of several things that share it, or nil where nothing has it.
  static func named(_ name: String) -> HelpPage? {
    let found = HelpIndex.shared.find(name)
    guard let first = found.first else { return nil }
    if found.count > 1, !HelpIndex.shared.hasFullName(name) { return several(name, found) }
    var page = first.page
    let others = found.dropFirst().filter {
      switch $0.subject {
      case .option, .field: false
      default: true
      }
    }
    page.add("Of the same name", [.list(others.prefix(6).map { ($0.reachable, $0.summary.firstSentence) })])
    return page
  }

  private static func several(_ name: String, _ found: [HelpEntry]) -> HelpPage {
    var page = HelpPage(heading: "\(name) is the name of \(found.count) things:")
    page.add("", [.list(found.prefix(mostHits).map { ($0.reachable, $0.summary.firstSentence) })])
    if found.count > mostHits { page.add(nil, [.text("and \(found.count - mostHits) more")]) }
    return page
  }

  /// The pages in which words stand, and the names that are near; nil where there are none.
  static func search(_ words: String) -> HelpPage? {
    let hits = HelpSearch(words).hits(in: HelpIndex.shared.entries)
    let near = words.contains(" ") ? [] : HelpIndex.shared.nearest(to: words)
    guard !hits.isEmpty || !near.isEmpty else { return nil }
    let isName = !words.contains(" ")
    var page = HelpPage(
      heading: isName
        ? "Nothing is named '\(words)'." : "\(hits.count) page\(hits.count == 1 ? "" : "s") about '\(words)':")
    page.add("Did you mean", [.names(near)])
    page.add(
      isName ? "Pages in which it stands" : "",
      [.list(hits.prefix(mostHits).map { ($0.entry.reachable, $0.entry.summary.firstSentence) })])
    if hits.count > mostHits { page.add("", [.text("and \(hits.count - mostHits) more; another word narrows it")]) }
    return page
  }
}

extension HelpEntry {
  /// The name under which help finds this and nothing else before it.
  var reachable: String {
    if case .type = subject, HelpIndex.shared.find(name).first?.kind != kind { return "\(name) object" }
    return name
  }
}

extension Call {
  /// The page about the value at a stack index; a string is a name or words.
  func helpPage(at index: Int32) throws -> HelpPage {
    switch LuaValue(lua, index) {
    case .absent:
      throw failure("nil has no page; help('name') looks a name up, help() is the tour")
    case .string(let name): return try helpPage(on: name)
    default: return try page(ofValueAt: index, named: nil)
    }
  }

  /// The page of a name or words: of Sonde's, else of what a global variable of that name holds.
  private func helpPage(on text: String) throws -> HelpPage {
    let name = HelpQuestion(text).name
    if name.isEmpty { return .tour }
    if let page = HelpCommand.page(asked: name, among: session.commands) ?? page(named: name) { return page }
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    if try pushVariable(name) { return try page(ofValueAt: lua_gettop(lua), named: name) }
    guard let page = HelpPage.search(name) else {
      throw failure("nothing is known about '\(name)'; help() shows what there is")
    }
    return page
  }

  /// The page about what stands behind `?`: of the value that the text leads to, else of the name.
  func answer(question text: String) throws -> HelpPage {
    let name = HelpQuestion(text).name
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    if let page = HelpCommand.page(asked: name, among: session.commands) { return page }
    guard !name.isEmpty, try pushVariable(name) else { return found(name) }
    let isPlain = isPlainData(lua_gettop(lua))
    if isPlain, let page = page(named: name) { return page }
    if let page = HelpPage.named(name), HelpIndex.shared.hasFullName(name), try moduleName(at: lua_gettop(lua)) == name
    {
      return page
    }
    return try page(ofValueAt: lua_gettop(lua), named: name)
  }

  /// The page of a name, of Sonde's or of the prompt's commands.
  private func page(named name: String) -> HelpPage? {
    HelpCommand.adding(name, of: session.commands, to: HelpPage.named(name))
  }

  /// The page of a name or words, or that there is none.
  private func found(_ name: String) -> HelpPage {
    if name.isEmpty { return .tour }
    return page(named: name) ?? HelpPage.search(name)
      ?? HelpPage(heading: "Nothing is known about '\(name)'; ? alone shows what there is.")
  }

  /// Whether a value has no page of its own: it is no function, no object and no library.
  private func isPlainData(_ index: Int32) -> Bool {
    switch LuaValue(lua, index) {
    case .function, .object, .closed: false
    case .table: (try? moduleName(at: index)) == nil
    default: true
    }
  }
}

/// What was asked for, without what may stand around the name.
struct HelpQuestion {
  /// The name or the words.
  let name: String

  init(_ text: String) {
    var name = Substring(text)
    while let last = name.last, last.isWhitespace || last == ";" || last == "?" && name.count > 1 { name.removeLast() }
    name = name.drop { $0.isWhitespace }
    // sonde.zeros(2, 3) asks for sonde.zeros
    if let bracket = name.firstIndex(where: { $0 == "(" || $0 == "{" }), bracket > name.startIndex,
      !name[..<bracket].contains(" "), !HelpIndex.shared.hasFullName(String(name))
    {
      name = name[..<bracket]
    }
    self.name = String(name)
  }
}
