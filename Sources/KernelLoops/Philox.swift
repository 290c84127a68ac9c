import KernelBase

/// The counter-based generator Philox 4x32 with 10 rounds (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers:
/// as easy as 1, 2, 3").
///
/// A block of 128 random bits is a function of a 128-bit counter and a 64-bit key, so that any part of a stream
/// can be computed on its own, by any number of threads.
public enum Philox {
  private static let lowHalf: UInt64 = 0xFFFF_FFFF

  /// Computes the block of `counter` (`low` holds words 0 and 1, `high` words 2 and 3) under `key`.
  ///
  /// The result's first number holds words 0 (low half) and 1, the second words 2 and 3.
  @inline(__always)
  public static func block(low: UInt64, high: UInt64 = 0, key: UInt64) -> (UInt64, UInt64) {
    var (x0, x1) = (low & lowHalf, low >> 32)
    var (x2, x3) = (high & lowHalf, high >> 32)
    var (key0, key1) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    for _ in 0..<10 {
      let product0 = x0 &* 0xD251_1F53
      let product1 = x2 &* 0xCD9E_8D57
      x0 = (product1 >> 32) ^ x1 ^ UInt64(key0)
      x1 = product1 & lowHalf
      x2 = (product0 >> 32) ^ x3 ^ UInt64(key1)
      x3 = product0 & lowHalf
      key0 &+= 0x9E37_79B9
      key1 &+= 0xBB67_AE85
    }
    return (x0 | x1 << 32, x2 | x3 << 32)
  }

  /// Turns 64 random bits into a number in [0, 1), a multiple of 2^-53.
  @inline(__always)
  public static func uniform(_ bits: UInt64) -> Double {
    Double(Int64(bitPattern: bits >> 11)) * 0x1p-53
  }

  /// Picks a whole number in `0..<bound` without bias from half `half` (0 or 1) of block `low`; a bound of 0 means 2^64.
  ///
  /// Lemire 2019, "Fast random integer generation in an interval", algorithm 5. A rejected number is drawn again from the same half of the
  /// block whose counter has the attempt in its last word, where no stream of blocks ever comes: so element `i` depends on
  /// counter `i` alone.
  @inline(__always)
  public static func below(_ bound: UInt64, half: Int, low: UInt64, key: UInt64) -> UInt64 {
    let first = block(low: low, key: key)
    return below(bound, bits: half == 0 ? first.0 : first.1, half: half, low: low, key: key)
  }

  @inline(__always)
  static func below(_ bound: UInt64, bits: UInt64, half: Int, low: UInt64, key: UInt64) -> UInt64 {
    if bound == 0 { return bits }
    let product = bound.multipliedFullWidth(by: bits)
    if product.low >= bound { return product.high }
    return retry(bound, product: product, half: half, low: low, key: key)
  }

  @inline(never)
  private static func retry(
    _ bound: UInt64, product: (high: UInt64, low: UInt64), half: Int, low: UInt64, key: UInt64
  ) -> UInt64 {
    let threshold = (0 &- bound) % bound
    var product = product
    var attempt: UInt64 = 0
    while product.low < threshold {
      attempt += 1
      let again = block(low: low, high: attempt << 32, key: key)
      product = bound.multipliedFullWidth(by: half == 0 ? again.0 : again.1)
    }
    return product.high
  }
}
