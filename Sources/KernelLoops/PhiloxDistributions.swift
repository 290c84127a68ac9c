import KernelBase

// Buffers of numbers of other distributions than the uniform and the normal. As there, number `i` of a fill comes from half `i % 2` of
// the block `counter + i / 2`, whatever the dtype.

extension Philox {
  /// Turns 64 random bits into a number in (0, 1), an odd multiple of 2^-53.
  @inline(__always)
  static func open(_ bits: UInt64) -> Double { centred(bits) + 0.5 }

  /// Fills `count` numbers with exponential ones, `-log(u) / rate` with `u` an odd multiple of 2^-53 in (0, 1).
  ///
  /// Everything is computed in double and rounded once to the element type.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func fillExponential<T: FloatElement>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, rate: Double
  ) throws {
    for first in stride(from: 0, to: count, by: 8) {
      if first % Interrupt.pollInterval == 0 { try Interrupt.check() }
      var u = SIMD8<Double>()
      for pair in 0..<4 {
        let words = block(low: counter &+ UInt64(first / 2 + pair), key: key)
        u[2 * pair] = open(words.0)
        u[2 * pair + 1] = open(words.1)
      }
      let values = -NormalQuantile.logarithm(u) / rate
      for lane in 0..<Swift.min(8, count - first) { target[first + lane] = T(values[lane]) }
    }
  }

  /// Fills `count` numbers with those of a truncated normal distribution, kept from `smallest` to `largest` when they are rounded.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func fillTruncatedNormal<T: FloatElement>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, _ distribution: TruncatedNormal,
    smallest: T, largest: T
  ) throws {
    try fill(target, count: count, key: key, counter: counter) { bits, _, _ in
      Swift.min(Swift.max(T(distribution.value(open(bits))), smallest), largest)
    }
  }

  /// Fills `count` numbers with 1 where a uniform number in [0, 1) is below the probability at its place, and 0 elsewhere.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func fillBernoulli<T: Numeric>(
    _ target: UnsafeMutablePointer<T>, count: Int, key: UInt64, counter: UInt64, probabilities: UnsafePointer<Double>
  ) throws {
    try fill(target, count: count, key: key, counter: counter) { bits, half, position in
      uniform(bits) < probabilities[2 * Int(position &- counter) + half] ? 1 : 0
    }
  }
}
