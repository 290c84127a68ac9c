import Gradients
import Kernels
import OrderedCollections
import Tensors

/// What all optimisers share: groups, the state of each parameter, the walk over them.
///
/// The groups are those asked for, in their order, and a last one of all parameters that no other has. A parameter's group is
/// decided when it first appears: the first group that wants it.
public class GroupedOptimiser: Optimiser {
  /// The kind.
  public class var rule: OptimiserRule { OptimiserRule(name: "", settings: [], buffers: [], always: 0) }

  /// What it changes.
  public let subject: OptimiserSubject
  /// The groups; the last has what no other has, and it is the only one where none was asked for.
  public let groups: [ParameterGroup]
  /// How many steps were taken.
  public internal(set) var steps = 0
  /// Where the rates come from before each step; taking it away leaves the rates where they are.
  public var schedule: (any Schedule)? {
    didSet { if schedule == nil { for group in groups { group.learningRate = group.rate } } }
  }

  var slots: [ObjectIdentifier: ParameterSlot] = [:]
  private let plain: [Tensor]
  private var work: [(slot: ParameterSlot, target: Tensor, gradient: Tensor)] = []
  private var turn = 0

  /// Makes an optimiser with settings by name and groups.
  ///
  /// - Throws: `NetworkError` for unknown settings and those out of range, names that there aren't, a parameter in two groups,
  ///   and tensors that aren't leaves that require gradients.
  public required init(_ subject: OptimiserSubject, settings: [String: Double], groups: [GroupRequest] = []) throws {
    let rule = type(of: self).rule
    try subject.check(rule.who)
    try GroupedOptimiser.check(groups, subject.named, rule.who)
    let common = try OptimiserSettings(rule).with(settings)
    self.subject = subject
    if case .tensors(let tensors) = subject { plain = Array(tensors.values) } else { plain = [] }
    self.groups =
      try groups.map { ParameterGroup(try common.with($0.settings), $0.selection) } + [ParameterGroup(common, nil)]
  }

  /// The network whose parameters change; nil for plain tensors.
  public var network: Network? {
    if case .network(let network) = subject { return network }
    return nil
  }

  /// The rate of the last group, that of all parameters without a group of their own; setting it sets every group's.
  public var learningRate: Double {
    get { groups.last?.rate ?? 0 }
    set { for group in groups { group.learningRate = newValue } }
  }

  /// Changes settings of every group by name; either all or none.
  ///
  /// - Throws: `NetworkError` for an unknown name, a value out of range, and settings that don't go together.
  public func set(_ values: [String: Double]) throws {
    let settings = try groups.map { try $0.settings.with(values) }
    for (group, setting) in zip(groups, settings) { group.replace(setting, rate: values["lr"] ?? group.rate) }
  }

  /// Sets the gradients of the parameters that have one to 0.
  ///
  /// - Throws: `TensorError` for a gradient that can't be written.
  public func zeroGradients() throws {
    if let network { return try network.zeroGradients() }
    for tensor in plain { try ParameterParts.zero(tensor.gradient) }
  }

  /// The parameters by name, with their groups' positions from 0.
  ///
  /// - Throws: what a group's question throws.
  public func members() throws -> [(name: String, tensor: Tensor, group: Int)] {
    try subject.named.map { name, tensor in (name, tensor, try slot(of: tensor).group) }
  }

  /// Changes every parameter that has a gradient; either all or none.
  ///
  /// - Throws: see `Optimiser.step`.
  public func step() throws {
    let rates = try schedule.map { try scheduled($0) }
    defer { work.removeAll(keepingCapacity: true) }
    try prepare()
    try Interrupt.check()
    for (group, rate) in zip(groups, rates ?? []) { group.rate = rate }
    for (slot, target, gradient) in work {
      slot.steps = GroupedOptimiser.next(slot.steps)
      if let type = target.dtype.floatType { change(slot, target, gradient, type) }
      if target !== slot.parameter { try slot.parameter.copy(from: target) }
    }
    steps = GroupedOptimiser.next(steps)
  }

  /// One more step, and no more where there is no greater number: a state may bring any.
  private static func next(_ steps: Int) -> Int { min(steps, Int.max - 1) + 1 }

  /// Computes one parameter's step: what makes an algorithm.
  func update<T: FloatElement>(_ change: ParameterChange<T>, _ settings: OptimiserSettings, rate: Double) {}

  /// Which buffers a parameter of these settings needs, by position.
  func needs(_ buffer: Int, _ settings: OptimiserSettings) -> Bool { true }

  /// What a fresh buffer is filled with.
  func start(_ settings: OptimiserSettings) -> Double { 0 }

  /// The tensors it remembers of parameters.
  func remembered(of parameters: [Tensor]) -> [Tensor] {
    parameters.flatMap { slots[ObjectIdentifier($0)]?.buffers.compactMap { $0 } ?? [] }
  }

  // MARK: The walk

  private var tensors: [Tensor] { network?.trainedTensors ?? plain }

  private func scheduled(_ schedule: any Schedule) throws -> [Double] {
    try groups.map { group in
      let rate = try schedule.rate(step: steps, base: group.settings["lr"])
      guard rate >= 0, rate.isFinite else {
        throw NetworkError.expected(
          type(of: self).rule.who, "a finite rate of 0 or more from the schedule at step \(steps)", "\(rate)")
      }
      return rate
    }
  }

  /// Finds what is to be changed and makes room for it, so that nothing can fail once changes begin.
  private func prepare() throws {
    turn += 1
    for parameter in tensors {
      guard parameter.requiresGradient, let gradient = parameter.gradient, parameter.dtype.isFloat else { continue }
      let slot = try slot(of: parameter)
      // weights shared by two layers are one parameter
      if slot.turn == turn { continue }
      slot.turn = turn
      guard gradient.shape == parameter.shape else {
        throw NetworkError.expected(
          type(of: self).rule.who, "a gradient of shape \(parameter.shape)", "shape \(gradient.shape)")
      }
      let settings = groups[slot.group].settings
      for index in slot.buffers.indices where slot.buffers[index] == nil && needs(index, settings) {
        slot.buffers[index] = try Accumulation.zeros(like: parameter).fill(start(settings))
      }
      try parameter.requireWritable("step")
      work.append((slot, slot.isDense ? parameter : try parameter.clone(), try slot.aligned(gradient)))
    }
  }

  /// Changes one parameter, a large one in parts that the workers share.
  private func change<T: FloatElement>(
    _ slot: ParameterSlot, _ target: Tensor, _ gradient: Tensor, _ type: T.Type
  ) {
    let group = groups[slot.group]
    let (numbers, slopes) = (target.pointer(T.self), UnsafePointer(gradient.pointer(T.self)))
    // no error comes of parts that throw none
    try? ParameterParts.forEach(of: target.count) { first, count in
      update(
        ParameterChange(slot, parameter: numbers, gradient: slopes, first: first, count: count), group.settings,
        rate: group.rate)
    }
    for index in slot.buffers.indices where slot.buffers[index] != nil { slot.hasRun[index] = true }
  }

  /// What is known of a parameter; one not seen before gets its group and no state.
  func slot(of parameter: Tensor) throws -> ParameterSlot {
    if let known = slots[ObjectIdentifier(parameter)] { return known }
    let name = subject.named.first { $0.value === parameter }?.key ?? ""
    let group = try groups.firstIndex { try $0.has(name, parameter) } ?? groups.count - 1
    let slot = ParameterSlot(parameter, group: group, buffers: type(of: self).rule.buffers.count)
    slots[ObjectIdentifier(parameter)] = slot
    return slot
  }

  // MARK: Checks

  private static func check(_ groups: [GroupRequest], _ named: OrderedDictionary<String, Tensor>, _ who: String) throws
  {
    var taken: [ObjectIdentifier: Int] = [:]
    for (position, group) in groups.enumerated() {
      for (name, tensor) in try explicit(group, named, who, position) {
        if let other = taken.updateValue(position, forKey: ObjectIdentifier(tensor)) {
          throw NetworkError.expected(
            who, "each parameter in one group", "'\(name)' in groups[\(other + 1)] and groups[\(position + 1)]")
        }
      }
    }
  }

  /// The parameters that a group names one by one.
  private static func explicit(
    _ group: GroupRequest, _ named: OrderedDictionary<String, Tensor>, _ who: String, _ position: Int
  ) throws -> [(name: String, tensor: Tensor)] {
    switch group.selection {
    case .matching: []
    case .names(let names):
      try names.map { name in
        if let tensor = named[name] { return (name, tensor) }
        throw NetworkError.unknownName(
          who, what: "parameter", name: name, nearest: nearestName(to: name, among: named.keys))
      }
    case .tensors(let tensors):
      try tensors.map { tensor in
        if let name = named.first(where: { $0.value === tensor })?.key { return (name, tensor) }
        throw NetworkError.expected(
          who, "parameters of the optimizer in groups[\(position + 1)]", "another tensor of shape \(tensor.shape)")
      }
    }
  }
}
