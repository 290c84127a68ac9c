import CLua
import Plots

extension FunctionRecord {
  /// `sonde.help` and what tells the same to programs.
  static let helpFunctions: [FunctionRecord] = [help, reference]

  private static let help = FunctionRecord(
    "sonde.help",
    "Shows the page of a function, an object or a name; of other words the pages in which they stand; alone the tour.",
    [
      Parameter(
        "topic", .any, default: "nil",
        "a function, of the user's and of Lua's too, an object, a module, a name such as 'nn.mlp' or 'training', or words"
      )
    ],
    returns: "nothing; it prints", errors: "words that stand in no page; the nearest names are offered",
    example: "help('sonde.zeros'); help(sonde.zeros); help('batch norm')"
  ) { call in
    let page = call.argumentTop == 0 ? HelpPage.tour : try call.helpPage(at: 1)
    try check(sonde_try_global(call.lua, "print"))
    _ = try call.push(HelpStyle(.current).text(page))
    try check(sonde_try_call(call.lua, 1, 0))
    return 0
  }

  private static let reference = FunctionRecord(
    "sonde.reference", "Gives a page of help as a table, for programs; without a name all names there are.",
    [
      Parameter(
        "name", .oneOf([.string, .function]), default: "nil", "a full name such as 'nn.mlp', or a function of Sonde's")
    ],
    returns:
      "a table: name, kind, summary, see (names); of functions also signature, parameters and options (sequences of {name=, "
      + "type=, default=, meaning=}), variadic, returns, errors, example; of types methods and fields (names); or a sequence of names",
    errors: "an unknown name",
    example: "assert(sonde.reference('nn.mlp').options[1].name == 'inputs' and #sonde.reference() > 300)"
  ) { call in
    if call.argument(0).isAbsent {
      return try call.push(sequence: HelpIndex.shared.entries.map(\.reachable)) { try call.push($0) }
    }
    return try call.pushReference(try call.referencedEntry())
  }

  /// What the prompt calls, apart from what users make of the names: see `PromptHelp`.
  static let promptFunctions: [FunctionRecord] = [helpQuestion, helpSource, helpExample, helpMade]

  private static let helpQuestion = FunctionRecord(
    "help.question", "Shows the page of what stands behind ? at the prompt.", [Parameter("text", .string, "the text")],
    returns: "nothing", example: ""
  ) { call in try call.show(try call.answer(question: try call.string(0))) }

  private static let helpSource = FunctionRecord(
    "help.source", "Shows the source of what stands behind ?? at the prompt.", [Parameter("text", .string, "the text")],
    returns: "nothing", example: ""
  ) { call in try call.show(try call.sourcePage(question: try call.string(0))) }

  private static let helpExample = FunctionRecord(
    "help.example", "Shows an example and gives it as a function; without a name lists what has one.",
    [Parameter("name", .string, "the name")], returns: "a function that gives what the example has made, or nothing",
    example: ""
  ) { call in try call.example(try call.string(0)) }

  private static let helpMade = FunctionRecord(
    "help.made", "Shows what an example has made.", [Parameter("made", .table, "names and values in turn")],
    returns: "nothing", example: ""
  ) { call in try call.showMade() }
}

/// What the prompt asks of help; each takes a text but the last, which takes what the example has given.
public enum PromptHelp: String {
  /// The page of a name, an object, or words.
  case question
  /// Where something is written, and its text.
  case source
  /// Shows an example and gives a function that runs it; nothing for an empty text, which lists them.
  case example
  /// Shows what an example's function has given.
  case made
}

extension Session {
  /// Pushes the function of help's that the prompt asks for; answers Lua's status.
  public func pushHelp(_ help: PromptHelp) -> Int32 {
    sonde_try_record(lua, runtime, hidden["help.\(help.rawValue)"] ?? 0, -1)
  }
}

extension Call {
  /// Writes a page to standard output.
  func show(_ page: HelpPage) throws -> Int32 {
    write(HelpStyle(.current).text(page) + "\n")
    return 0
  }

  /// Writes a text to standard output.
  func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      guard let start = UnsafeRawPointer(bytes.baseAddress) else { return }
      sonde_write(start.assumingMemoryBound(to: CChar.self), bytes.count)
    }
  }

  /// The entry that an argument of `sonde.reference` names.
  fileprivate func referencedEntry() throws -> HelpEntry {
    if case .function(let index) = argument(0) {
      let record = sonde_record_of(lua, index)
      guard record >= 0, let entry = HelpIndex.shared.entry(session.records[Int(record)].name) else {
        throw failure("this function is not one of Sonde's")
      }
      return entry
    }
    let name = try string(0)
    guard let entry = HelpIndex.shared.find(name).first else {
      throw failure("nothing is named '\(name)'\(suggestion(for: name, among: HelpIndex.shared.entries.map(\.name)))")
    }
    return entry
  }

  fileprivate func pushReference(_ entry: HelpEntry) throws -> Int32 {
    try check(sonde_try_table(lua, 0, 12))
    try set("name") { try push(entry.reachable) }
    try set("kind") { try push(entry.kind) }
    try set("summary") { try push(entry.summary) }
    try set("see") { try push(sequence: entry.seeAlso) { try push($0) } }
    switch entry.subject {
    case .function(let record): try set(record)
    case .type(let type):
      try set("methods") { try push(sequence: type.methods) { try push($0.shortName) } }
      try set("fields") { try push(sequence: type.properties) { try push($0.name) } }
    case .topic(let topic):
      try set("example") { try push(topic.example) }
    default: break
    }
    return 1
  }

  private func set(_ record: FunctionRecord) throws {
    try set("signature") { try push(record.signature) }
    try set("parameters") { try push(sequence: record.parameters) { try push($0) } }
    try set("options") { try push(sequence: record.options) { try push($0) } }
    try set("variadic") { push(record.variadic) }
    try set("returns") { try push(record.returns) }
    try set("errors") { try push(record.errors) }
    try set("example") { try push(ExampleText.lines(of: record.example)) }
  }

  private func push(_ parameter: Parameter) throws -> Int32 {
    try check(sonde_try_table(lua, 0, 4))
    try set("name") { try push(parameter.name) }
    try set("type") { try push(parameter.type.text) }
    try set("meaning") { try push(parameter.meaning) }
    if let text = parameter.defaultText { try set("default") { try push(text) } }
    return 1
  }
}

extension HelpEntry {
  /// Names of further pages.
  var seeAlso: [String] {
    switch subject {
    case .topic(let topic): topic.see
    case .type(let type): type.seeAlso
    case .function(let record): record.seeAlso
    case .lua(let name): name.seeAlso
    case .field(_, let type): [type.type.name]
    default: []
    }
  }
}
