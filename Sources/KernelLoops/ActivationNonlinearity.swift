import KernelBase
import RealModule

/// A nonlinearity of one number: its value and its slope, from the input `u` or the output `a`.
protocol Nonlinearity<Scalar> {
  associatedtype Scalar: FloatElement
  func value(_ u: Scalar) -> Scalar
  func slope(_ u: Scalar, _ a: Scalar) -> Scalar
}

/// A nonlinearity of a few operations, for the loops over columns that do everything at once.
protocol LaneNonlinearity<Scalar> {
  associatedtype Scalar: FloatElement
  func value<L: Lanes>(_ u: L) -> L where L.Scalar == Scalar
  /// `g` times the slope, from the input `u` or the output `a`.
  func gradient<L: Lanes>(_ g: L, _ u: L, _ a: L) -> L where L.Scalar == Scalar
}

extension LaneNonlinearity {
  /// The value at one number.
  @inline(__always) func value(_ u: Scalar) -> Scalar { value(Single(u)).number }
  /// The slope at one number, from the input `u` or the output `a`.
  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar {
    gradient(Single(1), Single(u), Single(a)).number
  }
}

struct LinearFunction<Scalar: FloatElement>: LaneNonlinearity {
  @inline(__always) func value<L: Lanes>(_ u: L) -> L where L.Scalar == Scalar { u }
  @inline(__always) func gradient<L: Lanes>(_ g: L, _ u: L, _ a: L) -> L where L.Scalar == Scalar { g }
}

struct Rectifier<Scalar: FloatElement>: LaneNonlinearity {
  @inline(__always) func value<L: Lanes>(_ u: L) -> L where L.Scalar == Scalar {
    L.choose(u, low: L(repeating: 0), high: u)
  }

  @inline(__always) func gradient<L: Lanes>(_ g: L, _ u: L, _ a: L) -> L where L.Scalar == Scalar {
    L.choose(a, low: L(repeating: 0), high: g)
  }
}

/// A leaky ReLU of positive slope, whose output has the sign of its input.
struct LeakyRectifier<Scalar: FloatElement>: LaneNonlinearity {
  let factor: Scalar

  @inline(__always) func value<L: Lanes>(_ u: L) -> L where L.Scalar == Scalar {
    ParametricRectifier(factor: factor).value(u)
  }

  @inline(__always) func gradient<L: Lanes>(_ g: L, _ u: L, _ a: L) -> L where L.Scalar == Scalar {
    ParametricRectifier(factor: factor).gradient(g, a, a)
  }
}

/// A leaky ReLU of any slope, and PReLU, whose slope may become negative.
struct ParametricRectifier<Scalar: FloatElement>: LaneNonlinearity {
  let factor: Scalar

  @inline(__always) func value<L: Lanes>(_ u: L) -> L where L.Scalar == Scalar {
    L.choose(u, low: u * L(repeating: factor), high: u)
  }

  @inline(__always) func gradient<L: Lanes>(_ g: L, _ u: L, _ a: L) -> L where L.Scalar == Scalar {
    L.choose(u, low: g * L(repeating: factor), high: g)
  }
}

/// PReLU as a function of its weight: the slope is what the weight's gradient takes from each number.
struct ParametricWeight<Scalar: FloatElement>: Nonlinearity {
  @inline(__always) func value(_ u: Scalar) -> Scalar { u }
  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar { u > 0 ? 0 : u }
}

/// ELU, and SELU with other constants: `scale u` above 0, `scale alpha (exp(u) - 1)` below.
struct ExponentialUnit<Scalar: FloatElement>: Nonlinearity {
  let scale: Scalar
  let bottom: Scalar

  init(scale: Double, alpha: Double) {
    self.scale = Scalar(scale)
    self.bottom = Scalar(scale * alpha)
  }

  @inline(__always) func value(_ u: Scalar) -> Scalar {
    u > 0 ? scale * u : bottom * Scalar.expMinusOne(u)
  }

  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar {
    a > 0 ? scale : a + bottom
  }
}

struct GaussianUnit<Scalar: FloatElement>: Nonlinearity {
  // erfc keeps its digits far below 0, where 1 + erf has none left
  @inline(__always) private func distribution(_ u: Scalar) -> Scalar {
    Scalar.erfc(u * Scalar(-0.7071067811865476)) * Scalar(0.5)
  }

  @inline(__always) func value(_ u: Scalar) -> Scalar { u * distribution(u) }

  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar {
    let square: Scalar = u * u
    let density: Scalar = Scalar.exp(square * Scalar(-0.5)) * Scalar(0.3989422804014327)
    return distribution(u) + u * density
  }
}

struct SigmoidLinearUnit<Scalar: FloatElement>: Nonlinearity {
  @inline(__always) func value(_ u: Scalar) -> Scalar { u / (1 + Scalar.exp(-u)) }

  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar {
    let gate: Scalar = 1 / (1 + Scalar.exp(-u))
    return gate * (1 + u * (1 - gate))
  }
}

struct HyperbolicTangent<Scalar: FloatElement>: Nonlinearity {
  @inline(__always) func value(_ u: Scalar) -> Scalar { Scalar.tanh(u) }
  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar { 1 - a * a }
}

struct LogisticFunction<Scalar: FloatElement>: Nonlinearity {
  @inline(__always) func value(_ u: Scalar) -> Scalar { 1 / (1 + Scalar.exp(-u)) }
  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar { a * (1 - a) }
}

struct SoftRectifier<Scalar: FloatElement>: Nonlinearity {
  private var threshold: Scalar { Scalar(ActivationFunction.softplusThreshold) }

  @inline(__always) func value(_ u: Scalar) -> Scalar {
    u > threshold ? u : Scalar.log(onePlus: Scalar.exp(u))
  }

  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar { u > threshold ? 1 : 1 / (1 + Scalar.exp(-u)) }
}

struct HardTangent<Scalar: FloatElement>: Nonlinearity {
  @inline(__always) func value(_ u: Scalar) -> Scalar {
    u > 1 ? 1 : u < -1 ? -1 : u
  }
  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar {
    a >= 1 || a <= -1 ? 0 : 1
  }
}
