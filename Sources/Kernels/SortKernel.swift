import KernelBase

/// Stable sorting of lines by radix: bytes of an order-preserving key, from the least.
public enum SortKernel {
  private static let insertionLimit = 48
  /// Loops poll for Ctrl-C where these bits of the index are all 1.
  private static let pollMask = Interrupt.pollInterval - 1

  /// Sorts each line of operand 0 into operand 1, with the indices its elements had in operand 2; NaN comes last either way.
  ///
  /// Equal elements, and zeros of either sign, keep their order. `scratch` has room for `4 * count` words.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func sort<T: StoredElement>(
    descending: Bool, _ plane: Plane, _ x: UnsafePointer<T>, _ values: UnsafeMutablePointer<T>,
    _ indices: UnsafeMutablePointer<Int64>, count: Int, steps: (Int, Int, Int), scratch: UnsafeMutablePointer<UInt64>
  ) throws {
    let strides = plane.columnStrides
    for row in 0..<plane.rows {
      let start = plane.first &+ plane.rowStrides &* SIMD4(repeating: row)
      for column in 0..<plane.columns {
        let line = x + start[0] + column * strides[0]
        let sorted = try pairs(line, count, steps.0, descending, scratch)
        let value = values + start[1] + column * strides[1]
        let place = indices + start[2] + column * strides[2]
        for index in 0..<count {
          if index & pollMask == pollMask { try Interrupt.check() }
          let from = Int(sorted[2 * index + 1])
          value[index * steps.1] = line[from * steps.0]
          place[index * steps.2] = Int64(from)
        }
      }
    }
  }

  /// Sorts a line's keys with the indices they had: pairs of words within `scratch`, whose room is `4 * count`.
  @inline(__always)
  static func pairs<T: StoredElement>(
    _ line: UnsafePointer<T>, _ count: Int, _ step: Int, _ descending: Bool, _ scratch: UnsafeMutablePointer<UInt64>
  ) throws -> UnsafeMutablePointer<UInt64> {
    for index in 0..<count {
      if index & pollMask == pollMask { try Interrupt.check() }
      scratch[2 * index] = key(line[index * step], descending)
      scratch[2 * index + 1] = UInt64(index)
    }
    return try count <= insertionLimit ? insertion(scratch, count) : radix(scratch, scratch + 2 * count, count)
  }

  /// Makes a key whose order as an unsigned integer is the order wanted.
  @inline(__always)
  static func key<T: StoredElement>(_ x: T, _ descending: Bool) -> UInt64 {
    var bits: UInt64
    if T.isWhole {
      bits = UInt64(bitPattern: x.asInteger) ^ 1 << 63
    } else {
      let number = x.asDouble + 0  // makes -0 equal to 0
      if number.isNaN { return .max }
      bits = number.bitPattern
      bits ^= bits >> 63 == 1 ? .max : 1 << 63
    }
    return descending ? ~bits : bits
  }

  @inline(__always)
  private static func insertion(_ pairs: UnsafeMutablePointer<UInt64>, _ count: Int) throws -> UnsafeMutablePointer<
    UInt64
  > {
    try Interrupt.check()
    for index in 1..<Swift.max(count, 1) {
      let (key, origin) = (pairs[2 * index], pairs[2 * index + 1])
      var place = index
      while place > 0 && pairs[2 * place - 2] > key {
        pairs[2 * place] = pairs[2 * place - 2]
        pairs[2 * place + 1] = pairs[2 * place - 1]
        place -= 1
      }
      pairs[2 * place] = key
      pairs[2 * place + 1] = origin
    }
    return pairs
  }

  private static func radix(
    _ pairs: UnsafeMutablePointer<UInt64>, _ spare: UnsafeMutablePointer<UInt64>, _ count: Int
  ) throws -> UnsafeMutablePointer<UInt64> {
    try withUnsafeTemporaryAllocation(of: Int.self, capacity: 8 * 256) { counts in
      counts.initialize(repeating: 0)
      for index in 0..<count {
        if index & pollMask == pollMask { try Interrupt.check() }
        for byte in 0..<8 { counts[byte * 256 + Int(pairs[2 * index] >> UInt64(8 * byte) & 255)] += 1 }
      }
      var (from, to) = (pairs, spare)
      for byte in 0..<8 {
        try Interrupt.check()
        let shift = UInt64(8 * byte)
        let bins = UnsafeMutableBufferPointer(rebasing: counts[(byte * 256)..<(byte * 256 + 256)])
        // all keys share this byte
        if bins[Int(from[0] >> shift & 255)] == count { continue }
        var start = 0
        for bin in 0..<256 { (bins[bin], start) = (start, start + bins[bin]) }
        for index in 0..<count {
          if index & pollMask == pollMask { try Interrupt.check() }
          let bin = Int(from[2 * index] >> shift & 255)
          to[2 * bins[bin]] = from[2 * index]
          to[2 * bins[bin] + 1] = from[2 * index + 1]
          bins[bin] += 1
        }
        swap(&from, &to)
      }
      return from
    }
  }
}
