import Gradients
import Kernels
import Tensors

extension Losses {
  /// The mean over the batch of `log sum_j exp(logits[i, j]) - logits[i, class_i]`, computed safely for large logits.
  ///
  /// `logits` is `[batch, classes]`; `classes` is `[batch]`, of any dtype with whole values, counted from 1.
  ///
  /// - Throws: `NetworkError` for other shapes, an empty batch, and classes that are not whole or out of range, naming the
  ///   first and its row.
  public static func crossEntropy(_ logits: Tensor, _ classes: Tensor) throws -> Tensor {
    throw NetworkError.noForward
  }
}
