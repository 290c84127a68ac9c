import CLua
import Kernels
import Lab
import Networks

/// What is known of the argument that is being typed.
public struct ArgumentHelp: Equatable, Sendable {
  /// The keys that the table may have besides those it has; empty where it is no table of options.
  public var keys: [Candidate] = []
  /// The strings that the argument may be.
  public var words: [Candidate] = []
  /// Whether it may be true or false.
  public var takesBoolean = false
  /// Whether any other string may be the path of a file.
  public var takesPath = true
}

extension ValueInspector {
  /// What the record of a function says about an argument; nil where it is none of Sonde's.
  public func help(on place: ArgumentPlace) -> ArgumentHelp? {
    guard let record = record(of: place.function) else { return nil }
    let shift = (record.receiver == nil ? 0 : -1) + (place.isMethod ? 1 : 0)
    let position = place.position + shift
    guard position >= 0 else { return ArgumentHelp() }
    let positional = record.parameter(at: position)
    guard let nesting = place.nesting else {
      return positional.map { help(on: $0, of: record, place) } ?? ArgumentHelp()
    }
    guard let outer = nesting.first else {
      let isOptions = record.takesOptions(at: position)
      return help(inTableOf: isOptions ? record.options : [], record, place, element: positional)
    }
    let option = record.options.first { $0.name == outer }
    return help(inTableOf: nesting.count == 1 ? option?.fields ?? [] : [], record, place, element: option)
  }

  /// The record of the function at the end of a path.
  func record(of path: ValuePath) -> FunctionRecord? {
    at(path) { place in
      let record = place == .value ? sonde_record_of(session.lua, 1) : -1
      return record < 0 ? nil : session.records[Int(record)]
    }
  }

  /// Help inside a table that may have those keys, or whose elements are as the parameter says.
  private func help(
    inTableOf keys: [Parameter], _ record: FunctionRecord, _ place: ArgumentPlace, element: Parameter?
  ) -> ArgumentHelp {
    if let key = place.key {
      return keys.first { $0.name == key }.map { help(on: $0, of: record, place) } ?? ArgumentHelp()
    }
    var answer = element.map { help(on: $0, of: record, place) } ?? ArgumentHelp()
    answer.keys = keys.filter { !place.given.contains($0.name) }.map {
      Candidate($0.name, text: Array("\($0.name)=".utf8), summary: $0.meaning)
    }
    return answer
  }

  private func help(on parameter: Parameter, of record: FunctionRecord, _ place: ArgumentPlace) -> ArgumentHelp {
    var help = ArgumentHelp()
    let words = words(for: parameter, of: record, place)
    help.words = words.map { Candidate($0) }
    help.takesBoolean = parameter.type.takesBoolean
    help.takesPath = words.isEmpty && parameter.takesPath
    return help
  }

  // MARK: Words

  private func words(for parameter: Parameter, of record: FunctionRecord, _ place: ArgumentPlace) -> [String] {
    let choices = parameter.type.choices
    if !choices.isEmpty { return choices }
    switch (record.name, parameter.name) {
    case ("network:find", _): return place.function.parent.map(kinds) ?? []
    case ("sonde.help", _): return topics().map(\.name)
    case ("sonde.recorder", "stats"): return Recorder.statisticNames
    case ("prediction:column", _): return Prediction.columnNames
    case ("report:column", _), ("comparison:column", _): return Report.columnNames
    case ("what-if:column", _), ("what-if:best", "path"), ("what-if:table", "columns"), ("what-if:text", "columns"),
      ("what-if:text", "best"):
      return ["loss"] + ReportRow.quantities.map { "\($0).flatness" } + Report.columnNames
    case ("network:init", "name"), ("layer:init", "name"), (_, "init"): return Initialiser.names
    case (_, "activation"): return ActivationFunction.allCases.map(\.name)
    case (_, "batchnorm"): return ["before", "after", "off"]
    case (_, "normalize"): return ["batch", "layer", "rms", "none"]
    case (_, "upstream"): return ["normal", "ones"]
    default: return []
    }
  }

  /// What the network at the end of a path can find.
  private func kinds(_ path: ValuePath) -> [String] {
    at(path) { _ -> [String]? in
      guard case .object(let network as Network, _) = LuaValue(session.lua, 1) else { return nil }
      return network.kinds
    } ?? []
  }

  /// What there are pages about, by name; operators can't be begun.
  public func topics() -> [Candidate] {
    var seen: Set<String> = []
    return HelpIndex.shared.entries.filter { $0.name.first?.isLetter == true && seen.insert($0.name).inserted }
      .map { Candidate($0.name, summary: $0.summary) }
  }
}

extension FunctionRecord {
  /// The positional parameter at a position, the last one again where it may be given often.
  fileprivate func parameter(at position: Int) -> Parameter? {
    position < parameters.count ? parameters[position] : variadic ? parameters.last : nil
  }

  /// Whether a table of names at that position is the options: it is not where a table must be given.
  fileprivate func takesOptions(at position: Int) -> Bool {
    guard position < Int(requiredCount) else { return true }
    return !parameters[position].type.takesTable
  }
}

extension Parameter {
  /// Whether it may be the path of a file, which its name or its meaning says.
  var takesPath: Bool {
    if case .state = type { return true }
    return ["path", "file", "director"].contains { name.contains($0) || meaning.contains($0) }
  }

  /// The fields that an option's table may have beside its elements.
  fileprivate var fields: [Parameter] {
    switch name {
    case "early_stopping": Parameter.earlyStoppingFields
    case "checkpoint": Parameter.checkpointFields
    case "init": [.gain]
    default: []
    }
  }
}

extension ParameterType {
  /// Its alternatives, one by one.
  private var alternatives: [ParameterType] {
    if case .oneOf(let types) = self { return types.flatMap(\.alternatives) }
    return [self]
  }

  /// The strings it names.
  fileprivate var choices: [String] {
    alternatives.flatMap { type -> [String] in
      switch type {
      case .choice(let names): names
      case .dtype: DType.allCases.map(\.name)
      default: []
      }
    }
  }

  fileprivate var takesBoolean: Bool { alternatives.contains { if case .boolean = $0 { true } else { false } } }

  fileprivate var takesTable: Bool {
    takesNames
      || alternatives.contains { type in
        switch type {
        case .table, .any: true
        default: false
        }
      }
  }
}
