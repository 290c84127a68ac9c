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

  /// A parameter's momentum; it holds the parameter, so that its identity can't pass to another tensor.
  private struct Momentum {
    let parameter: Tensor
    let buffer: Storage
  }

  private var momenta: [ObjectIdentifier: Momentum] = [:]

  /// Makes an optimiser of a network.
  ///
  /// - Throws: `NetworkError` for negative or not finite settings, and for Nesterov's momentum without momentum or with
  ///   dampening.
  public init(
    _ network: Network, learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0,
    nesterov: Bool = false, weightDecay: Double = 0
  ) throws {
    try SGD.check(learningRate, "lr")
    try SGD.check(momentum, "momentum")
    try SGD.check(weightDecay, "weight_decay")
    guard dampening.isFinite else { throw NetworkError.expected("optim.SGD", "a finite dampening", "\(dampening)") }
    guard !nesterov || (momentum > 0 && dampening == 0) else {
      throw NetworkError.expected(
        "optim.SGD", "momentum above 0 and dampening 0 with nesterov", "momentum \(momentum) and dampening \(dampening)"
      )
    }
    self.network = network
    self.learningRate = learningRate
    self.momentum = momentum
    self.dampening = dampening
    self.isNesterov = nesterov
    self.weightDecay = weightDecay
  }

  private static func check(_ value: Double, _ name: String) throws {
    guard value >= 0, value.isFinite else {
      throw NetworkError.expected("optim.SGD", "\(name) of 0 or more", "\(value)")
    }
  }

  /// Changes every parameter that has a gradient.
  ///
  /// - Throws: `Interrupted` when a stop is requested; `TensorError.outOfMemory` for momentum.
  public func step() throws {
    for parameter in network.trainedTensors {
      guard parameter.requiresGradient, let held = parameter.gradient, let type = parameter.dtype.floatType else {
        continue
      }
      let gradient = try GradientSink().gradient(of: parameter) ?? held
      parameter.storage.noteChange()
      try step(parameter, gradient, type)
    }
  }

  private func step<T: FloatElement>(_ parameter: Tensor, _ gradient: Tensor, _ type: T.Type) throws {
    var buffer: UnsafeMutablePointer<T>?
    var isFirst = false
    if momentum != 0 {
      let known = momenta[ObjectIdentifier(parameter)]
      isFirst = known == nil
      let held = try known ?? Momentum(parameter: parameter, buffer: Storage(T.dtype, count: parameter.count))
      momenta[ObjectIdentifier(parameter)] = held
      buffer = held.buffer.base.assumingMemoryBound(to: T.self)
    }
    let settings = OptimiserKernels.Descent(
      rate: learningRate, momentum: momentum, dampening: dampening, isNesterov: isNesterov, decay: weightDecay)
    try OptimiserKernels.sgd(
      parameter.pointer(T.self), UnsafePointer(gradient.pointer(T.self)), buffer, isFirst: isFirst, settings,
      count: parameter.count)
  }
}
