import KernelBase

/// The first elements of a sort, without sorting the rest.
extension SortKernel {
  /// How many times more elements than wanted make a heap quicker than a sort.
  private static let heapAdvantage = 8

  /// The words of scratch memory that `top` needs for `wanted` of `count` elements.
  public static func topScratch(count: Int, wanted: Int) -> Int {
    wanted <= count / heapAdvantage ? 2 * wanted : 4 * count
  }

  /// Writes the first `wanted` elements that sorting each line of operand 0 would give to operand 1, their indices to operand 2.
  ///
  /// NaN comes last whichever way; of equal elements those before come first. `scratch` has room for `topScratch` words.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func top<T: StoredElement>(
    largest: Bool, wanted: Int, _ plane: Plane, _ x: UnsafePointer<T>, _ values: UnsafeMutablePointer<T>,
    _ indices: UnsafeMutablePointer<Int64>, count: Int, steps: (Int, Int, Int), scratch: UnsafeMutablePointer<UInt64>
  ) throws {
    let strides = plane.columnStrides
    for row in 0..<plane.rows {
      let start = plane.first &+ plane.rowStrides &* SIMD4(repeating: row)
      for column in 0..<plane.columns {
        let line = x + start[0] + column * strides[0]
        let sorted: UnsafeMutablePointer<UInt64>
        if wanted <= count / heapAdvantage {
          try gatherBest(line, count, steps.0, largest, scratch, wanted)
          sorted = scratch
        } else {
          sorted = try pairs(line, count, steps.0, largest, scratch)
        }
        let value = values + start[1] + column * strides[1]
        let place = indices + start[2] + column * strides[2]
        for index in 0..<wanted {
          let from = Int(sorted[2 * index + 1])
          value[index * steps.1] = line[from * steps.0]
          place[index * steps.2] = Int64(from)
        }
      }
    }
  }

  /// Keeps the best pairs of key and index in a heap whose root is the worst, and sorts them at the end.
  @inline(__always)
  private static func gatherBest<T: StoredElement>(
    _ line: UnsafePointer<T>, _ count: Int, _ step: Int, _ largest: Bool, _ heap: UnsafeMutablePointer<UInt64>,
    _ wanted: Int
  ) throws {
    if wanted == 0 { return }
    for index in 0..<wanted {
      heap[2 * index] = key(line[index * step], largest)
      heap[2 * index + 1] = UInt64(index)
    }
    for root in stride(from: wanted / 2 - 1, through: 0, by: -1) { sink(heap, root, wanted) }
    var worst = line[Int(heap[1]) * step]
    for index in wanted..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      let value = line[index * step]
      // an equal one comes later and is worse; beside NaN any number is better
      let isBetter = (largest ? value > worst : value < worst) || (worst != worst && value == value)
      if isBetter {
        (heap[0], heap[1]) = (key(value, largest), UInt64(index))
        sink(heap, 0, wanted)
        worst = line[Int(heap[1]) * step]
      }
    }
    for end in stride(from: wanted - 1, to: 0, by: -1) {
      exchange(heap, 0, end)
      sink(heap, 0, end)
    }
  }

  private static func sink(_ heap: UnsafeMutablePointer<UInt64>, _ root: Int, _ count: Int) {
    var parent = root
    while 2 * parent + 1 < count {
      var child = 2 * parent + 1
      if child + 1 < count && isBefore(heap, child, child + 1) { child += 1 }
      if !isBefore(heap, parent, child) { return }
      exchange(heap, parent, child)
      parent = child
    }
  }

  @inline(__always)
  private static func isBefore(_ pairs: UnsafeMutablePointer<UInt64>, _ left: Int, _ right: Int) -> Bool {
    pairs[2 * left] < pairs[2 * right]
      || (pairs[2 * left] == pairs[2 * right] && pairs[2 * left + 1] < pairs[2 * right + 1])
  }

  @inline(__always)
  private static func exchange(_ pairs: UnsafeMutablePointer<UInt64>, _ left: Int, _ right: Int) {
    (pairs[2 * left], pairs[2 * right]) = (pairs[2 * right], pairs[2 * left])
    (pairs[2 * left + 1], pairs[2 * right + 1]) = (pairs[2 * right + 1], pairs[2 * left + 1])
  }
}
