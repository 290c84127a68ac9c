import Kernels
import Tensors

/// A step that passes its input on, and computes an auxiliary classifier of it beside.
final class AuxiliaryStep: Step {
  let firstRow: Int
  /// The factor of the classifier's loss.
  let lossWeight: Double

  private let plan: Plan
  private let layers: [Layer]

  init(_ auxiliary: Auxiliary, row: Int, fused: Bool) {
    firstRow = row
    lossWeight = auxiliary.weight
    layers = auxiliary.layers
    plan = Plan(layers, row: row, fused: fused)
  }

  var weight: Tensor? { nil }

  var inner: InnerPlan? { InnerPlan(plan: plan, layers: layers) }

  func outputFeatures(_ features: Int) -> Int { features }

  func readsOutput(_ pass: Pass) -> Bool { false }

  func forward<T: FloatElement>(
    _ pass: Pass, input: UnsafePointer<T>, features: Int, output: UnsafeMutablePointer<T>, memory: StepMemory
  ) throws {
    output.update(from: input, count: pass.rows * features)
    memory.width = features
    memory.kept = nil
    let side = try memory.buffer(.branch, pass.rows * plan.outputFeatures(features), T.self)
    try plan.forward(
      pass, input: input, features: features, output: side, workspace: memory.workspace(steps: plan.steps.count))
  }

  /// What the classifier gave in the last forward, a tensor of its own.
  func output(_ pass: Pass, _ dtype: DType, _ memory: StepMemory) throws -> Tensor {
    let result = try Tensor(dtype, [pass.rows, plan.outputFeatures(memory.width)], zeroed: false)
    if let side = memory.matrix(.branch, result.shape) { try result.copy(from: side) }
    return result
  }

  /// Sets the gradient of that output for the next backward; without one the classifier gets none.
  func take(_ gradient: Tensor?, _ memory: StepMemory) throws { memory.kept = try gradient?.contiguous() }

  func backward<T: FloatElement>(
    _ pass: Pass, _ ends: BackwardEnds<T>, features: Int, memory: StepMemory, sink: GradientSink
  ) throws {
    let count = pass.rows * features
    var through: UnsafeMutablePointer<T>?
    if let gradient = memory.kept as? Tensor {
      memory.kept = nil
      through = ends.result == nil ? nil : try memory.buffer(.through, count, T.self)
      try plan.backward(
        pass, input: ends.input, gradient: UnsafePointer(gradient.pointer(T.self)),
        result: through, workspace: memory.workspace(steps: plan.steps.count), sink: sink)
    }
    guard let result = ends.result else { return }
    if let through {
      try AffineKernels.add(ends.gradient, UnsafePointer(through), factor: 1, into: result, count: count)
    } else if UnsafePointer(result) != ends.gradient {
      result.update(from: ends.gradient, count: count)
    }
  }

  func preactivation(_ pass: Pass, dtype: DType, memory: StepMemory) throws -> Tensor? { nil }
}
