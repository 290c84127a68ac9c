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
  /// C's fmod: the remainder of the quotient truncated towards 0, with the sign of `a`.
  case truncatedModulo = "fmod"
  /// The angle of the point (`b`, `a`) in radians, from -pi to pi; `a` is the ordinate.
  case arcTangent2 = "atan2"
  /// `sqrt(a a + b b)`, without overflow.
  case hypotenuse = "hypot"

  /// Whether integers give a float.
  public var alwaysFloat: Bool {
    switch self {
    case .divide, .power, .arcTangent2, .hypotenuse: true
    default: false
    }
  }

  /// Whether integers can't be divided so by 0.
  public var dividesWhole: Bool { self == .floorDivide || self == .modulo || self == .truncatedModulo }
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
  /// `1 / sqrt x`: infinity at 0, NaN below.
  case reciprocalSquareRoot = "rsqrt"
  /// `e^x - 1`, exact also near 0.
  case exponentialMinusOne = "expm1"
  /// `2^x`.
  case exponential2 = "exp2"
  /// `log(1 + x)`, exact also near 0: -infinity at -1, NaN below.
  case logarithmOnePlus = "log1p"
  /// The logarithm to base 2.
  case logarithm2 = "log2"
  /// The logarithm to base 10.
  case logarithm10 = "log10"
  /// The tangent.
  case tangent = "tan"
  /// The angle whose sine is x, from -pi/2 to pi/2; NaN beyond -1 and 1.
  case arcSine = "asin"
  /// The angle whose cosine is x, from 0 to pi; NaN beyond -1 and 1.
  case arcCosine = "acos"
  /// The angle whose tangent is x, from -pi/2 to pi/2.
  case arcTangent = "atan"
  /// The hyperbolic sine.
  case hyperbolicSine = "sinh"
  /// The hyperbolic cosine.
  case hyperbolicCosine = "cosh"
  /// The inverse of the hyperbolic sine.
  case areaSine = "asinh"
  /// The inverse of the hyperbolic cosine, at least 0; NaN below 1.
  case areaCosine = "acosh"
  /// The inverse of the hyperbolic tangent: infinite at -1 and 1, NaN beyond.
  case areaTangent = "atanh"
  /// The whole part: rounds towards 0.
  case truncate = "trunc"
  /// What `trunc` leaves: `x - trunc(x)`, with the sign of x; NaN for infinities.
  case fraction = "frac"
  /// `1 - erf(x)`, exact also where erf is near 1.
  case complementaryErrorFunction = "erfc"
  /// `log(1 + e^x)`; x itself above 20.
  case softplus
  /// `x` above 0, `e^x - 1` below.
  case elu
  /// `lambda x` above 0, `lambda alpha (e^x - 1)` below (Klambauer et al. 2017).
  case selu
  /// `x` cut to [-1, 1].
  case hardtanh

  /// Whether integers stay integers.
  public var keepsIntegers: Bool {
    switch self {
    case .negative, .absolute, .sign, .floor, .ceiling, .round, .square, .relu, .truncate: true
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
