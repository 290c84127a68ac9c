import CLanes
import KernelBase

/// Taking moments; `Moments.scan` and `MomentsOfBatch.scan` of the module `Kernels` are what callers see.
public enum MomentsKernel {
  /// How many elements one thread takes at a time, a multiple of `Moments.chunk`; the parts are joined in order, whoever
  /// took them.
  private static let share = 131_072

  /// Takes the moments of `count` contiguous elements, on several threads if they are many; the third and fourth are NaN but with
  /// `shape`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func scan<T: FloatElement>(_ x: UnsafePointer<T>, count: Int, shape: Bool) throws -> Moments {
    // two loops, the shorter without the higher powers
    shape ? try scaled(x, count, shape: true) : try scaled(x, count, shape: false)
  }

  @inline(__always)
  private static func scaled<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int, shape: Bool) throws -> Moments {
    var moments = try shared(x, count, 1, shape)
    let scale = moments.naturalScale
    // Only doubles can need a second pass: the fourth power of any float is far inside double's range.
    if scale != 1 { moments = try shared(x, count, scale, shape) }
    if !shape { (moments.third, moments.fourth) = (.nan, .nan) }
    return moments
  }

  @inline(__always)
  private static func shared<T: FloatElement>(
    _ x: UnsafePointer<T>, _ count: Int, _ scale: Double, _ shape: Bool
  ) throws -> Moments {
    if count < 2 * share { return try Moments.pass(x, count, scale, shape) }
    var parts = [Moments](repeating: Moments(scale: scale), count: (count + share - 1) / share)
    try parts.withUnsafeMutableBufferPointer { parts in
      try WorkerPool.run(chunks: parts.count) { part in
        let first = part * share
        parts[part] = try Moments.pass(x + first, min(share, count - first), scale, shape)
      }
    }
    return parts.dropFirst().reduce(into: parts[0]) { $0.join($1) }
  }
}

extension Moments {
  /// How many elements are summed about one pivot.
  private static let chunk = 2048
  /// How many elements of a chunk its pivot is the mean of.
  private static let sample = 256

  @inline(__always)
  fileprivate static func pass<T: FloatElement>(
    _ x: UnsafePointer<T>, _ count: Int, _ scale: Double, _ shape: Bool
  ) throws -> Moments {
    var total = Moments(scale: scale)
    var first = 0
    while first < count {
      if first % Interrupt.pollInterval == 0 { try Interrupt.check() }
      let length = min(chunk, count - first)
      total.join(measured(x + first, length, scale, shape))
      first += length
    }
    return total
  }

  /// The moments of a chunk, summed about the mean of its first elements and then moved to its own: one reading instead of two.
  ///
  /// The first elements are an eighth of the chunk at the least, so however far their mean is from the others', it is within
  /// sqrt(7) standard deviations of the chunk's: of its variance that costs three bits at the most.
  @inline(__always)
  private static func measured<T: FloatElement>(
    _ x: UnsafePointer<T>, _ count: Int, _ scale: Double, _ shape: Bool
  ) -> Moments {
    var part = Moments(scale: scale)
    part.pivot = mean(x, min(sample, count), scale)
    let sums = readPowers(x, count, &part, shape)
    // not finite if any element isn't
    guard sums[0].isFinite else { return guarded(x, count, scale) }
    part.takePowers(sums, Double(count))
    return part
  }

  /// The mean of `count` elements, rounded.
  @inline(__always)
  private static func mean<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int, _ scale: Double) -> Double {
    var sums = SIMD8<Double>.zero
    var index = 0
    while index + 8 <= count {
      sums += widen(UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<T>.self), scale)
      index += 8
    }
    var sum = sums.sum()
    while index < count {
      sum += Double(x[index]) * scale
      index += 1
    }
    return sum / Double(count)
  }

  /// Takes the extremes and the counts of a chunk, and returns the sums of the powers of the distances from the pivot, the third
  /// and fourth with `shape` alone.
  @inline(__always)
  private static func readPowers<T: FloatElement>(
    _ x: UnsafePointer<T>, _ count: Int, _ part: inout Moments, _ shape: Bool
  ) -> SIMD4<Double> {
    let pivot = SIMD8<Double>(repeating: part.pivot)
    var (first, second, third, fourth) = (
      SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero
    )
    var low = SIMD8<T>(repeating: T.infinity)
    var high = SIMD8<T>(repeating: -T.infinity)
    var zeros = ZeroCount<T>()
    var smallest = LeastMagnitude<T>()
    var index = 0
    while index + 8 <= count {
      let value = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<T>.self)
      // the next chunk comes while this one is computed
      sonde_prefetch(x + index + chunk)
      let distance = widen(value, part.scale) - pivot
      let square = distance * distance
      first += distance
      second += square
      if shape {
        third += square * distance
        fourth += square * square
      }
      low = lesser(value, low)
      high = greater(value, high)
      zeros.take(value)
      smallest.take(value)
      index += 8
    }
    var sums = SIMD4(first.sum(), second.sum(), third.sum(), fourth.sum())
    part.count = count
    part.finiteMinimum = Double(lowest(low))
    part.finiteMaximum = Double(highest(high))
    part.zeros = zeros.total
    part.smallestMagnitude = smallest.magnitude
    // a reading more, where there are any
    if part.smallestMagnitude < Double(T.leastNormalMagnitude) { part.subnormals = small(x, index) - part.zeros }
    while index < count {
      part.note(x[index])
      let distance = Double(x[index]) * part.scale - part.pivot
      let square = distance * distance
      sums += SIMD4(distance, square, square * distance, square * square)
      index += 1
    }
    return sums
  }

  /// How many of the first `count` elements, a multiple of 8, are 0 or subnormal.
  private static func small<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int) -> Int {
    var small = SIMD8<T>.zero
    for index in stride(from: 0, to: count, by: 8) {
      small += onesWhereSmall(UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<T>.self))
    }
    return Int(small.sum())
  }

  /// Moves sums of powers about the pivot to the mean.
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
