import KernelBase
import RealModule

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Arithmetic, comparisons and functions on the elements of strided buffers.
///
/// Operand 0 of a plane is the result. The loops over rows without gaps, and against one number, are written so that the compiler
/// turns them into SIMD.
public enum Elementwise {
  /// Computes `out = f(a, b)` over a plane.
  @inline(__always)
  static func map<T, R>(
    _ plane: Plane, _ out: UnsafeMutablePointer<R>, _ a: UnsafePointer<T>, _ b: UnsafePointer<T>, _ f: (T, T) -> R
  ) throws {
    let strides = plane.columnStrides
    switch (strides[0], strides[1], strides[2]) {
    case (1, 1, 1):
      try plane.forEachRow { start, length in
        let (z, x, y) = (out + start[0], a + start[1], b + start[2])
        if let same = inPlace(z, x) {
          for index in 0..<length { z[index] = f(same[index], y[index]) }
        } else {
          for index in 0..<length { z[index] = f(x[index], y[index]) }
        }
      }
    case (1, 1, 0):
      try plane.forEachRow { start, length in
        let (z, x, y) = (out + start[0], a + start[1], b[start[2]])
        if let same = inPlace(z, x) {
          for index in 0..<length { z[index] = f(same[index], y) }
        } else {
          for index in 0..<length { z[index] = f(x[index], y) }
        }
      }
    case (1, 0, 1):
      try plane.forEachRow { start, length in
        let (z, x, y) = (out + start[0], a[start[1]], b + start[2])
        for index in 0..<length { z[index] = f(x, y[index]) }
      }
    default:
      try plane.forEachRow { start, length in
        let (z, x, y) = (out + start[0], a + start[1], b + start[2])
        for index in 0..<length { z[index * strides[0]] = f(x[index * strides[1]], y[index * strides[2]]) }
      }
    }
  }

  /// The result's own pointer for reading where it is the operand's too, nil elsewhere.
  ///
  /// A loop that reads and writes through one pointer becomes SIMD; with two the compiler's check whether they overlap sends
  /// what is computed in place through the loop that goes number by number.
  @inline(__always)
  private static func inPlace<T, R>(_ out: UnsafeMutablePointer<R>, _ operand: UnsafePointer<T>) -> UnsafePointer<T>? {
    let place: UnsafeRawPointer = UnsafeRawPointer(out)
    guard R.self == T.self, place == UnsafeRawPointer(operand) else { return nil }
    return place.assumingMemoryBound(to: T.self)
  }

  /// Computes a row in place, eight numbers at a time, all read before the first is written.
  ///
  /// One by one through one pointer, functions that leave some numbers as they are, as relu does, would become branches around
  /// the writing.
  @inline(__always)
  private static func byEights<T: SIMDScalar, R: SIMDScalar>(
    _ out: UnsafeMutablePointer<R>, _ x: UnsafePointer<T>, _ length: Int, _ f: (T) -> R
  ) {
    var index = 0
    while index + 8 <= length {
      let value = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<T>.self)
      let result = SIMD8<R>(
        f(value[0]), f(value[1]), f(value[2]), f(value[3]), f(value[4]), f(value[5]), f(value[6]), f(value[7]))
      UnsafeMutableRawPointer(out + index).storeBytes(of: result, as: SIMD8<R>.self)
      index += 8
    }
    while index < length {
      out[index] = f(x[index])
      index += 1
    }
  }

  /// Computes `out = f(a)` over a plane.
  @inline(__always)
  static func map<T: SIMDScalar, R: SIMDScalar>(
    _ plane: Plane, _ out: UnsafeMutablePointer<R>, _ a: UnsafePointer<T>, _ f: (T) -> R
  ) throws {
    let strides = plane.columnStrides
    if strides[0] == 1 && strides[1] == 1 {
      return try plane.forEachRow { start, length in
        let (z, x) = (out + start[0], a + start[1])
        if inPlace(z, x) != nil {
          byEights(z, x, length, f)
        } else {
          for index in 0..<length { z[index] = f(x[index]) }
        }
      }
    }
    try plane.forEachRow { start, length in
      let (z, x) = (out + start[0], a + start[1])
      for index in 0..<length { z[index * strides[0]] = f(x[index * strides[1]]) }
    }
  }
}

extension Elementwise {
  /// Computes a binary operation on floats.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func binary<T: FloatElement>(
    _ operation: BinaryOperation, _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ a: UnsafePointer<T>,
    _ b: UnsafePointer<T>
  ) throws {
    switch operation {
    case .add: try map(plane, out, a, b) { $0 + $1 }
    case .subtract: try map(plane, out, a, b) { $0 - $1 }
    case .multiply: try map(plane, out, a, b) { $0 * $1 }
    case .divide: try map(plane, out, a, b) { $0 / $1 }
    case .power: try power(plane, out, a, b)
    case .floorDivide: try map(plane, out, a, b) { ($0 / $1).rounded(.down) }
    case .modulo: try map(plane, out, a, b) { modulo($0, $1) }
    case .maximum: try map(plane, out, a, b) { $0 >= $1 || $0 != $0 ? $0 : $1 }
    case .minimum: try map(plane, out, a, b) { $0 <= $1 || $0 != $0 ? $0 : $1 }
    case .truncatedModulo: try map(plane, out, a, b) { $0.truncatingRemainder(dividingBy: $1) }
    case .arcTangent2: try map(plane, out, a, b) { T.atan2(y: $0, x: $1) }
    case .hypotenuse: try map(plane, out, a, b) { T.hypot($0, $1) }
    }
  }

  @inline(__always)
  private static func power<T: FloatElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ a: UnsafePointer<T>, _ b: UnsafePointer<T>
  ) throws {
    let constant = plane.columnStrides[2] == 0 && plane.rowStrides[2] == 0
    if constant && b[plane.first[2]] == 2 { return try map(plane, out, a) { $0 * $0 } }
    if T.self == Float.self { return try narrowPowers(plane, out, a, b) }
    try map(plane, out, a, b) { raised($0, $1) }
  }

  /// C's pow, which knows whole exponents of negative numbers.
  @inline(__always)
  static func raised<T: FloatElement>(_ base: T, _ exponent: T) -> T {
    if let base = base as? Float, let exponent = exponent as? Float { return T(powf(base, exponent)) }
    return T(pow(Double(base), Double(exponent)))
  }

  /// Lua's luai_nummod.
  @inline(__always)
  static func modulo<T: FloatElement>(_ a: T, _ b: T) -> T {
    let remainder = a.truncatingRemainder(dividingBy: b)
    return (remainder > 0 ? b < 0 : remainder < 0 && b > 0) ? remainder + b : remainder
  }

  /// Computes a binary operation on integers, wrapping around as Lua's do; division is by other than 0.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func binary(
    _ operation: BinaryOperation, _ plane: Plane, _ out: UnsafeMutablePointer<Int64>, _ a: UnsafePointer<Int64>,
    _ b: UnsafePointer<Int64>
  ) throws {
    switch operation {
    case .add: try map(plane, out, a, b) { $0 &+ $1 }
    case .subtract: try map(plane, out, a, b) { $0 &- $1 }
    case .multiply: try map(plane, out, a, b) { $0 &* $1 }
    case .maximum: try map(plane, out, a, b) { Swift.max($0, $1) }
    case .minimum: try map(plane, out, a, b) { Swift.min($0, $1) }
    case .floorDivide: try map(plane, out, a, b) { floorDivide($0, $1) }
    case .modulo: try map(plane, out, a, b) { modulo($0, $1) }
    case .truncatedModulo: try map(plane, out, a, b) { $1 == -1 ? 0 : $0 % $1 }
    case .divide, .power, .arcTangent2, .hypotenuse: assertionFailure("integers are made floats before")
    }
  }

  @inline(__always)
  private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
    // the smallest integer divided by -1 wraps around, where the processor would stop
    if b == -1 { return 0 &- a }
    let quotient = a / b
    return (a % b != 0 && (a < 0) != (b < 0)) ? quotient - 1 : quotient
  }

  @inline(__always)
  private static func modulo(_ a: Int64, _ b: Int64) -> Int64 {
    if b == -1 { return 0 }
    let remainder = a % b
    return (remainder != 0 && (remainder < 0) != (b < 0)) ? remainder + b : remainder
  }

  /// Whether operand 0 of the plane has a zero.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func containsZero(_ plane: Plane, _ numbers: UnsafePointer<Int64>) throws -> Bool {
    var found = false
    let step = plane.columnStrides[0]
    try plane.forEachRow { start, length in
      for index in 0..<length where numbers[start[0] + index * step] == 0 { found = true }
    }
    return found
  }

  /// Compares two operands; the result is 1 where it holds and 0 elsewhere.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func compare<T: StoredElement>(
    _ comparison: Comparison, _ plane: Plane, _ out: UnsafeMutablePointer<UInt8>, _ a: UnsafePointer<T>,
    _ b: UnsafePointer<T>
  ) throws {
    switch comparison {
    case .equal: try map(plane, out, a, b) { $0 == $1 ? 1 : 0 }
    case .less: try map(plane, out, a, b) { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: try map(plane, out, a, b) { $0 <= $1 ? 1 : 0 }
    case .greater: try map(plane, out, a, b) { $0 > $1 ? 1 : 0 }
    case .greaterOrEqual: try map(plane, out, a, b) { $0 >= $1 ? 1 : 0 }
    case .notEqual: try map(plane, out, a, b) { $0 != $1 ? 1 : 0 }
    }
  }

  /// Chooses `a` where the mask, operand 1, is 1 and `b` elsewhere; `a` and `b` are operands 2 and 3.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func choose<T: StoredElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ mask: UnsafePointer<UInt8>, _ a: UnsafePointer<T>,
    _ b: UnsafePointer<T>
  ) throws {
    let strides = plane.columnStrides
    // with strides that the compiler knows the loop becomes SIMD
    switch (strides[0], strides[1], strides[2], strides[3]) {
    case (1, 1, 1, 1): try choose(plane, out, mask, a, b, SIMD4(1, 1, 1, 1))
    case (1, 1, 1, 0): try choose(plane, out, mask, a, b, SIMD4(1, 1, 1, 0))
    case (1, 1, 0, 1): try choose(plane, out, mask, a, b, SIMD4(1, 1, 0, 1))
    default: try choose(plane, out, mask, a, b, strides)
    }
  }

  @inline(__always)
  private static func choose<T: StoredElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ mask: UnsafePointer<UInt8>, _ a: UnsafePointer<T>,
    _ b: UnsafePointer<T>, _ strides: SIMD4<Int>
  ) throws {
    try plane.forEachRow { start, length in
      let (z, m, x, y) = (out + start[0], mask + start[1], a + start[2], b + start[3])
      // without gaps, and against one number, in loops that become SIMD
      if strides == SIMD4(1, 1, 1, 1) {
        for index in 0..<length {
          // both are read first: a mask of chance would make a branch go wrong half the time
          let (chosen, other) = (x[index], y[index])
          z[index] = m[index] != 0 ? chosen : other
        }
        return
      }
      if strides == SIMD4(1, 1, 1, 0) {
        let y = y[0]
        for index in 0..<length {
          let chosen = x[index]
          z[index] = m[index] != 0 ? chosen : y
        }
        return
      }
      for index in 0..<length {
        let (first, second) = (x[index * strides[2]], y[index * strides[3]])
        z[index * strides[0]] = m[index * strides[1]] != 0 ? first : second
      }
    }
  }
}
