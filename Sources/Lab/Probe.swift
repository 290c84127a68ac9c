import Gradients
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
    /// What to measure of every tensor beside its moments and percentiles.
    var parts = Statistics.Parts.all
    /// How many upstream gradients to draw, a backward pass for each.
    public var repeats = 1
    /// Whether to compute the singular values of every weight.
    public var spectrum = false
    /// The name of the loss, for the report's settings.
    public var lossName: String?
    /// The version of the program, for the report's settings.
    public var version: String?

    /// Makes options with the defaults.
    public init() {}
  }

  /// Runs the network on a batch `input` `[batch, features]` and measures every row, leaving the network as it was.
  ///
  /// Batch statistics are taken whatever the mode, and dropout is off. With a loss the auxiliary classifiers take part in the
  /// backward, each with its weight times its own loss. `generator` is drawn from only for a normal upstream;
  /// several draws cost one forward and a backward each, and their figures are the ones as many probes would find.
  ///
  /// - Throws: what `Network.observe` throws; `LabError` for an empty batch, percentiles, bins or repeats out of range, repeats of
  ///   what is not drawn, and for a loss that is not one element or does not depend on the output; `TensorError.outOfMemory`;
  ///   `Interrupted`.
  public static func run(
    _ network: Network, _ input: Tensor, options: Options = Options(), generator: Generator
  ) throws -> Report {
    try check(options, input)
    let settings = options.settings(generator)
    let inputStatistics = try measure(input, options)
    var (upstream, loss): (StatisticsOfDraws?, Double?) = (nil, nil)
    var auxiliary: ((Network.AuxiliaryOutput) throws -> Tensor)?
    if case .loss(let function) = options.upstream { auxiliary = auxiliaryUpstream(of: network, function) }
    var measurement: ProbeMeasurement?
    do {
      try network.observe(input, draws: options.repeats, auxiliary: auxiliary) { output in
        let start = try begin(output, options.upstream, generator)
        let figures = try measure(start.gradient, options)
        if upstream == nil { upstream = StatisticsOfDraws(figures) } else { upstream?.add(figures) }
        loss = start.loss
        return start
      } visit: { observation in
        if measurement == nil {
          measurement = try ProbeMeasurement(observation, options)
        } else {
          try measurement?.add(observation, options)
        }
      }
    } catch NetworkError.batchTooSmall(let layer), NetworkError.batchTooSmallForMode(let layer) {
      throw LabError.batchTooSmall(layer: layer)
    }
    let isRepeated = options.repeats > 1
    var report = Report(
      rows: try measurement?.rows.map { try $0.finished(isRepeated) } ?? [], dtype: network.dtype,
      inputShape: input.shape, input: inputStatistics, upstream: try upstream?.mean() ?? inputStatistics, loss: loss)
    report.auxiliary = try measurement?.auxiliary.map { try $0.finished(isRepeated) } ?? []
    if isRepeated { report.upstreamDeviation = try upstream?.deviation() }
    report.settings = settings
    report.theory = try theory(network, input, report, options, measurement?.weights ?? [:])
    return report
  }

  private static func check(_ options: Options, _ input: Tensor) throws {
    guard options.repeats >= 1 else { throw LabError.repeats(options.repeats) }
    guard input.rank == 0 || input.shape[0] > 0 else { throw LabError.emptyBatch(input.shape) }
    guard options.repeats > 1 else { return }
    switch options.upstream {
    case .normal: return
    case .ones: throw LabError.repeatedUpstream("\"ones\"")
    case .tensor: throw LabError.repeatedUpstream("a tensor")
    case .loss: throw LabError.repeatedUpstream("a target")
    }
  }

  /// The network as it is now, with what went in at either end, for a prediction later.
  private static func theory(
    _ network: Network, _ x: Tensor, _ report: Report, _ options: Options, _ weights: [ObjectIdentifier: Statistics]
  ) throws -> ReportTheory {
    let upstream = report.upstream
    var ends = TheoryInput()
    ends.take(report.input)
    ends.batch = report.inputShape.first
    ends.upstreamRMS = upstream.rms
    ends.upstreamMean = upstream.rms > 0 ? upstream.mean / upstream.rms : 0
    ends.isUpstreamIndependent = if case .normal = options.upstream { true } else { false }
    ends.hasAuxiliaryGradients = if case .loss = options.upstream { true } else { false }
    return ReportTheory(try NetworkModel(network, running: network.runningFigures(x), weights: weights), ends)
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
    _ tensor: Tensor, _ options: Options
  ) throws -> Statistics {
    try Statistics(
      of: tensor, percentiles: options.percentiles, bins: options.bins, parts: options.parts)
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
    return (gradient, try Statistics(of: value, percentiles: [], bins: 1, parts: []).mean)
  }
}

extension Probe.Options {
  /// What a report keeps of these options, and of where the generator stands.
  fileprivate func settings(_ generator: Generator) -> ProbeSettings {
    var settings = ProbeSettings()
    (settings.percentiles, settings.bins, settings.repeats) = (percentiles, bins, repeats)
    (settings.spectrum, settings.version) = (spectrum, version)
    switch upstream {
    case .normal:
      settings.upstream = "normal"
      settings.seed = generator.seed
      settings.generator = generator.state.description
    case .ones: settings.upstream = "ones"
    case .tensor: settings.upstream = "tensor"
    case .loss:
      settings.upstream = "loss"
      settings.loss = lossName
    }
    return settings
  }
}
