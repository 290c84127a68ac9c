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
  /// Names ending in `num_batches_tracked` are ignored. How many batches loaded running statistics stand for in a cumulative
  /// average isn't known: for as many as the normalisation had seen itself, but for one at least; statistics as a new
  /// normalisation has them, mean 0 and variance 1, stand for none.
  ///
  /// - Throws: `NetworkError.state` for a name that is missing or unknown, and for another shape or dtype.
  public func loadState(_ values: OrderedDictionary<String, Tensor>) throws {
    let current = state
    let given = values.filter { !$0.key.hasSuffix("num_batches_tracked") }
    for (name, tensor) in current {
      guard let value = given[name] else { throw NetworkError.state("expected '\(name)' \(tensor.shape), got none") }
      guard value.shape == tensor.shape else {
        throw NetworkError.state("expected '\(name)' \(tensor.shape), got \(value.shape)")
      }
      guard value.dtype.isFloat else {
        throw NetworkError.state("expected '\(name)' of dtype \(tensor.dtype), got \(value.dtype)")
      }
    }
    if let (name, _) = given.first(where: { current[$0.key] == nil }) {
      let nearest = nearestName(to: name, among: Array(current.keys)).map { ", did you mean '\($0)'?" } ?? ""
      throw NetworkError.state("unknown name '\(name)'\(nearest)")
    }
    for (name, tensor) in current { if let value = given[name] { try tensor.copy(from: value) } }
    for norm in batchNormalisations { norm.batchesSeen = norm.isUntouched ? 0 : Swift.max(norm.batchesSeen, 1) }
  }
}
