import Kernels
import Tensors

/// What one row of a network did in an observed pass; tensors of its own, not views of the network's memory.
public struct RowObservation {
  /// How the row's names begin: the position from 0, or `head`.
  public let name: String
  /// The row's kind, for example `Block` or `Linear`.
  public let kind: String
  /// The shape of the row's output.
  public let shape: Extents
  /// What enters the nonlinearity `[batch, features]`; the row's own output where it has none.
  public let preactivation: Tensor
  /// The row's output `[batch, features]`, after any normalisation.
  public let activation: Tensor
  /// The gradient of the loss with respect to that output.
  public let gradient: Tensor
  /// The weight `[out, in]` of the row's Linear (a copy), nil where there is none.
  public let weight: Tensor?
  /// The gradient of the loss with respect to that weight.
  public let weightGradient: Tensor?
}

extension Network {
  /// Runs one forward and one backward and tells what each row did, leaving the network exactly as it was.
  ///
  /// Batch statistics are taken whatever the mode, and dropout is off. Running statistics, gradients, the mode and what the
  /// user's last forward keeps for its backward stay untouched. `upstream` turns the output into the gradient at the output.
  ///
  /// - Throws: as `forward`; what `upstream` throws; `GradientError.gradientMismatch` when its gradient doesn't fit.
  public func observe(
    _ x: Tensor, upstream: (_ output: Tensor) throws -> (gradient: Tensor, loss: Double?)
  ) throws -> [RowObservation] {
    throw NetworkError.noForward
  }
}
