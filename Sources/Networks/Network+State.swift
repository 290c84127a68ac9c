import OrderedCollections
import Tensors

extension Network {
  /// The parameters and running statistics by name, in stable order: the tensors themselves, not copies.
  public var state: OrderedDictionary<String, Tensor> {
    var result: OrderedDictionary<String, Tensor> = [:]
    for (part, layer) in namedParts {
      for (name, tensor) in layer.parameters + layer.buffers { result["\(part).\(name)"] = tensor }
    }
    return result
  }

  /// Copies named tensors into the parameters and running statistics; either all or none.
  ///
  /// float32 and float64 are converted. Names ending in `num_batches_tracked` are ignored. Without `strict` what fits is
  /// taken, and the rest is told. How many batches loaded running statistics stand for in a cumulative
  /// average isn't known: for as many as the normalisation had seen itself, but for one at least; statistics as a new
  /// normalisation has them, mean 0 and variance 1, stand for none.
  ///
  /// - Throws: `NetworkError.state`, which lists what is missing, unknown, or of another shape or no float dtype;
  ///   `NetworkError.expected` for a network whose sizes are unknown yet; `TensorError.outOfMemory`.
  @discardableResult
  public func loadState(
    _ values: OrderedDictionary<String, Tensor>, strict: Bool = true
  ) throws -> StateDifferences {
    try requireSettled("load_state")
    let differences = StateDifferences(self, values)
    guard differences.isEmpty || !strict else { throw NetworkError.state(differences.description) }
    let refused = Set(differences.mismatched)
    try take(values.filter { !refused.contains($0.key) })
    for norm in batchNormalisations { norm.batchesSeen = norm.isUntouched ? 0 : Swift.max(norm.batchesSeen, 1) }
    return differences
  }

  /// Copies those tensors that bear a name of the state; their shapes fit.
  func take(_ values: OrderedDictionary<String, Tensor>) throws {
    let current = state
    let memory = Set(current.values.map { ObjectIdentifier($0.storage) })
    let sources = try current.keys.map { name -> Tensor? in
      // of the network's own tensors, in another order for example, the copies are taken first
      guard let value = values[name], memory.contains(ObjectIdentifier(value.storage)) else { return values[name] }
      return try value.clone()
    }
    for (target, source) in zip(current.values, sources) {
      if let source { try target.copy(from: source) }
    }
  }
}
