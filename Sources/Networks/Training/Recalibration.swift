import Kernels
import Tensors

/// The cumulative averages of batch statistics that a recalibration gathers, in float64 and apart from the running statistics
/// until all data have gone through.
final class Recalibration {
  fileprivate struct Average {
    let norm: Normalisation
    var batches = 0
    var mean: [Double]
    var variance: [Double]
  }

  private var averages: [Average]

  /// Prepares an average for each normalisation.
  init(_ norms: [Normalisation]) {
    averages = norms.map {
      let zeros = Array(repeating: 0.0, count: $0.features)
      return Average(norm: $0, mean: zeros, variance: zeros)
    }
  }

  /// Takes a batch's statistics in: the k-th batch moves each average by `1/k` of the difference.
  ///
  /// `variance` divides by n and is averaged as the unbiased one; `summand` is a bias that `mean` was taken without.
  func add<T: FloatElement>(
    _ norm: Normalisation, mean: UnsafePointer<Double>, variance: UnsafePointer<Double>, summand: UnsafePointer<T>?,
    rows: Int
  ) {
    guard let place = averages.firstIndex(where: { $0.norm === norm }) else { return }
    averages[place].batches += 1
    let weight = 1 / Double(averages[place].batches)
    let unbiased = Double(rows) / Double(rows - 1)
    for column in 0..<norm.features {
      let batchMean = mean[column] + (summand.map { Double($0[column]) } ?? 0)
      averages[place].mean[column] += weight * (batchMean - averages[place].mean[column])
      averages[place].variance[column] += weight * (variance[column] * unbiased - averages[place].variance[column])
    }
  }

  /// Makes the averages the running statistics; either all or none.
  ///
  /// - Throws: `NetworkError` where one isn't finite in the network's dtype, naming the layer.
  func commit(to network: Network) throws {
    for average in averages {
      let isFinite = average.norm.dtype == .float64 ? average.isFinite(Double.self) : average.isFinite(Float.self)
      guard !isFinite else { continue }
      let row = network.row(of: average.norm) ?? 0
      throw NetworkError.expected(
        "recalibrate", "finite statistics", "NaN or infinity in layer \(row + 1) \(average.norm.description)")
    }
    for average in averages {
      average.norm.setStatistics(mean: average.mean, variance: average.variance, batches: average.batches)
    }
  }
}

extension Recalibration.Average {
  fileprivate func isFinite<T: FloatElement>(_ type: T.Type) -> Bool {
    (mean + variance).allSatisfy { T($0).isFinite }
  }
}
