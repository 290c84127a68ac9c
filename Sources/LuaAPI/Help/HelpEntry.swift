/// One thing that help has a page about.
struct HelpEntry: Sendable {
  /// What it is.
  enum Subject: Sendable {
    case topic(HelpTopic)
    case module(HelpModule)
    case type(TypeRecord)
    case function(FunctionRecord)
    case field(PropertyRecord, of: TypeRecord)
    case option(HelpOption)
    case library(LuaLibrary)
    case lua(LuaName)
  }

  /// The full name: `nn.mlp`, `network:probe`, `stats.cosine`.
  let name: String
  /// Shorter names, and those that people try.
  let aliases: [String]
  /// One sentence.
  let summary: String
  let subject: Subject

  /// What it is in a word, to tell things of the same name apart.
  var kind: String {
    switch subject {
    case .topic: "a topic"
    case .module: "a module"
    case .type: "a type of object"
    case .function(let record): record.receiver == nil ? "a function" : "a method"
    case .field: "a field"
    case .option: "an option"
    case .library: "a library of Lua"
    case .lua: "part of Lua"
    }
  }
}

/// A table of functions.
struct HelpModule: Sendable {
  let name: String
  let summary: String
  /// The topic with the module's own name is the beginning of its page.
  var topic: HelpTopic? { HelpTopic.all.first { $0.name == name } }
  /// Its functions.
  var functions: [FunctionRecord] {
    FunctionRecord.documented.filter { record in
      record.receiver == nil && record.name.hasPrefix(name + ".")
        && !record.name.dropFirst(name.count + 1).contains(".")
    }
  }

  static let all = [
    HelpModule(
      name: "sonde", summary: "Tensors, random numbers, gradients, files, and the instruments that need no net."),
    HelpModule(name: "nn", summary: "Networks, layers and losses."),
    HelpModule(name: "optim", summary: "Optimisers: what changes parameters by their gradients."),
    HelpModule(name: "optim.schedule", summary: "Learning rates that change with the steps."),
    HelpModule(name: "data", summary: "Datasets that are shipped, read or drawn."),
    HelpModule(name: "theory", summary: "What a deep net does at initialisation, computed and not drawn."),
    HelpModule(name: "plot", summary: "Figures in the terminal or in files."),
    HelpModule(name: "sonde.linalg", summary: "Linear algebra of matrices."),
  ]
}

/// An option by its name, and the functions that take it.
struct HelpOption: Sendable {
  let name: String
  let uses: [(function: String, option: Parameter)]
}

extension FunctionRecord {
  /// The functions that have a page: all that a user can name.
  static let documented = all.filter { $0.name != "sonde.next" } + TypeRecord.all.flatMap(\.methods)
}
