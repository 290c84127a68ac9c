import Kernels
import Tensors

extension Network {
  /// Trains on `inputs` `[samples, features]` and `targets`: classes `[samples]` from 1, or values of the output's shape.
  ///
  /// Runs in training mode and restores the mode. Ctrl-C ends it and gives the history so far.
  ///
  /// - Throws: `NetworkError` for options below 1, data of different lengths, no data, and NaN or infinity in the data,
  ///   naming its row and column; what the callbacks throw.
  public func fit(
    inputs: Tensor, targets: Tensor, test: (inputs: Tensor, targets: Tensor)? = nil, optimiser: any Optimiser,
    options: FitOptions
  ) throws -> FitHistory {
    throw NetworkError.noForward
  }
}
