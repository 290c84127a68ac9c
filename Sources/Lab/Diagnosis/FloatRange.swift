import Kernels
import RealModule

/// Where floating-point formats end.
enum FloatRange {
  /// The natural logarithm of the smallest magnitude that is not 0.
  static func logLeast(_ dtype: DType) -> Double { dtype == .float64 ? -1074 * log2 : -149 * log2 }

  /// The natural logarithm of the largest finite number.
  static func logLargest(_ dtype: DType) -> Double { dtype == .float64 ? 1024 * log2 : 128 * log2 }

  private static let log2 = 0.6931471805599453

  /// How many steps on, from a scale with the natural logarithm `log`, numbers of a dtype end.
  ///
  /// Falling, they end where their std is the smallest number there is; growing, where four times it is above the largest, which
  /// a normal batch of a thousand numbers reaches.
  static func steps(from log: Double, factor: Double, _ dtype: DType) -> Int {
    let slope = Double.log(factor)
    let far = slope < 0 ? logLeast(dtype) - log : logLargest(dtype) - Double.log(4) - log
    return max(0, Int(min((far / slope).rounded(.up), 1e9)))
  }
}
