import Kernels
import Tensors

extension Initialiser {
  /// Fills a weight `[out, in]`, in row-major order of that shape whatever its strides.
  ///
  /// `activation` is what follows the layer, for gains that depend on it.
  ///
  /// - Throws: `NetworkError` when a custom function gives another shape; what it throws itself.
  public func fill(_ weight: Tensor, activation: Activation?, generator: Generator) throws {
    throw NetworkError.noForward
  }
}
