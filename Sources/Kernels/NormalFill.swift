extension Philox {
  private static let chunk = 1024

  /// Fills `count` numbers with `mean + std z`, `z` standard normal: the normal quantile of a uniform number.
  ///
  /// The uniform numbers are odd multiples of 2^-53: never 0, 1/2 or 1, and symmetric, with `|z| < 8.3`. Number `i` comes from half
  /// `i % 2` of the block `counter + i / 2`. Everything is computed in double and rounded once to the element type.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func fillNormal<T: FloatElement>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, mean: Double, std: Double
  ) throws {
    try withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * chunk) { numbers in
      try withUnsafeTemporaryAllocation(of: Int32.self, capacity: chunk) { places in
        guard let q = numbers.baseAddress, let tails = places.baseAddress else { return }
        var done = 0
        while done < count {
          if done % Interrupt.pollInterval == 0 { try Interrupt.check() }
          let length = Swift.min(chunk, count - done)
          normals(
            q, scratch: q + chunk, tails: tails, key: key, counter: counter &+ UInt64(done / 2), pairs: (length + 1) / 2
          )
          let part = target + done
          for index in 0..<length { part[index] = T(mean + std * q[index]) }
          done += length
        }
      }
    }
  }

  /// Computes `2 * pairs` standard normals into `q`, a multiple of 8 of them into memory for a whole chunk.
  ///
  /// The central branch runs over all numbers, lane by lane; the 15 % in the tails are computed apart and put in their places.
  @inline(__always)
  private static func normals(
    _ q: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>, tails: UnsafeMutablePointer<Int32>,
    key: UInt64,
    counter: UInt64, pairs: Int
  ) {
    for pair in 0..<pairs {
      let words = block(low: counter &+ UInt64(pair), key: key)
      q[2 * pair] = centred(words.0)
      q[2 * pair + 1] = centred(words.1)
    }
    var tailCount = 0
    for index in 0..<(2 * pairs) {
      tails[tailCount] = Int32(truncatingIfNeeded: index)
      tailCount += abs(q[index]) > NormalQuantile.centre ? 1 : 0
    }
    for index in 0..<tailCount { scratch[index] = NormalQuantile.tail(q[Int(tails[index])]) }
    let raw = UnsafeMutableRawPointer(q)
    for start in stride(from: 0, to: 2 * pairs, by: 8) {
      let place = raw + start * 8
      place.storeBytes(
        of: NormalQuantile.central(place.loadUnaligned(as: SIMD8<Double>.self)), as: SIMD8<Double>.self)
    }
    for index in 0..<tailCount { q[Int(tails[index])] = scratch[index] }
  }

  /// Turns 64 random bits into `u - 1/2`, `u` an odd multiple of 2^-53 in (0, 1).
  @inline(__always)
  static func centred(_ bits: UInt64) -> Double {
    Double((Int64(bitPattern: bits >> 12) << 1 | 1) - (1 << 52)) * 0x1p-53
  }
}
