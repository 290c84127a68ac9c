import Kernels
import Tensors

/// A forward of a network and its backward without a tape and without results of their own: the engine's work alone.
///
/// It takes its memory when it is made and with the first batch, and none in those that follow.
package final class EnginePass {
  /// The network's output.
  package let output: Tensor
  /// Takes dL/dy before each backward.
  package let gradient: Tensor

  private let input: Tensor
  private let plan: Plan
  private let pass: Pass
  private let workspace: Workspace

  /// Makes a pass of a network in its present mode and structure on batches like `x` `[batch, features]`.
  ///
  /// - Throws: as `Network.forward`.
  package init(_ network: Network, _ x: Tensor) throws {
    try network.admit(x)
    input = try x.contiguous()
    plan = network.plan
    pass = network.currentPass(rows: x.shape[0])
    workspace = Workspace(steps: plan.steps.count)
    let shape: Extents = [x.shape[0], plan.outputFeatures(Network.features(x))]
    output = try Tensor(x.dtype, shape)
    gradient = try Tensor(x.dtype, shape)
  }

  /// Computes `output`.
  ///
  /// - Throws: as `Network.forward`.
  package func forward() throws {
    if let type = input.dtype.floatType { try forward(type) }
  }

  private func forward<T: FloatElement>(_ type: T.Type) throws {
    try plan.forward(
      pass, input: UnsafePointer(input.pointer(T.self)), features: Network.features(input),
      output: output.pointer(T.self), workspace: workspace)
  }

  /// Adds to the parameters' gradients.
  ///
  /// - Throws: as `Network.backward`.
  package func backward() throws {
    if let type = input.dtype.floatType { try backward(type) }
  }

  private func backward<T: FloatElement>(_ type: T.Type) throws {
    try plan.backward(
      pass, input: UnsafePointer(input.pointer(T.self)),
      gradient: UnsafePointer(gradient.pointer(T.self)), result: nil, workspace: workspace, sink: GradientSink.own)
  }
}
