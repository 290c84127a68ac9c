import Tensors

/// What an operation saves for its backward.
public enum Saving {
  /// Nothing; keeps the place of what another call of the operation saves.
  case nothing
  /// An input, by its place.
  case input(Int)
  /// The result.
  case result
  /// One of several results, by its place.
  case output(Int)
  /// Something that has no gradient: indices, a mask, a factor computed on the way.
  case data(Tensor)
}

/// What a backward rule sees: the result's gradient, what was saved, and which inputs want a gradient.
public struct BackwardStep {
  /// The gradient of the result, of its shape and dtype; of several results see `gradients`.
  public let gradient: Tensor
  /// The gradients of all results, nil where nothing depends on one.
  public let gradients: [Tensor?]
  fileprivate let node: FunctionNode

  /// Whether input `place` wants its gradient.
  public func wants(_ place: Int) -> Bool { node.edges[place].isWanted }

  /// What was saved at `place` of the list, on the tape where it was when gradients of gradients are wanted.
  ///
  /// - Throws: `GradientError.changed` when it was changed in place since.
  public func saved(_ place: Int) throws -> Tensor { try node.read(place) }
}

/// Computes the gradients of the inputs: nil for those that have none.
public typealias BackwardRule = (BackwardStep) throws -> [Tensor?]

/// The node of an operation whose rule is written in differentiable operations itself.
final class FunctionNode: JointNode {
  private var saved: [Saved?]
  private let savings: [Saving]
  private let rule: BackwardRule
  /// How many results there are, nil for one without a port.
  private let outputs: Int?

  /// Makes the node of several results, which have ports.
  convenience init(
    _ operation: String, _ results: [Tensor], _ inputs: [Tensor], _ savings: [Saving], _ rule: @escaping BackwardRule
  ) {
    self.init(operation, results, inputs, savings, outputs: results.count, rule)
  }

  /// Makes the node of one result.
  convenience init(
    _ operation: String, _ result: Tensor, _ inputs: [Tensor], _ savings: [Saving], _ rule: @escaping BackwardRule
  ) {
    self.init(operation, [result], inputs, savings, outputs: nil, rule)
  }

  private init(
    _ operation: String, _ results: [Tensor], _ inputs: [Tensor], _ savings: [Saving], outputs: Int?,
    _ rule: @escaping BackwardRule
  ) {
    self.rule = rule
    self.outputs = outputs
    saved = FunctionNode.save(savings, results, inputs)
    self.savings = savings.map { if case .data = $0 { .nothing } else { $0 } }
    super.init(operation, inputs: inputs)
  }

  private static func save(_ savings: [Saving], _ results: [Tensor], _ inputs: [Tensor]) -> [Saved?] {
    savings.map { saving in
      switch saving {
      case .nothing: nil
      case .input(let place): Saved(inputs[place])
      case .result: Saved(results[0])
      case .output(let place): Saved(results[place])
      case .data(let tensor): Saved(tensor)
      }
    }
  }

  override var repeats: Bool { true }

  override func backward(_ gradient: Tensor) throws -> [Tensor?] {
    let gradients = outputs.map { takeGradients($0) } ?? [gradient]
    return try rule(BackwardStep(gradient: gradient, gradients: gradients, node: self))
  }

  override func release() {
    saved = []
  }

  fileprivate func read(_ place: Int) throws -> Tensor {
    guard place < saved.count, let kept = saved[place] else {
      preconditionFailure("the rule of \(operation) reads what it has not saved")
    }
    let tensor = try kept.read(for: operation)
    guard !NoGradient.isActive else { return tensor }
    switch savings[place] {
    case .input(let input): return Tape.attach(tensor, edges[input])
    case .result: return Tape.attach(tensor, .node(self))
    case .output(let output): return Tape.attach(tensor, .node(Port(self, output)))
    case .nothing, .data: return tensor
    }
  }
}
