import Gradients
import Kernels
import Tensors

extension Losses {
  /// The mean of `(y - t)^2` over all numbers.
  ///
  /// - Throws: `NetworkError` when the shapes or dtypes differ, or there are no numbers.
  public static func meanSquared(_ output: Tensor, _ target: Tensor) throws -> Tensor {
    throw NetworkError.noForward
  }

  /// Half the sum of `(y - t)^2` over all numbers.
  ///
  /// - Throws: `NetworkError` when the shapes or dtypes differ.
  public static func squaredError(_ output: Tensor, _ target: Tensor) throws -> Tensor {
    throw NetworkError.noForward
  }
}
