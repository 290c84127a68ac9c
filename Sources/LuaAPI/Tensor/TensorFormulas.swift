// What the pages of help say that elementwise functions compute; the functions themselves come from one list of names each.

extension FunctionRecord {
  /// The elementwise methods with their formulas.
  static let explainedMethods: [FunctionRecord] = elementwiseMethods.map(\.explained)

  /// The record with the formula of its name in the summary; as it is where there is none.
  var explained: FunctionRecord {
    let isInPlace = shortName.hasSuffix("_")
    let name = isInPlace ? String(shortName.dropLast()) : shortName
    let ending = isInPlace ? ", in place." : "."
    if let formula = FunctionRecord.binaryFormulas[name] {
      return summarised("Computes \(formula), for every element a and the other tensor's b\(ending)")
    }
    if let question = FunctionRecord.questions[name] { return summarised("Asks of every element \(question)\(ending)") }
    if let formula = FunctionRecord.unaryFormulas[name] {
      return summarised("Computes \(formula), of every element x\(ending)")
    }
    return self
  }

  private func summarised(_ text: String) -> FunctionRecord {
    var record = self
    record.summary = text
    return record
  }

  private static let binaryFormulas = [
    "add": "a + b", "sub": "a - b", "mul": "a * b", "div": "a / b", "pow": "a ^ b",
    "floor_divide": "a // b, the quotient rounded down", "mod": "a % b, the remainder with the sign of b",
    "maximum": "the larger of a and b, NaN where either is", "minimum": "the smaller of a and b, NaN where either is",
    "fmod": "the remainder of a / b with the sign of a", "atan2": "the angle of the point (b, a), from -pi to pi",
    "hypot": "sqrt(a^2 + b^2) without overflow on the way",
  ]

  private static let questions = [
    "eq": "a whether a == b, the other tensor's", "lt": "a whether a < b, the other tensor's",
    "le": "a whether a <= b, the other tensor's", "gt": "a whether a > b, the other tensor's",
    "ge": "a whether a >= b, the other tensor's", "ne": "a whether a ~= b, the other tensor's",
    "isnan": "whether it is NaN", "isfinite": "whether it is neither NaN nor infinite",
    "isinf": "whether it is infinite", "logical_not": "whether it is 0 or false",
  ]

  private static let unaryFormulas = [
    "neg": "-x", "abs": "|x|", "sign": "-1, 0 or 1 by the sign of x", "floor": "x rounded down",
    "ceil": "x rounded up", "round": "x rounded to the nearest whole number, halves to the even one",
    "trunc": "x rounded towards 0", "frac": "x - trunc(x)", "square": "x^2", "sqrt": "the square root, NaN below 0",
    "rsqrt": "1 / sqrt(x)", "reciprocal": "1 / x", "exp": "e^x", "exp2": "2^x", "expm1": "e^x - 1, exact near 0",
    "log": "the natural logarithm, -inf at 0 and NaN below", "log1p": "log(1 + x), exact near 0",
    "log2": "the logarithm of base 2", "log10": "the logarithm of base 10", "sin": "the sine, x in radians",
    "cos": "the cosine, x in radians", "tan": "the tangent, x in radians", "asin": "the arc sine, NaN outside -1 to 1",
    "acos": "the arc cosine, NaN outside -1 to 1", "atan": "the arc tangent", "sinh": "the hyperbolic sine",
    "cosh": "the hyperbolic cosine", "tanh": "the hyperbolic tangent", "asinh": "the inverse hyperbolic sine",
    "acosh": "the inverse hyperbolic cosine, NaN below 1",
    "atanh": "the inverse hyperbolic tangent, NaN outside -1 to 1",
    "erf": "the error function", "erfc": "1 - erf(x), exact where it is small", "relu": "x above 0, else 0",
    "sigmoid": "1 / (1 + e^-x)", "gelu": "x Phi(x) with the normal distribution function Phi, exact by erf",
    "silu": "x / (1 + e^-x)", "softplus": "log(1 + e^x) without overflow", "elu": "x above 0, e^x - 1 below",
    "selu": "1.0507 x above 0, 1.7581 (e^x - 1) below", "hardtanh": "x limited to -1 to 1",
  ]
}
