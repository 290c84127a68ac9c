import KernelBase

/// Sums, products and extremes of strided buffers into accumulators.
///
/// Operand 0 of a plane is the input and operand 1 the accumulators, whose strides are 0 along reduced dimensions: a row goes into
/// one accumulator or is added to a row of them. Floats accumulate in double, whole numbers in int64, wrapping around.
public enum Reductions {
  /// How many accumulators a pass over rows goes through: they stay in the first-level cache.
  private static let strip = 2048
  /// How many numbers of a row each of four readers has at the least.
  private static let leastQuarter = 1024
  /// How many numbers `any` looks at before it asks whether it has found one.
  private static let block = 1024

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
    if isWide(plane) {
      return try foldRows(plane, x, totals) { total, number, _ in element(total, number) }
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

  /// Whether long rows without gaps all go into one row of accumulators.
  ///
  /// Shorter rows are better read one after another: their accumulators stay near in any case.
  @inline(__always)
  private static func isWide(_ plane: Plane) -> Bool {
    plane.columns >= strip && plane.columnStrides[0] == 1 && plane.columnStrides[1] == 1 && plane.rowStrides[1] == 0
  }

  /// Adds all rows without gaps to one row of accumulators, four at a time and in order; `element` is told the accumulator's place too.
  @inline(__always)
  private static func foldRows<T, A>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ totals: UnsafeMutablePointer<A>, _ element: (A, T, Int) -> A
  ) throws {
    let apart = plane.rowStrides[0]
    var column = 0
    while column < plane.columns {
      let length = Swift.min(strip, plane.columns - column)
      let place = plane.first[1] + column
      let (top, total) = (x + plane.first[0] + column, totals + place)
      var (row, sincePoll) = (0, Interrupt.pollInterval)
      while row < plane.rows {
        if sincePoll >= Interrupt.pollInterval {
          try Interrupt.check()
          sincePoll = 0
        }
        let first = top + row * apart
        if row + 4 <= plane.rows {
          let (second, third, fourth) = (first + apart, first + 2 * apart, first + 3 * apart)
          for index in 0..<length {
            let at = place + index
            let half = element(element(total[index], first[index], at), second[index], at)
            total[index] = element(element(half, third[index], at), fourth[index], at)
          }
          row += 4
        } else {
          for index in 0..<length { total[index] = element(total[index], first[index], place + index) }
          row += 1
        }
        sincePoll += 4 * length
      }
      column += length
    }
  }

  @inline(__always)
  private static func load<T: FloatElement>(_ x: UnsafePointer<T>) -> SIMD8<Double> {
    let raw = UnsafeRawPointer(x)
    if T.self == Float.self { return widened(raw.loadUnaligned(as: SIMD8<Float>.self)) }
    return raw.loadUnaligned(as: SIMD8<Double>.self)
  }

  /// Adds `f` of each number of a row to a total; in partial sums where there are no gaps, of each quarter its own.
  ///
  /// The memory answers four readers far apart almost twice as fast as one.
  @inline(__always)
  private static func total<T: FloatElement>(
    _ initial: Double, _ x: UnsafePointer<T>, _ step: Int, _ count: Int, lanes: (SIMD8<Double>) -> SIMD8<Double>,
    one: (Double) -> Double
  ) -> Double {
    var rest = 0
    var (first, second) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
    if step == 1 {
      if count >= 4 * leastQuarter {
        let quarter = count / 4 & ~15
        var (third, fourth) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        while rest < quarter {
          let place = x + rest
          first += lanes(load(place))
          second += lanes(load(place + quarter))
          third += lanes(load(place + 2 * quarter))
          fourth += lanes(load(place + 3 * quarter))
          first += lanes(load(place + 8))
          second += lanes(load(place + quarter + 8))
          third += lanes(load(place + 2 * quarter + 8))
          fourth += lanes(load(place + 3 * quarter + 8))
          rest += 16
        }
        first += third
        second += fourth
        rest = 4 * quarter
      }
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

  /// Multiplies each number of a row into a total, in sixteen partial products where there are no gaps.
  @inline(__always)
  private static func product<T: FloatElement>(
    _ initial: Double, _ x: UnsafePointer<T>, _ step: Int, _ count: Int
  ) -> Double {
    var (result, rest) = (initial, 0)
    if step == 1 && count >= 16 {
      var (first, second) = (load(x), load(x + 8))
      rest = 16
      while rest + 16 <= count {
        first *= load(x + rest)
        second *= load(x + rest + 8)
        rest += 16
      }
      first *= second
      for lane in 0..<8 { result *= first[lane] }
    }
    while rest < count {
      result *= Double(x[rest * step])
      rest += 1
    }
    return result
  }

  /// Combines each number of a row with what came before, in a loop that becomes SIMD where there are no gaps.
  @inline(__always)
  private static func chain<T, A>(
    _ initial: A, _ x: UnsafePointer<T>, _ step: Int, _ count: Int, _ element: (A, T) -> A
  ) -> A {
    var result = initial
    if step == 1 {
      for index in 0..<count { result = element(result, x[index]) }
    } else {
      for index in 0..<count { result = element(result, x[index * step]) }
    }
    return result
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
    if isWide(plane) {
      return try foldRows(plane, x, totals) { total, number, place in
        let distance = Double(number) - means[place]
        return total + distance * distance
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
    try fold(plane, x, totals) {
      product($0, $1, $2, $3)
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
    try fold(plane, x, totals) {
      chain($0, $1, $2, $3) { $0 &+ $1.asInteger }
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
    try fold(plane, x, totals) {
      chain($0, $1, $2, $3) { $0 &* $1.asInteger }
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
      if step != 1 { return chain(initial, x, step, count) { $0 | (($1 != 0) == holds ? 1 : 0) } }
      var (found, done) = (initial != 0, 0)
      // what has been found stays found
      while !found && done < count {
        let length = Swift.min(block, count - done)
        found = any(holds: holds, x + done, length)
        done += length
      }
      return found ? 1 : 0
    } element: {
      $0 | (($1 != 0) == holds ? 1 : 0)
    }
  }

  /// Whether any of a few numbers without gaps is other than 0, or is 0.
  @inline(__always)
  private static func any<T: StoredElement>(holds: Bool, _ x: UnsafePointer<T>, _ count: Int) -> Bool {
    let raw = UnsafeRawPointer(x)
    switch T.self {
    case is Float.Type: return any(holds: holds, raw.assumingMemoryBound(to: UInt32.self), count, sign: 1 << 31)
    case is Double.Type: return any(holds: holds, raw.assumingMemoryBound(to: UInt64.self), count, sign: 1 << 63)
    case is UInt8.Type: return any(holds: holds, raw.assumingMemoryBound(to: UInt8.self), count, sign: 0)
    default: return any(holds: holds, raw.assumingMemoryBound(to: UInt64.self), count, sign: 0)
    }
  }

  /// Asks the bits but `sign`, in loops without a choice, which become SIMD.
  @inline(__always)
  private static func any<Bits: FixedWidthInteger & UnsignedInteger>(
    holds: Bool, _ x: UnsafePointer<Bits>, _ count: Int, sign: Bits
  ) -> Bool {
    var seen = Bits.zero
    if holds {
      for index in 0..<count { seen |= x[index] & ~sign }
      return seen != 0
    }
    for index in 0..<count {
      // only 0 and its negative both have no highest bit
      let bits = x[index] & ~sign
      seen |= ~(bits | (0 &- bits))
    }
    return seen &>> (Bits.bitWidth - 1) != 0
  }
}
