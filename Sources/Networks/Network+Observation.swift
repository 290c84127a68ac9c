import Gradients
import Kernels
import Tensors

/// What one row of a network did in an observed pass; tensors of its own but for the weight, not views of the network's memory.
public struct RowObservation {
  /// How the row's names begin: the position from 0, or `head`; of a layer inside a row with its place there, `3.0`.
  public let name: String
  /// The row's kind, for example `Block` or `Linear`.
  public let kind: String
  /// The shape of the row's output.
  public let shape: Extents
  /// What enters the nonlinearity `[batch, features]`; the row's own output where it has none.
  public let preactivation: Tensor
  /// The row's output `[batch, features]`, after any normalisation.
  public let activation: Tensor
  /// The gradient of the loss with respect to that output.
  public internal(set) var gradient: Tensor
  /// The weight `[out, in]` of the row's Linear itself, nil where there is none.
  public let weight: Tensor?
  /// The gradient of the loss with respect to that weight.
  public internal(set) var weightGradient: Tensor?
  /// The layer observed, for what is known of it alone; nil where a test made the observation.
  public internal(set) var layer: Layer?
  /// What the layers of the row's residual branch did, in order; none where the row has no branch.
  public internal(set) var branch: [RowObservation] = []
}

extension RowObservation {
  /// What a unit of the row did, from 1, as a row of that unit alone without a weight; nil where the row has fewer units.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func unit(_ unit: Int) throws -> RowObservation? {
    guard 1...max(activation.shape[1], 1) ~= unit, unit <= preactivation.shape[1], unit <= activation.shape[1] else {
      return nil
    }
    return RowObservation(
      name: name, kind: kind, shape: [shape[0], 1], preactivation: try preactivation.narrow(1, unit - 1, 1),
      activation: try activation.narrow(1, unit - 1, 1), gradient: try gradient.narrow(1, unit - 1, 1), weight: nil,
      weightGradient: nil, layer: layer)
  }
}

/// What an observed pass saw.
public struct NetworkObservation {
  /// The rows of the network, in order.
  public internal(set) var rows: [RowObservation]
  /// The layers of the auxiliary classifiers that took part, in order.
  public internal(set) var auxiliary: [RowObservation]
}

extension Network {
  /// Runs one forward and one backward and tells what each row did, leaving the network exactly as it was.
  ///
  /// Batch statistics are taken whatever the mode, and dropout is off. Running statistics, gradients, the mode and what the
  /// user's last forward keeps for its backward stay untouched. `upstream` turns the output into the gradient at the output;
  /// with `auxiliary` the auxiliary classifiers run too, and it turns their outputs into gradients there, the weights included.
  /// Unless `overridesModes`, a normalisation with a mode of its own (running, frozen) keeps to it, as in training.
  ///
  /// - Throws: as `forward`; what `upstream` throws; `GradientError.gradientMismatch` when its gradient doesn't fit.
  public func observe(
    _ x: Tensor, overridesModes: Bool = true, auxiliary: ((_ output: AuxiliaryOutput) throws -> Tensor)? = nil,
    upstream: (_ output: Tensor) throws -> (gradient: Tensor, loss: Double?)
  ) throws -> [RowObservation] {
    var rows: [RowObservation] = []
    try observe(x, overridesModes: overridesModes, auxiliary: auxiliary, upstream: upstream) { rows = $0.rows }
    return rows
  }

  /// Runs the forward of `observe` alone: gradients are 0, those of weights nil.
  ///
  /// - Throws: as `forward`.
  public func observeForward(_ x: Tensor, overridesModes: Bool = true) throws -> [RowObservation] {
    try observing(x, 0, overridesModes, nil) { try $0.observeForward($1, $2) }
  }

  /// Runs one forward and `draws` backwards as `observe` does, and gives `visit` what each of them saw.
  ///
  /// `upstream` is asked before each backward. The tensors of the forward are the same in every observation.
  ///
  /// - Throws: as `observe`, and what `visit` throws.
  public func observe(
    _ x: Tensor, draws: Int = 1, overridesModes: Bool = true,
    auxiliary: ((_ output: AuxiliaryOutput) throws -> Tensor)? = nil,
    upstream: (_ output: Tensor) throws -> (gradient: Tensor, loss: Double?),
    visit: (NetworkObservation) throws -> Void
  ) throws {
    _ = try observing(x, draws, overridesModes, auxiliary) { observer, x, type in
      try observer.run(x, draws, upstream, type, visit)
      return [Int]()
    }
  }

  /// Runs the forward of `observe` alone and gives each row's output `[batch, features]`, leaving the network exactly as it was.
  ///
  /// - Throws: as `forward`.
  public func rowOutputs(_ x: Tensor, overridesModes: Bool = true) throws -> [Tensor] {
    try observing(x, 1, overridesModes, nil) { try $0.outputs($1, $2) }
  }

  /// Runs a pass beside the network on `x`, a matrix; what its layers of the user's own count goes back to what it was.
  private func observing<Result>(
    _ x: Tensor, _ draws: Int, _ overridesModes: Bool, _ auxiliary: ((AuxiliaryOutput) throws -> Tensor)?,
    _ body: (Observer, Tensor, any FloatElement.Type) throws -> [Result]
  ) throws -> [Result] {
    try computing {
      try admit(x)
      guard let type = dtype.floatType else { return [] }
      let observer = Observer(self, rows: x.shape[0], draws, overridesModes, auxiliary)
      let held = try allLayers.flatMap(\.components).compactMap { try ($0 as? CustomLayer)?.holdBuffers() }
      defer { for restore in held { restore() } }
      return try body(observer, try x.reshape([x.shape[0], Network.features(x)]).contiguous(), type)
    }
  }
}

/// Keeps the gradient of each step's output.
private final class GradientKeeper: GradientObserver {
  var gradients: [ObjectIdentifier: Tensor] = [:]

  func room<T: FloatElement>(
    for step: any Step, rows: Int, width: Int, _ type: T.Type
  ) throws -> UnsafeMutablePointer<T> {
    let gradient = try Tensor(T.dtype, [rows, width], zeroed: false)
    gradients[ObjectIdentifier(step)] = gradient
    return gradient.pointer(T.self)
  }
}

/// One observed pass: an unfused plan, whose step boundaries are the rows' and the branches' layers', in a workspace of its own.
private final class Observer {
  private let network: Network
  private let plan: Plan
  private let pass: Pass
  private let workspace: Workspace
  private let auxiliary: ((Network.AuxiliaryOutput) throws -> Tensor)?
  private let keeper = GradientKeeper()
  /// How the names of layers inside rows and auxiliary classifiers begin.
  private var names: [ObjectIdentifier: String] = [:]
  private var sink: SeparateSink?
  /// The features of the input.
  private var features = 0

  init(
    _ network: Network, rows: Int, _ draws: Int, _ overridesModes: Bool,
    _ auxiliary: ((Network.AuxiliaryOutput) throws -> Tensor)?
  ) {
    self.network = network
    self.auxiliary = auxiliary
    plan = network.plan(auxiliary == nil ? .observed : .observedTraining)
    var pass = Pass(
      rows: rows, usesBatchStatistics: true, overridesModes: overridesModes, keepsPreactivations: true,
      generator: network.generator)
    pass.gradients = keeper
    pass.repeatsBackward = draws > 1
    self.pass = pass
    workspace = Workspace(steps: plan.steps.count)
    for (name, layer) in network.namedParts { note(name, layer) }
  }

  private func note(_ name: String, _ layer: Layer) {
    names[ObjectIdentifier(layer)] = name
    for (part, layer) in layer.inner { note("\(name).\(part)", layer) }
  }

  func run<T: FloatElement>(
    _ x: Tensor, _ draws: Int, _ upstream: (Tensor) throws -> (gradient: Tensor, loss: Double?), _ type: T.Type,
    _ visit: (NetworkObservation) throws -> Void
  ) throws {
    let outputs = try outputs(x, type)
    var seen: NetworkObservation?
    for _ in 0..<draws {
      let sink = SeparateSink()
      self.sink = sink
      // a copy: whoever computes the gradient may change it
      let start = try gradient(of: try outputs[outputs.count - 1].clone(), upstream)
      try startAuxiliaries()
      try plan.backward(
        pass, input: UnsafePointer(x.pointer(T.self)),
        gradient: UnsafePointer(start.pointer(T.self)), result: nil, workspace: workspace, sink: sink)
      // what the forward did is looked at before the second backward and no more
      let now = try seen.map(refreshed) ?? observe(outputs, type)
      seen = now
      try visit(now)
    }
  }

  func observeForward<T: FloatElement>(_ x: Tensor, _ type: T.Type) throws -> [RowObservation] {
    try observe(try outputs(x, type), type).rows
  }

  /// Runs the forward and gives every step's output, in the workspace's own memory: no other forward follows in it.
  func outputs<T: FloatElement>(_ x: Tensor, _ type: T.Type) throws -> [Tensor] {
    features = x.shape[1]
    let widths = plan.steps.reduce(into: [features]) { $0.append($1.outputFeatures($0[$0.count - 1])) }
    let last = plan.steps.count - 1
    let target = try workspace.steps[last].buffer(.output, pass.rows * widths[last + 1], T.self)
    try plan.forward(
      pass, input: UnsafePointer(x.pointer(T.self)), features: x.shape[1], output: target, workspace: workspace)
    return plan.steps.indices.compactMap { workspace.steps[$0].matrix(.output, [pass.rows, widths[$0 + 1]]) }
  }

  private func startAuxiliaries() throws {
    guard let auxiliary else { return }
    for (step, memory) in zip(plan.steps, workspace.steps) {
      guard let step = step as? AuxiliaryStep else { continue }
      let output = try step.output(pass, network.dtype, memory)
      try step.take(try auxiliary(Network.AuxiliaryOutput(tensor: output, weight: step.lossWeight)), memory)
    }
  }

  private func gradient(
    of output: Tensor, _ upstream: (Tensor) throws -> (gradient: Tensor, loss: Double?)
  ) throws -> Tensor {
    let given = try upstream(output).gradient
    guard given.shape == output.shape, given.dtype == output.dtype else {
      throw GradientError.gradientMismatch(
        expected: "shape \(output.shape) and dtype \(output.dtype)", got: "\(given.shape) and \(given.dtype)")
    }
    return try given.contiguous()
  }

  // MARK: Observations

  private func observe<T: FloatElement>(_ outputs: [Tensor], _ type: T.Type) throws -> NetworkObservation {
    var observation = NetworkObservation(rows: [], auxiliary: [])
    for (index, step) in plan.steps.enumerated() {
      let (memory, output) = (workspace.steps[index], outputs[index])
      if step is AuxiliaryStep {
        observation.auxiliary += try inside(step, output.shape[1], memory, type)
        continue
      }
      let row = network.rows[step.firstRow]
      var seen = try self.observation(of: step, row, network.prefix(step.firstRow), output, memory)
      seen.branch = try inside(step, index == 0 ? nil : outputs[index - 1].shape[1], memory, type)
      observation.rows.append(seen)
    }
    return observation
  }

  /// What the layers inside a step did, which takes `features`; nil for those of the network's input.
  private func inside<T: FloatElement>(
    _ step: any Step, _ features: Int?, _ memory: StepMemory, _ type: T.Type
  ) throws -> [RowObservation] {
    guard let inner = step.inner, inner.plan.steps.count == inner.layers.count else { return [] }
    let workspace = memory.workspace(steps: inner.layers.count)
    var (width, seen): (Int, [RowObservation]) = (features ?? self.features, [])
    for (index, step) in inner.plan.steps.enumerated() {
      let entering = width
      width = step.outputFeatures(width)
      let isLast = index == inner.layers.count - 1
      let place = isLast ? memory : workspace.steps[index]
      guard let output = place.matrix(isLast ? .branch : .output, [pass.rows, width]) else { continue }
      let layer = inner.layers[index]
      let name = names[ObjectIdentifier(layer)] ?? "\(index)"
      var one = try observation(of: step, layer, name, output, workspace.steps[index])
      one.branch = try inside(step, entering, workspace.steps[index], type)
      seen.append(one)
    }
    return seen
  }

  private func observation(
    of step: any Step, _ layer: Layer, _ name: String, _ output: Tensor, _ memory: StepMemory
  ) throws -> RowObservation {
    let preactivation = try step.preactivation(pass, dtype: network.dtype, memory: memory)
    return RowObservation(
      name: name, kind: layer.kind, shape: output.shape, preactivation: preactivation ?? output, activation: output,
      gradient: try gradient(at: step, output), weight: step.weight,
      weightGradient: try step.weight.flatMap { try sink?.gradient(of: $0) }, layer: layer)
  }

  /// The gradient of a step's output; 0 where none came by, as in a classifier that is left out of the loss.
  private func gradient(at step: any Step, _ output: Tensor) throws -> Tensor {
    try keeper.gradients[ObjectIdentifier(step)] ?? Tensor(output.dtype, output.shape)
  }

  /// The observation with the gradients of the last backward.
  private func refreshed(_ observation: NetworkObservation) throws -> NetworkObservation {
    var (rows, heads): ([any Step], [any Step]) = ([], [])
    for step in plan.steps {
      if step is AuxiliaryStep { heads += step.inner?.plan.steps ?? [] } else { rows.append(step) }
    }
    return NetworkObservation(
      rows: try refreshed(observation.rows, rows), auxiliary: try refreshed(observation.auxiliary, heads))
  }

  private func refreshed(_ observations: [RowObservation], _ steps: [any Step]) throws -> [RowObservation] {
    try zip(observations, steps).map { observation, step in
      var result = observation
      result.gradient = try gradient(at: step, observation.activation)
      result.weightGradient = try step.weight.flatMap { try sink?.gradient(of: $0) }
      result.branch = try refreshed(observation.branch, step.inner?.plan.steps ?? [])
      return result
    }
  }
}
