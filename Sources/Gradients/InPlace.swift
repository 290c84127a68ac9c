import Kernels
import Tensors

/// Changes in place, on the tape and off it.
///
/// A recorded change is the operation that makes a new tensor, on a copy of the old elements: its result is written back and
/// its history becomes the tensor's, and through the base that of every view. Leaves change without a trace.
public enum InPlace {
  /// Changes `target`: by `plain` where the tape need not know, else to what `recorded` makes of a copy of it.
  ///
  /// `recorded` uses differentiable operations; its result has the target's shape and is converted to its dtype.
  ///
  /// - Throws: `GradientError.leafChange` for a leaf that wants a gradient and operands on the tape; what the bodies throw.
  public static func change(
    _ operation: String, _ target: Tensor, with operands: [Tensor] = [], plain: () throws -> Void,
    recorded: (Tensor) throws -> Tensor
  ) throws {
    Views.follow(target)
    let adopts = operands.contains(where: Tape.follows)
    guard target.dtype.isFloat, adopts || Tape.follows(target), !NoGradient.isActive else { return try plain() }
    if isLeaf(target.base ?? target) {
      guard !adopts else { throw GradientError.leafChange(operation: operation) }
      return try plain()
    }
    try target.requireWritable(operation)
    let changed = try Differentiable.to(try recorded(try snapshot(target)), target.dtype)
    guard changed.shape == target.shape else {
      throw TensorError.shapesDoNotBroadcast(operation: operation, changed.shape, target.shape)
    }
    try target.copy(from: changed)
    adopt(changed, target)
  }

  private static func isLeaf(_ tensor: Tensor) -> Bool { tensor.requiresGradient && tensor.producer == nil }

  /// A copy of the elements with the tensor's own history.
  private static func snapshot(_ tensor: Tensor) throws -> Tensor {
    Tape.attach(try tensor.clone(), Tape.edge(tensor))
  }

  /// Gives `target` the history of `changed`, whose elements it has.
  private static func adopt(_ changed: Tensor, _ target: Tensor) {
    guard let base = target.base, let region = Region(of: target, in: base) else {
      target.producer = changed.producer
      target.requiresGradient = changed.requiresGradient
      target.changesRecorded += 1
      return
    }
    let node = FunctionNode("assignment", base, [base, changed], []) { step in
      let rest = step.wants(0) ? try region.cleared(step.gradient) : nil
      return [rest, step.wants(1) ? try region.extract(step.gradient) : nil]
    }
    base.producer = node
    base.requiresGradient = true
    base.changesRecorded += 1
  }
}
