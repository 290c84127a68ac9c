import Kernels
import Tensors

extension Differentiable {
  /// Computes a function of every element; see `Tensor.applying`.
  ///
  /// Steps (`sign floor ceil round`) have the gradient 0, and `relu` and `abs` at 0 too.
  ///
  /// - Throws: as `Tensor.applying`.
  public static func apply(_ operation: UnaryOperation, _ x: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    let result = try x.applying(operation, defaultFloat: defaultFloat)
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

  /// Whether the derivative is computed from the function's value.
  private static func readsResult(_ operation: UnaryOperation) -> Bool {
    switch operation {
    case .relu, .exponential, .squareRoot, .tanh, .sigmoid, .reciprocal: true
    default: false
    }
  }

  /// The derivative, of the value `v` that was saved: the function's result or its argument.
  private static func slope(_ operation: UnaryOperation, _ v: Tensor) throws -> Tensor {
    switch operation {
    case .negative: try constant(-1, v)
    case .absolute: try apply(.sign, v)
    case .sign, .floor, .ceiling, .round: try constant(0, v)
    case .square: try apply(.multiply, v, 2)
    case .relu:
      try choose(try Tensor.compare(.lessOrEqual, .tensor(v), .scalar(0)), .scalar(0.0), .tensor(try constant(1, v)))
    case .exponential: v
    case .logarithm: try apply(.reciprocal, v)
    case .squareRoot: try apply(.divide, .scalar(0.5), .tensor(v))
    case .tanh: try apply(.subtract, .scalar(1.0), .tensor(try apply(.square, v)))
    case .sigmoid: try apply(.multiply, v, try apply(.subtract, .scalar(1.0), .tensor(v)))
    case .gelu: try geluSlope(v)
    case .silu: try siluSlope(v)
    case .errorFunction: try apply(.multiply, try gaussian(v, -1), 2 / Double.pi.squareRoot())
    case .sine: try apply(.cosine, v)
    case .cosine: try apply(.negative, try apply(.sine, v))
    case .reciprocal: try apply(.negative, try apply(.square, v))
    }
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
  /// The gradient passes at and between the bounds.
  ///
  /// - Throws: as `Tensor.clamped`.
  public static func clamp(
    _ x: Tensor, low: Scalar? = nil, high: Scalar? = nil, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let result = try x.clamped(low: low, high: high, defaultFloat: defaultFloat)
    return try Tape.record("clamp", result, [x], saving: [.input(0)]) { step in
      let (x, zero) = (try step.saved(0), Operand.scalar(0.0))
      var gradient = step.gradient
      if let low { gradient = try choose(try Tensor.compare(.less, .tensor(x), .scalar(low)), zero, .tensor(gradient)) }
      if let high {
        gradient = try choose(try Tensor.compare(.greater, .tensor(x), .scalar(high)), zero, .tensor(gradient))
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
