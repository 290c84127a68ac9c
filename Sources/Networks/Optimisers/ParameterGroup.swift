import Gradients
import OrderedCollections
import Tensors

/// Which parameters a group is to have, and the settings in which it differs.
public struct GroupRequest {
  /// How a group says which parameters are its own.
  public enum Selection {
    /// By their names, all of which there must be.
    case names([String])
    /// By the tensors themselves.
    case tensors([Tensor])
    /// By asking for each name and tensor when it first appears.
    case matching((String, Tensor) throws -> Bool)
  }

  /// Which parameters.
  public let selection: Selection
  /// The settings by name; the others are the optimiser's.
  public let settings: [String: Double]

  /// Describes a group.
  public init(_ selection: Selection, settings: [String: Double] = [:]) {
    self.selection = selection
    self.settings = settings
  }
}

/// Parameters with settings of their own within one optimiser.
public final class ParameterGroup {
  /// The settings; `lr` is the rate that was set, from which a schedule starts.
  public private(set) var settings: OptimiserSettings
  /// The rate of the latest step, or, before it, the one that was set.
  public internal(set) var rate: Double

  /// What it has by itself; nil is what no other group has.
  private let selection: GroupRequest.Selection?

  init(_ settings: OptimiserSettings, _ selection: GroupRequest.Selection?) {
    self.settings = settings
    self.selection = selection
    rate = settings["lr"]
  }

  /// The factor of each step; reading it gives a schedule's latest.
  public var learningRate: Double {
    get { rate }
    set {
      settings.setRate(newValue)
      rate = newValue
    }
  }

  /// Changes settings by name; either all or none.
  ///
  /// - Throws: `NetworkError` for an unknown name, a value out of range, and settings that don't go together.
  public func set(_ values: [String: Double]) throws {
    settings = try settings.with(values)
    if let given = values["lr"] { rate = given }
  }

  /// Puts settings in the place of all, checked before.
  func replace(_ settings: OptimiserSettings, rate: Double) {
    self.settings = settings
    self.rate = rate
  }

  /// Whether a parameter that appears belongs to it.
  func has(_ name: String, _ tensor: Tensor) throws -> Bool {
    switch selection {
    case nil: true
    case .names(let names): names.contains(name)
    case .tensors(let tensors): tensors.contains { $0 === tensor }
    case .matching(let matches): try matches(name, tensor)
    }
  }
}

/// What an optimiser changes.
public enum OptimiserSubject {
  /// The present parameters of a network.
  case network(Network)
  /// Plain tensors by name.
  case tensors(OrderedDictionary<String, Tensor>)

  /// The names and tensors as they are now.
  var named: OrderedDictionary<String, Tensor> {
    switch self {
    case .network(let network): network.parameters
    case .tensors(let tensors): tensors
    }
  }

  /// Refuses tensors that no backward pass reaches, and one given twice.
  func check(_ who: String) throws {
    guard case .tensors(let tensors) = self else { return }
    guard !tensors.isEmpty else { throw NetworkError.expected(who, "at least one tensor", "none") }
    var seen: [ObjectIdentifier: String] = [:]
    for (name, tensor) in tensors {
      if let first = seen.updateValue(name, forKey: ObjectIdentifier(tensor)) {
        throw NetworkError.expected(who, "each tensor once", "the tensor '\(first)' again as '\(name)'")
      }
      guard tensor.requiresGradient else {
        throw NetworkError.expected(
          who, "tensors that require gradients", "'\(name)', which doesn't; call requires_grad_() on it first")
      }
      guard !Tape.isResult(tensor) else {
        throw NetworkError.expected(
          who, "leaves of the tape", "'\(name)', which an operation has made; detach() it and call requires_grad_()")
      }
    }
  }
}
