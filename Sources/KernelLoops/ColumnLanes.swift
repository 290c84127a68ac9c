import CLanes
import KernelBase

/// Numbers of neighbouring columns that are computed at once: a vector, or one alone where fewer are left.
///
/// All kinds compute number by number, so that what becomes of a column does not depend on how many go with it. Loops
/// over plain arrays would do, but that the compiler gives up on comparing the addresses of more than a few of them.
protocol Lanes<Scalar> {
  associatedtype Scalar: FloatElement
  /// As many doubles.
  associatedtype Wide: Lanes where Wide.Scalar == Double, Wide.Wide == Wide

  static func load(_ address: UnsafePointer<Scalar>) -> Self
  func store(_ address: UnsafeMutablePointer<Scalar>)
  /// Stores past the caches, as far as the kind can; only where `Streaming` says so.
  func stream(_ address: UnsafeMutablePointer<Scalar>)
  init(repeating number: Scalar)
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
  var squareRoot: Self { get }
  var widened: Wide { get }
  /// Rounds doubles.
  init(narrowing wide: Wide)
  /// `low` where `test` is at most 0, `high` where it is above 0 or NaN.
  static func choose(_ test: Self, low: Self, high: Self) -> Self
}

extension Lanes {
  /// Stores, past the caches where that pays.
  @inline(__always) func store(_ address: UnsafeMutablePointer<Scalar>, streaming: Bool) {
    if streaming { stream(address) } else { store(address) }
  }
}

/// When a pass writes its result past the caches.
///
/// A result that is read again only after as much has come in between is not found there anyway, and lines that are
/// written whole need not be read first.
enum Streaming {
  // more than a core's own caches hold
  private static let least = 8 << 20

  /// Whether it pays for `y` `[rows, columns]`, computed from `x`, and all its rows begin where vectors may be stored so.
  @inline(__always)
  static func pays<T: FloatElement>(
    _ y: UnsafeMutablePointer<T>, from x: UnsafePointer<T>, rows: Int, columns: Int
  ) -> Bool {
    let row = columns * MemoryLayout<T>.stride
    return rows * row >= least && UnsafePointer(y) != x && row % 64 == 0 && UInt(bitPattern: y) % 64 == 0
  }

  /// Makes sure that other threads see what a pass has written so.
  @inline(__always)
  static func finish(_ streams: Bool) {
    if streams { sonde_streamed() }
  }
}

/// What is done to a few columns at once, by lanes of whatever kind.
protocol ColumnKernel<Scalar> {
  associatedtype Scalar: FloatElement
  func run<L: Lanes>(_ column: Int, by lanes: L.Type) where L.Scalar == Scalar
}

/// Goes through all columns, by vectors as far as they reach.
@inline(never)
func forEachColumn<K: ColumnKernel>(_ columns: Int, _ kernel: K) {
  var column = 0
  while column + 16 <= columns {
    kernel.run(column, by: Sixteen<K.Scalar>.self)
    column += 16
  }
  while column + 4 <= columns {
    kernel.run(column, by: Four<K.Scalar>.self)
    column += 4
  }
  while column < columns {
    kernel.run(column, by: Single<K.Scalar>.self)
    column += 1
  }
}

/// One number alone.
struct Single<Scalar: FloatElement>: Lanes {
  let number: Scalar

  @inline(__always) init(_ number: Scalar) { self.number = number }
  @inline(__always) init(repeating number: Scalar) { self.number = number }
  @inline(__always) static func load(_ address: UnsafePointer<Scalar>) -> Self { Self(address.pointee) }
  @inline(__always) func store(_ address: UnsafeMutablePointer<Scalar>) { address.pointee = number }
  @inline(__always) func stream(_ address: UnsafeMutablePointer<Scalar>) { store(address) }
  @inline(__always) static func + (a: Self, b: Self) -> Self { Self(a.number + b.number) }
  @inline(__always) static func - (a: Self, b: Self) -> Self { Self(a.number - b.number) }
  @inline(__always) static func * (a: Self, b: Self) -> Self { Self(a.number * b.number) }
  @inline(__always) static func / (a: Self, b: Self) -> Self { Self(a.number / b.number) }
  @inline(__always) var squareRoot: Self { Self(number.squareRoot()) }
  @inline(__always) var widened: Single<Double> { Single<Double>(Double(number)) }
  @inline(__always) init(narrowing wide: Single<Double>) { self.init(Scalar(wide.number)) }
  @inline(__always) static func choose(_ test: Self, low: Self, high: Self) -> Self { test.number <= 0 ? low : high }
}

// Vectors compute as those of float32 or float64, whatever `Scalar` is called: the operators for a vector of any scalar are loops
// over its numbers, which the compiler turns back into vectors of all widths.

/// Four neighbours.
struct Four<Scalar: FloatElement>: Lanes {
  let vector: SIMD4<Scalar>

  @inline(__always) init(_ vector: SIMD4<Scalar>) { self.vector = vector }
  @inline(__always) init(repeating number: Scalar) { vector = SIMD4(repeating: number) }
  @inline(__always) private init(floats: SIMD4<Float>) { vector = unsafeBitCast(floats, to: SIMD4<Scalar>.self) }
  @inline(__always) private init(doubles: SIMD4<Double>) { vector = unsafeBitCast(doubles, to: SIMD4<Scalar>.self) }
  @inline(__always) private static var isNarrow: Bool { Scalar.self == Float.self }
  @inline(__always) private var floats: SIMD4<Float> { unsafeBitCast(vector, to: SIMD4<Float>.self) }
  @inline(__always) private var doubles: SIMD4<Double> { unsafeBitCast(vector, to: SIMD4<Double>.self) }

  @inline(__always) static func load(_ address: UnsafePointer<Scalar>) -> Self {
    Self(UnsafeRawPointer(address).loadUnaligned(as: SIMD4<Scalar>.self))
  }

  @inline(__always) func store(_ address: UnsafeMutablePointer<Scalar>) {
    UnsafeMutableRawPointer(address).storeBytes(of: vector, as: SIMD4<Scalar>.self)
  }

  @inline(__always) func stream(_ address: UnsafeMutablePointer<Scalar>) { store(address) }

  @inline(__always) static func + (a: Self, b: Self) -> Self {
    isNarrow ? Self(floats: a.floats + b.floats) : Self(doubles: a.doubles + b.doubles)
  }

  @inline(__always) static func - (a: Self, b: Self) -> Self {
    isNarrow ? Self(floats: a.floats - b.floats) : Self(doubles: a.doubles - b.doubles)
  }

  @inline(__always) static func * (a: Self, b: Self) -> Self {
    isNarrow ? Self(floats: a.floats * b.floats) : Self(doubles: a.doubles * b.doubles)
  }

  @inline(__always) static func / (a: Self, b: Self) -> Self {
    isNarrow ? Self(floats: a.floats / b.floats) : Self(doubles: a.doubles / b.doubles)
  }

  @inline(__always) var squareRoot: Self {
    Self.isNarrow ? Self(floats: sonde_sqrt_float4(floats)) : Self(doubles: sonde_sqrt_double4(doubles))
  }

  @inline(__always) var widened: Four<Double> {
    Four<Double>(Self.isNarrow ? sonde_widen4(floats) : doubles)
  }

  @inline(__always) init(narrowing wide: Four<Double>) {
    self = Self.isNarrow ? Self(floats: sonde_narrow4(wide.vector)) : Self(doubles: wide.vector)
  }

  @inline(__always) static func choose(_ test: Self, low: Self, high: Self) -> Self {
    isNarrow
      ? Self(floats: sonde_choose_float4(test.floats, low.floats, high.floats))
      : Self(doubles: sonde_choose_double4(test.doubles, low.doubles, high.doubles))
  }
}

/// Sixteen neighbours.
struct Sixteen<Scalar: FloatElement>: Lanes {
  let vector: SIMD16<Scalar>

  @inline(__always) init(_ vector: SIMD16<Scalar>) { self.vector = vector }
  @inline(__always) init(repeating number: Scalar) { vector = SIMD16(repeating: number) }
  @inline(__always) private init(floats: SIMD16<Float>) { vector = unsafeBitCast(floats, to: SIMD16<Scalar>.self) }
  @inline(__always) private init(doubles: SIMD16<Double>) { vector = unsafeBitCast(doubles, to: SIMD16<Scalar>.self) }
  @inline(__always) private static var isNarrow: Bool { Scalar.self == Float.self }
  @inline(__always) private var floats: SIMD16<Float> { unsafeBitCast(vector, to: SIMD16<Float>.self) }
  @inline(__always) private var doubles: SIMD16<Double> { unsafeBitCast(vector, to: SIMD16<Double>.self) }

  @inline(__always) static func load(_ address: UnsafePointer<Scalar>) -> Self {
    Self(UnsafeRawPointer(address).loadUnaligned(as: SIMD16<Scalar>.self))
  }

  @inline(__always) func store(_ address: UnsafeMutablePointer<Scalar>) {
    UnsafeMutableRawPointer(address).storeBytes(of: vector, as: SIMD16<Scalar>.self)
  }

  @inline(__always) func stream(_ address: UnsafeMutablePointer<Scalar>) {
    let place = UnsafeMutableRawPointer(address)
    if Self.isNarrow {
      sonde_stream_float16(place.assumingMemoryBound(to: Float.self), floats)
    } else {
      sonde_stream_double16(place.assumingMemoryBound(to: Double.self), doubles)
    }
  }

  @inline(__always) static func + (a: Self, b: Self) -> Self {
    isNarrow ? Self(floats: a.floats + b.floats) : Self(doubles: a.doubles + b.doubles)
  }

  @inline(__always) static func - (a: Self, b: Self) -> Self {
    isNarrow ? Self(floats: a.floats - b.floats) : Self(doubles: a.doubles - b.doubles)
  }

  @inline(__always) static func * (a: Self, b: Self) -> Self {
    isNarrow ? Self(floats: a.floats * b.floats) : Self(doubles: a.doubles * b.doubles)
  }

  @inline(__always) static func / (a: Self, b: Self) -> Self {
    isNarrow ? Self(floats: a.floats / b.floats) : Self(doubles: a.doubles / b.doubles)
  }

  @inline(__always) var squareRoot: Self {
    Self.isNarrow ? Self(floats: sonde_sqrt_float16(floats)) : Self(doubles: sonde_sqrt_double16(doubles))
  }

  @inline(__always) var widened: Sixteen<Double> {
    Sixteen<Double>(Self.isNarrow ? sonde_widen16(floats) : doubles)
  }

  @inline(__always) init(narrowing wide: Sixteen<Double>) {
    self = Self.isNarrow ? Self(floats: sonde_narrow16(wide.vector)) : Self(doubles: wide.vector)
  }

  @inline(__always) static func choose(_ test: Self, low: Self, high: Self) -> Self {
    isNarrow
      ? Self(floats: sonde_choose_float16(test.floats, low.floats, high.floats))
      : Self(doubles: sonde_choose_double16(test.doubles, low.doubles, high.doubles))
  }
}
