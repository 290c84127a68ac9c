import KernelBase
import RealModule

/// A nonlinearity of one number: its value and its slope, from the input `u` or the output `a`.
protocol Nonlinearity<Scalar> {
  associatedtype Scalar: FloatElement
  func value(_ u: Scalar) -> Scalar
  func slope(_ u: Scalar, _ a: Scalar) -> Scalar
}

struct LinearFunction<Scalar: FloatElement>: Nonlinearity {
  @inline(__always) func value(_ u: Scalar) -> Scalar { u }
  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar { 1 }
}

struct Rectifier<Scalar: FloatElement>: Nonlinearity {
  // NaN is not <= 0, so it passes
  @inline(__always) func value(_ u: Scalar) -> Scalar { zero(u, where: u <= 0) }
  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar { a <= 0 ? 0 : 1 }
}

/// 0 where the condition holds, by the bits: `?:` may become a branch, and the loop in place not SIMD.
@inline(__always)
private func zero<T: FloatElement>(_ number: T, where condition: Bool) -> T {
  if T.self == Float.self {
    let bits = unsafeBitCast(number, to: Float.self).bitPattern & (condition ? 0 : .max)
    return unsafeBitCast(Float(bitPattern: bits), to: T.self)
  }
  let bits = unsafeBitCast(number, to: Double.self).bitPattern & (condition ? 0 : .max)
  return unsafeBitCast(Double(bitPattern: bits), to: T.self)
}

/// A leaky ReLU of positive slope, whose output has the sign of its input.
struct LeakyRectifier<Scalar: FloatElement>: Nonlinearity {
  let factor: Scalar
  @inline(__always) func value(_ u: Scalar) -> Scalar {
    u <= 0 ? u * factor : u
  }
  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar {
    a <= 0 ? factor : 1
  }
}

/// A leaky ReLU of any slope, and PReLU, whose slope may become negative.
struct ParametricRectifier<Scalar: FloatElement>: Nonlinearity {
  let factor: Scalar
  @inline(__always) func value(_ u: Scalar) -> Scalar {
    u <= 0 ? u * factor : u
  }
  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar {
    u <= 0 ? factor : 1
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
