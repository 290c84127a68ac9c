import Gradients
import Kernels
import Tensors

/// One forward of a network on the tape: it holds a workspace until its backward has run or nobody needs it any more.
final class NetworkNode: JointNode {
  let plan: Plan
  let pass: Pass
  /// Whether the input's gradient is computed even if nothing on the tape asks for it.
  var wantsInputGradient: Bool
  /// The output's gradient where the user gives it, rather than the tape.
  var directGradient: Tensor?

  /// The input's shape, and the features of a sample.
  private let shape: Extents
  private let features: Int
  private let dtype: DType
  private var workspace: Workspace?
  /// The input while it is read where the user has it: until it changes, and then from the workspace.
  private var borrowed: Tensor?
  /// What the backward fails with: the input has changed when there was no memory for a copy.
  private var lost: (any Error)?
  /// The versions of the parameters in the forward: the backward needs them unchanged.
  private var versions: [Int] = []

  init(plan: Plan, pass: Pass, input: Tensor) {
    self.plan = plan
    self.pass = pass
    shape = input.shape
    features = Network.features(input)
    dtype = input.dtype
    wantsInputGradient = Tape.follows(input)
    super.init("network", inputs: wantsInputGradient ? [input] : [])
  }

  deinit {
    release()
  }

  private var outputShape: Extents { [pass.rows, plan.outputFeatures(features)] }

  /// Refuses a gradient that isn't of the output's shape and dtype.
  func admit(_ gradient: Tensor) throws {
    guard !isUsed else { throw GradientError.used }
    guard gradient.shape == outputShape, gradient.dtype == dtype else {
      throw GradientError.gradientMismatch(
        expected: "shape \(outputShape) and dtype \(dtype)", got: "\(gradient.shape) and \(gradient.dtype)")
    }
  }

  /// Runs the forward in a workspace that the node keeps.
  func forward(_ x: Tensor) throws -> Tensor {
    let output = try Tensor(dtype, outputShape, zeroed: false)
    save()
    let leased = plan.pool.lease(steps: plan.steps.count)
    workspace = leased
    if let type = dtype.floatType { try forward(x, output, leased, type) }
    return output
  }

  /// What the auxiliary classifiers gave, in the order of the steps.
  func auxiliaryOutputs() throws -> [Network.AuxiliaryOutput] {
    guard let workspace else { return [] }
    return try zip(plan.steps, workspace.steps).compactMap { step, memory in
      guard let step = step as? AuxiliaryStep else { return nil }
      return Network.AuxiliaryOutput(tensor: try step.output(pass, dtype, memory), weight: step.lossWeight)
    }
  }

  /// The gradient of the output; those of the auxiliary classifiers go to their steps.
  private func takeGradient(_ gradient: Tensor, _ workspace: Workspace) throws -> Tensor {
    let auxiliaries = zip(plan.steps, workspace.steps).compactMap { step, memory in
      (step as? AuxiliaryStep).map { ($0, memory) }
    }
    if auxiliaries.isEmpty { return gradient }
    let found = takeGradients(auxiliaries.count + 1)
    for ((step, memory), gradient) in zip(auxiliaries, found.dropFirst()) { try step.take(gradient, memory) }
    defer { directGradient = nil }
    return try directGradient ?? found[0] ?? Tensor(dtype, outputShape)
  }

  /// The output is copied where the backward reads it, and the input when the user changes it or if it has gaps.
  private func forward<T: FloatElement>(
    _ x: Tensor, _ output: Tensor, _ workspace: Workspace, _ type: T.Type
  ) throws {
    if !borrow(x) { try copy(x, workspace, type) }
    let readsOutput = plan.steps.last?.readsOutput(pass) ?? false
    let target =
      readsOutput
      ? try workspace.steps[plan.steps.count - 1].buffer(.output, output.count, T.self) : output.pointer(T.self)
    try plan.forward(
      pass, input: try input(workspace, type), features: features, output: target, workspace: workspace)
    if readsOutput { output.pointer(T.self).update(from: target, count: output.count) }
  }

  /// Reads the input from the user's own memory from now on, unless it has gaps or another pass reads it there already.
  private func borrow(_ x: Tensor) -> Bool {
    guard x.isContiguous, x.storage.reader == nil else { return false }
    borrowed = x.alias()
    x.storage.reader = self
    return true
  }

  private func copy<T: FloatElement>(_ x: Tensor, _ workspace: Workspace, _ type: T.Type) throws {
    _ = try workspace.ends.buffer(.output, x.count, T.self)
    try workspace.ends.matrix(.output, x.shape)?.copy(from: x)
  }

  private func input<T: FloatElement>(_ workspace: Workspace, _ type: T.Type) throws -> UnsafePointer<T> {
    if let borrowed { return UnsafePointer(borrowed.pointer(T.self)) }
    return UnsafePointer(try workspace.ends.buffer(.output, pass.rows * features, T.self))
  }

  override func backward(_ gradient: Tensor) throws -> [Tensor?] {
    guard let workspace, let type = dtype.floatType else { return [nil] }
    if let lost { throw lost }
    try requireUnchanged()
    let result = wantsInputGradient ? try Tensor(dtype, shape, zeroed: false) : nil
    try backward(try takeGradient(gradient, workspace).contiguous(), result, workspace, type)
    return [result]
  }

  private func backward<T: FloatElement>(
    _ gradient: Tensor, _ result: Tensor?, _ workspace: Workspace, _ type: T.Type
  ) throws {
    try plan.backward(
      pass, input: try input(workspace, type), gradient: UnsafePointer(gradient.pointer(T.self)),
      result: result?.pointer(T.self), workspace: workspace,
      sink: Gathering.isApart ? SeparateSink() : GradientSink.own)
  }

  override func release() {
    giveBackInput()
    if let workspace { plan.pool.giveBack(workspace) }
    workspace = nil
    if !versions.isEmpty { for (_, tensor) in plan.read { tensor.storage.saves -= 1 } }
    versions = []
  }

  private func save() {
    versions = plan.read.map(\.tensor.storage.version)
    for (_, tensor) in plan.read { tensor.storage.saves += 1 }
  }

  /// Refuses to mix the weights of this forward with others.
  private func requireUnchanged() throws {
    for (version, parameter) in zip(versions, plan.read) where parameter.tensor.storage.version != version {
      throw GradientError.changed(operation: parameter.layer, site: parameter.tensor.storage.changedAt)
    }
  }
}

extension NetworkNode: StorageReader {
  func storageWillChange() {
    guard let borrowed, let workspace, let type = dtype.floatType else { return }
    do {
      try copy(borrowed, workspace, type)
    } catch {
      lost = GradientError.inputLost(site: CallSite.current)
    }
    self.borrowed = nil
  }

  private func giveBackInput() {
    if borrowed?.storage.reader === self { borrowed?.storage.reader = nil }
    borrowed = nil
  }
}
