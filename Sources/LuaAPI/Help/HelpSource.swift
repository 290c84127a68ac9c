import CLua

extension Call {
  /// The page with the source of what stands behind `??`: of the value that the text leads to, else of the name.
  func sourcePage(question text: String) throws -> HelpPage {
    let name = HelpQuestion(text).name
    guard !name.isEmpty else { return HelpPage(heading: "?? shows the source of a name: ??nn.mlp, ??sonde.compare.") }
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    if try pushVariable(name) { return try sourcePage(ofValueAt: lua_gettop(lua), named: name) }
    for entry in HelpIndex.shared.find(name) {
      switch entry.subject {
      case .function(let record): return try sourcePage(of: record)
      case .type(let type): return try sourcePage(of: type)
      case .lua(let own): return Call.sourcePage(of: own)
      default: continue
      }
    }
    let near = HelpIndex.shared.nearest(to: name).first.map { ", did you mean '\($0)'?" } ?? "."
    return HelpPage(heading: "Nothing is named '\(name)'\(near)")
  }

  private func sourcePage(ofValueAt index: Int32, named name: String) throws -> HelpPage {
    switch LuaValue(lua, index) {
    case .object(_, let type), .closed(let type): return try sourcePage(of: session.types[Int(type.rawValue)])
    case .function: break
    default: return try page(ofValueAt: index, named: name)
    }
    let record = sonde_record_of(lua, index)
    if record >= 0 { return try sourcePage(of: session.records[Int(record)]) }
    if let function = LuaFunctionText(self, at: index) { return function.sourcePage() }
    if let own = try luaName(at: index) { return Call.sourcePage(of: own) }
    var page = HelpPage(heading: name)
    page.add("", [.text("written in C, in a module that was loaded")])
    return page
  }

  /// The text of a function of the library, or the file and line of a native one and what it does.
  private func sourcePage(of record: FunctionRecord) throws -> HelpPage {
    switch record.source {
    case .library(let file, let function):
      let top = lua_gettop(lua)
      defer { lua_settop(lua, top) }
      try session.library.push(function, of: file, self)
      if let text = LuaFunctionText(self, at: lua_gettop(lua)) { return text.sourcePage() }
      return record.page
    case .swift(let file, let line):
      var page = HelpPage(heading: record.signature)
      page.add(
        "Written in Swift",
        [.text(Call.place(file, line))])
      page.add("Summary", [.text(record.summary)])
      return page
    }
  }

  /// A place by `#fileID`, which begins with the module: the folder below Sources, in one of whose folders the file is.
  private static func place(_ file: String, _ line: Int) -> String {
    let parts = file.split(separator: "/")
    return "\(parts.last ?? ""):\(line), below Sources/\(parts.first ?? "")"
  }

  /// Where the type of an object is written: beside its first method.
  private func sourcePage(of type: TypeRecord) throws -> HelpPage {
    guard let method = type.methods.first else { return type.page }
    var page = HelpPage(heading: type.type.name)
    if case .swift(let file, let line) = method.source {
      page.add("Written in Swift", [.text("its first method in \(Call.place(file, line))")])
    } else {
      page.add("Written in Lua", [.text("??\(method.name) shows its first method")])
    }
    page.add("Summary", [.text(type.summary)])
    return page
  }

  private static func sourcePage(of own: LuaName) -> HelpPage {
    var page = HelpPage(heading: own.signature)
    page.add("Written in C", [.text("part of Lua 5.4, section \(own.section) of its manual")])
    page.add("Summary", [.text(own.summary)])
    return page
  }
}
