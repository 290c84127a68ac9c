import KernelBase

/// Cross-entropy of logits and classes, with its gradient.
public enum SoftmaxCrossEntropy {
  /// Sums `log sum_j exp(x[i, j]) - x[i, class_i]` over the rows and writes `(softmax(x) - onehot) factor` to `gradient`.
  ///
  /// The row's largest logit is subtracted first, so that nothing overflows. `classes` count from 0 and are in range.
  ///
  /// - Throws: `Interrupted` when a stop is requested.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func forward<T: FloatElement>(
    _ x: UnsafePointer<T>, classes: UnsafePointer<Int>, gradient: UnsafeMutablePointer<T>?, factor: Double, rows: Int,
    columns: Int
  ) throws -> Double {
    let height = Swift.max(1, Swift.min(rows, numbersPerBlock / Swift.max(columns, 1)))
    let blocks = (rows + height - 1) / height
    let parts = Swift.max(1, Swift.min(blocks / blocksPerPart, mostParts))
    // a total and the memory of a block for each part
    let room = 1 + height * (columns + 2)
    return try Scratch.withZeros(parts * room) { memory in
      try WorkerPool.run(chunks: parts) { part in
        let own = memory + part * room
        for number in blocks * part / parts..<blocks * (part + 1) / parts {
          try Interrupt.check()
          let first = number * height
          let block = Block(
            logits: x + first * columns, classes: classes + first, shares: own + 1,
            rows: Swift.min(height, rows - first), columns: columns)
          own.pointee = block.loss(own.pointee)
          if let gradient { block.differentiate(gradient + first * columns, factor) }
        }
      }
      return (0..<parts).reduce(0) { $0 + memory[$1 * room] }
    }
  }

  // what the first-level cache holds in float64
  private static let numbersPerBlock = 2048
  // enough for a worker to be worth waking
  private static let blocksPerPart = 8
  private static let mostParts = 16

  /// Rows that are computed together, step by step, so that the loops over short rows become SIMD too.
  private struct Block<T: FloatElement> {
    let logits: UnsafePointer<T>
    let classes: UnsafePointer<Int>
    /// `exp(x - largest)` of each number; behind them the rows' sums, and the rows' losses.
    let shares: UnsafeMutablePointer<Double>
    let rows: Int
    let columns: Int

    private var sums: UnsafeMutablePointer<Double> { shares + rows * columns }
    private var losses: UnsafeMutablePointer<Double> { sums + rows }

    /// Sums the rows' losses, one after another, to `start`.
    @inline(__always)
    func loss(_ start: Double) -> Double {
      for row in 0..<rows { subtractLargest(row) }
      let narrow = T.self == Float.self
      for index in 0..<(rows * columns) { shares[index] = Lane.exponential(shares[index], narrow: narrow) }
      for row in 0..<rows {
        var sum = 0.0
        for column in 0..<columns { sum += shares[row * columns + column] }
        sums[row] = sum
      }
      for row in 0..<rows { losses[row] = Lane.logarithm(sums[row]) - losses[row] }
      var total = start
      for row in 0..<rows { total += losses[row] }
      return total
    }

    @inline(__always)
    private func subtractLargest(_ row: Int) {
      let (numbers, target) = (logits + row * columns, shares + row * columns)
      var largest = numbers[0]
      for column in 0..<columns where !(numbers[column] <= largest) { largest = numbers[column] }
      for column in 0..<columns { target[column] = Double(numbers[column]) - Double(largest) }
      losses[row] = target[classes[row]]
    }

    @inline(__always)
    func differentiate(_ gradient: UnsafeMutablePointer<T>, _ factor: Double) {
      for row in 0..<rows {
        let (source, slope) = (shares + row * columns, gradient + row * columns)
        let share = factor / sums[row]
        for column in 0..<columns { slope[column] = T(source[column] * share) }
        let hot = classes[row]
        slope[hot] = T((source[hot] / sums[row] - 1) * factor)
      }
    }
  }

  /// The column of the largest number in each row, the first of equals; NaN counts as largest.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func largest<T: FloatElement>(
    _ x: UnsafePointer<T>, into result: UnsafeMutablePointer<Int>, rows: Int, columns: Int
  ) {
    for row in 0..<rows {
      let numbers = x + row * columns
      // chosen without a branch, whose way nothing foretells
      var (best, place) = (numbers[0], 0)
      for column in 1..<Swift.max(columns, 1) {
        let number = numbers[column]
        let isLarger = number > best || (number != number && best == best)
        place = isLarger ? column : place
        best = isLarger ? number : best
      }
      result[row] = place
    }
  }
}
