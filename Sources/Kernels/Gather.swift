/// Moves slices of a dimension by their indices.
///
/// Tensors are contiguous: `[outer, extent, inner]`.
public enum Gather {
  /// Copies slice `indices[i]` of `source` to slice i of `target`, `[outer, count, inner]`, for every i; indices lie within the extent.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func select<T: StoredElement>(
    _ target: UnsafeMutablePointer<T>, _ source: UnsafePointer<T>, outer: Int, extent: Int, inner: Int,
    indices: UnsafePointer<Int64>, count: Int
  ) throws {
    try forEachSlice(outer, extent, inner, indices, count) { slice, place in
      (target + slice).update(from: source + place, count: inner)
    }
  }

  /// Copies slice i of `source`, `[outer, count, inner]`, to slice `indices[i]` of `target`; of equal indices the last stays.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func assign<T: StoredElement>(
    _ target: UnsafeMutablePointer<T>, _ source: UnsafePointer<T>, outer: Int, extent: Int, inner: Int,
    indices: UnsafePointer<Int64>, count: Int
  ) throws {
    try forEachSlice(outer, extent, inner, indices, count) { slice, place in
      (target + place).update(from: source + slice, count: inner)
    }
  }

  /// Adds slice i of `source`, `[outer, count, inner]`, to slice `indices[i]` of `target`, in the order of i.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func add<T: FloatElement>(
    _ target: UnsafeMutablePointer<T>, _ source: UnsafePointer<T>, outer: Int, extent: Int, inner: Int,
    indices: UnsafePointer<Int64>, count: Int
  ) throws {
    try forEachSlice(outer, extent, inner, indices, count) { slice, place in
      let (sum, term) = (target + place, source + slice)
      for index in 0..<inner { sum[index] += term[index] }
    }
  }

  @inline(__always)
  private static func forEachSlice(
    _ outer: Int, _ extent: Int, _ inner: Int, _ indices: UnsafePointer<Int64>, _ count: Int, _ body: (Int, Int) -> Void
  ) throws {
    var sincePoll = Interrupt.pollInterval
    for block in 0..<outer {
      for index in 0..<count {
        if sincePoll >= Interrupt.pollInterval {
          try Interrupt.check()
          sincePoll = 0
        }
        body((block * count + index) * inner, (block * extent + Int(indices[index])) * inner)
        sincePoll += inner + 1
      }
    }
  }

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
}
