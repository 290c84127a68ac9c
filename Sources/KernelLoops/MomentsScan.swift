import CLanes
import KernelBase

/// Taking moments; `Moments.scan` and `MomentsOfBatch.scan` of the module `Kernels` are what callers see.
public enum MomentsKernel {
  /// How many elements one thread takes at a time, a multiple of `Moments.chunk`; the parts are joined in order, whoever
  /// took them.
  private static let share = 131_072

  /// Takes the moments of `count` contiguous elements, on several threads if they are many.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func scan<T: FloatElement>(_ x: UnsafePointer<T>, count: Int) throws -> Moments {
    let moments = try shared(x, count, scale: 1)
    let scale = moments.naturalScale
    // Only doubles can need a second pass: the fourth power of any float is far inside double's range.
    return scale == 1 ? moments : try shared(x, count, scale: scale)
  }

  @inline(__always)
  private static func shared<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int, scale: Double) throws -> Moments {
    if count < 2 * share { return try Moments.pass(x, count, scale: scale) }
    var parts = [Moments](repeating: Moments(scale: scale), count: (count + share - 1) / share)
    try parts.withUnsafeMutableBufferPointer { parts in
      try WorkerPool.run(chunks: parts.count) { part in
        let first = part * share
        parts[part] = try Moments.pass(x + first, min(share, count - first), scale: scale)
      }
    }
    return parts.dropFirst().reduce(into: parts[0]) { $0.join($1) }
  }
}

extension Moments {
  /// How many elements are surveyed and then centred while they stay in the first-level cache.
  private static let chunk = 2048

  @inline(__always)
  fileprivate static func pass<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int, scale: Double) throws -> Moments {
    var total = Moments(scale: scale)
    var first = 0
    while first < count {
      if first % Interrupt.pollInterval == 0 { try Interrupt.check() }
      let length = min(chunk, count - first)
      var part = survey(x + first, length, scale)
      if part.pivot.isFinite {
        part.pivot /= Double(length)
        centre(x + first, length, &part)
      } else {
        part = guarded(x + first, length, scale)
      }
      total.join(part)
      first += length
    }
    return total
  }

  /// Sums, extremes and counts; `pivot` holds the sum, which is not finite if any element isn't.
  @inline(__always)
  private static func survey<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int, _ scale: Double) -> Moments {
    // two sums, for one would wait for its own last addition
    var (sum, other) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
    var low = SIMD8<T>(repeating: T.infinity)
    var high = SIMD8<T>(repeating: -T.infinity)
    var zeros = ZeroCount<T>()
    var smallest = LeastMagnitude<T>()
    @inline(__always) func take(_ index: Int, _ sum: inout SIMD8<Double>) {
      let value = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<T>.self)
      sum += widen(value, scale)
      low = lesser(value, low)
      high = greater(value, high)
      zeros.take(value)
      smallest.take(value)
    }
    var index = 0
    while index + 16 <= count {
      take(index, &sum)
      take(index + 8, &other)
      index += 16
    }
    if index + 8 <= count {
      take(index, &sum)
      index += 8
    }
    var part = Moments(scale: scale)
    part.count = count
    part.pivot = (sum + other).sum()
    part.finiteMinimum = Double(lowest(low))
    part.finiteMaximum = Double(highest(high))
    part.zeros = zeros.total
    part.smallestMagnitude = smallest.magnitude
    // a pass more, where there are any
    if part.smallestMagnitude < Double(T.leastNormalMagnitude) { part.subnormals = small(x, index) - part.zeros }
    while index < count {
      part.note(x[index])
      part.pivot += Double(x[index]) * scale
      index += 1
    }
    return part
  }

  /// How many of the first `count` elements, a multiple of 8, are 0 or subnormal.
  private static func small<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int) -> Int {
    var small = SIMD8<T>.zero
    for index in stride(from: 0, to: count, by: 8) {
      small += onesWhereSmall(UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<T>.self))
    }
    return Int(small.sum())
  }

  /// Adds the powers of the distances from the chunk's rounded mean, `part.pivot`.
  @inline(__always)
  private static func centre<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int, _ part: inout Moments) {
    let mean = SIMD8<Double>(repeating: part.pivot)
    var (first, second, third, fourth) = (
      SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero
    )
    var index = 0
    while index + 8 <= count {
      let value = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<T>.self)
      // the next chunk comes while this one is computed
      sonde_prefetch(x + index + chunk)
      let distance = widen(value, part.scale) - mean
      let square = distance * distance
      first += distance
      second += square
      third += square * distance
      fourth += square * square
      index += 8
    }
    var sums = SIMD4(first.sum(), second.sum(), third.sum(), fourth.sum())
    while index < count {
      let distance = Double(x[index]) * part.scale - part.pivot
      let square = distance * distance
      sums += SIMD4(distance, square, square * distance, square * square)
      index += 1
    }
    part.takePowers(sums, Double(count))
  }

  /// Moves sums of powers about the pivot, a rounded mean, to the true mean.
  private mutating func takePowers(_ sums: SIMD4<Double>, _ n: Double) {
    let shift = sums[0] / n
    let square = shift * shift
    center = shift
    second = sums[1] - n * square
    third = sums[2] - 3 * shift * sums[1] + 2 * n * square * shift
    fourth = sums[3] - 4 * shift * sums[2] + 6 * square * sums[1] - 3 * n * square * square
  }

  /// The same for a chunk with NaN or infinite elements, which are counted and left out of the sums.
  private static func guarded<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int, _ scale: Double) -> Moments {
    var part = Moments(scale: scale)
    part.count = count
    for index in 0..<count {
      let value = x[index]
      if value.isFinite {
        part.note(value)
        part.pivot += Double(value) * scale
      } else if value.isNaN {
        part.nans += 1
      } else if value > 0 {
        part.positiveInfinities += 1
      } else {
        part.negativeInfinities += 1
      }
    }
    guard part.finiteCount > 0 else { return part }
    part.pivot /= Double(part.finiteCount)
    var sums = SIMD4<Double>.zero
    for index in 0..<count where x[index].isFinite {
      let distance = Double(x[index]) * scale - part.pivot
      let square = distance * distance
      sums += SIMD4(distance, square, square * distance, square * square)
    }
    part.takePowers(sums, Double(part.finiteCount))
    return part
  }

  /// Takes one finite element into the extremes and the counts.
  @inline(__always)
  private mutating func note<T: FloatElement>(_ value: T) {
    finiteMinimum = min(finiteMinimum, Double(value))
    finiteMaximum = max(finiteMaximum, Double(value))
    if value == 0 {
      zeros += 1
      return
    }
    smallestMagnitude = min(smallestMagnitude, abs(Double(value)))
    if value.isSubnormal { subnormals += 1 }
  }

  @inline(__always)
  static func widen<T: FloatElement>(_ value: SIMD8<T>, _ scale: Double) -> SIMD8<Double> {
    T.self == Float.self ? widened(value) : widened(value) * scale
  }
}
