import Tensors

/// Where the gradient of one input of an operation goes.
public enum Edge {
  /// Nowhere: the input needs none.
  case none
  /// To the operation that made the input.
  case node(Node)
  /// To a leaf, which gathers it.
  case leaf(Tensor)

  /// Whether somebody waits for the gradient.
  public var isWanted: Bool {
    if case .none = self { false } else { true }
  }
}

/// One operation on the tape: it knows where its inputs came from and how their gradients follow from its result's.
///
/// A subclass keeps what its backward needs and lets go of it in `release`. The inputs themselves are not kept, only the
/// operations that made them, so that memory nobody needs is free at once.
open class Node {
  /// The operation as error messages name it, for example `cross_entropy`.
  public final let operation: String

  /// Where the gradients of the inputs go, in the operation's order; empty once the node is used.
  public final private(set) var edges: [Edge]

  /// Whether a backward pass has run through this node and has freed what was kept for it.
  public final private(set) var isUsed = false

  /// Where the program stood when it ran the operation; noted while anomalies are looked for.
  public final let site: String?

  /// The result, when it asked to keep its gradient.
  final weak var retaining: Tensor?

  /// Makes a node for a result of `inputs`.
  public init(_ operation: String, inputs: [Tensor]) {
    self.operation = operation
    edges = inputs.map(Tape.edge)
    site = Anomaly.isWatched ? CallSite.current : nil
  }

  /// Makes a node whose result hangs on `node` alone.
  init(_ operation: String, to node: Node) {
    self.operation = operation
    edges = [.node(node)]
    site = node.site
  }

  /// Whether the backward may run more than once, and its operations may be recorded for gradients of gradients.
  open var repeats: Bool { false }

  /// Computes the gradients of the inputs from the result's; nil for an input that needs none.
  ///
  /// The returned tensors may share memory with `gradient`: the tape copies before it changes one.
  ///
  /// - Throws: whatever the computation does, `Interrupted` among it.
  open func backward(_ gradient: Tensor) throws -> [Tensor?] {
    edges.map { _ in nil }
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

  /// Marks the node as used and frees its state and its hold on what made its inputs.
  final func retire() {
    isUsed = true
    release()
    Node.drop(&edges)
  }

  deinit {
    Node.drop(&edges)
  }

  /// Frees a chain of nodes one by one: freeing a deep tape recursively would overflow the stack.
  private static func drop(_ edges: inout [Edge]) {
    var waiting = edges
    edges = []
    while let edge = waiting.popLast() {
      guard case .node(var node) = consume edge else { continue }
      if isKnownUniquelyReferenced(&node) {
        waiting.append(contentsOf: node.edges)
        node.edges = []
      }
    }
  }
}
