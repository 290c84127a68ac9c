import Gradients
import Kernels
import Tensors

/// What one row of a network did in an observed pass; tensors of its own, not views of the network's memory.
public struct RowObservation {
  /// How the row's names begin: the position from 0, or `head`.
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
  public let gradient: Tensor
  /// The weight `[out, in]` of the row's Linear (a copy), nil where there is none.
  public let weight: Tensor?
  /// The gradient of the loss with respect to that weight.
  public let weightGradient: Tensor?
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
    try observing(x, overridesModes, auxiliary) { try $0.run($1, upstream, $2) }
  }

  /// Runs the forward of `observe` alone and gives each row's output `[batch, features]`, leaving the network exactly as it was.
  ///
  /// - Throws: as `forward`.
  public func rowOutputs(_ x: Tensor, overridesModes: Bool = true) throws -> [Tensor] {
    try observing(x, overridesModes, nil) { try $0.outputs($1, $2) }
  }

  /// Runs a pass beside the network on `x`, a matrix; what its layers of the user's own count goes back to what it was.
  private func observing<Result>(
    _ x: Tensor, _ overridesModes: Bool, _ auxiliary: ((AuxiliaryOutput) throws -> Tensor)?,
    _ body: (Observer, Tensor, any FloatElement.Type) throws -> [Result]
  ) throws -> [Result] {
    try computing {
      try admit(x)
      guard let type = dtype.floatType else { return [] }
      let observer = Observer(self, rows: x.shape[0], overridesModes, auxiliary)
      let held = try allLayers.flatMap(\.components).compactMap { try ($0 as? CustomLayer)?.holdBuffers() }
      defer { for restore in held { restore() } }
      return try body(observer, try x.reshape([x.shape[0], Network.features(x)]).contiguous(), type)
    }
  }
}

/// One observed pass: an unfused plan, whose step boundaries are the rows', in a workspace of its own.
private final class Observer {
  private let network: Network
  private let plan: Plan
  private let pass: Pass
  private let workspace: Workspace
  private let sink = SeparateSink()
  private let auxiliary: ((Network.AuxiliaryOutput) throws -> Tensor)?
  private var gradients: [Tensor]

  init(
    _ network: Network, rows: Int, _ overridesModes: Bool,
    _ auxiliary: ((Network.AuxiliaryOutput) throws -> Tensor)?
  ) {
    self.network = network
    self.auxiliary = auxiliary
    plan = Plan(network, fused: false, auxiliaries: auxiliary != nil)
    pass = Pass(
      rows: rows, usesBatchStatistics: true, overridesModes: overridesModes, keepsPreactivations: true,
      generator: network.generator)
    workspace = Workspace(steps: plan.steps.count)
    gradients = []
  }

  func run<T: FloatElement>(
    _ x: Tensor, _ upstream: (Tensor) throws -> (gradient: Tensor, loss: Double?), _ type: T.Type
  ) throws -> [RowObservation] {
    let outputs = try outputs(x, type)
    let last = plan.steps.count - 1
    let start = try gradient(of: outputs[last], upstream)
    try startAuxiliaries()
    try plan.backward(
      pass, input: UnsafePointer(x.pointer(T.self)), features: x.shape[1],
      gradient: UnsafePointer(start.pointer(T.self)), result: nil,
      workspace: workspace, sink: sink
    ) { gradients.append(try copy(UnsafeMutablePointer(mutating: $1), outputs[$0].shape[1])) }
    return try plan.steps.indices.filter { !(plan.steps[$0] is AuxiliaryStep) }.map {
      try observation($0, outputs[$0], gradients[last - $0])
    }
  }

  /// Runs the forward and gives every step's output.
  func outputs<T: FloatElement>(_ x: Tensor, _ type: T.Type) throws -> [Tensor] {
    let widths = plan.steps.reduce(into: [x.shape[1]]) { $0.append($1.outputFeatures($0[$0.count - 1])) }
    let last = plan.steps.count - 1
    let target = try workspace.steps[last].buffer(.output, pass.rows * widths[last + 1], T.self)
    try plan.forward(
      pass, input: UnsafePointer(x.pointer(T.self)), features: x.shape[1], output: target, workspace: workspace)
    return try plan.steps.indices.map {
      try copy(try workspace.steps[$0].buffer(.output, 0, T.self), widths[$0 + 1])
    }
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

  private func copy<T: FloatElement>(_ source: UnsafeMutablePointer<T>, _ width: Int) throws -> Tensor {
    let tensor = try Tensor(T.dtype, [pass.rows, width], zeroed: false)
    tensor.pointer(T.self).update(from: source, count: tensor.count)
    return tensor
  }

  private func observation(_ index: Int, _ output: Tensor, _ gradient: Tensor) throws -> RowObservation {
    let step = plan.steps[index]
    let row = step.firstRow
    let preactivation = try step.preactivation(pass, dtype: network.dtype, memory: workspace.steps[index])
    return RowObservation(
      name: network.prefix(row), kind: network.rows[row].kind, shape: output.shape,
      preactivation: preactivation ?? output, activation: output, gradient: gradient,
      weight: try step.weight.map { try $0.clone() }, weightGradient: try step.weight.flatMap(sink.gradient(of:)))
  }
}
