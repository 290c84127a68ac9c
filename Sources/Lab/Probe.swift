import Gradients
import Kernels
import Networks
import Tensors

/// The probe: one forward and one backward through a network, measured at every row.
public enum Probe {
  /// Where the backward pass begins.
  public enum Upstream {
    /// A standard-normal gradient at the output, drawn from the generator.
    case normal
    /// A gradient of ones at the output.
    case ones
    /// This gradient, of the output's shape.
    case tensor(Tensor)
    /// The gradient of a loss: a function of the output that gives one element.
    case loss((_ output: Tensor) throws -> Tensor)
  }

  /// What to measure.
  public struct Options {
    /// Where the backward pass begins.
    public var upstream = Upstream.normal
    /// Which percentiles to find, each in `0...100`.
    public var percentiles = Statistics.standardPercentiles
    /// The number of bins of every histogram.
    public var bins = Statistics.standardBins

    /// Makes options with the defaults.
    public init() {}
  }

  /// Runs the network on a batch `input` `[batch, features]` and measures every row, leaving the network as it was.
  ///
  /// Batch statistics are taken whatever the mode, and dropout is off. With a loss the auxiliary classifiers take part in the
  /// backward, each with its weight times its own loss. `generator` is drawn from only for a normal upstream.
  ///
  /// - Throws: what `Network.observe` throws; `LabError` for percentiles or bins out of range, and for a loss that
  ///   is not one element or does not depend on the output; `TensorError.outOfMemory`; `Interrupted`.
  public static func run(
    _ network: Network, _ input: Tensor, options: Options = Options(), generator: Generator
  ) throws -> Report {
    let inputStatistics = try measure(input, options)
    var upstream = inputStatistics
    var loss: Double?
    var auxiliary: ((Network.AuxiliaryOutput) throws -> Tensor)?
    if case .loss(let function) = options.upstream { auxiliary = auxiliaryUpstream(of: network, function) }
    let observations = try network.observe(input, auxiliary: auxiliary) { output in
      let start = try begin(output, options.upstream, generator)
      upstream = try measure(start.gradient, options)
      loss = start.loss
      return start
    }
    let rows = try observations.enumerated().map { index, observation in
      let bounds = index < network.rows.count ? Bounds(network.rows[index]) : nil
      return try ReportRow(observation, bounds, options)
    }
    let theory = try theory(network, inputStatistics, upstream, samples: input.shape[0], options)
    return Report(
      rows: rows, dtype: network.dtype, inputShape: input.shape, input: inputStatistics, upstream: upstream, loss: loss,
      theory: theory)
  }

  /// The network as it is now, with what went in at either end, for a prediction later.
  private static func theory(
    _ network: Network, _ input: Statistics, _ upstream: Statistics, samples: Int, _ options: Options
  ) throws -> ReportTheory {
    var ends = TheoryInput()
    ends.take(input)
    ends.batch = samples
    ends.upstreamRMS = upstream.rms
    ends.upstreamMean = upstream.rms > 0 ? upstream.mean / upstream.rms : 0
    ends.isUpstreamIndependent = if case .normal = options.upstream { true } else { false }
    ends.hasAuxiliaryGradients = if case .loss = options.upstream { true } else { false }
    return ReportTheory(try NetworkModel(network), ends)
  }

  /// Where the backward pass of the auxiliary classifiers begins: with their weights times the gradient of the loss; nil where
  /// there are none.
  static func auxiliaryUpstream(
    of network: Network, _ loss: @escaping (Tensor) throws -> Tensor
  ) -> ((Network.AuxiliaryOutput) throws -> Tensor)? {
    if network.presentAuxiliaries.isEmpty { return nil }
    return { output in
      try differentiate({ try Differentiable.apply(.multiply, try loss($0), output.weight) }, at: output.tensor)
        .gradient
    }
  }

  static func measure(
    _ tensor: Tensor, _ options: Options, range: (lower: Double, upper: Double)? = nil
  ) throws -> Statistics {
    try Statistics(of: tensor, percentiles: options.percentiles, bins: options.bins, activationRange: range)
  }

  private static func begin(
    _ output: Tensor, _ upstream: Upstream, _ generator: Generator
  ) throws -> (gradient: Tensor, loss: Double?) {
    switch upstream {
    case .normal:
      let gradient = try Tensor(output.dtype, output.shape)
      try generator.fillNormal(gradient)
      return (gradient, nil)
    case .ones:
      let gradient = try Tensor(output.dtype, output.shape)
      try gradient.fill(1)
      return (gradient, nil)
    case .tensor(let gradient):
      return (try gradient.to(output.dtype), nil)
    case .loss(let function):
      return try differentiate(function, at: output)
    }
  }

  /// The gradient of a loss at the output, which becomes a leaf of a tape of its own.
  static func differentiate(
    _ loss: (Tensor) throws -> Tensor, at output: Tensor
  ) throws -> (gradient: Tensor, loss: Double?) {
    let leaf = Tensor(storage: output.storage, shape: output.shape, strides: output.strides, offset: output.offset)
    leaf.requiresGradient = true
    let value = try loss(leaf)
    guard value.count == 1 else { throw LabError.loss(value.shape, dependsOnOutput: true) }
    guard Tape.follows(value), value.producer != nil else { throw LabError.loss(value.shape, dependsOnOutput: false) }
    // what else the loss is computed from, parameters or results of the user's, gathers nothing and keeps its tape
    guard let gradient = try Tape.gradients(of: value, at: [leaf], keepsTape: true)[0] else {
      throw LabError.loss(value.shape, dependsOnOutput: false)
    }
    return (gradient, try Statistics(of: value, percentiles: [], bins: 1).mean)
  }
}

extension ReportRow {
  init(_ observation: RowObservation, _ bounds: Bounds?, _ options: Probe.Options) throws {
    name = observation.name
    kind = observation.kind
    shape = observation.shape
    preactivation = try Probe.measure(observation.preactivation, options)
    activation = try observation.activationStatistics(bounds, options)
    gradient = try Probe.measure(observation.gradient, options)
    weight = try observation.weight.map { try Probe.measure($0, options) }
    weightGradient = try observation.weightGradient.map { try Probe.measure($0, options) }
  }
}

extension RowObservation {
  /// The statistics of the row's output, `saturated` by the bounds of what enters the nonlinearity.
  func activationStatistics(_ bounds: Bounds?, _ options: Probe.Options) throws -> Statistics {
    var output = try Probe.measure(activation, options)
    if let bounds, let type = preactivation.dtype.floatType {
      try output.measureBeyond(type, preactivation, below: bounds.lower, above: bounds.upper)
    }
    return output
  }

  /// The statistics of a quantity of `ReportRow.quantities`, nil where the row lacks it.
  func statistics(of quantity: String, _ bounds: Bounds?, _ options: Probe.Options) throws -> Statistics? {
    switch quantity {
    case "preactivation": try Probe.measure(preactivation, options)
    case "activation": try activationStatistics(bounds, options)
    case "gradient": try Probe.measure(gradient, options)
    case "weight": try weight.map { try Probe.measure($0, options) }
    case "weight_gradient": try weightGradient.map { try Probe.measure($0, options) }
    default: nil
    }
  }
}

/// The preactivations beyond which a bounded nonlinearity's output is within 1 % of its range from an end.
///
/// The input is looked at rather than the output, because a normalisation may stand behind the nonlinearity.
struct Bounds {
  let lower: Double
  let upper: Double

  init?(_ row: Layer) {
    guard let activation = (row as? Block)?.activation ?? (row as? Activation) else { return nil }
    switch activation.function {
    // The range has length 2, so the margin is 0.02: atanh(0.98) = ln(99) / 2.
    case .tanh: upper = 2.2975599250672945
    // The margin is 0.01: logit(0.99) = ln(99).
    case .sigmoid: upper = 4.595119850134589
    case .hardtanh: upper = 0.98
    default: return nil
    }
    lower = -upper
  }
}
