import OrderedCollections
import Tensors

extension Network {
  /// How many batches each batch normalisation's running statistics have seen, by PyTorch's names: `1.num_batches_tracked`.
  ///
  /// A cumulative average continues exactly where a checkpoint keeps these beside the state.
  public var batchCounts: OrderedDictionary<String, Int> {
    named.mapValues(\.batchesSeen)
  }

  /// Sets the counts that `batchCounts` gave; either all or none.
  ///
  /// - Throws: `NetworkError.state` for a name that is missing or unknown, and for a negative count.
  public func loadBatchCounts(_ counts: OrderedDictionary<String, Int>) throws {
    let norms = named
    for name in norms.keys {
      guard let count = counts[name] else { throw NetworkError.state("expected '\(name)', got none") }
      guard count >= 0 else { throw NetworkError.state("expected '\(name)' of 0 or more, got \(count)") }
    }
    if let name = counts.keys.first(where: { norms[$0] == nil }) {
      throw NetworkError.state("unknown name '\(name)'")
    }
    for (name, norm) in norms { norm.batchesSeen = counts[name] ?? norm.batchesSeen }
  }

  /// The batch normalisations by the name of their count, which stands beside `running_mean` in the state.
  private var named: OrderedDictionary<String, Normalisation> {
    var result: OrderedDictionary<String, Normalisation> = [:]
    let state = state
    for norm in batchNormalisations {
      guard let name = state.first(where: { $0.value === norm.runningMean })?.key else { continue }
      result[name.dropLast("running_mean".count) + "num_batches_tracked"] = norm
    }
    return result
  }
}
