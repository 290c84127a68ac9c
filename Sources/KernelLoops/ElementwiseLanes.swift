import KernelBase

extension Elementwise {
  /// How many doubles are computed at a time, in a buffer on the stack: 1 KiB, more would be heap.
  private static let block = 128

  /// Computes a function by the loops that become SIMD; false for those that have none in this dtype, or none that is faster.
  ///
  /// float32 is computed in double and rounded once. Every element goes through the same operations whatever its
  /// neighbours, strides and place, so results never depend on them.
  @inline(__always)
  static func lanes<T: FloatElement>(
    _ operation: UnaryOperation, _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ x: UnsafePointer<T>
  ) throws -> Bool {
    let narrow = T.self == Float.self
    let (scale, alpha) = (ActivationFunction.seluScale, ActivationFunction.seluAlpha)
    switch operation {
    case .exponential: try lanes(plane, out, x) { Lane.exponential($0, narrow: narrow) }
    case .logarithm: try lanes(plane, out, x) { Lane.logarithm($0, narrow: narrow) }
    case .exponentialMinusOne: try lanes(plane, out, x) { Lane.exponentialMinusOne($0, narrow: narrow) }
    case .logarithmOnePlus: try lanes(plane, out, x) { Lane.logarithmOnePlus($0, narrow: narrow) }
    case .tanh: try lanes(plane, out, x) { Lane.tanh($0, narrow: narrow) }
    case .sigmoid: try lanes(plane, out, x) { Lane.sigmoid($0, narrow: narrow) }
    case .silu: try lanes(plane, out, x) { Lane.silu($0, narrow: narrow) }
    case .softplus: try lanes(plane, out, x) { Lane.softplus($0, narrow: narrow) }
    case .elu: try lanes(plane, out, x) { Lane.elu($0, narrow: narrow) }
    case .selu:
      try lanes(plane, out, x) { Lane.select($0 > 0, scale, scale * alpha) * Lane.elu($0, narrow: narrow) }
    case .sine: try waves(plane, out, x, ahead: 0)
    case .cosine: try waves(plane, out, x, ahead: 1)
    case .errorFunction, .complementaryErrorFunction, .gelu, .exponential2, .logarithm2, .logarithm10:
      if !narrow { return false }
      try narrowLanes(operation, plane, out, x)
    default: return false
    }
    return true
  }

  /// Functions whose doubles are left to the mathematical library.
  @inline(__always)
  private static func narrowLanes<T: FloatElement>(
    _ operation: UnaryOperation, _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ x: UnsafePointer<T>
  ) throws {
    switch operation {
    case .errorFunction: try lanes(plane, out, x) { Lane.errorFunction($0) }
    case .complementaryErrorFunction: try lanes(plane, out, x) { Lane.complementaryErrorFunction($0) }
    case .exponential2: try lanes(plane, out, x) { Lane.exponential($0 * Lane.ln2, narrow: true) }
    case .logarithm2: try lanes(plane, out, x) { Lane.logarithm($0, narrow: true) * Lane.log2e }
    case .logarithm10: try lanes(plane, out, x) { Lane.logarithm($0, narrow: true) * Lane.log10e }
    default: try lanes(plane, out, x) { Lane.gelu($0) }
    }
  }

  /// Computes `out = f(x)` over a plane, block by block, so that the loop of f has one buffer and is SIMD in place too.
  @inline(__always)
  private static func lanes<T: FloatElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ x: UnsafePointer<T>, _ f: (Double) -> Double
  ) throws {
    try forEachBlock(plane) { start, count, buffer in
      load(x + start[1], plane.columnStrides[1], count, buffer)
      for index in 0..<count { buffer[index] = f(buffer[index]) }
      store(buffer, count, out + start[0], plane.columnStrides[0])
    }
  }

  /// Computes the sine of x and `ahead` quarters of a turn, 0 or 1; what is further from 0 than the reduction reaches is the library's.
  @inline(__always)
  private static func waves<T: FloatElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ x: UnsafePointer<T>, ahead: UInt64
  ) throws {
    let narrow = T.self == Float.self
    let (outStep, step) = (plane.columnStrides[0], plane.columnStrides[1])
    try forEachBlock(plane) { start, count, buffer in
      let x = x + start[1]
      load(x, step, count, buffer)
      // a negative difference of bits is a larger magnitude, or NaN
      let limit = Lane.trigonometricLimit.bitPattern
      var beyond: UInt64 = 0
      for index in 0..<count { beyond |= limit &- buffer[index].magnitude.bitPattern }
      for index in 0..<count { buffer[index] = Lane.sine(buffer[index], ahead: ahead, narrow: narrow) }
      // x may be out: before anything is stored
      if beyond &>> 63 != 0 {
        for index in 0..<count where Double(x[index * step]).magnitude > Lane.trigonometricLimit {
          let far = x[index * step]
          buffer[index] = Double(ahead == 0 ? T.sin(far) : T.cos(far))
        }
      }
      store(buffer, count, out + start[0], outStep)
    }
  }

  /// Computes powers of floats as `e^(y log x)` in double, where x is above 0 and both are finite; other powers are the library's.
  @inline(__always)
  static func narrowPowers<T: FloatElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<T>, _ x: UnsafePointer<T>, _ y: UnsafePointer<T>
  ) throws {
    let strides = plane.columnStrides
    let top = Double.infinity.bitPattern &- 1
    try withUnsafeTemporaryAllocation(of: Double.self, capacity: block) { exponents in
      guard let exponents = exponents.baseAddress else { return }
      try forEachBlock(plane) { start, count, buffer in
        let (base, power) = (x + start[1], y + start[2])
        load(base, strides[1], count, buffer)
        load(power, strides[2], count, exponents)
        // the highest bit tells of what is not within
        var beyond: UInt64 = 0
        for index in 0..<count {
          let bits = buffer[index].bitPattern
          beyond |= bits | (bits &- 1) | (top &- bits) | (top &- exponents[index].magnitude.bitPattern)
        }
        for index in 0..<count {
          // floats are normal doubles
          buffer[index] = Lane.exponential(exponents[index] * Lane.logarithm(normal: buffer[index]), narrow: true)
        }
        if beyond &>> 63 != 0 {
          for index in 0..<count {
            let (x, y) = (base[index * strides[1]], power[index * strides[2]])
            if !(x > 0 && x < .infinity && y.isFinite) { buffer[index] = Double(raised(x, y)) }
          }
        }
        store(buffer, count, out + start[0], strides[0])
      }
    }
  }

  /// Calls `body` with where a block starts in each operand, how long it is, and a buffer for it.
  @inline(__always)
  private static func forEachBlock(
    _ plane: Plane, _ body: (SIMD4<Int>, Int, UnsafeMutablePointer<Double>) -> Void
  ) throws {
    try withUnsafeTemporaryAllocation(of: Double.self, capacity: block) { buffer in
      guard let buffer = buffer.baseAddress else { return }
      try plane.forEachRow { start, length in
        var done = 0
        while done < length {
          let count = Swift.min(block, length - done)
          body(start &+ plane.columnStrides &* SIMD4(repeating: done), count, buffer)
          done += count
        }
      }
    }
  }

  @inline(__always)
  private static func load<T: FloatElement>(
    _ x: UnsafePointer<T>, _ step: Int, _ count: Int, _ buffer: UnsafeMutablePointer<Double>
  ) {
    if step == 1 {
      for index in 0..<count { buffer[index] = Double(x[index]) }
    } else if step == 0 {
      buffer.update(repeating: Double(x[0]), count: count)
    } else {
      for index in 0..<count { buffer[index] = Double(x[index * step]) }
    }
  }

  /// Rounds a block of doubles into numbers `step` apart.
  @inline(__always)
  static func store<T: FloatElement>(
    _ buffer: UnsafeMutablePointer<Double>, _ count: Int, _ out: UnsafeMutablePointer<T>, _ step: Int
  ) {
    if step == 1 {
      for index in 0..<count { out[index] = T(buffer[index]) }
    } else {
      for index in 0..<count { out[index * step] = T(buffer[index]) }
    }
  }
}
