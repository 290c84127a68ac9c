import KernelBase

extension OptimiserKernels {
  /// The settings of a step of Adam; see `adam`.
  public typealias Adam = AdamSettings

  /// Computes `m += (1 - beta1) (g - m)`, `v = beta2 v + (1 - beta2) g^2`, and
  /// `p -= rate / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps)` for step `t`, counted from 1.
  ///
  /// With `largest` the greatest `v` so far takes the place of `v` (AMSGrad). Weight decay adds `decay p` to `g`, or, decoupled,
  /// begins with `p *= 1 - rate decay`.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func adam<T: FloatElement>(
    _ p: UnsafeMutablePointer<T>, _ g: UnsafePointer<T>, mean: UnsafeMutablePointer<T>,
    square: UnsafeMutablePointer<T>, largest: UnsafeMutablePointer<T>?, time: Int, _ step: Adam, count: Int
  ) {
    let slope = Slope<T>(decay: step.isDecoupled ? 0 : step.decay, maximises: step.maximises)
    let shrink = step.isDecoupled ? T(1 - step.rate * step.decay) : 1
    let (weight, beta2, fresh, eps) = (1 - step.beta1, T(step.beta2), T(1 - step.beta2), T(step.eps))
    let size = T(-step.rate / (1 - Double.pow(step.beta1, time)))
    let root = T((1 - Double.pow(step.beta2, time)).squareRoot())
    @inline(__always)
    func loop(_ counted: (_ v: T, _ index: Int) -> T) {
      for index in 0..<count {
        let start = p[index] * shrink
        let d = slope.of(g[index], at: start)
        let m = mix(mean[index], d, weight)
        let v = square[index] * beta2 + fresh * d * d
        mean[index] = m
        square[index] = v
        p[index] = start + size * m / (counted(v, index).squareRoot() / root + eps)
      }
    }
    // a loop for each, which becomes SIMD where a choice inside would not
    guard let largest else { return loop { v, _ in v } }
    loop { v, index in
      let most = greater(largest[index], v)
      largest[index] = most
      return most
    }
  }

  /// The settings of a step of RMSprop; see `rmsprop`.
  public typealias RootMeanSquare = RootMeanSquareSettings

  /// Computes `v = alpha v + (1 - alpha) g^2` and `p -= rate g / (sqrt(v) + eps)`.
  ///
  /// With `mean` the root is that of the variance `v - mean^2`, with `mean += (1 - alpha) (g - mean)`; a variance that rounding
  /// has made negative counts as 0. With `moved` the step is `moved = momentum moved + g / (sqrt(v) + eps)`, `p -= rate moved`.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func rmsprop<T: FloatElement>(
    _ p: UnsafeMutablePointer<T>, _ g: UnsafePointer<T>, square: UnsafeMutablePointer<T>,
    mean: UnsafeMutablePointer<T>?, moved: UnsafeMutablePointer<T>?, _ step: RootMeanSquare, count: Int
  ) {
    let slope = Slope<T>(decay: step.decay, maximises: step.maximises)
    let (alpha, fresh, eps) = (T(step.alpha), T(1 - step.alpha), T(step.eps))
    let (rate, momentum) = (T(-step.rate), T(step.momentum))
    @inline(__always)
    func loop(_ variance: (_ v: T, _ d: T, _ index: Int) -> T, _ change: (_ d: T, _ root: T, _ index: Int) -> T) {
      for index in 0..<count {
        let start = p[index]
        let d = slope.of(g[index], at: start)
        let v = square[index] * alpha + fresh * d * d
        square[index] = v
        p[index] = start + change(d, variance(v, d, index).squareRoot() + eps, index)
      }
    }
    @inline(__always)
    func centred(_ v: T, _ d: T, _ index: Int) -> T {
      guard let mean else { return v }
      let m = mix(mean[index], d, 1 - step.alpha)
      mean[index] = m
      return v - m * m < 0 ? 0 : v - m * m
    }
    @inline(__always)
    func plain(_ d: T, _ root: T, _ index: Int) -> T { rate * d / root }
    @inline(__always)
    func withMomentum(_ d: T, _ root: T, _ index: Int) -> T {
      guard let moved else { return 0 }
      let kept = moved[index] * momentum + d / root
      moved[index] = kept
      return rate * kept
    }
    // a loop for each, which becomes SIMD where a choice inside would not
    switch (mean, moved) {
    case (nil, nil): loop({ v, _, _ in v }, plain)
    case (nil, _): loop({ v, _, _ in v }, withMomentum)
    case (_, nil): loop(centred, plain)
    default: loop(centred, withMomentum)
    }
  }

  /// Computes `sum += g^2` and `p -= rate g / (sqrt(sum) + eps)` with `g + decay p` for `g`.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func adagrad<T: FloatElement>(
    _ p: UnsafeMutablePointer<T>, _ g: UnsafePointer<T>, sum: UnsafeMutablePointer<T>, rate: Double, decay: Double,
    eps: Double, maximises: Bool, count: Int
  ) {
    let slope = Slope<T>(decay: decay, maximises: maximises)
    let (rate, eps) = (T(-rate), T(eps))
    for index in 0..<count {
      let d = slope.of(g[index], at: p[index])
      let total = sum[index] + d * d
      sum[index] = total
      p[index] = p[index] + rate * d / (total.squareRoot() + eps)
    }
  }

  /// `from + weight (to - from)`, computed from the nearer end.
  @inline(__always)
  private static func mix<T: FloatElement>(_ from: T, _ to: T, _ weight: Double) -> T {
    weight < 0.5 ? from + T(weight) * (to - from) : to - (to - from) * T(1 - weight)
  }

  /// The greater of two numbers, NaN where one is.
  @inline(__always)
  private static func greater<T: FloatElement>(_ left: T, _ right: T) -> T {
    left > right || left != left ? left : right
  }
}
