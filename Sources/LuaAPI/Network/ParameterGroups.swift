import CLua
import Kernels
import Networks
import OrderedCollections
import Tensors

/// A setting as Lua names it: one of the rule's, or the two betas in one.
struct OptimiserOption: Sendable {
  let name: String
  /// The settings it holds, one or two.
  let settings: [OptimiserSetting]

  /// The options of a kind, in PyTorch's order.
  static func all(of rule: OptimiserRule) -> [OptimiserOption] {
    rule.settings.filter { $0.name != "beta2" }.map { setting in
      guard setting.name == "beta1" else { return OptimiserOption(name: setting.name, settings: [setting]) }
      return OptimiserOption(name: "betas", settings: rule.settings.filter { $0.name.hasPrefix("beta") })
    }
  }

  private var isFlag: Bool { settings[0].isFlag }

  /// The option's record.
  func parameter(isRequired: Bool) -> Parameter {
    let type: ParameterType = settings.count == 2 ? .table : isFlag ? .boolean : .number
    let meaning =
      settings.count == 2
      ? "how much the means of gradients and of their squares keep of themselves" : settings[0].meaning
    return Parameter(name, type, default: isRequired ? nil : text { OptimiserOption.plain($0.fallback) }, meaning)
  }

  /// The value as a user would write it.
  func text(_ number: (OptimiserSetting) -> String) -> String {
    if settings.count == 2 { return "{\(settings.map(number).joined(separator: ", "))}" }
    return isFlag ? (number(settings[0]) == "0" ? "false" : "true") : number(settings[0])
  }

  /// A number, whole ones without a point.
  static func plain(_ value: Double) -> String { Int(exactly: value).map(String.init) ?? "\(value)" }

  /// The settings that a Lua value stands for.
  func read(_ value: LuaValue, _ call: Call, _ place: String) throws -> [String: Double] {
    if settings.count == 2 { return try readPair(value, call, place) }
    if isFlag {
      guard case .boolean(let flag) = value else {
        throw call.failure("\(place) expected a boolean, got \(value.text)")
      }
      return [settings[0].name: flag ? 1 : 0]
    }
    guard let number = value.asNumber else { throw call.failure("\(place) expected a number, got \(value.text)") }
    return [settings[0].name: number]
  }

  private func readPair(_ value: LuaValue, _ call: Call, _ place: String) throws -> [String: Double] {
    let expected = "\(place) expected two numbers such as {0.9, 0.999}, got"
    guard case .table(let index) = value else { throw call.failure("\(expected) \(value.text)") }
    guard lua_rawlen(call.lua, index) == 2 else {
      throw call.failure("\(expected) \(lua_rawlen(call.lua, index)) values")
    }
    let numbers = try call.sequence(at: index) { item in
      guard let number = item.asNumber else { throw call.failure("\(expected) \(item.text)") }
      return number
    }
    return Dictionary(uniqueKeysWithValues: zip(settings.map(\.name), numbers))
  }

  /// Pushes a group's value.
  func push(_ group: ParameterGroup, _ call: Call) throws -> Int32 {
    func value(_ setting: OptimiserSetting) -> Double {
      setting.name == "lr" ? group.learningRate : group.settings[setting.name]
    }
    if settings.count == 2 { return try call.push(sequence: settings) { call.push(value($0)) } }
    return isFlag ? call.push(value(settings[0]) != 0) : call.push(value(settings[0]))
  }

  /// The options of all kinds, as fields that can be read and set.
  static func properties(
    _ target: @escaping @Sendable (Call) -> (group: ParameterGroup, set: ([String: Double]) throws -> Void)
  ) -> [PropertyRecord] {
    var named: OrderedDictionary<String, String> = [:]
    for type in [SGD.self, AdamW.self, RMSprop.self, Adagrad.self] as [GroupedOptimiser.Type] {
      for option in all(of: type.rule) where named[option.name] == nil {
        named[option.name] = option.parameter(isRequired: false).meaning
      }
    }
    return named.map { name, meaning in
      let summary = name == "lr" ? "the rate of the latest step, or the one set since" : meaning
      return PropertyRecord(
        name, summary.prefix(1).uppercased() + summary.dropFirst() + ".",
        set: { call in
          let (group, set) = target(call)
          try set(try option(name, group, call).read(call.argument(1), call, name))
        },
        get: { call in
          let group = target(call).group
          return try option(name, group, call).push(group, call)
        })
    }
  }

  private static func option(_ name: String, _ group: ParameterGroup, _ call: Call) throws -> OptimiserOption {
    let options = all(of: group.settings.rule)
    if let option = options.first(where: { $0.name == name }) { return option }
    let kind = group.settings.rule.name
    throw call.failure("\(kind) has no '\(name)'; it has \(options.map(\.name).joined(separator: ", "))")
  }
}

/// A group of an optimiser, as Lua holds it.
final class GroupHandle {
  let optimiser: GroupedOptimiser
  let position: Int

  init(_ optimiser: GroupedOptimiser, _ position: Int) {
    self.optimiser = optimiser
    self.position = position
  }

  var group: ParameterGroup { optimiser.groups[position] }
}

extension ParameterGroup {
  /// The settings as a user would write them.
  var text: String {
    OptimiserOption.all(of: settings.rule).map { option in
      let value = option.text { setting in
        OptimiserOption.plain(setting.name == "lr" ? learningRate : settings[setting.name])
      }
      return "\(option.name)=\(value)"
    }.joined(separator: ", ")
  }
}

extension TypeRecord {
  /// A group of parameters of an optimiser.
  static let parameterGroupType = TypeRecord(
    type: .parameterGroup, summary: "Parameters with settings of their own within an optimizer.",
    properties: [
      PropertyRecord("params", "The names of the parameters that belong to it now.") { call in
        let handle = call.object(GroupHandle.self)
        let names = try handle.optimiser.members().filter { $0.group == handle.position }.map(\.name)
        return try call.push(sequence: names) { try call.push($0) }
      }
    ]
      + OptimiserOption.properties { call in
        let group = call.object(GroupHandle.self).group
        return (group, group.set)
      },
    text: { call in call.object(GroupHandle.self).group.text })
}

extension Call {
  /// The first argument as what an optimiser changes: a network's parameters, or tensors by name or position.
  func optimiserSubject() throws -> OptimiserSubject {
    switch argument(0) {
    case .object(let object, .network): return .network(unsafeDowncast(object, to: Network.self))
    case .object(let object, .parameters): return .network(unsafeDowncast(object, to: ParametersView.self).network)
    case .object(let object, .tensor): return .tensors(["1": unsafeDowncast(object, to: Tensor.self)])
    case .table(let index): return .tensors(try namedTensors(in: index))
    default: return .tensors([:])
    }
  }

  private func namedTensors(in index: Int32) throws -> OrderedDictionary<String, Tensor> {
    var positions: [Int: Tensor] = [:]
    var names: [String: Tensor] = [:]
    try forEachPair(in: index) { key, valueIndex in
      let value = LuaValue(lua, valueIndex)
      guard let tensor = value.asTensor else {
        throw failure("argument 1 expected a table of tensors, got \(value.text) at \(key.text)")
      }
      if let name = key.asString { names[name] = tensor } else { positions[key.asInteger ?? 0] = tensor }
    }
    if names.isEmpty {
      return OrderedDictionary(
        uniqueKeysWithValues: positions.sorted { $0.key < $1.key }.map { ("\($0.key)", $0.value) })
    }
    guard positions.isEmpty else { throw failure("argument 1 expected tensors by name or in a sequence, got both") }
    return OrderedDictionary(uniqueKeysWithValues: names.sorted { $0.key < $1.key })
  }

  /// Options as settings; those that weren't given are left out.
  func settings(_ given: [(option: OptimiserOption, value: LuaValue)]) throws -> [String: Double] {
    var result: [String: Double] = [:]
    for (option, value) in given where !value.isAbsent {
      result.merge(try option.read(value, self, "option '\(option.name)'")) { $1 }
    }
    return result
  }

  /// The option `groups`.
  func groupRequests(_ rule: OptimiserRule, _ subject: OptimiserSubject) throws -> [GroupRequest] {
    guard case .table(let index) = option("groups") else { return [] }
    var position = 0
    let requests = try sequence(at: index) { value in
      position += 1
      guard case .table(let table) = value else {
        throw failure("groups[\(position)] expected a table such as {params=\"bias$\", lr=0.1}, got \(value.text)")
      }
      return try groupRequest(rule, subject, "groups[\(position)]", table)
    }
    try forEachPair(in: index) { key, _ in
      guard case .integer = key, let place = key.asInteger, place >= 1, place <= requests.count else {
        throw failure("option 'groups' expected a sequence of tables, got the key \(key.text)")
      }
    }
    return requests
  }

  private func groupRequest(
    _ rule: OptimiserRule, _ subject: OptimiserSubject, _ place: String, _ table: Int32
  ) throws -> GroupRequest {
    let options = OptimiserOption.all(of: rule)
    var settings: [String: Double] = [:]
    var selection: GroupRequest.Selection?
    try forEachPair(in: table) { key, valueIndex in
      let (name, value) = (key.asString, LuaValue(lua, valueIndex))
      if name == "params" {
        selection = try self.selection(value, subject, place)
      } else if let option = options.first(where: { $0.name == name }) {
        settings.merge(try option.read(value, self, "\(place).\(option.name)")) { $1 }
      } else {
        let names = ["params"] + options.map(\.name)
        let cure = suggestion(for: name ?? "", among: names, otherwise: "?\(who) tells of them")
        throw failure("\(place): unknown option \(key.text)\(cure)")
      }
    }
    guard let selection else { throw failure("\(place): option 'params' is missing: which parameters belong to it") }
    return GroupRequest(selection, settings: settings)
  }

  private func selection(
    _ value: LuaValue, _ subject: OptimiserSubject, _ place: String
  ) throws -> GroupRequest.Selection {
    switch value {
    case .object(let object, .tensor): return .tensors([unsafeDowncast(object, to: Tensor.self)])
    case .string(let text): return subject.names.contains(text) ? .names([text]) : try pattern(text, place)
    case .function(let index): return .matching(try predicate(index))
    case .table(let index): return try listed(index, place)
    default:
      throw failure(
        "\(place).params expected a pattern, a function, or a table of names or tensors, got \(value.text)")
    }
  }

  private func listed(_ index: Int32, _ place: String) throws -> GroupRequest.Selection {
    var (names, tensors): ([String], [Tensor]) = ([], [])
    _ = try sequence(at: index) { item in
      if let name = item.asString {
        names.append(name)
      } else if let tensor = item.asTensor {
        tensors.append(tensor)
      } else {
        throw failure("\(place).params expected names or tensors, got \(item.text)")
      }
    }
    guard names.isEmpty != tensors.isEmpty else {
      throw failure("\(place).params expected names or tensors, got \(names.isEmpty ? "an empty table" : "both")")
    }
    return names.isEmpty ? .tensors(tensors) : .names(names)
  }

  private func predicate(_ index: Int32) throws -> (String, Tensor) throws -> Bool {
    let function = try LuaReference(self, at: index)
    return { name, tensor in
      try function.call(who: "params", { try $0.push(name) + $0.push(tensor) }, \.isTrue)
    }
  }

  /// Asks Lua's own `string.find`, so that patterns are Lua's.
  private func pattern(_ pattern: String, _ place: String) throws -> GroupRequest.Selection {
    lua_rawgeti(lua, sonde_registry(), lua_Integer(LUA_RIDX_GLOBALS))
    try check(sonde_try_get_field(lua, lua_gettop(lua), "string"))
    guard lua_type(lua, -1) == LUA_TTABLE else { throw failure("expected the library 'string' for patterns, got none") }
    try check(sonde_try_get_field(lua, lua_gettop(lua), "find"))
    let find = try LuaReference(self, at: lua_gettop(lua))
    sonde_pop(lua, 3)
    let matches: (String, Tensor) throws -> Bool = { name, _ in
      try find.call(who: "params", { try $0.push(name) + $0.push(pattern) }, \.isTrue)
    }
    // a malformed pattern is told now
    do {
      _ = try matches("0.weight", try Tensor(.float32, []))
    } catch LuaFailure.value {
      let text = LuaValue(lua, lua_gettop(lua)).asString ?? ""
      guard !text.hasSuffix("not enough memory"), !text.hasSuffix(Interrupted().description) else {
        throw LuaFailure.value
      }
      throw failure("\(place).params expected a Lua pattern, got \(LuaValue.string(pattern).text): \(text)")
    }
    return .matching(matches)
  }
}

extension OptimiserSubject {
  /// The present names.
  fileprivate var names: [String] {
    switch self {
    case .network(let network): Array(network.parameters.keys)
    case .tensors(let tensors): Array(tensors.keys)
    }
  }
}

extension LuaValue {
  /// Whether Lua takes it for true: all but nil and false.
  var isTrue: Bool {
    if case .boolean(let value) = self { return value }
    return !isAbsent
  }
}
