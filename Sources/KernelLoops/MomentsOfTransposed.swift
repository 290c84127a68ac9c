import KernelBase

extension MomentsKernel {
  /// Measures a contiguous matrix of finite floats as `scanBatch` does, where its transpose `[units, samples]` lies in memory.
  ///
  /// Weights lie so: to transpose them takes as long as to measure them.
  ///
  /// - Parameters:
  ///   - x: the elements, unit after unit.
  ///   - samples: the number of samples, at least 1 and at most 2^24, up to where a float counts.
  ///   - units: the number of units, at least 1.
  ///   - scratch: memory for a double a sample, which is overwritten.
  /// - Returns: the measures.
  /// - Throws: `Interrupted` when a stop is requested.
  public static func scanTransposed(
    _ x: UnsafePointer<Float>, samples: Int, units: Int, scratch: UnsafeMutablePointer<Double>
  ) throws -> MomentsOfBatch {
    try takeSquares(x, samples, units, scratch)
    var nonzeroSamples = 0
    for sample in 0..<samples where scratch[sample] > 0 {
      scratch[sample] = 1 / scratch[sample].squareRoot()
      nonzeroSamples += 1
    }
    var result = MomentsOfBatch()
    var squares = 0.0
    let pollUnits = max(1, Interrupt.pollInterval / samples)
    for unit in 0..<units {
      if unit % pollUnits == 0 { try Interrupt.check() }
      let found = Unit(x + unit * samples, samples, scratch)
      if found.zeros == samples { result.deadUnits += 1 }
      result.standardDeviation += (found.second / Double(samples)).squareRoot()
      squares += found.unitSum * found.unitSum
    }
    result.standardDeviation /= Double(units)
    result.takeCosine(squares, nonzeroSamples: nonzeroSamples)
    return result
  }

  /// Leaves each sample's sum of squares in `squares`, sixteen neighbours at a time: they share a line of the cache.
  private static func takeSquares(
    _ x: UnsafePointer<Float>, _ samples: Int, _ units: Int, _ squares: UnsafeMutablePointer<Double>
  ) throws {
    var sample = 0
    while sample + 16 <= samples {
      try Interrupt.check()
      var (first, second) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
      for unit in 0..<units {
        let start = UnsafeRawPointer(x + unit * samples + sample)
        let low = widened(start.loadUnaligned(as: SIMD8<Float>.self))
        let high = widened((start + 32).loadUnaligned(as: SIMD8<Float>.self))
        first += low * low
        second += high * high
      }
      UnsafeMutableRawPointer(squares + sample).storeBytes(of: first, as: SIMD8<Double>.self)
      UnsafeMutableRawPointer(squares + sample + 8).storeBytes(of: second, as: SIMD8<Double>.self)
      sample += 16
    }
    let rest = sample..<samples
    for sample in rest { squares[sample] = 0 }
    for unit in 0..<units {
      for sample in rest {
        let value = Double(x[unit * samples + sample])
        squares[sample] += value * value
      }
    }
  }
}

/// What one unit shows on all samples.
private struct Unit {
  /// How many of its elements are 0.
  var zeros = 0
  /// The sum of squared distances from its mean.
  var second = 0.0
  /// The sum of its elements, each in its sample scaled to unit length.
  var unitSum = 0.0

  /// Goes through the unit's elements once, about the first, so that one that never varies has a spread of exactly 0.
  @inline(__always)
  init(_ x: UnsafePointer<Float>, _ count: Int, _ inverse: UnsafePointer<Double>) {
    let pivot = SIMD8<Double>(repeating: Double(x[0]))
    var (sum, squares, products) = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
    var equal = SIMD8<Float>.zero
    var index = 0
    while index + 8 <= count {
      let value = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<Float>.self)
      equal += onesWhereZero(value)
      let wide = widened(value)
      let distance = wide - pivot
      sum += distance
      squares += distance * distance
      products += wide * UnsafeRawPointer(inverse + index).loadUnaligned(as: SIMD8<Double>.self)
      index += 8
    }
    zeros = Int(equal.sum())
    var (first, square) = (sum.sum(), squares.sum())
    unitSum = products.sum()
    while index < count {
      if x[index] == 0 { zeros += 1 }
      let distance = Double(x[index]) - pivot[0]
      first += distance
      square += distance * distance
      unitSum += Double(x[index]) * inverse[index]
      index += 1
    }
    second = max(0, square - first * first / Double(count))
  }
}
