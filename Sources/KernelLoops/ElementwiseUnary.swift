import KernelBase
import RealModule

extension Elementwise {
  /// Computes a function of each float.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func unary<T: FloatElement>(
    _ operation: UnaryOperation, _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ x: UnsafePointer<T>
  ) throws {
    if try lanes(operation, plane, out, x) { return }
    switch operation {
    case .negative: try map(plane, out, x) { -$0 }
    case .absolute: try map(plane, out, x) { $0.magnitude }
    case .sign: try map(plane, out, x) { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 != $0 ? $0 : 0 }
    case .floor: try map(plane, out, x) { $0.rounded(.down) }
    case .ceiling: try map(plane, out, x) { $0.rounded(.up) }
    case .round: try map(plane, out, x) { $0.rounded(.toNearestOrEven) }
    case .square: try map(plane, out, x) { $0 * $0 }
    case .relu: try relu(plane, out, x)
    case .exponential: try map(plane, out, x) { T.exp($0) }
    case .logarithm: try map(plane, out, x) { T.log($0) }
    case .sine: try map(plane, out, x) { T.sin($0) }
    case .cosine: try map(plane, out, x) { T.cos($0) }
    case .squareRoot: try map(plane, out, x) { $0.squareRoot() }
    case .gelu: try map(plane, out, x) { gelu($0) }
    case .errorFunction: try map(plane, out, x) { T.erf($0) }
    case .reciprocal: try map(plane, out, x) { 1 / $0 }
    case .truncate: try map(plane, out, x) { $0.rounded(.towardZero) }
    case .fraction: try map(plane, out, x) { $0 - $0.rounded(.towardZero) }
    case .hardtanh: try map(plane, out, x) { $0 < -1 ? -1 : $0 > 1 ? 1 : $0 }
    default: try elementary(operation, plane, out, x)
    }
  }

  /// Computes `max(x, 0)` in a form that compilers make one choice of: the sum makes -0 a 0.
  @inline(__always)
  private static func relu<T: FloatElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ x: UnsafePointer<T>
  ) throws {
    let zero = T.zero
    try map(plane, out, x) { value in
      let sum = value + zero
      return sum < zero ? zero : sum
    }
  }

  /// Computes functions of the mathematical library.
  @inline(__always)
  private static func elementary<T: FloatElement>(
    _ operation: UnaryOperation, _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ x: UnsafePointer<T>
  ) throws {
    switch operation {
    case .reciprocalSquareRoot: try map(plane, out, x) { 1 / $0.squareRoot() }
    case .exponential2: try map(plane, out, x) { T.exp2($0) }
    case .logarithm2: try map(plane, out, x) { T.log2($0) }
    case .logarithm10: try map(plane, out, x) { T.log10($0) }
    case .tangent: try map(plane, out, x) { T.tan($0) }
    case .arcSine: try map(plane, out, x) { T.asin($0) }
    case .arcCosine: try map(plane, out, x) { T.acos($0) }
    case .arcTangent: try map(plane, out, x) { T.atan($0) }
    case .hyperbolicSine: try map(plane, out, x) { T.sinh($0) }
    case .hyperbolicCosine: try map(plane, out, x) { T.cosh($0) }
    case .areaSine: try map(plane, out, x) { T.asinh($0) }
    case .areaCosine: try map(plane, out, x) { T.acosh($0) }
    case .areaTangent: try map(plane, out, x) { T.atanh($0) }
    case .complementaryErrorFunction: try map(plane, out, x) { T.erfc($0) }
    default: assertionFailure("every other function is computed by unary")
    }
  }

  @inline(__always)
  private static func gelu<T: FloatElement>(_ x: T) -> T {
    x == -.infinity ? 0 : x * T(0.5) * T.erfc(-x * T(0.707106781186547524))
  }

  /// Computes a function of each integer that gives an integer, wrapping around; the caller has asked `keepsIntegers`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func unary(
    _ operation: UnaryOperation, _ plane: Plane, _ out: UnsafeMutablePointer<Int64>, _ x: UnsafePointer<Int64>
  ) throws {
    switch operation {
    case .negative: try map(plane, out, x) { 0 &- $0 }
    case .absolute: try map(plane, out, x) { $0 < 0 ? 0 &- $0 : $0 }
    case .sign: try map(plane, out, x) { $0.signum() }
    case .square: try map(plane, out, x) { $0 &* $0 }
    case .relu: try map(plane, out, x) { Swift.max($0, 0) }
    default: try map(plane, out, x) { $0 }
    }
  }

  /// Answers a question about each float.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func test<T: FloatElement>(
    _ predicate: Predicate, _ plane: Plane, _ out: UnsafeMutablePointer<UInt8>, _ x: UnsafePointer<T>
  ) throws {
    switch predicate {
    case .isNaN: try map(plane, out, x) { $0 != $0 ? 1 : 0 }
    case .isFinite: try map(plane, out, x) { $0.magnitude < .infinity ? 1 : 0 }
    case .isInfinite: try map(plane, out, x) { $0.magnitude == .infinity ? 1 : 0 }
    case .isZero: try map(plane, out, x) { $0 == 0 ? 1 : 0 }
    }
  }

  /// Limits each number to `low...high`; NaN stays.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  public static func clamp<T: StoredElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ x: UnsafePointer<T>, low: T, high: T
  ) throws {
    try map(plane, out, x) { value in
      let raised = value < low ? low : value
      return raised > high ? high : raised
    }
  }
}
