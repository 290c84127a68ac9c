import Kernels
import Tensors

/// The singular values of a matrix, in double whatever the dtype; of no values where the matrix has none.
///
/// A matrix with NaN or infinities has a spectrum of NaN.
public struct Spectrum: Equatable, Sendable {
  /// The singular values, descending.
  public let values: [Double]

  /// Takes singular values as they are.
  public init(values: [Double]) { self.values = values }

  /// Computes the singular values of a matrix, the dimensions behind the first taken together.
  ///
  /// - Throws: `TensorError` where the algorithm does not converge; `TensorError.outOfMemory`; `Interrupted`.
  public init(of matrix: Tensor) throws {
    let rows = matrix.rank > 0 ? matrix.shape[0] : 1
    guard matrix.count > 0 else {
      values = []
      return
    }
    let wide = try matrix.to(.float64).contiguous().reshape([rows, matrix.count / rows])
    let moments = try Moments.scan(UnsafePointer(wide.pointer(Double.self)), count: wide.count)
    guard moments.finiteCount == wide.count else {
      values = [Double](repeating: .nan, count: min(rows, matrix.count / rows))
      return
    }
    let found = try LinearAlgebra.singularValues(wide)
    values = withExtendedLifetime(found) { (0..<found.count).map { found.pointer(Double.self)[$0] } }
  }

  /// The largest over the smallest singular value: infinite where the smallest is 0, NaN where all are.
  public var condition: Double {
    guard let first = values.first, let last = values.last else { return .nan }
    return first / last
  }

  /// The exponential of the entropy of the singular values divided by their sum, from 1 to their number; NaN where all are 0.
  ///
  /// Roy & Vetterli 2007, definition 1: `exp(-sum p ln p)`, `p = s / sum s`, a zero contributing nothing.
  public var effectiveRank: Double {
    // divided by the largest first, so that no sum overflows
    guard let largest = values.first, largest > 0, largest.isFinite else { return .nan }
    let total = values.reduce(0) { $0 + $1 / largest }
    let entropy = values.reduce(0.0) { sum, value in
      let share = value / largest / total
      return share > 0 ? sum - share * Double.log(share) : sum
    }
    return Double.exp(entropy)
  }
}

extension Spectrum {
  /// The names of the figures as users write them.
  public static let names = ["max", "min", "condition", "effective_rank"]

  /// The figure of a name in `names`, nil for any other.
  public func value(named name: String) -> Double? {
    switch name {
    case "max": values.first ?? .nan
    case "min": values.last ?? .nan
    case "condition": condition
    case "effective_rank": effectiveRank
    default: nil
    }
  }
}
