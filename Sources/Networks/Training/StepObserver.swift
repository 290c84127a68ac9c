import Tensors

/// Watches the updates of a training.
///
/// A training calls `willTrain` once, and around each update `willUpdate` and `didUpdate`; it costs nothing without one.
public protocol StepObserver: AnyObject {
  /// Called before the first step of a training.
  ///
  /// - Throws: what can't be watched in this network; the training then does not begin.
  func willTrain(_ network: Network) throws

  /// Called with the gradients known and the parameters not yet changed.
  ///
  /// `inputs` is the batch of the step, the first where a step gathers several; `loss` is what is minimised, as a function
  /// of the network's output for it, valid until `didUpdate` is over.
  func willUpdate(
    _ network: Network, inputs: Tensor, loss: @escaping (_ output: Tensor) throws -> Tensor
  ) throws

  /// Called with the parameters changed.
  func didUpdate(_ network: Network) throws
}
