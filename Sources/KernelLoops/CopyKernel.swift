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

  /// Copies in square tiles, so that every cache line of the source is read for several rows of the target at once.
  @inline(__always)
  private static func transpose<Target: StoredElement, Source: StoredElement>(
    _ plane: Plane, _ target: UnsafeMutablePointer<Target>, _ source: UnsafePointer<Source>
  ) throws {
    let (out, x) = (target + plane.first[0], source + plane.first[1])
    let (rows, columns) = (plane.rowStrides, plane.columnStrides)
    for top in stride(from: 0, to: plane.rows, by: tile) {
      try Interrupt.check()
      for left in stride(from: 0, to: plane.columns, by: tile) {
        for row in top..<Swift.min(top + tile, plane.rows) {
          for column in left..<Swift.min(left + tile, plane.columns) {
            out[row * rows[0] + column * columns[0]] = Target(converting: x[row * rows[1] + column * columns[1]])
          }
        }
      }
    }
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
