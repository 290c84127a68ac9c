import Kernels
import Tensors

/// Reverse-mode differentiation: gradients run from a result back to the leaves it was computed from.
///
/// A leaf is a tensor with `requiresGradient` and no producer; its `gradient` is made at the first pass and added to
/// by later ones. A pass frees each node's state as soon as it has gone through it.
public enum Tape {
  /// Whether operations on `tensor` have to be recorded: it is a leaf that wants a gradient, or a result of one.
  public static func follows(_ tensor: Tensor) -> Bool {
    tensor.requiresGradient || tensor.producer != nil
  }

  /// Makes `result` the node's result, so that backward passes run through the node; without effect inside `NoGradient`.
  public static func record(_ result: Tensor, _ node: Node) {
    guard !NoGradient.isActive else { return }
    result.producer = node
    result.requiresGradient = true
  }

  /// Runs a backward pass from `tensor`, whose own gradient is `gradient`: ones where it has one element and none is given.
  ///
  /// - Throws: `GradientError` when `tensor` is on no tape, its tape has been used, it has more than one element and no
  ///   gradient is given, or the gradient's shape or dtype is not its own; `Interrupted` when a stop is requested.
  public static func backward(from tensor: Tensor, gradient: Tensor? = nil) throws {
    guard follows(tensor) else { throw GradientError.noTape }
    let start = try startingGradient(of: tensor, given: gradient)
    guard let root = tensor.producer as? Node else { return try accumulate(start, into: tensor) }
    guard !root.isUsed else { throw GradientError.used }
    let reached = try countConsumers(from: root)
    defer { for node in reached { node.clear() } }
    root.gathered = start
    try sweep(from: root)
  }

  private static func startingGradient(of tensor: Tensor, given: Tensor?) throws -> Tensor {
    if let given {
      guard given.shape == tensor.shape, given.dtype == tensor.dtype else {
        throw GradientError.gradientMismatch(
          expected: "shape \(tensor.shape) and dtype \(tensor.dtype)", got: "\(given.shape) and \(given.dtype)")
      }
      return given
    }
    guard tensor.count == 1 else { throw GradientError.notScalar(tensor.shape) }
    let ones = try Tensor(tensor.dtype, tensor.shape)
    if let type = tensor.dtype.floatType { setOne(ones, type) }
    return ones
  }

  private static func setOne<T: FloatElement>(_ tensor: Tensor, _ type: T.Type) {
    tensor.pointer(T.self).pointee = 1
  }

  /// Finds every node behind `root` and how many consumers each has on the way; a stack of its own instead of recursion.
  private static func countConsumers(from root: Node) throws -> [Node] {
    var reached = [root]
    var stack = [root]
    root.isReached = true
    while let node = stack.popLast() {
      for input in node.inputs {
        guard let next = input.producer as? Node else { continue }
        next.pending += 1
        guard !next.isReached else { continue }
        next.isReached = true
        reached.append(next)
        stack.append(next)
      }
    }
    if reached.contains(where: \.isUsed) {
      for node in reached { node.clear() }
      throw GradientError.used
    }
    return reached
  }

  /// Goes through the nodes, each after all its consumers.
  private static func sweep(from root: Node) throws {
    var ready = [root]
    while let node = ready.popLast() {
      try Interrupt.check()
      let inputs = node.inputs
      let gradient = node.gathered
      node.gathered = nil
      let gradients = try gradient.map { try node.differentiate($0) } ?? inputs.map { _ in nil }
      if gradient == nil { node.retire() }
      for (input, part) in zip(inputs, gradients) {
        if let next = input.producer as? Node {
          if let part { next.gathered = try next.gathered.map { try Accumulation.sum($0, part) } ?? part }
          next.pending -= 1
          if next.pending == 0 { ready.append(next) }
        } else if let part, input.requiresGradient {
          try accumulate(part, into: input)
        }
      }
    }
  }

  /// Adds `part` to a leaf's gradient, which is made with the leaf's own layout the first time.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public static func accumulate(_ part: Tensor, into leaf: Tensor) throws {
    if leaf.gradient == nil { leaf.gradient = try Accumulation.zeros(like: leaf) }
    if let total = leaf.gradient { Accumulation.add(part, to: total) }
  }
}
