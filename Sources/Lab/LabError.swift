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
  /// The spread over draws of a quantity that does not depend on them.
  case notDrawn(String, quantities: [String])
  /// The spread over draws of a report of a single one.
  case noRepeats(String)
  /// A figure of singular values that were not computed.
  case noSpectrum(String)
  /// A number of draws below 1.
  case repeats(Int)
  /// Several draws of an upstream gradient that is not drawn.
  case repeatedUpstream(String)
  /// A batch without samples or features.
  case emptyBatch(Extents)
  /// A batch of one sample for a batch normalisation.
  case batchTooSmall(layer: String)
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
    case .notDrawn(let path, let quantities):
      "column: '\(path)': expected one of \(quantities.joined(separator: " and ")), which depend on the upstream draw"
    case .noRepeats(let path):
      "column: '\(path)' needs several upstream draws, got one; probe with repeats="
    case .noSpectrum(let path):
      "column: '\(path)' was not measured; probe with spectrum=true"
    case .repeats(let count): "probe: expected repeats of at least 1, got \(count)"
    case .repeatedUpstream(let upstream):
      "probe: repeats needs an upstream that is drawn, \"normal\", got \(upstream)"
    case .emptyBatch(let shape):
      "probe: expected a batch of at least one sample, got shape \(shape)"
    case .batchTooSmall(let layer):
      "probe: layer \(layer): expected more than 1 sample, got a batch of 1, whose variance is 0; "
        + "the probe takes batch statistics in every mode: give it a larger batch"
    }
  }
}

/// A number without a needless fraction: 15 rather than 15.0.
func trimmed(_ value: Double) -> String {
  if let whole = Int(exactly: value) { return "\(whole)" }
  return "\(value)"
}
