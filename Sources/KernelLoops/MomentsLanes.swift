import KernelBase

// Choices lane by lane. The comparisons of `SIMD8<T>` go through a loop over lanes in memory (measured: 20 times
// slower than the rest of the pass), so lanes are compared by name, which LLVM joins to one instruction, and
// counted by integer arithmetic on their bits.

// What the standard library has for conversions and extremes may become functions, which the modules of all levels of instructions
// would share and which are compiled for the lowest; these are always part of their caller.

/// Eight numbers as doubles.
@inline(__always)
func widened<T: FloatElement>(_ value: SIMD8<T>) -> SIMD8<Double> {
  SIMD8(
    Double(value[0]), Double(value[1]), Double(value[2]), Double(value[3]), Double(value[4]), Double(value[5]),
    Double(value[6]), Double(value[7]))
}

/// The smallest of eight, none of them NaN.
@inline(__always)
func lowest<T: Comparable & SIMDScalar>(_ value: SIMD8<T>) -> T {
  min(
    min(min(value[0], value[1]), min(value[2], value[3])), min(min(value[4], value[5]), min(value[6], value[7])))
}

/// The largest of eight, none of them NaN.
@inline(__always)
func highest<T: Comparable & SIMDScalar>(_ value: SIMD8<T>) -> T {
  max(
    max(max(value[0], value[1]), max(value[2], value[3])), max(max(value[4], value[5]), max(value[6], value[7])))
}

/// 1 in the lanes where `value` is 0, 0 in the others.
@inline(__always)
func onesWhereZero<T: FloatElement>(_ value: SIMD8<T>) -> SIMD8<T> {
  if T.self == Float.self {
    let value = unsafeBitCast(value, to: SIMD8<Float>.self)
    let zero = unsafeBitCast(value .== SIMD8<Float>.zero, to: SIMD8<UInt32>.self)
    return unsafeBitCast(zero & SIMD8(repeating: Float(1).bitPattern), to: SIMD8<T>.self)
  }
  let value = unsafeBitCast(value, to: SIMD8<Double>.self)
  let zero = unsafeBitCast(value .== SIMD8<Double>.zero, to: SIMD8<UInt64>.self)
  return unsafeBitCast(zero & SIMD8(repeating: Double(1).bitPattern), to: SIMD8<T>.self)
}

/// How many numbers are 0, fewer than 2^32 of them.
struct ZeroCount<T: FloatElement> {
  private var floats = SIMD8<UInt32>.zero
  private var doubles = SIMD8<UInt64>.zero

  @inline(__always)
  mutating func take(_ value: SIMD8<T>) {
    // what compares is all ones: -1
    if T.self == Float.self {
      let value = unsafeBitCast(value, to: SIMD8<Float>.self)
      floats &-= unsafeBitCast(value .== SIMD8<Float>.zero, to: SIMD8<UInt32>.self)
    } else {
      let value = unsafeBitCast(value, to: SIMD8<Double>.self)
      doubles &-= unsafeBitCast(value .== SIMD8<Double>.zero, to: SIMD8<UInt64>.self)
    }
  }

  /// Those of all lanes.
  var total: Int { T.self == Float.self ? Int(floats.wrappedSum()) : Int(doubles.wrappedSum()) }
}

/// 1 in the lanes where `value` is 0 or subnormal, 0 in the others.
///
/// A magnitude below the smallest normal number's bits borrows from the sign bit when those are subtracted.
@inline(__always)
func onesWhereSmall<T: FloatElement>(_ value: SIMD8<T>) -> SIMD8<T> {
  if T.self == Float.self {
    let magnitude = unsafeBitCast(value, to: SIMD8<UInt32>.self) & SIMD8(repeating: UInt32.max >> 1)
    let borrow = magnitude &- SIMD8(repeating: Float.leastNormalMagnitude.bitPattern)
    let small = SIMD8<UInt32>.zero &- (borrow &>> SIMD8(repeating: 31))
    return unsafeBitCast(small & SIMD8(repeating: Float(1).bitPattern), to: SIMD8<T>.self)
  }
  let magnitude = unsafeBitCast(value, to: SIMD8<UInt64>.self) & SIMD8(repeating: UInt64.max >> 1)
  let borrow = magnitude &- SIMD8(repeating: Double.leastNormalMagnitude.bitPattern)
  let small = SIMD8<UInt64>.zero &- (borrow &>> SIMD8(repeating: 63))
  return unsafeBitCast(small & SIMD8(repeating: Double(1).bitPattern), to: SIMD8<T>.self)
}

/// The smaller of two in each lane.
@inline(__always)
func lesser<T: FloatElement>(_ a: SIMD8<T>, _ b: SIMD8<T>) -> SIMD8<T> {
  SIMD8(
    a[0] < b[0] ? a[0] : b[0], a[1] < b[1] ? a[1] : b[1], a[2] < b[2] ? a[2] : b[2], a[3] < b[3] ? a[3] : b[3],
    a[4] < b[4] ? a[4] : b[4], a[5] < b[5] ? a[5] : b[5], a[6] < b[6] ? a[6] : b[6], a[7] < b[7] ? a[7] : b[7])
}

/// The larger of two in each lane.
@inline(__always)
func greater<T: FloatElement>(_ a: SIMD8<T>, _ b: SIMD8<T>) -> SIMD8<T> {
  SIMD8(
    a[0] > b[0] ? a[0] : b[0], a[1] > b[1] ? a[1] : b[1], a[2] > b[2] ? a[2] : b[2], a[3] > b[3] ? a[3] : b[3],
    a[4] > b[4] ? a[4] : b[4], a[5] > b[5] ? a[5] : b[5], a[6] > b[6] ? a[6] : b[6], a[7] > b[7] ? a[7] : b[7])
}

/// The smallest magnitude but 0 in each lane, by the bits, which sort as magnitudes do.
///
/// 1 is subtracted from them, so that those of 0 become the largest.
struct LeastMagnitude<T: FloatElement> {
  private var floats = SIMD8<UInt32>(repeating: .max)
  private var doubles = SIMD8<UInt64>(repeating: .max)

  @inline(__always)
  mutating func take(_ value: SIMD8<T>) {
    if T.self == Float.self {
      let bits = unsafeBitCast(value, to: SIMD8<UInt32>.self) & SIMD8(repeating: UInt32.max >> 1)
      floats = lower(floats, bits &- SIMD8(repeating: 1))
    } else {
      let bits = unsafeBitCast(value, to: SIMD8<UInt64>.self) & SIMD8(repeating: UInt64.max >> 1)
      doubles = lower(doubles, bits &- SIMD8(repeating: 1))
    }
  }

  /// The smallest of all lanes, +infinity when all were 0.
  var magnitude: Double {
    if T.self == Float.self {
      let least = lowest(floats)
      return least == .max ? .infinity : Double(Float(bitPattern: least + 1))
    }
    let least = lowest(doubles)
    return least == .max ? .infinity : Double(bitPattern: least + 1)
  }

  @inline(__always)
  private func lower<Bits: FixedWidthInteger>(_ a: SIMD8<Bits>, _ b: SIMD8<Bits>) -> SIMD8<Bits> {
    SIMD8(
      min(a[0], b[0]), min(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]), min(a[4], b[4]), min(a[5], b[5]),
      min(a[6], b[6]), min(a[7], b[7]))
  }
}
