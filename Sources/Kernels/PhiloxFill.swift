// Buffers of random numbers. Each number takes 64 bits, half a block: number `i` of a fill comes from half `i % 2` of the
// block `counter + i / 2`, whatever the dtype.

extension Philox {
  /// Fills `count` numbers with uniform ones in [low, high), `low + (high - low) u` with `u` a multiple of 2^-53.
  ///
  /// What rounding would bring to `high` becomes the largest number below it.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func fillUniform<T: FloatElement>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, low: Double, high: Double
  ) throws {
    let range = high - low
    let nearest = T(high)
    let largest = low == high || Double(nearest) < high ? nearest : nearest.nextDown
    try fill(target, count: count, key: key, counter: counter) { bits in
      Swift.min(T(low + range * uniform(bits)), largest)
    }
  }

  /// Fills `count` numbers with 1 where a uniform number in [0, 1) is below `probability`, and 0 elsewhere.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func fillBernoulli<T: Numeric>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, probability: Double
  ) throws {
    try fill(target, count: count, key: key, counter: counter) { bits in
      uniform(bits) < probability ? 1 : 0
    }
  }

  /// Fills `count` integers with `low + k`, `k` in `0..<bound` without bias; a bound of 0 means 2^64.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func fillIntegers(
    _ target: UnsafeMutablePointer<Int64>, count: Int, key: UInt64, counter: UInt64, low: Int64, bound: UInt64
  ) throws {
    var done = 0
    while done < count {
      try Interrupt.check()
      let end = Swift.min(count, done + Interrupt.pollInterval)
      for index in done..<end {
        let position = counter &+ UInt64(index / 2)
        target[index] = low &+ Int64(bitPattern: below(bound, half: index % 2, low: position, key: key))
      }
      done = end
    }
  }

  @inline(__always)
  private static func fill<T>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, _ convert: (UInt64) -> T
  ) throws {
    let pairs = count / 2
    var done = 0
    while done < pairs {
      try Interrupt.check()
      let end = Swift.min(pairs, done + Interrupt.pollInterval / 2)
      for pair in done..<end {
        let words = block(low: counter &+ UInt64(pair), key: key)
        target[2 * pair] = convert(words.0)
        target[2 * pair + 1] = convert(words.1)
      }
      done = end
    }
    if count % 2 == 1 { target[count - 1] = convert(block(low: counter &+ UInt64(pairs), key: key).0) }
  }
}
