import Kernels
import Tensors

/// An operation with several results: each has a port, which leaves its gradient here before the node runs.
open class JointNode: Node {
  private var deposits: [Int: Tensor] = [:]

  /// Puts other deposits in the place of those that wait here, which it gives back: each pass has its own.
  final func exchangeDeposits(_ others: [Int: Tensor] = [:]) -> [Int: Tensor] {
    defer { deposits = others }
    return deposits
  }

  final func deposit(_ gradient: Tensor, at place: Int) throws {
    deposits[place] = try deposits[place].map { try Differentiable.apply(.add, $0, gradient) } ?? gradient
  }

  /// The gradients of `count` results, nil where nothing depends on one; they are here once a pass.
  public final func takeGradients(_ count: Int) -> [Tensor?] {
    defer { deposits = [:] }
    return (0..<count).map { deposits[$0] }
  }
}

/// One result of an operation with several.
final class Port: Node {
  let joint: JointNode
  private let place: Int

  init(_ joint: JointNode, _ place: Int) {
    self.joint = joint
    self.place = place
    super.init(joint.operation, to: joint)
  }

  override var repeats: Bool { joint.repeats }

  /// What reaches the joint node on the tape only tells that a gradient waits for it.
  override func backward(_ gradient: Tensor) throws -> [Tensor?] {
    try joint.deposit(gradient, at: place)
    return [try Tensor(.float32, [0])]
  }
}
