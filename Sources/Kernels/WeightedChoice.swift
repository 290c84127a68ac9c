import KernelBase

/// Draws of indices with given weights.
public enum WeightedChoice {
  /// Finds the first number that isn't finite or is below 0, nil when all are weights.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func firstInvalid(_ weights: UnsafePointer<Double>, count: Int) throws -> Int? {
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      if !(weights[index] >= 0 && weights[index].isFinite) { return index }
    }
    return nil
  }

  /// Finds the first number outside [0, 1], nil when all are probabilities.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func firstImprobable(_ probabilities: UnsafePointer<Double>, count: Int) throws -> Int? {
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      if !(probabilities[index] >= 0 && probabilities[index] <= 1) { return index }
    }
    return nil
  }

  /// Counts the weights above 0 and finds the largest.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func measure(_ weights: UnsafePointer<Double>, count: Int) throws -> (positive: Int, largest: Double) {
    var (positive, largest) = (0, 0.0)
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      positive += weights[index] > 0 ? 1 : 0
      largest = Swift.max(largest, weights[index])
    }
    return (positive, largest)
  }

  /// Replaces weights by their sums up to each, divided by the largest so that none overflows.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func accumulate(_ weights: UnsafeMutablePointer<Double>, count: Int, largest: Double) throws {
    var sum = 0.0
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      sum += weights[index] / largest
      weights[index] = sum
    }
  }

  /// Writes for each uniform number in [0, 1) the index whose share of the sums it falls into; none of a weight of 0.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func look(
    up uniforms: UnsafePointer<Double>, _ target: UnsafeMutablePointer<Int64>, count: Int,
    in sums: UnsafePointer<Double>, sumCount: Int
  ) throws {
    let total = sums[sumCount - 1]
    // of equal sums at the end, the first is the last one with a weight: rounding can bring a number up to the total
    let last = firstIndex(above: total.nextDown, in: sums, count: sumCount)
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      target[index] = Int64(Swift.min(firstIndex(above: uniforms[index] * total, in: sums, count: sumCount), last))
    }
  }

  /// The first index whose sum is above `limit`, `count` when there is none.
  @inline(__always)
  private static func firstIndex(above limit: Double, in sums: UnsafePointer<Double>, count: Int) -> Int {
    var (first, length) = (0, count)
    while length > 0 {
      let half = length / 2
      if sums[first + half] > limit {
        length = half
      } else {
        first += half + 1
        length -= half + 1
      }
    }
    return first
  }

  /// Replaces exponential numbers `e` by `e / weight`, NaN for a weight of 0: in ascending order, a draw without replacement.
  ///
  /// Efraimidis and Spirakis 2006, "Weighted random sampling with a reservoir". Weights count in units of the largest.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func race(
    _ numbers: UnsafeMutablePointer<Double>, _ weights: UnsafePointer<Double>, count: Int, largest: Double
  ) throws {
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      numbers[index] = weights[index] > 0 ? numbers[index] / (weights[index] / largest) : .nan
    }
  }
}
