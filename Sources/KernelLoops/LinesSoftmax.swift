import KernelBase

extension Lines {
  /// How many elements are computed at a time, in a buffer on the stack of 1 KiB, more would be heap; whole lanes of eight.
  private static let block = 128

  /// Computes `e^(x - m) / sum e^(x - m)` along each line, or its logarithm `x - m - log sum e^(x - m)`; m is the line's largest element.
  ///
  /// The sum is taken in double, in an order that depends on the line's length alone.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func softmax<T: FloatElement>(
    logarithm: Bool, _ plane: Plane, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, count: Int,
    steps: (Int, Int)
  ) throws {
    try forEachLine(plane) { start, outStart, buffer in
      let (input, result) = (x + start, out + outStart)
      let largest = largest(input, count, steps.0, buffer)
      let sum = try sumOfPowers(input, count, steps.0, largest, buffer) { place, number, powers in
        if !logarithm { Elementwise.store(powers, number, result + place * steps.1, steps.1) }
      }
      let scale = logarithm ? T(Lane.logarithm(sum)) : T(1 / sum)
      if logarithm && steps == (1, 1) {
        for index in 0..<count { result[index] = input[index] - largest - scale }
      } else if logarithm {
        for index in 0..<count { result[index * steps.1] = input[index * steps.0] - largest - scale }
      } else if steps.1 == 1 {
        for index in 0..<count { result[index] *= scale }
      } else {
        for index in 0..<count { result[index * steps.1] *= scale }
      }
    }
  }

  /// Computes `m + log sum e^(x - m)` of each line into operand 1; m is the line's largest element, or 0 if that is infinite.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func logSumExp<T: FloatElement>(
    _ plane: Plane, _ x: UnsafePointer<T>, _ out: UnsafeMutablePointer<T>, count: Int, step: Int
  ) throws {
    try forEachLine(plane) { start, outStart, buffer in
      let largest = largest(x + start, count, step, buffer)
      // an infinite one would leave infinity minus infinity
      let shift = largest.isFinite ? largest : 0
      let sum = try sumOfPowers(x + start, count, step, shift, buffer) { _, _, _ in }
      let result = T(Double(shift) + Lane.logarithm(sum))
      out[outStart] = largest.isFinite || sum != sum ? result : largest
    }
  }

  /// Calls `body` with where each line starts in operands 0 and 1, and a buffer for `block` doubles.
  @inline(__always)
  private static func forEachLine(
    _ plane: Plane, _ body: (Int, Int, UnsafeMutablePointer<Double>) throws -> Void
  ) throws {
    let strides = plane.columnStrides
    try withUnsafeTemporaryAllocation(of: Double.self, capacity: block) { buffer in
      guard let buffer = buffer.baseAddress else { return }
      try plane.forEachRow { start, length in
        for column in 0..<length {
          try body(start[0] + column * strides[0], start[1] + column * strides[1], buffer)
        }
      }
    }
  }

  /// The largest element that is not NaN, minus infinity without one.
  @inline(__always)
  private static func largest<T: FloatElement>(
    _ x: UnsafePointer<T>, _ count: Int, _ step: Int, _ buffer: UnsafeMutablePointer<Double>
  ) -> T {
    if step != 1 {
      var best = -T.infinity
      for index in 0..<count { best = x[index * step] > best ? x[index * step] : best }
      return best
    }
    var best = SIMD8<Double>(repeating: -.infinity)
    var done = 0
    while done < count {
      let number = Swift.min(block, count - done)
      load(x + done, number, 0, buffer)
      pad(buffer, number, -.infinity)
      for start in stride(from: 0, to: number, by: 8) {
        let next = eight(buffer + start)
        best.replace(with: next, where: next .> best)
      }
      done += number
    }
    return T(highest(best))
  }

  /// Sums `e^(x - shift)` and hands on the powers, block by block with the place of its first.
  @inline(__always)
  private static func sumOfPowers<T: FloatElement>(
    _ x: UnsafePointer<T>, _ count: Int, _ step: Int, _ shift: T, _ buffer: UnsafeMutablePointer<Double>,
    _ body: (Int, Int, UnsafeMutablePointer<Double>) -> Void
  ) throws -> Double {
    let narrow = T.self == Float.self
    var sums = SIMD8<Double>.zero
    var done = 0
    while done < count {
      if done % Interrupt.pollInterval == 0 { try Interrupt.check() }
      let number = Swift.min(block, count - done)
      if step == 1 {
        load(x + done, number, shift, buffer)
        for index in 0..<number { buffer[index] = Lane.exponential(buffer[index], narrow: narrow) }
      } else {
        // what is far apart comes while the one before is computed
        let line = x + done * step
        for index in 0..<number {
          buffer[index] = Lane.exponential(Double(line[index * step] - shift), narrow: narrow)
        }
      }
      pad(buffer, number, 0)
      for start in stride(from: 0, to: number, by: 8) { sums += eight(buffer + start) }
      body(done, number, buffer)
      done += number
    }
    return sums.sum()
  }

  @inline(__always)
  private static func eight(_ buffer: UnsafeMutablePointer<Double>) -> SIMD8<Double> {
    UnsafeRawPointer(buffer).loadUnaligned(as: SIMD8<Double>.self)
  }

  /// Loads `x - shift`.
  @inline(__always)
  private static func load<T: FloatElement>(
    _ x: UnsafePointer<T>, _ count: Int, _ shift: T, _ buffer: UnsafeMutablePointer<Double>
  ) {
    for index in 0..<count { buffer[index] = Double(x[index] - shift) }
  }

  /// Fills up to whole lanes of eight.
  @inline(__always)
  private static func pad(_ buffer: UnsafeMutablePointer<Double>, _ count: Int, _ value: Double) {
    for index in count..<((count + 7) / 8 * 8) { buffer[index] = value }
  }
}
