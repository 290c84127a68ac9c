import KernelBase

/// Copies between strided buffers, with conversion.
public enum CopyKernel {
  /// Copies operand 1 of the plane (`source`) to operand 0 (`target`); they don't overlap.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where Target == Float, Source == Float)
  @_specialize(where Target == Double, Source == Double)
  @_specialize(where Target == Int64, Source == Int64)
  @_specialize(where Target == UInt8, Source == UInt8)
  @_specialize(where Target == Float, Source == Double)
  @_specialize(where Target == Float, Source == Int64)
  @_specialize(where Target == Float, Source == UInt8)
  @_specialize(where Target == Double, Source == Float)
  @_specialize(where Target == Double, Source == Int64)
  @_specialize(where Target == Double, Source == UInt8)
  @_specialize(where Target == Int64, Source == Float)
  @_specialize(where Target == Int64, Source == Double)
  @_specialize(where Target == Int64, Source == UInt8)
  @_specialize(where Target == UInt8, Source == Float)
  @_specialize(where Target == UInt8, Source == Double)
  @_specialize(where Target == UInt8, Source == Int64)
  public static func copy<Target: StoredElement, Source: StoredElement>(
    _ plane: Plane, _ target: UnsafeMutablePointer<Target>, _ source: UnsafePointer<Source>
  ) throws {
    let (to, from) = (plane.columnStrides[0], plane.columnStrides[1])
    if to == 1 && from == 1 && Target.self == Source.self {
      return try plane.forEachRow { start, length in
        let bytes = UnsafeRawPointer(source + start[1])
        UnsafeMutableRawPointer(target + start[0]).copyMemory(
          from: bytes, byteCount: length * MemoryLayout<Target>.stride)
      }
    }
    if to == 1 && from == 1 {
      return try plane.forEachRow { start, length in
        let (out, x) = (target + start[0], source + start[1])
        for index in 0..<length { out[index] = Target(converting: x[index]) }
      }
    }
    if plane.rows >= tile && plane.columns >= tile && abs(plane.rowStrides[1]) < abs(from) {
      return try transpose(plane, target, source)
    }
    try plane.forEachRow { start, length in
      let (out, x) = (target + start[0], source + start[1])
      for index in 0..<length { out[index * to] = Target(converting: x[index * from]) }
    }
  }

  private static let tile = 16

  /// Copies where the source's elements lie closer together along the rows of the target's columns.
  @inline(__always)
  private static func transpose<Target: StoredElement, Source: StoredElement>(
    _ plane: Plane, _ target: UnsafeMutablePointer<Target>, _ source: UnsafePointer<Source>
  ) throws {
    let (out, x) = (target + plane.first[0], source + plane.first[1])
    // what squares of floats cover; the rest stands beside and below them
    var (height, width) = (0, 0)
    if Target.self == Source.self, plane.columnStrides[0] == 1, plane.rowStrides[1] == 1 {
      if Target.self == Float.self {
        (height, width) = try transposeSquares(
          plane, UnsafeMutableRawPointer(out), UnsafeRawPointer(x), of: Float.self)
      } else if Target.self == Double.self {
        (height, width) = try transposeSquares(
          plane, UnsafeMutableRawPointer(out), UnsafeRawPointer(x), of: Double.self)
      }
    }
    try copyTiles(plane, out, x, 0..<height, width..<plane.columns)
    try copyTiles(plane, out, x, height..<plane.rows, 0..<plane.columns)
  }

  /// Copies some rows and columns in square tiles: every cache line of the source serves several rows of the target.
  @inline(__always)
  private static func copyTiles<Target: StoredElement, Source: StoredElement>(
    _ plane: Plane, _ out: UnsafeMutablePointer<Target>, _ x: UnsafePointer<Source>, _ across: Range<Int>,
    _ along: Range<Int>
  ) throws {
    let (rows, columns) = (plane.rowStrides, plane.columnStrides)
    for top in stride(from: across.lowerBound, to: across.upperBound, by: tile) {
      try Interrupt.check()
      for left in stride(from: along.lowerBound, to: along.upperBound, by: tile) {
        for row in top..<Swift.min(top + tile, across.upperBound) {
          for column in left..<Swift.min(left + tile, along.upperBound) {
            out[row * rows[0] + column * columns[0]] = Target(converting: x[row * rows[1] + column * columns[1]])
          }
        }
      }
    }
  }

  /// Transposes as much as squares of 8 by 8 numbers cover, and tells how many rows and columns these are.
  @inline(__always)
  private static func transposeSquares<T: FloatElement>(
    _ plane: Plane, _ out: UnsafeMutableRawPointer, _ x: UnsafeRawPointer, of type: T.Type
  ) throws -> (height: Int, width: Int) {
    let (x, out) = (x.assumingMemoryBound(to: T.self), out.assumingMemoryBound(to: T.self))
    let (height, width) = (plane.rows & ~7, plane.columns & ~7)
    let (step, outStep) = (plane.columnStrides[1], plane.rowStrides[0])
    for top in stride(from: 0, to: height, by: 8) {
      try Interrupt.check()
      for left in stride(from: 0, to: width, by: 8) {
        transposeSquare(x + top + left * step, step, out + top * outStep + left, outStep)
      }
    }
    return (height, width)
  }

  /// Sets operand 0 of the plane to `value`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func fill<T: StoredElement>(_ plane: Plane, _ target: UnsafeMutablePointer<T>, _ value: T) throws {
    let step = plane.columnStrides[0]
    if step == 1 {
      return try plane.forEachRow { start, length in (target + start[0]).update(repeating: value, count: length) }
    }
    try plane.forEachRow { start, length in
      let out = target + start[0]
      for index in 0..<length { out[index * step] = value }
    }
  }

  /// Finds a number of operand 0 of the plane that int64 can't hold: NaN, infinite or too large.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func firstBeyondInteger<T: FloatElement>(_ plane: Plane, _ source: UnsafePointer<T>) throws -> Double? {
    var found: T?
    let limit = T(0x1p63)
    let step = plane.columnStrides[0]
    try plane.forEachRow { start, length in
      let x = source + start[0]
      var beyond = false
      for index in 0..<length { beyond = beyond || !(x[index * step] >= -limit && x[index * step] < limit) }
      guard beyond, found == nil else { return }
      for index in 0..<length where !(x[index * step] >= -limit && x[index * step] < limit) {
        found = x[index * step]
        return
      }
    }
    return found.map { Double($0) }
  }
}

/// Transposes 8 by 8 numbers whose rows are `step` numbers apart into rows `outStep` apart.
@inline(__always)
func transposeSquare<T: FloatElement>(
  _ x: UnsafePointer<T>, _ step: Int, _ out: UnsafeMutablePointer<T>, _ outStep: Int
) {
  @inline(__always) func row(_ index: Int) -> SIMD8<T> {
    UnsafeRawPointer(x + index * step).loadUnaligned(as: SIMD8<T>.self)
  }
  // three shuffles of each row with the one four rows further
  var rows = (row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7))
  for _ in 0..<3 {
    rows = (
      lowZip(rows.0, rows.4), highZip(rows.0, rows.4), lowZip(rows.1, rows.5), highZip(rows.1, rows.5),
      lowZip(rows.2, rows.6), highZip(rows.2, rows.6), lowZip(rows.3, rows.7), highZip(rows.3, rows.7)
    )
  }
  @inline(__always) func store(_ value: SIMD8<T>, _ index: Int) {
    UnsafeMutableRawPointer(out + index * outStep).storeBytes(of: value, as: SIMD8<T>.self)
  }
  store(rows.0, 0)
  store(rows.1, 1)
  store(rows.2, 2)
  store(rows.3, 3)
  store(rows.4, 4)
  store(rows.5, 5)
  store(rows.6, 6)
  store(rows.7, 7)
}

@inline(__always)
private func lowZip<T: FloatElement>(_ a: SIMD8<T>, _ b: SIMD8<T>) -> SIMD8<T> {
  SIMD8(a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3])
}

@inline(__always)
private func highZip<T: FloatElement>(_ a: SIMD8<T>, _ b: SIMD8<T>) -> SIMD8<T> {
  SIMD8(a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7])
}
