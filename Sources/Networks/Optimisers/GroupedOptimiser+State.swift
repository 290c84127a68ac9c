import Gradients
import OrderedCollections
import Tensors

extension GroupedOptimiser {
  /// Copies all that the next steps depend on beside parameters, gradients and the schedule.
  ///
  /// - Throws: `TensorError.outOfMemory`; what a group's question throws.
  public func state() throws -> OptimiserState {
    let rule = type(of: self).rule
    var state = OptimiserState()
    state.values["algorithm"] = .string(rule.name)
    state.values["steps"] = .integer(steps)
    for (position, group) in groups.enumerated() {
      for setting in rule.settings {
        let value = group.settings[setting.name]
        state.values["groups.\(position + 1).\(setting.name)"] = setting.isFlag ? .integer(Int(value)) : .number(value)
      }
      state.values["groups.\(position + 1).rate"] = .number(group.rate)
    }
    for (name, tensor) in subject.named {
      let slot = try slot(of: tensor)
      state.values["\(name).step"] = .integer(slot.steps)
      state.values["\(name).group"] = .integer(slot.group + 1)
      for (index, buffer) in slot.buffers.enumerated() where slot.hasRun[index] {
        if let buffer { state.tensors["\(name).\(rule.buffers[index])"] = try buffer.clone() }
      }
    }
    return state
  }

  /// Takes over a state, from which the steps go on bit for bit; either all of it or nothing.
  ///
  /// A parameter of which the state says nothing starts afresh.
  ///
  /// - Throws: `NetworkError` for the state of another algorithm, other groups, unknown names, other shapes and settings out of
  ///   range; `TensorError.outOfMemory`.
  public func restore(_ state: OptimiserState) throws {
    let rule = type(of: self).rule
    let algorithm = try state.string("algorithm")
    guard algorithm == rule.name else {
      throw OptimiserState.missing("the state of \(rule.name)", got: "of \(algorithm)")
    }
    guard let count = try state.integer("steps", atLeast: 0) else { throw OptimiserState.missing("'steps'") }
    try checkNames(state, rule)
    let settings = try groups.indices.map { try restored($0, state, rule) }
    var made: [ObjectIdentifier: ParameterSlot] = [:]
    for (name, tensor) in subject.named { made[ObjectIdentifier(tensor)] = try restored(name, tensor, state, rule) }
    for (group, setting) in zip(groups, settings) { group.replace(setting.settings, rate: setting.rate) }
    slots = made
    steps = count
  }

  /// Refuses names that mean nothing here, with the nearest that does.
  private func checkNames(_ state: OptimiserState, _ rule: OptimiserRule) throws {
    var values: Set<String> = ["algorithm", "steps"]
    var tensors: Set<String> = []
    for position in groups.indices {
      values.formUnion((rule.settings.map(\.name) + ["rate"]).map { "groups.\(position + 1).\($0)" })
    }
    for name in subject.named.keys {
      values.formUnion(["\(name).step", "\(name).group"])
      tensors.formUnion(rule.buffers.map { "\(name).\($0)" })
    }
    for (given, known) in [(Array(state.values.keys), values), (Array(state.tensors.keys), tensors)] {
      if let name = given.first(where: { !known.contains($0) }) {
        throw NetworkError.unknownName(
          "optimizer:load_state", what: "name", name: name, nearest: nearestName(to: name, among: known.sorted()))
      }
    }
  }

  private func restored(
    _ position: Int, _ state: OptimiserState, _ rule: OptimiserRule
  ) throws -> (settings: OptimiserSettings, rate: Double) {
    var given: [String: Double] = [:]
    for setting in rule.settings {
      if let value = try state.number("groups.\(position + 1).\(setting.name)") { given[setting.name] = value }
    }
    guard let lr = given["lr"] else { throw OptimiserState.missing("'groups.\(position + 1).lr'") }
    let rate = try state.number("groups.\(position + 1).rate") ?? lr
    guard rate >= 0, rate.isFinite else {
      throw OptimiserState.missing("'groups.\(position + 1).rate' of 0 or more", got: "\(rate)")
    }
    return (try groups[position].settings.with(given), rate)
  }

  private func restored(
    _ name: String, _ parameter: Tensor, _ state: OptimiserState, _ rule: OptimiserRule
  ) throws -> ParameterSlot {
    let position = try state.integer("\(name).group", atLeast: 1) ?? (try slot(of: parameter).group + 1)
    guard position <= groups.count else {
      throw OptimiserState.missing("'\(name).group' of at most \(groups.count)", got: "\(position)")
    }
    let slot = ParameterSlot(parameter, group: position - 1, buffers: rule.buffers.count)
    slot.steps = try state.integer("\(name).step", atLeast: 0) ?? 0
    for (index, buffer) in rule.buffers.enumerated() {
      guard let value = state.tensors["\(name).\(buffer)"] else {
        if slot.steps > 0, index < rule.always {
          throw OptimiserState.missing("'\(name).\(buffer)' \(parameter.shape)")
        }
        continue
      }
      guard value.shape == parameter.shape, value.dtype.isFloat else {
        throw OptimiserState.missing(
          "'\(name).\(buffer)' \(parameter.shape) of \(parameter.dtype)", got: "\(value.shape) of \(value.dtype)")
      }
      slot.buffers[index] = try Accumulation.zeros(like: parameter).copy(from: value)
      slot.hasRun[index] = true
    }
    return slot
  }
}
