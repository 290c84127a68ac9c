import Kernels
import Tensors

extension Normalisation {
  /// Sets the running statistics, and how many batches they have seen.
  func setStatistics(mean: [Double], variance: [Double], batches: Int) {
    if let type = dtype?.floatType { set(mean, variance, type) }
    batchesSeen = batches
  }

  private func set<T: FloatElement>(_ mean: [Double], _ variance: [Double], _ type: T.Type) {
    guard let runningMean, let runningVariance else { return }
    for (tensor, values) in [(runningMean, mean), (runningVariance, variance)] {
      tensor.storage.noteChange()
      for (column, value) in values.enumerated() { tensor.pointer(T.self)[column] = T(value) }
    }
  }

  /// Whether the running statistics are those of a new normalisation: mean 0 and variance 1.
  package var isUntouched: Bool {
    guard let runningMean, let runningVariance else { return true }
    switch dtype {
    case .float64: return Normalisation.areAll(runningMean, 0.0) && Normalisation.areAll(runningVariance, 1.0)
    default: return Normalisation.areAll(runningMean, Float(0)) && Normalisation.areAll(runningVariance, Float(1))
    }
  }

  private static func areAll<T: FloatElement>(_ tensor: Tensor, _ value: T) -> Bool {
    (0..<tensor.count).allSatisfy { tensor.pointer(T.self)[$0] == value }
  }
}
