/// Loops that change parameters along their gradients, one pass a parameter.
public enum OptimiserKernels {
  /// The settings of a step of stochastic gradient descent; see `sgd`.
  public struct Descent: Sendable {
    /// The factor of the step.
    public var rate: Double
    /// How much of the last step is kept.
    public var momentum: Double
    /// How much of the gradient is left out of the momentum.
    public var dampening: Double
    /// Whether the step looks ahead along the momentum.
    public var isNesterov: Bool
    /// The factor of the parameter added to its gradient.
    public var decay: Double

    /// Collects the settings.
    public init(rate: Double, momentum: Double, dampening: Double, isNesterov: Bool, decay: Double) {
      self.rate = rate
      self.momentum = momentum
      self.dampening = dampening
      self.isNesterov = isNesterov
      self.decay = decay
    }
  }

  /// Computes `d = g + decay p`, `b = momentum b + (1 - dampening) d` (`b = d` when `isFirst`), and `p -= rate b`, or
  /// `p -= rate (d + momentum b)` with Nesterov's momentum, or `p -= rate d` where there is no `b`.
  ///
  /// - Throws: `Interrupted` when a stop is requested, before anything has changed.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func sgd<T: FloatElement>(
    _ p: UnsafeMutablePointer<T>, _ g: UnsafePointer<T>, _ b: UnsafeMutablePointer<T>?, isFirst: Bool, _ step: Descent,
    count: Int
  ) throws {
    try Interrupt.check()
    let (rate, decay) = (T(step.rate), T(step.decay))
    guard let b else {
      for index in 0..<count { p[index] = p[index] - rate * (g[index] + decay * p[index]) }
      return
    }
    let momentum = isFirst ? 0 : T(step.momentum)
    let fresh = isFirst ? 1 : T(1 - step.dampening)
    let ahead = T(step.momentum)
    if step.isNesterov {
      for index in 0..<count {
        let d: T = g[index] + decay * p[index]
        let kept: T = momentum * b[index] + fresh * d
        b[index] = kept
        p[index] = p[index] - rate * (d + ahead * kept)
      }
    } else {
      for index in 0..<count {
        let d: T = g[index] + decay * p[index]
        let kept: T = momentum * b[index] + fresh * d
        b[index] = kept
        p[index] = p[index] - rate * kept
      }
    }
  }
}
