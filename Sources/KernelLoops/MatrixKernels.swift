import KernelBase

/// Loops over matrices that no library has.
public enum MatrixKernels {
  /// Computes `c = a b` of whole numbers, wrapping around, `c` being `[rows, columns]` in row-major order without gaps.
  ///
  /// The steps are the distances in elements between neighbouring rows and columns of `a` and `b`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func multiply(
    rows: Int, columns: Int, inner: Int, a: UnsafePointer<Int64>, stepsA: (row: Int, column: Int),
    b: UnsafePointer<Int64>, stepsB: (row: Int, column: Int), c: UnsafeMutablePointer<Int64>
  ) throws {
    var sincePoll = Interrupt.pollInterval
    for row in 0..<rows {
      let result = c + row * columns
      result.update(repeating: 0, count: columns)
      for index in 0..<inner {
        if sincePoll >= Interrupt.pollInterval {
          try Interrupt.check()
          sincePoll = 0
        }
        sincePoll += columns + 1
        let (factor, right) = (a[row * stepsA.row + index * stepsA.column], b + index * stepsB.row)
        if stepsB.column == 1 {
          for column in 0..<columns { result[column] &+= factor &* right[column] }
        } else {
          for column in 0..<columns { result[column] &+= factor &* right[column * stepsB.column] }
        }
      }
    }
  }

  /// Finds the first of `count` numbers that is NaN or infinite, nil when there is none.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func firstNotFinite<T: FloatElement>(_ x: UnsafePointer<T>, count: Int) throws -> Int? {
    var start = 0
    while start < count {
      try Interrupt.check()
      let end = Swift.min(start + Interrupt.pollInterval, count)
      if !areFinite(x + start, end - start) { for index in start..<end where !x[index].isFinite { return index } }
      start = end
    }
    return nil
  }

  @inline(__always)
  private static func areFinite<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int) -> Bool {
    // a number that isn't finite lies at no distance of 0 from itself, and NaN stays in a sum
    var (first, second, third, fourth) = (SIMD8<T>.zero, SIMD8<T>.zero, SIMD8<T>.zero, SIMD8<T>.zero)
    @inline(__always) func distance(_ index: Int) -> SIMD8<T> {
      let value = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<T>.self)
      return value - value
    }
    var index = 0
    while index + 32 <= count {
      first += distance(index)
      second += distance(index + 8)
      third += distance(index + 16)
      fourth += distance(index + 24)
      index += 32
    }
    let sums = (first + second) + (third + fourth)
    var sum = T.zero
    for lane in 0..<8 { sum += sums[lane] }
    while index < count {
      sum += x[index] - x[index]
      index += 1
    }
    return sum == 0
  }
}
