import Tensors

/// Every page of help by name.
struct HelpIndex: Sendable {
  /// The pages, topics and modules first.
  let entries: [HelpEntry]
  private let byName: [String: [Int]]
  private let byAlias: [String: [Int]]
  private let byLowercase: [String: [Int]]

  /// The pages of this program; made at the first question.
  static let shared = HelpIndex(
    topics + modules + types + functions + fields + options + libraries + luaNames)

  private init(_ entries: [HelpEntry]) {
    self.entries = entries
    var (names, aliases, lower): ([String: [Int]], [String: [Int]], [String: [Int]]) = ([:], [:], [:])
    for (index, entry) in entries.enumerated() {
      names[entry.name, default: []].append(index)
      for alias in Set(entry.aliases) { aliases[alias, default: []].append(index) }
      for name in Set(([entry.name] + entry.aliases).map { $0.lowercased() }) { lower[name, default: []].append(index) }
    }
    (byName, byAlias, byLowercase) = (names, aliases, lower)
  }

  /// The things of a name, the best first: of that full name, where `sonde.` may be left out, then of that short one, else
  /// whatever the case of letters.
  func find(_ name: String) -> [HelpEntry] {
    let exact = (byName[name] ?? []) + (byName["sonde." + name] ?? [])
    let short = (byAlias[name] ?? []).filter { !exact.contains($0) }
    let found = exact + short
    return (found.isEmpty ? byLowercase[name.lowercased()] ?? [] : found).map { entries[$0] }
  }

  /// The entry of a full name.
  func entry(_ name: String) -> HelpEntry? { byName[name]?.first.map { entries[$0] } }

  /// Whether something has that full name.
  func hasFullName(_ name: String) -> Bool { byName[name] != nil || byName["sonde." + name] != nil }

  /// The names nearest to one that is unknown, at most three.
  func nearest(to name: String) -> [String] {
    var names = entries.flatMap { [$0.name] + $0.aliases }
    var found: [String] = []
    while found.count < 3, let next = nearestName(to: name, among: names) {
      found.append(next)
      names.removeAll { $0.lowercased() == next.lowercased() }
    }
    return found
  }
}

extension HelpIndex {
  private static let topics = HelpTopic.all.filter { topic in !HelpModule.all.contains { $0.name == topic.name } }
    .map { HelpEntry(name: $0.name, aliases: topicAliases[$0.name] ?? [], summary: $0.summary, subject: .topic($0)) }

  private static let topicAliases = [
    "prompt": ["keys", "commands", "history"], "start": ["tour", "introduction", "tutorial"],
    "normalisation": ["normalization", "batchnorm", "norm", "norms"],
    "initialisers": ["initializers", "initialisation", "initialization", "init", "inits"],
    "losses": ["loss functions"], "activations": ["nonlinearities"], "layers": ["networks"],
    "autograd": ["gradients", "automatic differentiation"], "indexing": ["slices", "slicing", "masks"],
    "random": ["randomness", "seeds"], "stats": ["Stats", "statistics"], "what-if": ["what if", "whatifs"],
    "sweep": ["sweeps", "grid search"], "recording": ["recorders"], "plots": ["figures", "plotting"],
    "files": ["formats", "saving"], "training": ["fitting"], "probe": ["probing"], "errors": ["mistakes"],
    "lua": ["Lua"], "diagnosis": ["diagnose"], "tensors": [], "surgery": [], "datasets": [], "theory": [],
  ]

  private static let modules = HelpModule.all.map { module in
    HelpEntry(
      name: module.name, aliases: module.name.hasPrefix("sonde") ? [plain(module.name)] : ["sonde." + module.name],
      summary: module.summary, subject: .module(module))
  }

  private static let types = TypeRecord.all.map { type in
    HelpEntry(
      name: type.type.name, aliases: [type.type.name + " object"] + nicknames(type.type).filter { $0.count > 1 },
      summary: type.summary, subject: .type(type))
  }

  private static let functions = FunctionRecord.documented.map { record in
    HelpEntry(name: record.name, aliases: aliases(of: record), summary: record.summary, subject: .function(record))
  }

  private static let fields = TypeRecord.all.flatMap { type in
    type.properties.map { field in
      let owners = [type.type.name] + nicknames(type.type)
      return HelpEntry(
        name: "\(type.type.name).\(field.name)",
        aliases: [field.name] + owners.flatMap { ["\($0).\(field.name)", "\($0):\(field.name)"] },
        summary: field.summary, subject: .field(field, of: type))
    }
  }

  /// The options by name, in the order in which functions tell of them.
  private static let options: [HelpEntry] = {
    var uses: [String: [(function: String, option: Parameter)]] = [:]
    var names: [String] = []
    for record in FunctionRecord.documented {
      for option in record.options {
        if uses[option.name] == nil { names.append(option.name) }
        uses[option.name, default: []].append((record.name, option))
      }
    }
    return names.map { name in
      let found = uses[name] ?? []
      let count = found.count == 1 ? found[0].function : "\(found.count) functions"
      return HelpEntry(
        name: "option \(name)", aliases: [name, "\(name)=", "\(name) option"],
        summary: "An option of \(count): \(found[0].option.meaning).",
        subject: .option(HelpOption(name: name, uses: found)))
    }
  }()

  private static let libraries = LuaManual.libraries.map { library in
    HelpEntry(name: library.name, aliases: [], summary: library.summary, subject: .library(library))
  }

  private static let luaNames = (LuaManual.libraries.flatMap(\.members) + LuaManual.words).filter { $0.name != "_G" }
    .map { name in
      HelpEntry(
        name: name.name, aliases: [plain(name.name), name.name.replacing(":", with: ".")].filter { $0 != name.name },
        summary: name.summary, subject: .lua(name))
    }

  /// The name behind the last dot or colon.
  static func plain(_ name: String) -> String {
    guard let mark = name.lastIndex(where: { $0 == "." || $0 == ":" }), name.count > 2 else { return name }
    return String(name[name.index(after: mark)...])
  }

  /// What people call an object of a type.
  private static func nicknames(_ type: ObjectType) -> [String] {
    switch type {
    case .network: ["net", "model"]
    case .tensor: ["t", "x"]
    case .report: ["r"]
    case .reportRow: ["row", "r[i]"]
    case .statistics: ["Stats", "s"]
    case .optimizer: ["opt", "optimiser"]
    case .dataset: ["ds"]
    case .history: ["h"]
    case .recorder: ["rec"]
    case .whatIf: ["w", "whatif"]
    case .variant: ["w[i]"]
    case .comparison: ["c"]
    case .prediction: ["p"]
    case .generator: ["g"]
    default: []
    }
  }

  private static func aliases(of record: FunctionRecord) -> [String] {
    guard let type = record.receiver else {
      let short = record.name.hasPrefix("sonde.") ? String(record.name.dropFirst(6)) : "sonde." + record.name
      return [record.shortName, short].filter { $0 != record.name }
    }
    let owners = [type.name] + nicknames(type)
    return [record.shortName]
      + owners.flatMap { ["\($0).\(record.shortName)", "\($0):\(record.shortName)"] }
      .filter { $0 != record.name }
  }
}
