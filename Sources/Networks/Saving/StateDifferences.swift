import OrderedCollections
import Tensors

/// Where a state doesn't fit a network: all of it, not only the first.
public struct StateDifferences: Equatable, Sendable {
  /// The names that the network has and the state has not, in the network's order.
  public private(set) var missing: [String] = []
  /// The names that the state has and the network has not, sorted.
  public private(set) var unknown: [String] = []
  /// The names whose tensors have another shape or no float dtype, in the network's order.
  public private(set) var mismatched: [String] = []
  /// How many tensors fit.
  public private(set) var fitting = 0

  /// How many differences a message tells before it only counts them.
  public static let mostTold = 10

  private var told: [String] = []

  /// Holds named tensors against the parameters and running statistics of a network.
  ///
  /// Names ending in `num_batches_tracked` are passed over: PyTorch counts there what `momentum` says here.
  public init(_ network: Network, _ values: OrderedDictionary<String, Tensor>) {
    let state = network.state
    for (name, tensor) in state { compare(name, tensor, values[name]) }
    unknown = values.keys.filter { state[$0] == nil && !StateDifferences.isIgnored($0) }.sorted()
    // one that is missing is likelier meant than one that is there
    let candidates = missing.isEmpty ? Array(state.keys) : missing
    for name in unknown.prefix(max(0, StateDifferences.mostTold - told.count)) {
      let nearest = nearestName(to: name, among: candidates).map { ", did you mean '\($0)'?" } ?? ""
      told.append("unknown name \(excerpt(name))\(nearest)")
    }
  }

  /// Whether everything fits.
  public var isEmpty: Bool { missing.isEmpty && unknown.isEmpty && mismatched.isEmpty }

  /// Whether a network has no use for a tensor of that name, and says nothing about it.
  static func isIgnored(_ name: String) -> Bool { name.hasSuffix("num_batches_tracked") }

  private mutating func compare(_ name: String, _ tensor: Tensor, _ value: Tensor?) {
    guard let value else {
      missing.append(name)
      return tell("expected '\(name)' \(tensor.shape), got none")
    }
    if value.shape != tensor.shape {
      mismatched.append(name)
      tell("expected '\(name)' \(tensor.shape), got \(value.shape)")
    } else if !value.dtype.isFloat {
      mismatched.append(name)
      tell("expected '\(name)' of dtype \(tensor.dtype), got \(value.dtype)")
    } else {
      fitting += 1
    }
  }

  private mutating func tell(_ text: String) {
    if told.count < StateDifferences.mostTold { told.append(text) }
  }
}

extension StateDifferences: CustomStringConvertible {
  /// The first differences, and how many more there are.
  public var description: String {
    let rest = missing.count + unknown.count + mismatched.count - told.count
    return told.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
  }
}
