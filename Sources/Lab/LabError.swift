import Networks
import Tensors

/// What can go wrong with measurements, as data; `description` is the one place with the prose.
public enum LabError: Error, Equatable {
  /// A percentile outside 0 to 100, or NaN.
  case percentile(Double)
  /// A number of bins that no histogram can have.
  case bins(Int, maximum: Int)
  /// Limits of a histogram that are not finite or not in order.
  case limits(Double, Double)
  /// A `loss=` that gave more than one number, or one that does not depend on the output.
  case loss(Extents, dependsOnOutput: Bool)
  /// A column that no report has; `nearest` is what may have been meant.
  case column(String, nearest: String?)
  /// A percentile that was not measured.
  case notMeasured(String, percentiles: [Double])
}

extension LabError: CustomStringConvertible {
  /// One sentence: who, what was expected, what came, the cure.
  public var description: String {
    switch self {
    case .percentile(let value): "percentiles: expected numbers from 0 to 100, got \(value)"
    case .bins(let bins, let maximum): "bins: expected a number from 1 to \(maximum), got \(bins)"
    case .limits(let lower, let upper):
      "histogram: expected finite limits, the lower first, got \(lower) and \(upper)"
    case .loss(let shape, dependsOnOutput: true):
      "probe: expected a loss of one element, got shape \(shape); take its mean"
    case .loss(_, dependsOnOutput: false):
      "probe: expected a loss that depends on the network's output, got one without a tape; compute it from the output, outside no_grad"
    case .column(let path, let nearest):
      "column: unknown column '\(path)'"
        + (nearest.map { ", did you mean '\($0)'?" }
          ?? "; a column is a quantity and a statistic, as in 'activation.std'")
    case .notMeasured(let path, let percentiles):
      "column: '\(path)' was not measured, only percentiles \(percentiles.map(trimmed).joined(separator: ", ")); "
        + "ask for it by percentiles="
    }
  }
}

/// A number without a needless fraction: 15 rather than 15.0.
func trimmed(_ value: Double) -> String {
  if let whole = Int(exactly: value) { return "\(whole)" }
  return "\(value)"
}
