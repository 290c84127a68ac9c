import Kernels
import Tensors

/// Reverse-mode differentiation: gradients run from a result back to the leaves it was computed from.
///
/// A leaf is a tensor with `requiresGradient` and no producer; its `gradient` is made at the first pass and added to
/// by later ones. A pass frees each node's state as soon as it has gone through it.
public enum Tape {
  /// Whether operations on `tensor` have to be recorded: it is a leaf that wants a gradient, or a result of one.
  public static func follows(_ tensor: Tensor) -> Bool { tensor.hasHistory }

  /// Whether an operation on these tensors leaves a trace now.
  public static func records(_ inputs: [Tensor]) -> Bool {
    inputs.contains(where: follows) && !NoGradient.isActive
  }

  /// Makes `result` the node's result, so that backward passes run through the node; without effect inside `NoGradient`.
  public static func record(_ result: Tensor, _ node: Node) {
    guard !NoGradient.isActive else { return }
    result.producer = node
    result.requiresGradient = true
  }

  /// Records an operation with its backward rule, if one of its inputs is on the tape, and gives the result back.
  ///
  /// The rule is written in differentiable operations, so that gradients have gradients. It must not capture the inputs
  /// or the result: what it needs of them is saved.
  ///
  /// - Throws: `GradientError.anomaly` where anomalies are looked for.
  @discardableResult
  public static func record(
    _ operation: String, _ result: Tensor, _ inputs: [Tensor], saving savings: [Saving] = [],
    _ rule: @escaping BackwardRule
  ) throws -> Tensor {
    try Anomaly.check(operation, [result], from: inputs)
    guard records(inputs) else { return result }
    record(result, FunctionNode(operation, result, inputs, savings, rule))
    return result
  }

  /// Records an operation with several results; the rule sees their gradients as `gradients`.
  ///
  /// - Throws: `GradientError.anomaly` where anomalies are looked for.
  public static func record(
    _ operation: String, results: [Tensor], _ inputs: [Tensor], saving savings: [Saving] = [],
    _ rule: @escaping BackwardRule
  ) throws {
    try Anomaly.check(operation, results, from: inputs)
    guard records(inputs) else { return }
    record(results, FunctionNode(operation, results, inputs, savings, rule))
  }

  /// Records results whose gradients go to `node` together; it takes them with `takeGradients`.
  public static func record(_ results: [Tensor], _ node: JointNode) {
    for (place, result) in results.enumerated() where result.dtype.isFloat { record(result, Port(node, place)) }
  }

  /// Where a tensor's gradient goes.
  static func edge(_ tensor: Tensor) -> Edge {
    Views.follow(tensor)
    if let node = tensor.producer as? Node { return .node(node) }
    return tensor.requiresGradient ? .leaf(tensor) : .none
  }

  /// Whether a gradient runs to the tensor or through it.
  public static func requiresGradient(_ tensor: Tensor) -> Bool {
    Views.follow(tensor)
    return tensor.requiresGradient
  }

  /// Whether an operation on the tape made the tensor.
  public static func isResult(_ tensor: Tensor) -> Bool {
    Views.follow(tensor)
    return tensor.producer != nil
  }

  /// Makes a tensor a leaf that wants a gradient or not; it is no view for the tape from now on.
  public static func makeLeaf(_ tensor: Tensor, wanted: Bool) {
    tensor.base = nil
    tensor.producer = nil
    tensor.requiresGradient = wanted
  }

  /// A tensor of the same elements for a gradient of its own: a leaf, or on the tape a result that hangs on `tensor`.
  ///
  /// - Throws: never but for anomalies.
  public static func freshLeaf(of tensor: Tensor) throws -> Tensor {
    let leaf = tensor.alias()
    if records([tensor]) { return try record("grad", leaf, [tensor]) { [$0.gradient] } }
    leaf.requiresGradient = true
    return leaf
  }

  /// Asks backward passes to keep the gradient of a result, as they do for leaves.
  public static func retainGradient(of tensor: Tensor) {
    Views.follow(tensor)
    (tensor.producer as? Node)?.retaining = tensor
  }

  /// Puts saved elements back on the tape; a leaf is itself.
  static func attach(_ tensor: Tensor, _ edge: Edge) -> Tensor {
    switch edge {
    case .none: return tensor
    case .leaf(let leaf): return leaf
    case .node(let node):
      tensor.producer = node
      tensor.requiresGradient = true
      return tensor
    }
  }

  /// Adds `part` to a leaf's gradient, which is made with the leaf's own layout the first time.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public static func accumulate(_ part: Tensor, into leaf: Tensor) throws {
    if let held = leaf.gradient, part.producer != nil || held.producer != nil || !held.sharesShape(with: leaf) {
      // a gradient of gradients stays on the tape; one that a user has put there may have another layout
      leaf.gradient = try Differentiable.apply(.add, held, part)
    } else if leaf.gradient == nil && part.producer != nil {
      leaf.gradient = part
    } else {
      let total = try leaf.gradient ?? Accumulation.zeros(like: leaf)
      Accumulation.add(part, to: total)
      total.storage.noteChange()
      leaf.gradient = total
    }
  }
}

extension Tensor {
  fileprivate func sharesShape(with other: Tensor) -> Bool { shape == other.shape && dtype == other.dtype }
}
