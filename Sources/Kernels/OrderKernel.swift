import KernelBase

/// What sorted numbers tell: distinct values, places to insert, counts of whole numbers.
public enum OrderKernel {
  /// Brings the distinct ones of sorted elements together in place, and returns how many there are; all NaN count as one.
  ///
  /// `order[i]` is where sorted element i lay before; `inverse` gets, at that place, the number of its distinct value, and `counts` how
  /// often each occurs.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func distinct<T: StoredElement>(
    _ sorted: UnsafeMutablePointer<T>, order: UnsafePointer<Int64>, count: Int, inverse: UnsafeMutablePointer<Int64>,
    counts: UnsafeMutablePointer<Int64>
  ) throws -> Int {
    var last = -1
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      let value = sorted[index]
      let same = last >= 0 && (sorted[last] == value || (value != value && sorted[last] != sorted[last]))
      if !same {
        last += 1
        sorted[last] = value
        counts[last] = 0
      }
      counts[last] += 1
      inverse[Int(order[index])] = Int64(last)
    }
    return last + 1
  }

  /// Finds how many of `count` ascending elements lie before each value of operand 1: those below it, or also equal ones (`right`).
  ///
  /// NaN counts as larger than all others.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  @_specialize(where T == Int64)
  @_specialize(where T == UInt8)
  public static func search<T: StoredElement>(
    _ plane: Plane, _ places: UnsafeMutablePointer<Int64>, _ values: UnsafePointer<T>, in sorted: UnsafePointer<T>,
    count: Int, right: Bool
  ) throws {
    let strides = plane.columnStrides
    try plane.forEachRow { start, length in
      for index in 0..<length {
        let value = values[start[1] + index * strides[1]]
        var (low, high) = (0, count)
        while low < high {
          let middle = (low + high) / 2
          let before = right ? !isBelow(value, sorted[middle]) : isBelow(sorted[middle], value)
          if before { low = middle + 1 } else { high = middle }
        }
        places[start[0] + index * strides[0]] = Int64(low)
      }
    }
  }

  @inline(__always)
  private static func isBelow<T: StoredElement>(_ left: T, _ right: T) -> Bool {
    left < right || (right != right && left == left)
  }

  /// Counts how often each whole number from 0 occurs; the caller has checked that all lie inside `counts`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func tally(
    _ values: UnsafePointer<Int64>, count: Int, _ counts: UnsafeMutablePointer<Int64>
  ) throws {
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      counts[Int(values[index])] += 1
    }
  }

  /// Adds up the weights of each whole number from 0; the caller has checked that all lie inside `totals`.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  public static func tally(
    _ values: UnsafePointer<Int64>, weights: UnsafePointer<Double>, count: Int, _ totals: UnsafeMutablePointer<Double>
  ) throws {
    for index in 0..<count {
      if index % Interrupt.pollInterval == 0 { try Interrupt.check() }
      totals[Int(values[index])] += weights[index]
    }
  }
}
