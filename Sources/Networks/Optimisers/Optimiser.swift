import Tensors

/// Changes a network's parameters along their gradients.
///
/// It reads the network's parameters anew at each step and keeps its state by the tensor, so that it follows surgery: parameters
/// that appear get fresh state, those that go are skipped, those that come back have their state.
public protocol Optimiser: AnyObject {
  /// The network whose parameters change.
  var network: Network { get }

  /// The factor of each step.
  var learningRate: Double { get set }

  /// Changes every parameter that has a gradient.
  ///
  /// - Throws: `Interrupted` when a stop is requested; `TensorError.outOfMemory` for state.
  func step() throws
}
