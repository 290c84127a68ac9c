import Kernels
import Tensors

extension Tape {
  /// Runs a backward pass from `tensor`, whose own gradient is `gradient`: ones where it has one element and none is given.
  ///
  /// With `keepsTape` the nodes can run again; with `createsTape` the pass itself is recorded, for gradients of gradients.
  ///
  /// - Throws: `GradientError` when `tensor` is on no tape, its tape has been used or can't be kept, it has more than one
  ///   element and no gradient is given, the gradient's shape or dtype is not its own, or a tensor that a node needs has been
  ///   changed in place; `Interrupted` when a stop is requested.
  public static func backward(
    from tensor: Tensor, gradient: Tensor? = nil, keepsTape: Bool = false, createsTape: Bool = false
  ) throws {
    guard follows(tensor) else { throw GradientError.noTape }
    let start = try startingGradient(of: tensor, given: gradient)
    var pass = BackwardPass(keepsTape: keepsTape || createsTape, createsTape: createsTape)
    try pass.run(from: edge(tensor), start)
  }

  /// The gradients of `tensor` with respect to `inputs`, leaves or results; nil for an input it doesn't depend on.
  ///
  /// No leaf gathers anything.
  ///
  /// - Throws: as `backward(from:gradient:keepsTape:createsTape:)`.
  public static func gradients(
    of tensor: Tensor, at inputs: [Tensor], gradient: Tensor? = nil, keepsTape: Bool = false, createsTape: Bool = false
  ) throws -> [Tensor?] {
    guard follows(tensor) else { throw GradientError.noTape }
    let start = try startingGradient(of: tensor, given: gradient)
    var pass = BackwardPass(keepsTape: keepsTape || createsTape, createsTape: createsTape, targets: inputs.map(edge))
    try Gathering.$isApart.withValue(true) { try pass.run(from: edge(tensor), start) }
    return pass.found
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
    return try Tensor(tensor.dtype, tensor.shape).fill(Scalar.number(1))
  }
}

/// Whether a backward pass leaves the gradients of leaves alone, as one that asks for certain gradients does.
public enum Gathering {
  /// Whether nodes with parameters of their own must not add to their gradients.
  @TaskLocal public static var isApart = false
}

/// One way back over the tape: each node runs after all its consumers.
///
/// What it knows of a node is its own, so that a backward may start another pass.
struct BackwardPass {
  private let keepsTape: Bool
  private let createsTape: Bool
  private let targets: [Edge]
  /// The gradients found for the targets.
  private(set) var found: [Tensor?]

  private var places: [ObjectIdentifier: Int] = [:]
  private var nodes: [Node] = []
  private var pending: [Int] = []
  private var gathered: [Tensor?] = []
  /// The operations with several results on the way.
  private var joints: [JointNode] = []
  /// Whether a node leads to a target, itself not counted; without targets every node counts.
  private var leads: [Bool] = []

  init(keepsTape: Bool, createsTape: Bool, targets: [Edge] = []) {
    self.keepsTape = keepsTape
    self.createsTape = createsTape
    self.targets = targets
    found = targets.map { _ in nil }
  }

  /// Runs from where the result came from, whose gradient is `start`.
  mutating func run(from edge: Edge, _ start: Tensor) throws {
    switch edge {
    case .none: return
    case .leaf(let leaf): try deliver(start, to: leaf)
    case .node(let root):
      try countConsumers(from: root)
      try findLeads(from: root)
      for (place, node) in nodes.enumerated() where leads[place] {
        guard !node.isUsed else { throw GradientError.used }
        guard node.repeats || !keepsTape else { throw GradientError.runsOnce(operation: node.operation) }
      }
      gathered[place(of: root)] = start
      // a pass inside this one, and one after an error in this one, start without what waits in ports
      let waiting = joints.map { $0.exchangeDeposits() }
      defer { for (joint, deposits) in zip(joints, waiting).reversed() { _ = joint.exchangeDeposits(deposits) } }
      try createsTape ? sweep(from: root) : NoGradient.run { try sweep(from: root) }
    }
  }

  private func place(of node: Node) -> Int { places[ObjectIdentifier(node)] ?? 0 }

  /// Finds every node behind `root` and how many consumers each has on the way; a stack of its own instead of recursion.
  private mutating func countConsumers(from root: Node) throws {
    reserve()
    var stack = [root]
    add(root)
    while let node = stack.popLast() {
      try Interrupt.check()
      for case .node(let next) in node.edges {
        if let place = places[ObjectIdentifier(next)] {
          pending[place] += 1
        } else {
          add(next)
          pending[pending.count - 1] = 1
          stack.append(next)
        }
      }
    }
  }

  /// Makes room for a network's tape at once, which is short.
  private mutating func reserve() {
    let nodes = 8
    places.reserveCapacity(nodes)
    self.nodes.reserveCapacity(nodes)
    pending.reserveCapacity(nodes)
    gathered.reserveCapacity(nodes)
  }

  private mutating func add(_ node: Node) {
    places[ObjectIdentifier(node)] = pending.count
    nodes.append(node)
    pending.append(0)
    gathered.append(nil)
    if let port = node as? Port { joints.append(port.joint) }
  }

  /// Finds the nodes that lead to a target, from the far end of the tape on.
  private mutating func findLeads(from root: Node) throws {
    leads = nodes.map { _ in targets.isEmpty }
    if targets.isEmpty { return }
    var (waiting, order, ready) = (pending, [Node](), [root])
    while let node = ready.popLast() {
      try Interrupt.check()
      order.append(node)
      for case .node(let next) in node.edges {
        waiting[place(of: next)] -= 1
        if waiting[place(of: next)] == 0 { ready.append(next) }
      }
    }
    for node in order.reversed() {
      leads[place(of: node)] = node.edges.contains { isTarget($0) || isLeading($0) }
    }
  }

  private func isLeading(_ edge: Edge) -> Bool {
    if case .node(let node) = edge { leads[place(of: node)] } else { false }
  }

  private func isTarget(_ edge: Edge) -> Bool {
    targets.contains { target in
      switch (target, edge) {
      case (.leaf(let wanted), .leaf(let leaf)): wanted === leaf
      case (.node(let wanted), .node(let node)): wanted === node
      default: false
      }
    }
  }

  private mutating func sweep(from root: Node) throws {
    var ready = [root]
    while let node = ready.popLast() {
      try Interrupt.check()
      let place = place(of: node)
      let gradient = gathered[place]
      gathered[place] = nil
      if let gradient { try note(gradient, at: node) }
      guard leads[place] else { continue }
      let edges = node.edges
      let gradients = try differentiate(node, gradient)
      for (position, edge) in edges.enumerated() {
        let part = position < gradients.count ? gradients[position] : nil
        switch edge {
        case .none: continue
        case .leaf(let leaf): if let part { try deliver(part, to: leaf) }
        case .node(let next): if try gather(part, at: next) { ready.append(next) }
        }
      }
    }
  }

  private func differentiate(_ node: Node, _ gradient: Tensor?) throws -> [Tensor?] {
    defer { if !keepsTape { node.retire() } }
    guard let gradient else { return [] }
    // a pass that a rule of the user's ran inside this one may have gone through the node
    guard !node.isUsed else { throw GradientError.used }
    let gradients = try Anomaly.unwatched { try node.backward(gradient) }
    try Anomaly.check(node, gradients, from: gradient)
    return gradients
  }

  /// Adds a part to what a node has gathered; answers whether it was the last.
  private mutating func gather(_ part: Tensor?, at node: Node) throws -> Bool {
    let place = place(of: node)
    if let part { gathered[place] = try gathered[place].map { try sum($0, part) } ?? part }
    pending[place] -= 1
    return pending[place] == 0
  }

  private func sum(_ left: Tensor, _ right: Tensor) throws -> Tensor {
    createsTape ? try Differentiable.apply(.add, left, right) : try Accumulation.sum(left, right)
  }

  /// Keeps the gradient of a result that asked for it or that is a target.
  private mutating func note(_ gradient: Tensor, at node: Node) throws {
    if !Gathering.isApart, let tensor = node.retaining { try Tape.accumulate(gradient, into: tensor) }
    for (position, target) in targets.enumerated() {
      if case .node(let wanted) = target, wanted === node { found[position] = gradient }
    }
  }

  private mutating func deliver(_ part: Tensor, to leaf: Tensor) throws {
    guard Gathering.isApart else { return try Tape.accumulate(part, into: leaf) }
    for (position, target) in targets.enumerated() {
      if case .leaf(let wanted) = target, wanted === leaf {
        found[position] = try found[position].map { try sum($0, part) } ?? part
      }
    }
  }
}
