import Kernels
import Tensors

extension Network {
  /// The mean loss over all samples and the fraction classified right, in evaluation mode; the mode is restored.
  ///
  /// `inputs` is `[samples, features]`; `targets` are classes `[samples]` from 1 for cross-entropy. The class of a sample is the
  /// largest of its outputs, the first of equals. `accuracy` is NaN for losses that have no classes.
  ///
  /// - Throws: `NetworkError` for data of different lengths or no data.
  public func evaluate(
    inputs: Tensor, targets: Tensor, batch: Int = 1000, loss: FitOptions.Loss = .crossEntropy
  ) throws -> (loss: Double, accuracy: Double) {
    throw NetworkError.noForward
  }
}
