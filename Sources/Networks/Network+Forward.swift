import Gradients
import Kernels
import Tensors

extension Network {
  /// Computes the output of a batch `x` `[batch, features]`, on the tape unless inside `NoGradient`.
  ///
  /// A network that begins with `Flatten` takes `[batch, ...]`.
  ///
  /// The result is a tensor of its own. `x` may change afterwards: what the backward needs of it is copied then.
  ///
  /// - Throws: `NetworkError` for another shape or dtype, naming the layer, and for a batch of 1 where batch statistics are
  ///   taken; `Interrupted` when a stop is requested; `TensorError.outOfMemory`.
  public func forward(_ x: Tensor) throws -> Tensor {
    lastNode = nil
    auxiliaryOutputs = []
    return try computing {
      try admit(x)
      let pass = currentPass(rows: x.shape[0])
      return NoGradient.isActive ? try compute(x, pass) : try record(x, pass)
    }
  }

  private func record(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    let node = NetworkNode(plan: isTraining ? trainingPlan : plan, pass: pass, input: x)
    let output = try node.forward(x)
    auxiliaryOutputs = try node.auxiliaryOutputs()
    if auxiliaryOutputs.isEmpty {
      Tape.record(output, node)
    } else {
      Tape.record([output] + auxiliaryOutputs.map(\.tensor), node)
    }
    try Anomaly.check("network", [output], from: [x])
    lastNode = node
    return output
  }

  /// Goes back through the last `forward`: adds to the parameters' gradients and gives dL/dx.
  ///
  /// `gradient` is dL/dy, of the output's shape. The pass ends at `x`, whose gradient is added to where it is a leaf that wants one.
  ///
  /// - Throws: `NetworkError.noForward` without a forward; `GradientError` for a second time or another shape;
  ///   `Interrupted` when a stop is requested.
  public func backward(_ gradient: Tensor) throws -> Tensor {
    guard let node = lastNode else { throw NetworkError.noForward }
    try node.admit(gradient)
    let edge = node.edges.first
    node.wantsInputGradient = true
    node.directGradient = gradient
    guard let result = try node.differentiate(gradient).first ?? nil else { throw NetworkError.noForward }
    if case .leaf(let input) = edge { try Tape.accumulate(result, into: input) }
    return result
  }

  /// Runs a forward, in which nothing may compute or change the network.
  func computing<Result>(_ body: () throws -> Result) throws -> Result {
    try requireIdle("forward")
    isComputing = true
    defer { isComputing = false }
    return try body()
  }

  /// Refuses what a layer written in Lua tries on its own network inside its forward.
  func requireIdle(_ who: String) throws {
    guard !isComputing else {
      throw NetworkError.expected(who, "a network that is not computing", "one from inside its own forward")
    }
  }

  /// The plan of the present structure that passes of the user's run on.
  var plan: Plan { plan(.fused) }

  /// The plan with the auxiliary classifiers; where there are none, the same.
  var trainingPlan: Plan { presentAuxiliaries.isEmpty ? plan : plan(.training) }

  /// A plan of the present structure.
  func plan(_ kind: Plan.Kind) -> Plan {
    if let known = cachedPlans[kind] { return known }
    let made = Plan(self, kind)
    cachedPlans[kind] = made
    return made
  }

  /// How a forward runs in the present mode.
  func currentPass(rows: Int) -> Pass {
    Pass(
      rows: rows, usesBatchStatistics: isTraining, updatesRunning: isTraining, dropsOut: isTraining,
      generator: generator)
  }

  /// Checks an input, and settles layers that wait for its features.
  func admit(_ x: Tensor) throws {
    if x.dtype.isFloat, rows.allSatisfy({ $0.dtype == nil }) { dtype = x.dtype }
    guard x.dtype == dtype else {
      throw NetworkError.expected(
        "layer \(label(0))", "\(dtype) input", "\(x.dtype); convert it with x:to(\"\(dtype)\")")
    }
    let place = rows.firstIndex { $0.inputFeatures != nil || !$0.passesFeatures } ?? 0
    let wanted = rows[place].inputFeatures
    let features = Network.features(x)
    guard x.rank == 2 || (x.rank > 2 && rows[0] is Flatten), features == wanted ?? features, features > 0 else {
      throw NetworkError.input(layer: label(place), features: wanted, got: x.shape)
    }
    guard x.shape[0] > 0 else {
      throw NetworkError.expected("layer \(label(place))", "a batch of at least 1 sample", "\(x.shape)")
    }
    if settledFeatures != features { try settle(features: features) }
  }

  /// The numbers of one sample.
  static func features(_ x: Tensor) -> Int { x.shape.dropFirst().reduce(1, *) }

  /// Computes an output without keeping anything for a backward.
  func compute(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    var pass = pass
    pass.isDifferentiated = false
    let plan = plan
    let workspace = plan.pool.lease(steps: plan.steps.count)
    defer { plan.pool.giveBack(workspace) }
    let output = try Tensor(dtype, [pass.rows, plan.outputFeatures(Network.features(x))], zeroed: false)
    let input = try x.contiguous()
    if let type = dtype.floatType { try run(plan, pass, input, output, workspace, type) }
    return output
  }

  private func run<T: FloatElement>(
    _ plan: Plan, _ pass: Pass, _ input: Tensor, _ output: Tensor, _ workspace: Workspace, _ type: T.Type
  ) throws {
    try plan.forward(
      pass, input: UnsafePointer(input.pointer(T.self)), features: Network.features(input),
      output: output.pointer(T.self), workspace: workspace)
  }
}
