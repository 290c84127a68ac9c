import Tensors

/// Changes parameters along their gradients.
///
/// Over a network it reads the parameters anew at each step and keeps its state by the tensor, so that it follows surgery:
/// parameters that appear get fresh state, those that go are skipped, those that come back have their state.
public protocol Optimiser: AnyObject {
  /// The network whose parameters change; nil for an optimiser of plain tensors.
  var network: Network? { get }

  /// The factor of each step; setting it sets that of every group.
  var learningRate: Double { get set }

  /// Where the factor comes from before each step, nil where it is only set by hand.
  var schedule: (any Schedule)? { get set }

  /// How many steps were taken.
  var steps: Int { get }

  /// Changes every parameter that has a gradient; either all or none.
  ///
  /// - Throws: `Interrupted` when a stop is requested; `TensorError.outOfMemory` for state; `NetworkError` for gradients of other
  ///   shapes; what the schedule throws, and `NetworkError` for a rate below 0 or not finite.
  func step() throws

  /// Sets the gradients of the parameters that have one to 0.
  ///
  /// - Throws: `TensorError` for a gradient that can't be written.
  func zeroGradients() throws

  /// Copies all that the next steps depend on beside parameters, gradients and the schedule.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  func state() throws -> OptimiserState

  /// Takes over a state, from which the steps go on bit for bit; either all of it or nothing.
  ///
  /// - Throws: `NetworkError` for the state of another algorithm, other groups, unknown names, other shapes and settings out of
  ///   range.
  func restore(_ state: OptimiserState) throws
}
