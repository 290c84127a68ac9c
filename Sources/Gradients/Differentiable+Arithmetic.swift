import Kernels
import Tensors

extension Differentiable {
  /// Computes an operation on two operands; see `Tensor.apply`.
  ///
  /// Equal operands of `maximum` and `minimum` share the gradient. Floor division has the gradient 0.
  ///
  /// - Throws: as `Tensor.apply`.
  public static func apply(
    _ operation: BinaryOperation, _ left: Operand, _ right: Operand, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let result = try Tensor.apply(operation, left, right, defaultFloat: defaultFloat)
    let inputs = [left, right].compactMap(\.onlyTensor)
    guard Anomaly.isWatched || Tape.records(inputs) else { return result }
    return try record(operation, result, left, right)
  }

  /// Computes an operation on two tensors; see `Tensor.apply`.
  ///
  /// - Throws: as `Tensor.apply`.
  public static func apply(_ operation: BinaryOperation, _ left: Tensor, _ right: Tensor) throws -> Tensor {
    try apply(operation, .tensor(left), .tensor(right))
  }

  /// Computes an operation on a tensor and a number; see `Tensor.apply`.
  ///
  /// - Throws: as `Tensor.apply`.
  public static func apply(_ operation: BinaryOperation, _ left: Tensor, _ right: Double) throws -> Tensor {
    try apply(operation, .tensor(left), .scalar(.number(right)))
  }

  /// Computes an operation in place; see `Tensor.applyInPlace`.
  ///
  /// - Throws: as `Tensor.applyInPlace`, and `GradientError.leafChange`.
  public static func applyInPlace(
    _ operation: BinaryOperation, _ target: Tensor, _ other: Operand, defaultFloat: DType = .float32
  ) throws {
    try InPlace.change(operation.rawValue + "_", target, with: [other].compactMap(\.onlyTensor)) {
      try target.applyInPlace(operation, other)
    } recorded: {
      try apply(operation, .tensor($0), other, defaultFloat: defaultFloat)
    }
  }

  private static func record(
    _ operation: BinaryOperation, _ result: Tensor, _ left: Operand, _ right: Operand
  ) throws -> Tensor {
    let pair = Pair(left, right)
    let inputs = [left, right].compactMap(\.onlyTensor)
    return try Tape.record(operation.rawValue, result, inputs, saving: pair.savings(operation)) { step in
      try pair.gradients(operation, step)
    }
  }
}

extension Operand {
  /// The tensor, nil for a number.
  fileprivate var onlyTensor: Tensor? {
    if case .tensor(let tensor) = self { tensor } else { nil }
  }
}

/// What a binary rule knows of its operands without holding them.
///
/// The inputs are the tensors among them; what is saved is in the order left, right, result.
private struct Pair {
  private enum Side {
    case tensor(place: Int, Extents, DType)
    case scalar(Scalar)
  }

  private let left: Side
  private let right: Side
  private let follows: (left: Bool, right: Bool)

  init(_ left: Operand, _ right: Operand) {
    self.left = Pair.side(left, place: 0)
    self.right = Pair.side(right, place: left.onlyTensor == nil ? 0 : 1)
    follows = (left.onlyTensor.map(Tape.follows) ?? false, right.onlyTensor.map(Tape.follows) ?? false)
  }

  private static func side(_ operand: Operand, place: Int) -> Side {
    switch operand {
    case .scalar(let scalar): .scalar(scalar)
    case .tensor(let tensor): .tensor(place: place, tensor.shape, tensor.dtype)
    }
  }

  /// Saves what the gradients that are wanted need, and nothing else.
  func savings(_ operation: BinaryOperation) -> [Saving] {
    let (both, either) = ((needsLeft: false, needsRight: false), follows)
    var (needs, result) = (both, false)
    switch operation {
    case .add, .subtract, .floorDivide: break
    case .multiply: needs = (either.right, either.left)
    case .divide: needs = (either.right, true)
    case .power: (needs, result) = ((true, true), either.right)
    case .modulo, .truncatedModulo: needs = (either.right, either.right)
    case .arcTangent2: needs = (true, true)
    case .hypotenuse: (needs, result) = ((either.left, either.right), true)
    case .maximum, .minimum: needs = (true, true)
    }
    return [saving(left, needs.needsLeft), saving(right, needs.needsRight), result ? .result : .nothing]
  }

  private func saving(_ side: Side, _ needed: Bool) -> Saving {
    if case .tensor(let place, _, _) = side, needed { .input(place) } else { .nothing }
  }

  func gradients(_ operation: BinaryOperation, _ step: BackwardStep) throws -> [Tensor?] {
    var gradients: [Tensor?] = []
    if case .tensor(let place, let shape, let dtype) = left {
      let part = step.wants(place) ? try ofLeft(operation, step) : nil
      gradients.append(try part.map { try Differentiable.reduce($0, to: shape, dtype) })
    }
    if case .tensor(let place, let shape, let dtype) = right {
      let part = step.wants(place) ? try ofRight(operation, step) : nil
      gradients.append(try part.map { try Differentiable.reduce($0, to: shape, dtype) })
    }
    return gradients
  }

  private func a(_ step: BackwardStep) throws -> Operand { try operand(left, step, 0) }

  private func b(_ step: BackwardStep) throws -> Operand { try operand(right, step, 1) }

  private func operand(_ side: Side, _ step: BackwardStep, _ place: Int) throws -> Operand {
    switch side {
    case .scalar(let scalar): .scalar(scalar)
    case .tensor: .tensor(try step.saved(place))
    }
  }

  private func apply(_ operation: BinaryOperation, _ left: Operand, _ right: Operand) throws -> Tensor {
    try Differentiable.apply(operation, left, right)
  }

  private func ofLeft(_ operation: BinaryOperation, _ step: BackwardStep) throws -> Tensor {
    let g = step.gradient
    switch operation {
    case .add, .subtract, .modulo, .truncatedModulo: return g
    case .arcTangent2: return try apply(.multiply, .tensor(g), .tensor(try overSquares(try b(step), step)))
    case .hypotenuse:
      return try apply(.multiply, .tensor(g), .tensor(try apply(.divide, try a(step), .tensor(try step.saved(2)))))
    case .multiply: return try apply(.multiply, .tensor(g), try b(step))
    case .divide: return try apply(.divide, .tensor(g), try b(step))
    case .power: return try ofBase(g, try a(step), try b(step))
    case .floorDivide: return try Differentiable.apply(.multiply, g, 0)
    case .maximum: return try chosen(g, try a(step), .greater, try b(step))
    case .minimum: return try chosen(g, try a(step), .less, try b(step))
    }
  }

  private func ofRight(_ operation: BinaryOperation, _ step: BackwardStep) throws -> Tensor {
    let g = step.gradient
    switch operation {
    case .add: return g
    case .subtract: return try Differentiable.apply(.negative, g)
    case .multiply: return try apply(.multiply, .tensor(g), try a(step))
    case .divide:
      let quotient = try apply(.divide, try a(step), try b(step))
      let slope = try apply(.divide, .tensor(quotient), try b(step))
      return try Differentiable.apply(.negative, try Differentiable.apply(.multiply, g, slope))
    case .power: return try ofExponent(g, try a(step), try b(step), try step.saved(2))
    case .modulo:
      let quotient = try apply(.floorDivide, try a(step), try b(step))
      return try Differentiable.apply(.negative, try Differentiable.apply(.multiply, g, quotient))
    case .truncatedModulo:
      let quotient = try Differentiable.apply(.truncate, try apply(.divide, try a(step), try b(step)))
      return try Differentiable.apply(.negative, try Differentiable.apply(.multiply, g, quotient))
    case .arcTangent2:
      let slope = try overSquares(try a(step), step)
      return try Differentiable.apply(.negative, try Differentiable.apply(.multiply, g, slope))
    case .hypotenuse:
      return try apply(.multiply, .tensor(g), .tensor(try apply(.divide, try b(step), .tensor(try step.saved(2)))))
    case .floorDivide: return try Differentiable.apply(.multiply, g, 0)
    case .maximum: return try chosen(g, try b(step), .greater, try a(step))
    case .minimum: return try chosen(g, try b(step), .less, try a(step))
    }
  }

  /// `x / (a^2 + b^2)`, and 0 where both are 0: the angle has no slope there.
  private func overSquares(_ x: Operand, _ step: BackwardStep) throws -> Tensor {
    let (a, b) = (try a(step).tensor(like: step.gradient), try b(step).tensor(like: step.gradient))
    let total = try Differentiable.apply(
      .add, try Differentiable.apply(.square, a), try Differentiable.apply(.square, b))
    let still = try Tensor.compare(.equal, .tensor(total), .scalar(0))
    return try Differentiable.choose(still, .scalar(0.0), .tensor(try apply(.divide, x, .tensor(total))))
  }

  /// `g b a^(b-1)`, and 0 where b is 0: a^0 is 1 for every a.
  ///
  /// There the power is a^0 too, so that what is not chosen makes no NaN in gradients of gradients.
  private func ofBase(_ g: Tensor, _ a: Operand, _ b: Operand) throws -> Tensor {
    let still = try Tensor.compare(.equal, b.asTensor(like: g), .scalar(0))
    let lower = try apply(.subtract, b.asTensor(like: g), .scalar(1))
    let power = try apply(.power, a, .tensor(try Differentiable.choose(still, .scalar(0.0), .tensor(lower))))
    let slope = try apply(.multiply, .tensor(power), b)
    return try Differentiable.choose(still, .scalar(0.0), .tensor(try Differentiable.apply(.multiply, g, slope)))
  }

  /// `g a^b log a`, and 0 where a is 0 and b not negative; there the logarithm is that of 1, for gradients of gradients.
  private func ofExponent(_ g: Tensor, _ a: Operand, _ b: Operand, _ y: Tensor) throws -> Tensor {
    let atZero = try Tensor.compare(.equal, a.asTensor(like: g), .scalar(0))
    let rising = try Tensor.compare(.greaterOrEqual, b.asTensor(like: g), .scalar(0))
    let still = try Tensor.apply(.multiply, atZero, rising).to(.bool)
    let base = try Differentiable.choose(still, .scalar(1.0), a.asTensor(like: g))
    let slope = try Differentiable.apply(.multiply, y, try Differentiable.apply(.logarithm, base))
    return try Differentiable.choose(still, .scalar(0.0), .tensor(try Differentiable.apply(.multiply, g, slope)))
  }

  /// The gradient where `own` is chosen over `other`, half of it where they are equal.
  private func chosen(_ g: Tensor, _ own: Operand, _ wins: Comparison, _ other: Operand) throws -> Tensor {
    let loses = try Tensor.compare(wins, other, own)
    let tie = try Tensor.compare(.equal, own, other)
    let half = try Differentiable.choose(tie, .tensor(try Differentiable.apply(.multiply, g, 0.5)), .tensor(g))
    return try Differentiable.choose(loses, .scalar(0.0), .tensor(half))
  }
}

extension Operand {
  /// A number as a 0-dim tensor of the gradient's dtype, a tensor converted to it.
  fileprivate func tensor(like gradient: Tensor) throws -> Tensor {
    switch self {
    case .tensor(let tensor): try Differentiable.to(tensor, gradient.dtype)
    case .scalar(let scalar): try Tensor(gradient.dtype, []).fill(.number(scalar.double))
    }
  }

  fileprivate func asTensor(like gradient: Tensor) throws -> Operand { .tensor(try tensor(like: gradient)) }
}
