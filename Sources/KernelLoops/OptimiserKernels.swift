import KernelBase

/// Loops that change parameters along their gradients, one pass a parameter.
///
/// They compute in the element type, in PyTorch's order of operations; what is the same for all elements is computed in double.
public enum OptimiserKernels {
  /// The settings of a step of stochastic gradient descent.
  public typealias Descent = DescentSettings

  /// Computes `d = g + decay p`, `b = momentum b + (1 - dampening) d` (`b = d` when `isFirst`), and `p -= rate b`, or
  /// `p -= rate (d + momentum b)` with Nesterov's momentum, or `p -= rate d` where there is no `b`.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func sgd<T: FloatElement>(
    _ p: UnsafeMutablePointer<T>, _ g: UnsafePointer<T>, _ b: UnsafeMutablePointer<T>?, isFirst: Bool, _ step: Descent,
    count: Int
  ) {
    let rate = T(step.rate)
    let slope = Slope<T>(decay: step.decay, maximises: step.maximises)
    guard let b else {
      for index in 0..<count { p[index] = p[index] - rate * slope.of(g[index], at: p[index]) }
      return
    }
    let (momentum, fresh, isNesterov) = (T(step.momentum), T(1 - step.dampening), step.isNesterov)
    for index in 0..<count {
      let (start, old) = (p[index], b[index])
      let d = slope.of(g[index], at: start)
      let kept = isFirst ? d : momentum * old + fresh * d
      b[index] = kept
      p[index] = start - rate * (isNesterov ? d + momentum * kept : kept)
    }
  }

  /// What a gradient becomes before it is used: its sign, and weight decay.
  struct Slope<T: FloatElement> {
    let decay: T
    let maximises: Bool

    init(decay: Double, maximises: Bool) {
      self.decay = T(decay)
      self.maximises = maximises
    }

    /// `g + decay p`; without decay the parameter plays no part, even an infinite one.
    @inline(__always)
    func of(_ g: T, at p: T) -> T {
      let signed = maximises ? -g : g
      return decay == 0 ? signed : signed + decay * p
    }
  }
}
