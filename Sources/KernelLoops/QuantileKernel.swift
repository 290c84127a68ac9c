import KernelBase

/// Quantiles of many lines: contiguous, `[lines, count]`, `count` at least 1.
public enum QuantileKernel {
  /// Below this many elements sorting is quicker than selecting.
  private static let smallCount = 64

  /// Where a quantile lies between two elements of a sorted line.
  private struct Place {
    let below: Int
    let above: Int
    let share: Double

    init(_ fraction: Double, _ count: Int) {
      let position = fraction * Double(count - 1)
      below = Swift.min(Int(position), count - 1)
      above = Swift.min(below + 1, count - 1)
      share = position - Double(below)
    }
  }

  /// Finds quantiles, linearly interpolated between the elements around position `fraction (count - 1)`, into `results`, `[fractions, lines]`.
  ///
  /// Fractions lie in 0...1. A line with a NaN gives NaN. `scratch` has room for a line.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func quantiles<T: FloatElement>(
    _ x: UnsafePointer<T>, lines: Int, count: Int, fractions: [Double], _ results: UnsafeMutablePointer<Double>,
    scratch: UnsafeMutablePointer<T>
  ) throws {
    let places = fractions.map { Place($0, count) }
    let ranks = Selection.ascending(places.flatMap { [$0.below, $0.above] })
    // where each place's two neighbours stand among the ranks
    let neighbours = places.map { place in
      (Selection.index(of: place.below, in: ranks), Selection.index(of: place.above, in: ranks))
    }
    for line in 0..<lines {
      let input = x + line * count
      if try containsNaN(input, count) {
        for index in 0..<fractions.count { results[index * lines + line] = .nan }
      } else if count <= smallCount {
        try sort(input, count, scratch)
        for (index, place) in places.enumerated() {
          results[index * lines + line] = Selection.interpolate(
            Double(scratch[place.below]), Double(scratch[place.above]), place.share)
        }
      } else {
        let found = try Selection.select(input, count: count, ranks: ranks, scratch: scratch)
        for (index, place) in places.enumerated() {
          results[index * lines + line] = Selection.interpolate(
            found[neighbours[index].0], found[neighbours[index].1], place.share)
        }
      }
    }
  }

  /// Finds each line's median, the mean of the middle two for an even count, and the first index of its lower middle element.
  ///
  /// A line with a NaN gives NaN and the index of the first.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func medians<T: FloatElement>(
    _ x: UnsafePointer<T>, lines: Int, count: Int, _ results: UnsafeMutablePointer<Double>,
    _ indices: UnsafeMutablePointer<Int64>, scratch: UnsafeMutablePointer<T>
  ) throws {
    let (lower, upper) = ((count - 1) / 2, count / 2)
    for line in 0..<lines {
      let input = x + line * count
      if try containsNaN(input, count) {
        results[line] = .nan
        indices[line] = Int64(index(in: input, count) { $0 != $0 })
        continue
      }
      var middle: (Double, Double)
      if count <= smallCount {
        try sort(input, count, scratch)
        middle = (Double(scratch[lower]), Double(scratch[upper]))
      } else {
        let found = try Selection.select(
          input, count: count, ranks: lower == upper ? [lower] : [lower, upper], scratch: scratch)
        middle = (found[0], found[found.count - 1])
      }
      // half the sum is the mean rounded once, as NumPy has it; sums beyond the largest number are interpolated
      let sum = middle.0 + middle.1
      results[line] = sum.isFinite ? sum / 2 + 0 : Selection.interpolate(middle.0, middle.1, lower == upper ? 0 : 0.5)
      indices[line] = Int64(index(in: input, count) { Double($0) == middle.0 })
    }
  }

  @inline(__always)
  private static func index<T>(in x: UnsafePointer<T>, _ count: Int, where holds: (T) -> Bool) -> Int {
    var index = 0
    while index < count - 1 && !holds(x[index]) { index += 1 }
    return index
  }

  @inline(__always)
  private static func containsNaN<T: FloatElement>(_ x: UnsafePointer<T>, _ count: Int) throws -> Bool {
    var (found, start) = (false, 0)
    while start < count {
      try Interrupt.check()
      let end = Swift.min(count, start + Interrupt.pollInterval)
      for index in start..<end { found = found || x[index] != x[index] }
      start = end
    }
    return found
  }

  @inline(__always)
  private static func sort<T: FloatElement>(
    _ x: UnsafePointer<T>, _ count: Int, _ sorted: UnsafeMutablePointer<T>
  ) throws {
    for index in 0..<count {
      let value = x[index]
      var place = index
      while place > 0 && sorted[place - 1] > value {
        sorted[place] = sorted[place - 1]
        place -= 1
      }
      sorted[place] = value
    }
  }
}
