/// Arithmetic on two numbers; the raw value names the operation in errors.
public enum BinaryOperation: String, CaseIterable, Sendable {
  /// `a + b`.
  case add
  /// `a - b`.
  case subtract = "sub"
  /// `a * b`.
  case multiply = "mul"
  /// `a / b`, in floating point.
  case divide = "div"
  /// `a ^ b`, C's pow, in floating point.
  case power = "pow"
  /// Lua's `a // b`: the quotient rounded down.
  case floorDivide = "floor_divide"
  /// Lua's `a % b`: the remainder of `//`, with the sign of `b`.
  case modulo = "mod"
  /// The larger; NaN when either is NaN.
  case maximum
  /// The smaller; NaN when either is NaN.
  case minimum

  /// Whether integers give a float.
  public var alwaysFloat: Bool { self == .divide || self == .power }
}

/// Comparisons; the raw value is the name users type.
///
/// NaN is unequal to everything and in no order, as IEEE 754 has it.
public enum Comparison: String, CaseIterable, Sendable {
  /// `a == b`.
  case equal = "eq"
  /// `a < b`.
  case less = "lt"
  /// `a <= b`.
  case lessOrEqual = "le"
  /// `a > b`.
  case greater = "gt"
  /// `a >= b`.
  case greaterOrEqual = "ge"
  /// `a ~= b`.
  case notEqual = "ne"
}

/// Functions of one number that give a number; the raw value is the name users type.
public enum UnaryOperation: String, CaseIterable, Sendable {
  /// `-x`.
  case negative = "neg"
  /// `|x|`.
  case absolute = "abs"
  /// -1, 0 or 1; NaN for NaN.
  case sign
  /// The largest whole number not above x.
  case floor
  /// The smallest whole number not below x.
  case ceiling = "ceil"
  /// The nearest whole number; halves go to the even one, as in NumPy and PyTorch.
  case round
  /// `x x`.
  case square
  /// `max(x, 0)`; NaN for NaN.
  case relu
  /// The exponential function.
  case exponential = "exp"
  /// The natural logarithm: -infinity at 0, NaN below.
  case logarithm = "log"
  /// The square root, NaN below 0.
  case squareRoot = "sqrt"
  /// The hyperbolic tangent.
  case tanh
  /// `1 / (1 + e^-x)`, without overflow at either end.
  case sigmoid
  /// `x Phi(x) = x/2 erfc(-x / sqrt 2)`, exact, not the tanh approximation.
  case gelu
  /// `x sigmoid(x)`.
  case silu
  /// The error function.
  case errorFunction = "erf"
  /// The sine.
  case sine = "sin"
  /// The cosine.
  case cosine = "cos"
  /// `1 / x`.
  case reciprocal

  /// Whether integers stay integers.
  public var keepsIntegers: Bool {
    switch self {
    case .negative, .absolute, .sign, .floor, .ceiling, .round, .square, .relu: true
    default: false
    }
  }
}

/// Questions about one number, answered by a mask; the raw value is the name users type.
public enum Predicate: String, CaseIterable, Sendable {
  /// Whether x is not a number.
  case isNaN = "isnan"
  /// Whether x is neither infinite nor NaN.
  case isFinite = "isfinite"
  /// Whether x is infinite.
  case isInfinite = "isinf"
  /// Whether x is 0.
  case isZero = "logical_not"
}
