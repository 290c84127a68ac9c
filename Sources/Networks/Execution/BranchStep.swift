import Kernels
import Tensors

/// A residual step: `y = after(shortcut(x) + scale f(x))`, f being a plan of its own.
final class BranchStep: Step {
  let firstRow: Int

  private let plan: Plan
  private let layers: [Layer]
  private let scale: Double
  private let shortcut: Stage?
  private let after: Stage?

  init(_ branch: Branch, row: Int, fused: Bool) {
    firstRow = row
    layers = branch.layers
    plan = Plan(layers, row: row, fused: fused)
    scale = branch.scale
    shortcut = branch.shortcut.map { Stage($0, row: row) }
    after = branch.after.isEmpty ? nil : Stage(branch.after, row: row)
  }

  /// The weight of the branch's first Linear.
  var weight: Tensor? { plan.steps.firstResult(of: \.weight) }

  var inner: InnerPlan? { InnerPlan(plan: plan, layers: layers) }

  func outputFeatures(_ features: Int) -> Int { plan.outputFeatures(features) }

  func readsOutput(_ pass: Pass) -> Bool { after?.readsOutput(pass) ?? false }

  func forward<T: FloatElement>(
    _ pass: Pass, input: UnsafePointer<T>, features: Int, output: UnsafeMutablePointer<T>, memory: StepMemory
  ) throws {
    let width = outputFeatures(features)
    let count = pass.rows * width
    let branch = try memory.buffer(.branch, count, T.self)
    try plan.forward(
      pass, input: input, features: features, output: branch, workspace: memory.workspace(steps: plan.steps.count))
    var around = input
    if let shortcut {
      let target = try memory.buffer(.around, count, T.self)
      try shortcut.forward(pass, input: input, features: features, output: target, memory: memory.part(.shortcut))
      around = UnsafePointer(target)
    }
    let sum = after == nil ? output : try memory.buffer(.sum, count, T.self)
    try AffineKernels.add(around, UnsafePointer(branch), factor: T(scale), into: sum, count: count)
    try after?.forward(pass, input: UnsafePointer(sum), features: width, output: output, memory: memory.part(.after))
  }

  func backward<T: FloatElement>(
    _ pass: Pass, _ ends: BackwardEnds<T>, features: Int, memory: StepMemory, sink: GradientSink
  ) throws {
    let width = outputFeatures(features)
    let (count, entering) = (pass.rows * width, pass.rows * features)
    var gradient = ends.gradient
    if let after {
      let target = try memory.buffer(.sumGradient, count, T.self)
      let ends = BackwardEnds(
        input: UnsafePointer(try memory.buffer(.sum, count, T.self)), gradient: gradient, spare: ends.spare,
        result: target)
      try after.backward(pass, ends, features: width, memory: memory.part(.after), sink: sink)
      gradient = UnsafePointer(target)
    }
    let through = ends.result == nil ? nil : try memory.buffer(.through, entering, T.self)
    try plan.backward(
      pass, input: ends.input, gradient: try scaled(gradient, count, memory), result: through,
      workspace: memory.workspace(steps: plan.steps.count), sink: sink)
    var around = gradient
    if let shortcut {
      let target = ends.result == nil ? nil : try memory.buffer(.around, max(count, entering), T.self)
      let ends = BackwardEnds(input: ends.input, gradient: gradient, spare: ends.spare, result: target)
      try shortcut.backward(pass, ends, features: features, memory: memory.part(.shortcut), sink: sink)
      if let target { around = UnsafePointer(target) }
    }
    if let result = ends.result, let through {
      try AffineKernels.add(around, UnsafePointer(through), factor: 1, into: result, count: entering)
    }
  }

  /// The gradient of the branch's output.
  private func scaled<T: FloatElement>(
    _ gradient: UnsafePointer<T>, _ count: Int, _ memory: StepMemory
  ) throws -> UnsafePointer<T> {
    if scale == 1 { return gradient }
    let target = try memory.buffer(.branchGradient, count, T.self)
    for index in 0..<count { target[index] = gradient[index] * T(scale) }
    return UnsafePointer(target)
  }

  func preactivation(_ pass: Pass, dtype: DType, memory: StepMemory) throws -> Tensor? {
    if let own = try after?.preactivation(pass, dtype: dtype, memory: memory.part(.after)) { return own }
    let workspace = memory.workspace(steps: plan.steps.count)
    for (step, memory) in zip(plan.steps, workspace.steps).reversed() {
      if let found = try step.preactivation(pass, dtype: dtype, memory: memory) { return found }
    }
    return nil
  }
}
