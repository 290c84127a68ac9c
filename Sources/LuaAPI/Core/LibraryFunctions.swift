import CLua
import Files
import Lab
import Plots

extension FunctionRecord {
  /// What the library has among its globals beside Lua's and Sonde's own.
  static let libraryFunctions: [FunctionRecord] =
    [
      libraryFail, libraryPrint, libraryUse, libraryKind, libraryObject, libraryState, libraryTable, libraryParagraphs,
      libraryWrite, libraryReading, librarySuggestion,
    ]

  private static let libraryFail = FunctionRecord(
    "library.fail", "Raises an error that blames the line of the user's.",
    [Parameter("text", .string, "who, what was expected, what came, the cure")], returns: "nothing", example: ""
  ) { call in throw LuaFailure.message(try call.string(0)) }

  private static let libraryPrint = FunctionRecord(
    "library.print", "Calls print as the user has it.", [Parameter("text", .string, "the text")], returns: "nothing",
    example: ""
  ) { call in
    try check(sonde_try_global(call.lua, "print"))
    lua_pushvalue(call.lua, 1)
    try check(sonde_try_call(call.lua, 1, 0))
    return 0
  }

  private static let libraryUse = FunctionRecord(
    "library.use", "Gives what another file of the library has answered.",
    [Parameter("file", .string, "its name without the ending")], returns: "the table of its functions", example: ""
  ) { call in
    try call.session.library.push(try call.string(0), call)
    return 1
  }

  private static let libraryKind = FunctionRecord(
    "library.kind", "Names the type of a value as messages do: a type of ours, else Lua's.",
    [Parameter("value", .any, default: "nil", "any value")], returns: "a string", example: ""
  ) { call in
    if case .object(_, let type) = call.argument(0) { return try call.push(type.name) }
    return try call.push(String(cString: lua_typename(call.lua, max(lua_type(call.lua, 1), LUA_TNIL))))
  }

  private static let libraryObject = FunctionRecord(
    "library.object", "Makes an object whose methods get a table.",
    [
      Parameter("type", .string, "the name of an object type"),
      Parameter("state", .table, "what is kept; it must not refer to the object"),
    ],
    returns: "the object", example: ""
  ) { call in
    let name = try call.string(0)
    guard let type = ObjectType.allCases.first(where: { $0.name == name }) else {
      throw call.failure("no type of object is named '\(name)'")
    }
    return try call.push(LibraryObject(try LuaReference(call, at: 2)), type)
  }

  private static let libraryState = FunctionRecord(
    "library.state", "Gives the table of an object, nil for any other value.",
    [Parameter("object", .any, default: "nil", "the object")], returns: "the table", example: ""
  ) { call in
    guard case .object(let object as LibraryObject, _) = call.argument(0) else { return call.pushNil() }
    object.state.push(call)
    return 1
  }

  private static let libraryTable = FunctionRecord(
    "library.layout_table", "Aligns texts in columns.",
    [
      Parameter("header", .table, "for each column {name, 'left' or 'right'}"),
      Parameter("rows", .table, "for each row its cells"),
      Parameter(
        "steps", .table, default: "nil",
        "what to do in turn until it fits the terminal: {'drop', columns...}, {'shorten', least, columns...}, {'names', columns...}"
      ),
    ],
    returns: "the lines in one string; with steps also the names of the groups of columns left out", example: ""
  ) { call in
    guard case .table(let header) = call.argument(0), case .table(let rows) = call.argument(1) else { return 0 }
    var table = Table(
      try call.strings(in: header).map { ($0.first ?? "", $0.last == "left" ? Table.Side.left : .right) })
    for cells in try call.strings(in: rows) { table.add(cells) }
    guard case .table(let steps) = call.argument(2) else { return try call.push(table.lines.joined(separator: "\n")) }
    let (lines, dropped) = table.fitted(to: TerminalAbilities.current.columns, try call.tableSteps(steps))
    return try call.push(lines.joined(separator: "\n")) + call.push(sequence: dropped) { try call.push($0) }
  }

  private static let libraryParagraphs = FunctionRecord(
    "library.paragraphs", "Breaks the lines of a text between words, so that they fit the terminal.",
    [Parameter("text", .string, "the lines")], returns: "a string", example: ""
  ) { call in
    let columns = TerminalAbilities.current.columns
    let lines = try call.string(0).split(separator: "\n", omittingEmptySubsequences: false)
    return try call.push(
      lines.flatMap { TerminalText.paragraph(String($0), to: columns) }.joined(separator: "\n"))
  }

  private static let libraryWrite = FunctionRecord(
    "library.write", "Replaces a file by a text, whole or not at all.",
    [
      Parameter("who", .string, "who speaks in messages"), Parameter("path", .string, "the file"),
      Parameter("text", .string, "what it is to hold"),
    ],
    returns: "nothing", errors: "a path that can't be written", example: ""
  ) { call in
    let text = try call.string(2)
    try AtomicFile.replace(Origin(operation: try call.string(0), path: try call.string(1))) { try $0.write(text) }
    return 0
  }

  private static let libraryReading = FunctionRecord(
    "library.reading", "Writes a number as reports do, whatever the locale.",
    [
      Parameter("value", .number, "the number"),
      Parameter("form", .choice(["number", "percent"]), "three significant digits, or a fraction in percent"),
    ],
    returns: "a string", example: ""
  ) { call in
    let value = try call.number(0)
    return try call.push(try call.string(1) == "percent" ? Reading.percent(value) : Reading.number(value))
  }

  private static let librarySuggestion = FunctionRecord(
    "library.suggestion", "The end of a message about an unknown name.",
    [Parameter("name", .string, "the name"), Parameter("names", .table, "a sequence of those there are")],
    returns: "', did you mean ...?', or an empty string where none is near", example: ""
  ) { call in
    guard case .table(let names) = call.argument(1) else { return 0 }
    return try call.push(suggestion(for: try call.string(0), among: try call.sequence(at: names) { $0.asString ?? "" }))
  }
}

extension Call {
  /// The strings of a sequence of sequences.
  fileprivate func strings(in table: Int32) throws -> [[String]] {
    try sequence(at: table) { row in
      guard case .table(let index) = row else { return [] }
      return try sequence(at: index) { $0.asString ?? "" }
    }
  }

  /// The steps of a table, whose columns Lua counts from 1.
  fileprivate func tableSteps(_ table: Int32) throws -> [Table.Step] {
    try sequence(at: table) { step in
      guard case .table(let index) = step else { return .drop([]) }
      let parts = try sequence(at: index) { (word: $0.asString, number: $0.asInteger ?? 1) }
      let numbers = parts.dropFirst().map(\.number)
      switch parts.first?.word {
      case "shorten": return .shorten(numbers.dropFirst().map { $0 - 1 }, least: numbers.first ?? 0)
      case "names": return .shortenNames(numbers.map { $0 - 1 })
      default: return .drop(numbers.map { $0 - 1 })
      }
    }
  }
}
