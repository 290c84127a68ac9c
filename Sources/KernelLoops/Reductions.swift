import KernelBase

/// Sums, products and extremes of strided buffers into accumulators.
///
/// Operand 0 of a plane is the input and operand 1 the accumulators, whose strides are 0 along reduced dimensions: a row goes into
/// one accumulator or is added to a row of them. Floats accumulate in double, whole numbers in int64, wrapping around.
public enum Reductions {
  @inline(__always)
  private static func fold<T, A>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<A>,
    row: (A, UnsafePointer<T>, _ step: Int, _ count: Int) -> A, element: (A, T) -> A
  ) throws {
    let (step, totalStep) = (plane.columnStrides[0], plane.columnStrides[1])
    if totalStep == 0 {
      return try plane.forEachRow { start, length in
        totals[start[1]] = row(totals[start[1]], x + start[0], step, length)
      }
    }
    if step == 1 && totalStep == 1 {
      return try plane.forEachRow { start, length in
        let (input, total) = (x + start[0], totals + start[1])
        for index in 0..<length { total[index] = element(total[index], input[index]) }
      }
    }
    try plane.forEachRow { start, length in
      let (input, total) = (x + start[0], totals + start[1])
      for index in 0..<length { total[index * totalStep] = element(total[index * totalStep], input[index * step]) }
    }
  }

  @inline(__always)
  private static func load<T: FloatElement>(_ x: UnsafePointer<T>) -> SIMD8<Double> {
    let raw = UnsafeRawPointer(x)
    if T.self == Float.self { return widened(raw.loadUnaligned(as: SIMD8<Float>.self)) }
    return raw.loadUnaligned(as: SIMD8<Double>.self)
  }

  /// Adds `f` of each number of a row to a total, in sixteen partial sums where there are no gaps.
  @inline(__always)
  private static func total<T: FloatElement>(
    _ initial: Double, _ x: UnsafePointer<T>, _ step: Int, _ count: Int, lanes: (SIMD8<Double>) -> SIMD8<Double>,
    one: (Double) -> Double
  ) -> Double {
    var rest = 0
    var (first, second) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
    if step == 1 {
      while rest + 16 <= count {
        first += lanes(load(x + rest))
        second += lanes(load(x + rest + 8))
        rest += 16
      }
    }
    var sum = (first + second).sum()
    while rest < count {
      sum += one(Double(x[rest * step]))
      rest += 1
    }
    return initial + sum
  }

  /// Adds floats to their accumulators.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func sum<T: FloatElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<Double>
  ) throws {
    try fold(plane, x, totals) {
      total($0, $1, $2, $3, lanes: { $0 }, one: { $0 })
    } element: {
      $0 + Double($1)
    }
  }

  /// Adds the squares of floats to their accumulators.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func sumOfSquares<T: FloatElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<Double>
  ) throws {
    try fold(plane, x, totals) {
      total($0, $1, $2, $3, lanes: { $0 * $0 }, one: { $0 * $0 })
    } element: {
      $0 + Double($1) * Double($1)
    }
  }

  /// Adds the squared distances of floats from their means, which lie as the accumulators do.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func squaredDeviations<T: FloatElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, means: UnsafePointer<Double>, _ totals: UnsafeMutablePointer<Double>
  ) throws {
    let (step, totalStep) = (plane.columnStrides[0], plane.columnStrides[1])
    if totalStep == 0 {
      return try plane.forEachRow { start, length in
        let mean = means[start[1]]
        totals[start[1]] = total(
          totals[start[1]], x + start[0], step, length, lanes: { ($0 - mean) * ($0 - mean) },
          one: { ($0 - mean) * ($0 - mean) })
      }
    }
    try plane.forEachRow { start, length in
      let (input, total, mean) = (x + start[0], totals + start[1], means + start[1])
      for index in 0..<length {
        let distance = Double(input[index * step]) - mean[index * totalStep]
        total[index * totalStep] += distance * distance
      }
    }
  }

  /// Multiplies floats into their accumulators.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func product<T: FloatElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<Double>
  ) throws {
    try fold(plane, x, totals) { initial, x, step, count in
      var result = initial
      for index in 0..<count { result *= Double(x[index * step]) }
      return result
    } element: {
      $0 * Double($1)
    }
  }

  /// Adds whole numbers to their accumulators.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func wholeSum<T: StoredElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<Int64>
  ) throws {
    try fold(plane, x, totals) { initial, x, step, count in
      var result = initial
      for index in 0..<count { result &+= x[index * step].asInteger }
      return result
    } element: {
      $0 &+ $1.asInteger
    }
  }

  /// Multiplies whole numbers into their accumulators.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func wholeProduct<T: StoredElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<Int64>
  ) throws {
    try fold(plane, x, totals) { initial, x, step, count in
      var result = initial
      for index in 0..<count { result &*= x[index * step].asInteger }
      return result
    } element: {
      $0 &* $1.asInteger
    }
  }

  /// Keeps the smallest or the largest numbers in accumulators of their type; NaN wins over all.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func extreme<T: StoredElement>(
    largest: Bool, _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<T>
  ) throws {
    if largest {
      try fold(plane, x, totals) {
        extreme($0, $1, $2, $3) { $1 > $0 || $1 != $1 ? $1 : $0 }
      } element: {
        $1 > $0 || $1 != $1 ? $1 : $0
      }
    } else {
      try fold(plane, x, totals) {
        extreme($0, $1, $2, $3) { $1 < $0 || $1 != $1 ? $1 : $0 }
      } element: {
        $1 < $0 || $1 != $1 ? $1 : $0
      }
    }
  }

  /// Keeps the better of each number of a row and what came before, in 64 partial results where there are no gaps.
  ///
  /// The partial results lie in memory: the loop over them is one that the compiler turns into SIMD.
  @inline(__always)
  private static func extreme<T: StoredElement>(
    _ initial: T, _ x: UnsafePointer<T>, _ step: Int, _ count: Int, better: (T, T) -> T
  ) -> T {
    var (result, rest) = (initial, 0)
    if step == 1 && count >= 128 {
      result = withUnsafeTemporaryAllocation(of: T.self, capacity: 64) { partial in
        partial.initialize(repeating: initial)
        guard let best = partial.baseAddress else { return initial }
        while rest + 64 <= count {
          for lane in 0..<64 { best[lane] = better(best[lane], x[rest + lane]) }
          rest += 64
        }
        var result = initial
        for lane in 0..<64 { result = better(result, best[lane]) }
        return result
      }
    }
    while rest < count {
      result = better(result, x[rest * step])
      rest += 1
    }
    return result
  }

  /// Keeps in accumulators that begin as 0 whether any number is other than 0 (`holds` true), or is 0 (`holds` false).
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func any<T: StoredElement>(
    holds: Bool, _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<UInt8>
  ) throws {
    try fold(plane, x, totals) { initial, x, step, count in
      var found = initial
      for index in 0..<count { found |= (x[index * step] != 0) == holds ? 1 : 0 }
      return found
    } element: {
      $0 | (($1 != 0) == holds ? 1 : 0)
    }
  }
}
