import Kernels
import Networks
import Tensors

/// What a probe has found in one row of a network.
public struct ReportRow: Sendable {
  /// How the row's parameter names begin: its position from 0, or `head`.
  public let name: String
  /// The row's kind, for example `Block` or `Linear`.
  public let kind: String
  /// The shape of its output.
  public let shape: Extents
  /// What enters the nonlinearity.
  public let preactivation: Statistics
  /// The row's output, after any normalisation.
  public let activation: Statistics
  /// The gradient of the loss with respect to that output.
  public let gradient: Statistics
  /// The weight, nil where the row has none.
  public let weight: Statistics?
  /// The gradient of the loss with respect to the weight.
  public let weightGradient: Statistics?
  /// The spread of `gradient` over several upstream draws, nil of a single one.
  public var gradientDeviation: Statistics?
  /// The spread of `weightGradient` over several upstream draws, nil of a single one.
  public var weightGradientDeviation: Statistics?
  /// The singular values of the weight, nil unless they were asked for and there is a weight.
  public var spectrum: Spectrum?
  /// The layers of the row's residual branch, in order; none where the row has no branch.
  public var branch: [ReportRow] = []

  /// The names of the five quantities as users write them, in order.
  public static let quantities = ["preactivation", "activation", "gradient", "weight", "weight_gradient"]
  /// Those of them that depend on the upstream gradient.
  public static let drawn = ["gradient", "weight_gradient"]

  /// The quantity of a name in `quantities`, nil where the row has none.
  public func quantity(_ name: String) -> Statistics? {
    switch name {
    case "preactivation": preactivation
    case "activation": activation
    case "gradient": gradient
    case "weight": weight
    case "weight_gradient": weightGradient
    default: nil
    }
  }

  /// The spread of a quantity over several upstream draws, nil where it does not depend on them or there was a single one.
  public func deviation(_ name: String) -> Statistics? {
    switch name {
    case "gradient": gradientDeviation
    case "weight_gradient": weightGradientDeviation
    default: nil
    }
  }

  /// Makes a row of figures that were measured before.
  public init(
    name: String, kind: String, shape: Extents, preactivation: Statistics, activation: Statistics, gradient: Statistics,
    weight: Statistics? = nil, weightGradient: Statistics? = nil
  ) {
    (self.name, self.kind, self.shape) = (name, kind, shape)
    (self.preactivation, self.activation, self.gradient) = (preactivation, activation, gradient)
    (self.weight, self.weightGradient) = (weight, weightGradient)
  }
}

/// What a probe has found: a row for each of the network's, and what went in at either end.
///
/// Of several upstream draws `upstream` and every row's `gradient` and `weightGradient` are means, figure by figure (the histograms
/// are the first draw's), and the spreads stand beside them.
public struct Report: Sendable {
  /// One row for each row of the network, in order.
  public let rows: [ReportRow]
  /// What the network computes in.
  public let dtype: DType
  /// The shape of the input batch.
  public let inputShape: Extents
  /// The input batch.
  public let input: Statistics
  /// The gradient of the loss with respect to the network's output, which the backward pass began with.
  public let upstream: Statistics
  /// The loss, nil where the pass began with a gradient instead.
  public let loss: Double?
  /// The spread of `upstream` over several draws, nil of a single one.
  public var upstreamDeviation: Statistics?
  /// The layers of the auxiliary classifiers, in order; none unless the pass began with a loss.
  public var auxiliary: [ReportRow] = []
  /// How the probe was made.
  public var settings = ProbeSettings()
  /// Where the prediction comes from, nil where there is none.
  public var theory: ReportTheory?

  /// Makes a report of what was measured before.
  public init(
    rows: [ReportRow], dtype: DType, inputShape: Extents, input: Statistics, upstream: Statistics, loss: Double?
  ) {
    (self.rows, self.dtype, self.inputShape) = (rows, dtype, inputShape)
    (self.input, self.upstream, self.loss) = (input, upstream, loss)
  }
}
