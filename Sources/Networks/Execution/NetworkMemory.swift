import Tensors

/// What a network takes of memory, in bytes; see `Network.memory`.
public struct NetworkMemory {
  /// What one row takes.
  public struct Row {
    /// The layer as tables show it.
    public let layer: String
    /// Its weights and biases.
    public let parameters: Int
    /// Their gradients.
    public let gradients: Int
    /// Its running statistics.
    public let buffers: Int
    /// What it keeps between a forward and the backward; rows that are computed in one go count for the first of them.
    public let workspace: Int
  }

  /// The rows, in the order they are computed.
  public let rows: [Row]
  /// The parameters of all rows and auxiliary classifiers, those that are shared counted once.
  public let parameters: Int
  /// Their gradients.
  public let gradients: Int
  /// The running statistics.
  public let buffers: Int
  /// All workspaces: those of the rows, the copies of inputs, and what is only on its way through the rows: gradients, and outputs that aren't kept.
  public let workspaces: Int
  /// What the optimiser asked about remembers of the network's parameters; 0 without one.
  public let optimiser: Int

  /// All of it.
  public var total: Int { parameters + gradients + buffers + workspaces + optimiser }
}

extension Network {
  /// What the network takes of memory now: parameters, gradients, running statistics, workspaces, and `optimiser`'s state.
  ///
  /// Workspaces come with the first forward and stay for those to come; a structure that surgery has replaced, and the
  /// observations of a probe, keep none here. Sizes are those of the blocks, multiples of 64 bytes.
  public func memory(optimiser: GroupedOptimiser? = nil) -> NetworkMemory {
    let workspaces = cachedPlans.values.flatMap { plan in plan.pool.all.map { (plan, $0) } }
    var kept = Array(repeating: 0, count: rows.count)
    for (plan, workspace) in workspaces {
      for (step, memory) in zip(plan.steps, workspace.steps) { kept[step.firstRow] += memory.bytes }
    }
    let layers = allLayers
    let parameters = layers.flatMap { $0.parameters.map(\.tensor) }
    return NetworkMemory(
      rows: rows.enumerated().map { NetworkMemory.row($1, workspace: kept[$0]) },
      parameters: NetworkMemory.bytes(parameters), gradients: NetworkMemory.bytes(parameters.compactMap(\.gradient)),
      buffers: NetworkMemory.bytes(layers.flatMap { $0.buffers.map(\.tensor) }),
      workspaces: workspaces.reduce(0) { $0 + $1.1.bytes },
      optimiser: optimiser.map { NetworkMemory.bytes($0.remembered(of: parameters)) } ?? 0)
  }
}

extension NetworkMemory {
  fileprivate static func row(_ layer: Layer, workspace: Int) -> Row {
    let parameters = layer.parameters.map(\.tensor)
    return Row(
      layer: layer.description, parameters: bytes(parameters), gradients: bytes(parameters.compactMap(\.gradient)),
      buffers: bytes(layer.buffers.map(\.tensor)), workspace: workspace)
  }

  /// The bytes of the blocks that tensors lie in, each block once.
  fileprivate static func bytes(_ tensors: [Tensor]) -> Int {
    var seen: Set<ObjectIdentifier> = []
    return tensors.reduce(0) { seen.insert(ObjectIdentifier($1.storage)).inserted ? $0 + $1.storage.bytes : $0 }
  }
}
