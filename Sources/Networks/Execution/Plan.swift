import Kernels
import Tensors

/// How a network is computed: its rows parsed into steps.
///
/// A stage takes as many neighbouring components as its grammar allows, so that a Sequential written out runs as the
/// same fused stages as an mlp. A plan is never changed: surgery makes a new one, and a forward keeps the plan it ran on.
final class Plan {
  /// What a network's plan is for.
  enum Kind {
    /// Passes of the user's.
    case fused
    /// The same with the auxiliary classifiers, as steps behind their rows.
    case training
    /// Passes in which each row, and each layer of a branch, is a step of its own, so that its output exists.
    case observed
    /// The same with the auxiliary classifiers.
    case observedTraining
  }

  let steps: [any Step]
  let pool = WorkspacePool()
  /// The parameters that a backward reads, with their layers as messages name them.
  let read: [(layer: String, tensor: Tensor)]

  /// Parses the rows of a network.
  init(_ network: Network, _ kind: Kind) {
    var steps: [any Step] = []
    let fused = kind == .fused || kind == .training
    let beside = kind == .training || kind == .observedTraining ? network.presentAuxiliaries : []
    for (index, row) in network.rows.enumerated() {
      Plan.parse(row, index, mayJoin: fused, fused: fused, into: &steps)
      for (place, auxiliary) in beside where place == index {
        steps.append(AuxiliaryStep(auxiliary, row: index, fused: fused))
      }
    }
    self.steps = steps
    // The sum of what a layer is given doesn't depend on its bias.
    let layers =
      network.rows.enumerated().map { ("layer \(network.label($0))", $1) }
      + beside.flatMap { row, auxiliary in
        auxiliary.layers.map { ("auxiliary classifier after layer \(row + 1)", $0) }
      }
    read = layers.flatMap { label, layer in
      layer.parameters.filter { !$0.name.hasSuffix("bias") }.map { (label, $0.tensor) }
    }
  }

  /// Parses the layers of a branch inside `row`.
  init(_ layers: [Layer], row: Int, fused: Bool) {
    var steps: [any Step] = []
    for layer in layers { Plan.parse(layer, row, mayJoin: fused, fused: fused, into: &steps) }
    self.steps = steps
    read = []
  }

  private static func parse(_ layer: Layer, _ row: Int, mayJoin: Bool, fused: Bool, into steps: inout [any Step]) {
    var mayJoin = mayJoin
    for piece in layer.pieces {
      let last = mayJoin ? steps.last as? Stage : nil
      mayJoin = true
      switch piece {
      case .branch(let branch): steps.append(BranchStep(branch, row: row, fused: fused))
      case .component(let layer as CustomLayer): steps.append(CustomStep(layer, row: row))
      case .component(let component):
        if let last, last.accept(component, row: row) { continue }
        steps.append(Stage([component], row: row))
      }
    }
  }

  /// The features of the network's output for an input of `features`.
  func outputFeatures(_ features: Int) -> Int {
    steps.reduce(features) { $1.outputFeatures($0) }
  }

  /// Runs all steps from `input` to `output`, the latter memory that lasts as long as the backward needs it.
  func forward<T: FloatElement>(
    _ pass: Pass, input: UnsafePointer<T>, features: Int, output: UnsafeMutablePointer<T>, workspace: Workspace
  ) throws {
    var (source, width) = (input, features)
    workspace.widths.removeAll(keepingCapacity: true)
    workspace.widths.append(features)
    for (index, step) in steps.enumerated() {
      let memory = workspace.steps[index]
      let next = step.outputFeatures(width)
      let isLast = index == steps.count - 1
      memory.rebuildsOutput = !isLast && rebuildsOutput(index, pass, features: width)
      let target = isLast ? output : try self.memory(of: index, count: pass.rows * next, workspace)
      try step.forward(pass, input: source, features: width, output: target, memory: memory)
      (source, width) = (UnsafePointer(target), next)
      workspace.widths.append(next)
    }
  }

  /// Whether a step's output is not kept: it is a stage's that can compute it again, and read by a product alone.
  private func rebuildsOutput(_ index: Int, _ pass: Pass, features: Int) -> Bool {
    guard let stage = steps[index] as? Stage, stage.rebuildsOutput(pass, features: features) else { return false }
    return (steps[index + 1] as? Stage)?.linear != nil
  }

  /// The memory of a step's output; those that are not kept lie in two places by turns, of the step and of the one before it.
  private func memory<T: FloatElement>(
    of index: Int, count: Int, _ workspace: Workspace
  ) throws -> UnsafeMutablePointer<T> {
    let memory = workspace.steps[index]
    guard memory.rebuildsOutput else { return try memory.buffer(.output, count, T.self) }
    return try workspace.ends.buffer(index.isMultiple(of: 2) ? .even : .odd, count, T.self)
  }

  /// The output of a step as the forward left it.
  private func output<T: FloatElement>(
    of index: Int, _ pass: Pass, _ workspace: Workspace
  ) throws -> UnsafePointer<T> {
    let memory = workspace.steps[index]
    guard memory.rebuildsOutput, let stage = steps[index] as? Stage else {
      return UnsafePointer(try memory.buffer(.output, 0, T.self))
    }
    let output: UnsafeMutablePointer<T> = try self.memory(of: index, count: pass.rows * memory.width, workspace)
    try stage.rebuildOutput(pass, into: output, memory)
    return UnsafePointer(output)
  }

  /// Runs all steps backward; `result` takes the gradient of the input, nil when nobody asks.
  func backward<T: FloatElement>(
    _ pass: Pass, input: UnsafePointer<T>, gradient: UnsafePointer<T>, result: UnsafeMutablePointer<T>?,
    workspace: Workspace, sink: GradientSink
  ) throws {
    let widths = workspace.widths
    let room = pass.rows * (widths.max() ?? 0)
    let spare = try workspace.ends.buffer(.product, room, T.self)
    // one memory for all gradients on their way, unless somebody looks at each
    let carried = pass.gradients == nil ? try workspace.ends.buffer(.entering, room, T.self) : nil
    var current = gradient
    if let observer = pass.gradients, let last = steps.last {
      let width = widths[steps.count]
      let copy = try observer.room(for: last, rows: pass.rows, width: width, T.self)
      copy.update(from: gradient, count: pass.rows * width)
    }
    for index in steps.indices.reversed() {
      let memory = workspace.steps[index]
      let source = index == 0 ? input : try output(of: index - 1, pass, workspace)
      var target = index == 0 ? result : carried
      if index > 0, let observer = pass.gradients {
        target = try observer.room(for: steps[index - 1], rows: pass.rows, width: widths[index], T.self)
      }
      let ends = BackwardEnds(input: source, gradient: current, spare: spare, result: target)
      try steps[index].backward(pass, ends, features: widths[index], memory: memory, sink: sink)
      if let target { current = UnsafePointer(target) }
    }
  }
}
