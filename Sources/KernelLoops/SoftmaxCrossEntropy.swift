import KernelBase
import RealModule

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
    var total = 0.0
    let narrow = T.self == Float.self
    for row in 0..<rows {
      if row & 255 == 0 { try Interrupt.check() }
      let logits = x + row * columns
      var largest = logits[0]
      for column in 0..<columns where !(logits[column] <= largest) { largest = logits[column] }
      var sum = 0.0
      for column in 0..<columns {
        sum += Lane.exponential(Double(logits[column]) - Double(largest), narrow: narrow)
      }
      total += Double.log(sum) - (Double(logits[classes[row]]) - Double(largest))
      guard let gradient else { continue }
      let slope = gradient + row * columns
      let share = factor / sum
      for column in 0..<columns {
        slope[column] = T(Lane.exponential(Double(logits[column]) - Double(largest), narrow: narrow) * share)
      }
      let hot = Double.exp(Double(logits[classes[row]]) - Double(largest)) / sum
      slope[classes[row]] = T((hot - 1) * factor)
    }
    return total
  }

  /// The column of the largest number in each row, the first of equals; NaN counts as largest.
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  public static func largest<T: FloatElement>(
    _ x: UnsafePointer<T>, into result: UnsafeMutablePointer<Int>, rows: Int, columns: Int
  ) {
    for row in 0..<rows {
      let numbers = x + row * columns
      var best = 0
      for column in 1..<Swift.max(columns, 1) where !(numbers[column] <= numbers[best]) && !numbers[best].isNaN {
        best = column
      }
      result[row] = best
    }
  }
}
