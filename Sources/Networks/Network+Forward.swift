import Gradients
import Kernels
import Tensors

extension Network {
  /// Computes the output of a batch `x` `[batch, features]`, on the tape unless inside `NoGradient`.
  ///
  /// The result is a tensor of its own. What the backward needs is copied, so that `x` may change afterwards.
  ///
  /// - Throws: `NetworkError` for another shape or dtype, naming the layer, and for a batch of 1 where batch statistics are
  ///   taken; `Interrupted` when a stop is requested; `TensorError.outOfMemory`.
  public func forward(_ x: Tensor) throws -> Tensor {
    throw NetworkError.noForward
  }

  /// Goes back through the last `forward`: adds to the parameters' gradients and gives dL/dx.
  ///
  /// `gradient` is dL/dy, of the output's shape. The pass ends at `x`, whose gradient is added to where it is a leaf that wants one.
  ///
  /// - Throws: `NetworkError.noForward` without a forward; `GradientError` for a second time or another shape;
  ///   `Interrupted` when a stop is requested.
  public func backward(_ gradient: Tensor) throws -> Tensor {
    throw NetworkError.noForward
  }
}

final class NetworkNode: Node {}
final class Plan {}
