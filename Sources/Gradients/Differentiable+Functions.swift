import Kernels
import RealModule
import Tensors

extension Differentiable {
  /// Computes a function of every element; see `Tensor.applying`.
  ///
  /// Steps (`sign floor ceil round`) have the gradient 0, and `relu` and `abs` at 0 too.
  ///
  /// - Throws: as `Tensor.applying`.
  public static func apply(_ operation: UnaryOperation, _ x: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    let result = try x.applying(operation, defaultFloat: defaultFloat)
    if let slope = constantSlope(operation) {
      return try Tape.record(operation.rawValue, result, [x]) { [try apply(.multiply, $0.gradient, slope)] }
    }
    let usesResult = readsResult(operation)
    return try Tape.record(operation.rawValue, result, [x], saving: [usesResult ? .result : .input(0)]) { step in
      [try apply(.multiply, step.gradient, try slope(operation, try step.saved(0)))]
    }
  }

  /// Computes a function in place; see `Tensor.applyInPlace`.
  ///
  /// - Throws: as `Tensor.applyInPlace`.
  public static func applyInPlace(_ operation: UnaryOperation, _ target: Tensor) throws {
    try InPlace.change(operation.rawValue + "_", target) {
      try target.applyInPlace(operation)
    } recorded: {
      try apply(operation, $0)
    }
  }

  /// The derivative where it is one number, for which nothing is saved.
  private static func constantSlope(_ operation: UnaryOperation) -> Double? {
    switch operation {
    case .negative: -1
    case .fraction: 1
    case .sign, .floor, .ceiling, .round, .truncate: 0
    default: nil
    }
  }

  /// Whether the derivative is computed from the function's value.
  private static func readsResult(_ operation: UnaryOperation) -> Bool {
    switch operation {
    case .relu, .exponential, .squareRoot, .tanh, .sigmoid, .reciprocal, .reciprocalSquareRoot: true
    case .exponentialMinusOne, .exponential2, .tangent: true
    default: false
    }
  }

  /// The derivative, of the value `v` that was saved: the function's result or its argument.
  private static func slope(_ operation: UnaryOperation, _ v: Tensor) throws -> Tensor {
    switch operation {
    case .absolute: try apply(.sign, v)
    case .negative, .fraction, .sign, .floor, .ceiling, .round, .truncate:
      try constant(constantSlope(operation) ?? 0, v)
    case .square: try apply(.multiply, v, 2)
    case .squareRoot: try apply(.divide, .scalar(0.5), .tensor(v))
    case .reciprocal: try apply(.negative, try apply(.square, v))
    case .reciprocalSquareRoot: try apply(.multiply, try apply(.power, v, 3), -0.5)
    case .errorFunction: try apply(.multiply, try gaussian(v, -1), 2 / Double.pi.squareRoot())
    case .complementaryErrorFunction: try apply(.multiply, try gaussian(v, -1), -2 / Double.pi.squareRoot())
    case .sine, .cosine, .tangent, .arcSine, .arcCosine, .arcTangent: try slopeOfAngle(operation, v)
    case .hyperbolicSine, .hyperbolicCosine, .tanh, .areaSine, .areaCosine, .areaTangent:
      try slopeOfHyperbola(operation, v)
    case .relu, .sigmoid, .gelu, .silu, .softplus, .elu, .selu, .hardtanh: try slopeOfActivation(operation, v)
    case .exponential, .exponentialMinusOne, .exponential2, .logarithm, .logarithmOnePlus, .logarithm2, .logarithm10:
      try slopeOfPower(operation, v)
    }
  }

  private static func slopeOfPower(_ operation: UnaryOperation, _ v: Tensor) throws -> Tensor {
    switch operation {
    case .exponential: v
    case .exponentialMinusOne: try apply(.add, v, 1)
    case .exponential2: try apply(.multiply, v, Double.log(2))
    case .logarithmOnePlus: try apply(.reciprocal, try apply(.add, v, 1))
    case .logarithm2: try apply(.divide, .scalar(.number(1 / Double.log(2))), .tensor(v))
    case .logarithm10: try apply(.divide, .scalar(.number(1 / Double.log(10))), .tensor(v))
    default: try apply(.reciprocal, v)
    }
  }

  private static func slopeOfAngle(_ operation: UnaryOperation, _ v: Tensor) throws -> Tensor {
    switch operation {
    case .sine: try apply(.cosine, v)
    case .cosine: try apply(.negative, try apply(.sine, v))
    case .tangent: try apply(.add, try apply(.square, v), 1)
    case .arcSine: try apply(.reciprocalSquareRoot, try oneLessSquare(v))
    case .arcCosine: try apply(.negative, try apply(.reciprocalSquareRoot, try oneLessSquare(v)))
    default: try apply(.reciprocal, try apply(.add, try apply(.square, v), 1))
    }
  }

  private static func slopeOfHyperbola(_ operation: UnaryOperation, _ v: Tensor) throws -> Tensor {
    switch operation {
    case .hyperbolicSine: try apply(.hyperbolicCosine, v)
    case .hyperbolicCosine: try apply(.hyperbolicSine, v)
    case .tanh: try oneLessSquare(v)
    case .areaSine: try apply(.reciprocalSquareRoot, try apply(.add, try apply(.square, v), 1))
    case .areaCosine: try apply(.reciprocalSquareRoot, try apply(.subtract, try apply(.square, v), 1))
    default: try apply(.reciprocal, try oneLessSquare(v))
    }
  }

  private static func slopeOfActivation(_ operation: UnaryOperation, _ v: Tensor) throws -> Tensor {
    switch operation {
    case .relu: return try choose(try within(v, .lessOrEqual, 0), .scalar(0.0), .tensor(try constant(1, v)))
    case .sigmoid: return try apply(.multiply, v, try apply(.subtract, .scalar(1.0), .tensor(v)))
    case .gelu: return try geluSlope(v)
    case .silu: return try siluSlope(v)
    case .softplus: return try apply(.sigmoid, v)
    case .elu: return try choose(try within(v, .greater, 0), .scalar(1.0), .tensor(try exponentialBelow(v)))
    case .selu:
      let (scale, alpha) = (ActivationFunction.seluScale, ActivationFunction.seluAlpha)
      let below = try apply(.multiply, try exponentialBelow(v), scale * alpha)
      return try choose(try within(v, .greater, 0), .scalar(.number(scale)), .tensor(below))
    default:
      let outside = try Tensor.combine(
        .or, .tensor(try within(v, .greaterOrEqual, 1)), .tensor(try within(v, .lessOrEqual, -1)))
      return try choose(outside, .scalar(0.0), .tensor(try constant(1, v)))
    }
  }

  private static func within(_ x: Tensor, _ comparison: Comparison, _ bound: Double) throws -> Tensor {
    try Tensor.compare(comparison, .tensor(x), .scalar(.number(bound)))
  }

  private static func oneLessSquare(_ x: Tensor) throws -> Tensor {
    try apply(.subtract, .scalar(1.0), .tensor(try apply(.square, x)))
  }

  /// `e^x` where x is negative, and 1 elsewhere, without overflow.
  private static func exponentialBelow(_ x: Tensor) throws -> Tensor {
    try apply(.exponential, try clamp(x, high: 0.0))
  }

  private static func constant(_ value: Double, _ like: Tensor) throws -> Tensor {
    try Tensor(like.dtype, like.shape, zeroed: false).fill(.number(value))
  }

  /// `e^(factor x^2)`.
  private static func gaussian(_ x: Tensor, _ factor: Double) throws -> Tensor {
    try apply(.exponential, try apply(.multiply, try apply(.square, x), factor))
  }

  /// `Phi(x) + x phi(x)`.
  private static func geluSlope(_ x: Tensor) throws -> Tensor {
    let scaled = try apply(.errorFunction, try apply(.multiply, x, 0.5.squareRoot()))
    let below = try apply(.multiply, try apply(.add, scaled, 1), 0.5)
    let density = try apply(.multiply, try gaussian(x, -0.5), 1 / (2 * Double.pi).squareRoot())
    return try apply(.add, below, try apply(.multiply, x, density))
  }

  /// `s (1 + x (1 - s))` with s the sigmoid of x.
  private static func siluSlope(_ x: Tensor) throws -> Tensor {
    let s = try apply(.sigmoid, x)
    let rest = try apply(.subtract, .scalar(1.0), .tensor(s))
    return try apply(.multiply, s, try apply(.add, try apply(.multiply, x, rest), 1))
  }
}

extension Differentiable {
  /// Limits every element; see `Tensor.clamped`.
  ///
  /// The gradient passes between the bounds and at them; beyond them and of NaN it is 0.
  ///
  /// - Throws: as `Tensor.clamped`.
  public static func clamp(
    _ x: Tensor, low: Scalar? = nil, high: Scalar? = nil, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let result = try x.clamped(low: low, high: high, defaultFloat: defaultFloat)
    return try Tape.record("clamp", result, [x], saving: [.input(0)]) { step in
      let (x, zero) = (try step.saved(0), Operand.scalar(0.0))
      var gradient = step.gradient
      if let low {
        gradient = try choose(try Tensor.compare(.greaterOrEqual, .tensor(x), .scalar(low)), .tensor(gradient), zero)
      }
      if let high {
        gradient = try choose(try Tensor.compare(.lessOrEqual, .tensor(x), .scalar(high)), .tensor(gradient), zero)
      }
      return [gradient]
    }
  }

  /// Limits every element in place; see `Tensor.clampInPlace`.
  ///
  /// - Throws: as `Tensor.clampInPlace`.
  public static func clampInPlace(_ target: Tensor, low: Scalar? = nil, high: Scalar? = nil) throws {
    try InPlace.change("clamp_", target) {
      try target.clampInPlace(low: low, high: high)
    } recorded: {
      try clamp($0, low: low, high: high)
    }
  }

  /// Takes elements of `a` where the mask is true and of `b` elsewhere; see `Tensor.choose`.
  ///
  /// - Throws: as `Tensor.choose`.
  public static func choose(
    _ mask: Tensor, _ a: Operand, _ b: Operand, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let result = try Tensor.choose(mask, a, b, defaultFloat: defaultFloat)
    var (inputs, origins): ([Tensor], [(first: Bool, shape: Extents, dtype: DType)]) = ([], [])
    for (isFirst, operand) in [(true, a), (false, b)] {
      guard case .tensor(let tensor) = operand else { continue }
      inputs.append(tensor)
      origins.append((isFirst, tensor.shape, tensor.dtype))
    }
    return try Tape.record("where", result, inputs, saving: [.data(mask)]) { [origins] step in
      let (mask, g) = (try step.saved(0), Operand.tensor(step.gradient))
      return try origins.enumerated().map { place, origin in
        guard step.wants(place) else { return nil }
        let part = origin.first ? try choose(mask, g, .scalar(0.0)) : try choose(mask, .scalar(0.0), g)
        return try reduce(part, to: origin.shape, origin.dtype)
      }
    }
  }
}
