import KernelBase

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
    try fill(target, count: count, key: key, counter: counter) { bits, _, _ in
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
    try fill(target, count: count, key: key, counter: counter) { bits, _, _ in
      uniform(bits) < probability ? 1 : 0
    }
  }

  /// Fills `count` integers with `low + k`, `k` in `0..<bound` without bias; a bound of 0 means 2^64.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func fillIntegers(
    _ target: UnsafeMutablePointer<Int64>, count: Int, key: UInt64, counter: UInt64, low: Int64, bound: UInt64
  ) throws {
    try fill(target, count: count, key: key, counter: counter) { bits, half, position in
      low &+ Int64(bitPattern: below(bound, bits: bits, half: half, low: position, key: key))
    }
  }

  /// Calls `convert` with the bits of each number, the half of the block they are, and the block's counter.
  @inline(__always)
  static func fill<T>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, _ convert: (UInt64, Int, UInt64) -> T
  ) throws {
    let quads = count / 8
    var done = 0
    while done < quads {
      try Interrupt.check()
      let end = Swift.min(quads, done + Interrupt.pollInterval / 8)
      for quad in done..<end {
        let position = counter &+ UInt64(4 * quad)
        for lane in 0..<4 {
          let words = block(low: position &+ UInt64(lane), key: key)
          target[8 * quad + 2 * lane] = convert(words.0, 0, position &+ UInt64(lane))
          target[8 * quad + 2 * lane + 1] = convert(words.1, 1, position &+ UInt64(lane))
        }
      }
      done = end
    }
    for index in (8 * quads)..<count {
      let position = counter &+ UInt64(index / 2)
      let words = block(low: position, key: key)
      target[index] = convert(index % 2 == 0 ? words.0 : words.1, index % 2, position)
    }
  }
}
