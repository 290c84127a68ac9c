import Kernels
import Tensors

/// Stochastic gradient descent with momentum, as PyTorch has it.
///
/// With `d = gradient + weightDecay p`: `b = momentum b + (1 - dampening) d` (`b = d` at a parameter's first step), and
/// `p -= lr b`, or with Nesterov's momentum `p -= lr (d + momentum b)`; without momentum `p -= lr d`.
public final class SGD: Optimiser {
  /// The network whose parameters change.
  public let network: Network
  /// The factor of each step.
  public var learningRate: Double
  /// How much of the last step is kept.
  public var momentum: Double
  /// How much of the gradient is left out of the momentum.
  public var dampening: Double
  /// Whether the step looks ahead along the momentum.
  public var isNesterov: Bool
  /// The factor of a parameter's own value added to its gradient.
  public var weightDecay: Double

  /// Makes an optimiser of a network.
  ///
  /// - Throws: `NetworkError` for negative or not finite settings, and for Nesterov's momentum without momentum or with
  ///   dampening.
  public init(
    _ network: Network, learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    nesterov: Bool = false, weightDecay: Double = 0
  ) throws {
    self.network = network
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.isNesterov = nesterov
    self.weightDecay = weightDecay
  }

  /// Changes every parameter that has a gradient.
  ///
  /// - Throws: `Interrupted` when a stop is requested; `TensorError.outOfMemory` for momentum.
  public func step() throws {}
}
