import Tensors

/// One operation on the tape: it knows the tensors it was computed from and how their gradients follow from its result's.
///
/// A subclass keeps what its backward needs and lets go of it in `release`. A node makes one tensor, whose `producer`
/// it is.
open class Node {
  /// The operation as error messages name it, for example `cross_entropy`.
  public let operation: String

  /// The tensors the result was computed from, in the operation's order; empty once the node is used.
  public final private(set) var inputs: [Tensor]

  /// Whether a backward pass has run through this node; it can't run twice.
  public final private(set) var isUsed = false

  /// How many consumers have not delivered their part of the gradient yet, while a backward pass runs.
  final var pending = 0

  /// Whether the backward pass that runs has found this node.
  final var isReached = false

  /// The gradient of the result gathered so far, while a backward pass runs.
  final var gathered: Tensor?

  /// Makes a node for a result of `inputs`.
  public init(_ operation: String, inputs: [Tensor]) {
    self.operation = operation
    self.inputs = inputs
  }

  /// Computes the gradients of `inputs` from the result's; nil for an input that needs none.
  ///
  /// The returned tensors may share memory with `gradient`: the tape copies before it changes one.
  ///
  /// - Throws: whatever the computation does, `Interrupted` among it.
  open func backward(_ gradient: Tensor) throws -> [Tensor?] {
    inputs.map { _ in nil }
  }

  /// Lets go of everything kept for `backward`.
  open func release() {}

  /// Runs `backward` once and forgets what was kept for it.
  ///
  /// - Throws: `GradientError.used` the second time, and whatever `backward` throws.
  public final func differentiate(_ gradient: Tensor) throws -> [Tensor?] {
    guard !isUsed else { throw GradientError.used }
    defer { retire() }
    return try backward(gradient)
  }

  /// Marks the node as used and frees its state and its hold on its inputs.
  final func retire() {
    isUsed = true
    gathered = nil
    release()
    Node.drop(&inputs)
  }

  /// Forgets what a backward pass has left in the node's book-keeping.
  final func clear() {
    pending = 0
    isReached = false
    gathered = nil
  }

  deinit {
    Node.drop(&inputs)
  }

  /// Frees a chain of tensors and nodes one by one: freeing a deep tape recursively would overflow the stack.
  private static func drop(_ tensors: inout [Tensor]) {
    var waiting = tensors
    tensors = []
    while var tensor = waiting.popLast() {
      guard isKnownUniquelyReferenced(&tensor), var node = tensor.producer as? Node else { continue }
      tensor.producer = nil
      if isKnownUniquelyReferenced(&node) {
        waiting.append(contentsOf: node.inputs)
        node.inputs = []
      }
    }
  }
}
