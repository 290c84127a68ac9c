// The nonlinearities of `ActivationNonlinearity` whose values come from the mathematical library, by `Lane`: loops over them
// become SIMD. Where the slope follows from the output it is that of the function itself.

import KernelBase

/// The hyperbolic tangent.
struct LaneTangent<Scalar: FloatElement>: Nonlinearity {
  @inline(__always) func value(_ u: Scalar) -> Scalar { laned(u) { Lane.tanh($0, narrow: $1) } }
  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar { HyperbolicTangent().slope(u, a) }
}

/// `1 / (1 + exp(-u))`.
struct LaneLogistic<Scalar: FloatElement>: Nonlinearity {
  @inline(__always) func value(_ u: Scalar) -> Scalar { laned(u) { Lane.sigmoid($0, narrow: $1) } }
  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar { LogisticFunction().slope(u, a) }
}

/// `u / (1 + exp(-u))`.
struct LaneSigmoidLinear<Scalar: FloatElement>: Nonlinearity {
  @inline(__always) func value(_ u: Scalar) -> Scalar { laned(u) { Lane.silu($0, narrow: $1) } }

  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar {
    let gate = laned(u) { Lane.sigmoid($0, narrow: $1) }
    return gate * (1 + u * (1 - gate))
  }
}

/// `u Phi(u)`; float64 is left to the mathematical library.
struct LaneGaussianUnit<Scalar: FloatElement>: Nonlinearity {
  @inline(__always) func value(_ u: Scalar) -> Scalar {
    Scalar.self == Float.self ? Scalar(Lane.gelu(Double(u))) : GaussianUnit().value(u)
  }

  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar {
    Scalar.self == Float.self ? Scalar(Lane.geluSlope(Double(u))) : GaussianUnit().slope(u, a)
  }
}

/// `log(1 + exp(u))`.
struct LaneSoftRectifier<Scalar: FloatElement>: Nonlinearity {
  @inline(__always) func value(_ u: Scalar) -> Scalar { laned(u) { Lane.softplus($0, narrow: $1) } }

  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar {
    laned(u) { Lane.select($0 > ActivationFunction.softplusThreshold, 1, Lane.sigmoid($0, narrow: $1)) }
  }
}

/// ELU, and SELU with other constants.
struct LaneExponentialUnit<Scalar: FloatElement>: Nonlinearity {
  private let unit: ExponentialUnit<Scalar>
  private let (scale, bottom): (Double, Double)

  init(scale: Double, alpha: Double) {
    unit = ExponentialUnit(scale: scale, alpha: alpha)
    self.scale = scale
    bottom = scale * alpha
  }

  @inline(__always) func value(_ u: Scalar) -> Scalar {
    laned(u) { Lane.select($0 > 0, scale, bottom) * Lane.elu($0, narrow: $1) }
  }

  @inline(__always) func slope(_ u: Scalar, _ a: Scalar) -> Scalar { unit.slope(u, a) }
}

/// Computes a function in double and rounds once; float32 has the narrow form.
@inline(__always)
private func laned<T: FloatElement>(_ u: T, _ f: (_ number: Double, _ narrow: Bool) -> Double) -> T {
  T(f(Double(u), T.self == Float.self))
}
