import KernelBase

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
    let length = (2 * pairs + 7) & ~7
    for pair in 0..<(length / 2) {
      let words = block(low: counter &+ UInt64(pair), key: key)
      q[2 * pair] = centred(words.0)
      q[2 * pair + 1] = centred(words.1)
    }
    var tailCount = 0
    for index in 0..<length {
      // compared as integers, since a branch would be mispredicted for one number in seven
      tails[tailCount] = Int32(truncatingIfNeeded: index)
      let beyond = NormalQuantile.centre.bitPattern &- q[index].magnitude.bitPattern
      tailCount &+= Int(truncatingIfNeeded: beyond >> 63)
    }
    computeTails(q, scratch, tails, tailCount)
    for start in stride(from: 0, to: length, by: 8) {
      let place = UnsafeMutableRawPointer(q + start)
      place.storeBytes(of: NormalQuantile.central(place.loadUnaligned(as: SIMD8<Double>.self)), as: SIMD8<Double>.self)
    }
    for index in 0..<tailCount { q[Int(tails[index])] = scratch[index] }
  }

  /// Computes the quantiles of the numbers in the tails, eight at once but for the last, unless one is extremely far out.
  @inline(__always)
  private static func computeTails(
    _ q: UnsafeMutablePointer<Double>, _ scratch: UnsafeMutablePointer<Double>, _ tails: UnsafeMutablePointer<Int32>,
    _ count: Int
  ) {
    var farthest: UInt64 = 0
    for index in 0..<count {
      scratch[index] = q[Int(tails[index])]
      farthest = Swift.max(farthest, scratch[index].magnitude.bitPattern)
    }
    var done = 0
    while done + 8 <= count && farthest < NormalQuantile.middleEnd.bitPattern {
      let place = UnsafeMutableRawPointer(scratch + done)
      let values = NormalQuantile.middleTails(place.loadUnaligned(as: SIMD8<Double>.self))
      place.storeBytes(of: values, as: SIMD8<Double>.self)
      done += 8
    }
    for index in done..<count { scratch[index] = NormalQuantile.tail(scratch[index]) }
  }

  /// Turns 64 random bits into `u - 1/2`, `u` an odd multiple of 2^-53 in (0, 1).
  ///
  /// 52 bits become the mantissa of a number in [1, 2); all that follows is exact.
  @inline(__always)
  static func centred(_ bits: UInt64) -> Double {
    (Double(bitPattern: bits >> 12 | 0x3FF0_0000_0000_0000) - 1.5) + 0x1p-53
  }
}
