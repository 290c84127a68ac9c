import CLua
import LuaAPI

extension PromptCommand {
  static let type = PromptCommand(
    name: "type", argument: "expression", summary: "runs Lua and tells of what type its values are", runsLua: true
  ) { prompt, argument in
    let chunk = Chunk(argument)
    guard let count = prompt.evaluator.values(of: chunk) else { return }
    prompt.record.add(.evaluated(chunk))
    if count == 0 { print("nothing") }
    for index in stride(from: 1, through: count, by: 1) { print(prompt.interpreter.session.kind(at: index)) }
  }

  static let vars = PromptCommand(
    name: "vars", argument: "pattern", summary: "lists your globals and locals, those whose names fit: t, net*, *_loss",
    isArgumentOptional: true
  ) { prompt, pattern in
    let variables = UserVariables(prompt).filter { NamePattern(pattern).fits($0.name) }
    guard !variables.isEmpty else {
      return print(pattern.isEmpty ? "no variables yet" : "no variables whose names fit '\(pattern)'")
    }
    UserVariables.lines(variables).forEach { print($0) }
  }
}

/// A pattern for names in which `*` stands for any letters.
struct NamePattern {
  private let parts: [Substring]

  init(_ text: String) { parts = text.split(separator: "*", omittingEmptySubsequences: false) }

  /// Whether a whole name fits; every name fits the empty pattern.
  func fits(_ name: String) -> Bool {
    if parts.count == 1 { return parts[0].isEmpty || name == parts[0] }
    guard name.hasPrefix(parts[0]) else { return false }
    var rest = name.dropFirst(parts[0].count)
    for part in parts[1...].dropLast() where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(parts[parts.count - 1])
  }
}

/// The globals and locals of a session that are the user's own.
struct UserVariables {
  private let globals: [SessionVariable]
  private let locals: [SessionVariable]

  init(_ prompt: Prompt) {
    let session = prompt.interpreter.session
    globals = session.userGlobals()
    locals = prompt.evaluator.locals.names.sorted().compactMap { name in
      defer { lua_settop(session.lua, 0) }
      lua_settop(session.lua, 0)
      return prompt.evaluator.locals.push(name) ? session.variable(named: name, at: 1) : nil
    }
  }

  struct Row {
    let variable: SessionVariable
    let isLocal: Bool
    var name: String { variable.name }
  }

  /// Those that fit, sorted by name, a local before the global it hides.
  func filter(_ fits: (SessionVariable) -> Bool) -> [Row] {
    let rows = locals.map { Row(variable: $0, isLocal: true) } + globals.map { Row(variable: $0, isLocal: false) }
    return rows.filter { fits($0.variable) }.sorted { ($0.name, $0.isLocal ? 0 : 1) < ($1.name, $1.isLocal ? 0 : 1) }
  }

  /// A table of variables and the sum of their tensors, memory that several share counted once.
  static func lines(_ rows: [Row]) -> [String] {
    let cells = rows.map { row in
      [
        (row.isLocal ? "local " : "") + row.name, row.variable.kind,
        [row.variable.value, row.variable.bytes.map(Quantity.bytes) ?? ""].filter { !$0.isEmpty }.joined(
          separator: "  "),
      ]
    }
    let widths = (0..<2).map { column in cells.map { $0[column].count }.max() ?? 0 }
    let lines = cells.map { cell in
      let padded = (0..<2).map { cell[$0] + String(repeating: " ", count: widths[$0] - cell[$0].count) }
      return (padded + [cell[2]]).joined(separator: "  ").trimmingEnd
    }
    var storages: [ObjectIdentifier: Int] = [:]
    for row in rows { storages.merge(row.variable.storages) { first, _ in first } }
    guard !storages.isEmpty else { return lines }
    return lines + ["tensors: \(Quantity.bytes(storages.values.reduce(0, +)))"]
  }
}

extension String {
  fileprivate var trimmingEnd: String {
    guard let end = lastIndex(where: { $0 != " " }) else { return "" }
    return String(self[...end])
  }
}
