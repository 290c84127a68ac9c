import KernelBase
import RealModule

/// Functions along one dimension: a line is the `count` elements that differ in that dimension alone.
///
/// The planes walk the other dimensions, operand 0 being the input; `steps` holds each operand's stride along the lines.
public enum Lines {
  /// Finds the smallest or largest element of each line, operand 1, and its index, operand 2; the first of equals, and the first NaN.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func extremes<T: StoredElement>(
    largest: Bool, _ plane: Plane, _ x: UnsafePointer<T>, _ values: UnsafeMutablePointer<T>,
    _ indices: UnsafeMutablePointer<Int64>, count: Int, step: Int
  ) throws {
    if largest {
      try extremes(plane, x, values, indices, count, step) { $1 > $0 || ($1 != $1 && $0 == $0) }
    } else {
      try extremes(plane, x, values, indices, count, step) { $1 < $0 || ($1 != $1 && $0 == $0) }
    }
  }

  @inline(__always)
  private static func extremes<T: StoredElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ values: UnsafeMutablePointer<T>, _ indices: UnsafeMutablePointer<Int64>,
    _ count: Int, _ step: Int, better: (T, T) -> Bool
  ) throws {
    let strides = plane.columnStrides
    try plane.forEachRow { start, length in
      let (input, value, place) = (x + start[0], values + start[1], indices + start[2])
      for column in 0..<length {
        value[column * strides[1]] = input[column * strides[0]]
        place[column * strides[2]] = 0
      }
      // the loop inside is over what lies closer together
      if abs(strides[0]) < abs(step) {
        for index in 1..<Swift.max(count, 1) {
          if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
          for column in 0..<length {
            let next = input[column * strides[0] + index * step]
            if better(value[column * strides[1]], next) {
              value[column * strides[1]] = next
              place[column * strides[2]] = Int64(index)
            }
          }
        }
        return
      }
      for column in 0..<length {
        let line = input + column * strides[0]
        var (best, bestIndex) = (line[0], 0)
        for index in 1..<Swift.max(count, 1) {
          if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
          guard better(best, line[index * step]) else { continue }
          best = line[index * step]
          bestIndex = index
        }
        value[column * strides[1]] = best
        place[column * strides[2]] = Int64(bestIndex)
      }
    }
  }

  /// Sums each line up to every element, floats in double, or multiplies it; operand 1 is the result.
  ///
  /// Integers wrap around.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float, A == Double)
  @_specialize(where T == Double, A == Double)
  @_specialize(where T == Int64, A == Int64)
  public static func cumulate<T: StoredElement, A: StoredElement>(
    products: Bool, _ plane: Plane, _ x: UnsafePointer<T>, _ results: UnsafeMutablePointer<T>, count: Int,
    steps: (Int, Int), initial: A
  ) throws {
    if products {
      try cumulate(plane, x, results, count, steps, initial) {
        A.isWhole ? A(fromInteger: $0.asInteger &* $1.asInteger) : $0 * A(converting: $1)
      }
    } else {
      try cumulate(plane, x, results, count, steps, initial) {
        A.isWhole ? A(fromInteger: $0.asInteger &+ $1.asInteger) : $0 + A(converting: $1)
      }
    }
  }

  @inline(__always)
  private static func cumulate<T: StoredElement, A: StoredElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ results: UnsafeMutablePointer<T>, _ count: Int, _ steps: (Int, Int),
    _ initial: A, _ next: (A, T) -> A
  ) throws {
    let strides = plane.columnStrides
    try plane.forEachRow { start, length in
      for column in 0..<length {
        let (input, out) = (x + start[0] + column * strides[0], results + start[1] + column * strides[1])
        var total = initial
        for index in 0..<count {
          if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
          total = next(total, input[index * steps.0])
          out[index * steps.1] = T(converting: total)
        }
      }
    }
  }
}
