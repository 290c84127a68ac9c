import KernelBase

/// Moves elements to and from places that offsets tell.
///
/// Operand 0 of a plane is the side that is walked densely, operand 1 the side that is reached, operand 2 the offsets: an element's
/// partner lies `step * offset` elements from where operand 1 stands. The caller has checked that every offset stays inside.
public enum Gather {
  /// Calls `body` with where each element lies on the walked side and on the reached one, in row-major order of the plane.
  @inline(__always)
  private static func forEach(
    _ plane: Plane, _ offsets: UnsafePointer<Int64>, _ step: Int, _ body: (Int, Int) -> Void
  ) throws {
    let (near, far, place) = (plane.columnStrides[0], plane.columnStrides[1], plane.columnStrides[2])
    try plane.forEachRow { start, length in
      let (first, reached) = (start[0], start[1])
      if place == 0 {
        let offset = reached + Int(offsets[start[2]]) * step
        for index in 0..<length { body(first + index * near, offset + index * far) }
      } else {
        let places = offsets + start[2]
        for index in 0..<length {
          body(first + index * near, reached + index * far + Int(places[index * place]) * step)
        }
      }
    }
  }

  /// Copies from the reached places of `source` to `target`, in whole rows where neighbours share an offset.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func pick<T: StoredElement>(
    _ plane: Plane, _ target: UnsafeMutablePointer<T>, _ source: UnsafePointer<T>, _ offsets: UnsafePointer<Int64>,
    step: Int
  ) throws {
    let strides = plane.columnStrides
    if strides[0] == 1 && strides[1] == 1 && strides[2] == 0 {
      return try plane.forEachRow { start, length in
        (target + start[0]).update(from: source + (start[1] + Int(offsets[start[2]]) * step), count: length)
      }
    }
    try forEach(plane, offsets, step) { target[$0] = source[$1] }
  }

  /// Copies from `source` to the reached places of `target`; of equal places the last stays.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func place<T: StoredElement>(
    _ plane: Plane, _ source: UnsafePointer<T>, _ target: UnsafeMutablePointer<T>, _ offsets: UnsafePointer<Int64>,
    step: Int
  ) throws {
    try forEach(plane, offsets, step) { target[$1] = source[$0] }
  }

  /// Adds `source` to the reached places of `target`, in order; integers wrap around.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  public static func add<T: StoredElement>(
    _ plane: Plane, _ source: UnsafePointer<T>, _ target: UnsafeMutablePointer<T>, _ offsets: UnsafePointer<Int64>,
    step: Int
  ) throws {
    if T.isWhole {
      return try forEach(plane, offsets, step) {
        target[$1] = T(fromInteger: target[$1].asInteger &+ source[$0].asInteger)
      }
    }
    try forEach(plane, offsets, step) { target[$1] += source[$0] }
  }
}

// Indices.
extension Gather {
  /// Writes the indices of the mask's true elements in order, and returns how many there are.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func positions(
    _ mask: UnsafePointer<UInt8>, count: Int, _ positions: UnsafeMutablePointer<Int64>
  ) throws -> Int {
    var found = 0
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      if mask[index] != 0 {
        positions[found] = Int64(index)
        found += 1
      }
    }
    return found
  }

  /// Finds an index of operand 0 outside `0..<extent`, nil when all are inside.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func firstOutside(_ plane: Plane, _ indices: UnsafePointer<Int64>, extent: Int) throws -> Int64? {
    var found: Int64?
    let (step, limit) = (plane.columnStrides[0], UInt64(extent))
    try plane.forEachRow { start, length in
      if found != nil { return }
      let index = indices + start[0]
      var outside = false
      for place in 0..<length { outside = outside || UInt64(bitPattern: index[place * step]) >= limit }
      if !outside { return }
      for place in 0..<length where UInt64(bitPattern: index[place * step]) >= limit {
        found = index[place * step]
        return
      }
    }
    return found
  }

  /// Turns indices that count from 1, or from the end when negative (operand 1), into indices from 0 (operand 0).
  ///
  /// Returns the first that is no whole number or outside the extent, nil when all are inside.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  public static func countFromZero<T: StoredElement>(
    _ plane: Plane, _ positions: UnsafeMutablePointer<Int64>, _ indices: UnsafePointer<T>, extent: Int
  ) throws -> T? {
    var found: T?
    let (to, from, extent) = (plane.columnStrides[0], plane.columnStrides[1], Int64(extent))
    try plane.forEachRow { start, length in
      let (position, index) = (positions + start[0], indices + start[1])
      for place in 0..<length where found == nil {
        let value = index[place * from]
        // beyond 2^53 no extent fits, and NaN is in no order
        let whole: Int64 =
          T.isWhole ? value.asInteger : value.asDouble.magnitude <= 0x1p53 ? Int64(value.asDouble) : 0
        guard whole >= -extent, whole <= extent, whole != 0, T.isWhole || Double(whole) == value.asDouble else {
          found = value
          return
        }
        position[place * to] = whole > 0 ? whole - 1 : whole + extent
      }
    }
    return found
  }

  /// Adds `stride` times every index (operand 1) to the offsets (operand 0).
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func addOffsets(
    _ plane: Plane, _ offsets: UnsafeMutablePointer<Int64>, _ indices: UnsafePointer<Int64>, stride: Int
  ) throws {
    let (to, from, stride) = (plane.columnStrides[0], plane.columnStrides[1], Int64(stride))
    try plane.forEachRow { start, length in
      let (offset, index) = (offsets + start[0], indices + start[1])
      for place in 0..<length { offset[place * to] &+= index[place * from] &* stride }
    }
  }

  /// Splits `count` row-major positions into one index a dimension, `[count, extents]`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func unravel(
    _ positions: UnsafePointer<Int64>, count: Int, extents: UnsafeBufferPointer<Int>,
    _ indices: UnsafeMutablePointer<Int64>
  ) throws {
    let rank = extents.count
    for place in 0..<count {
      if place % Interrupt.pollInterval == 0 { try Interrupt.check() }
      var rest = positions[place]
      for dimension in stride(from: rank - 1, through: 0, by: -1) {
        let extent = Int64(extents[dimension])
        indices[place * rank + dimension] = rest % extent
        rest /= extent
      }
    }
  }
}
