import Kernels
import Networks
import Tensors

/// The rows of a probe while its draws come in.
struct ProbeMeasurement {
  private(set) var rows: [RowMeasurement]
  private(set) var auxiliary: [RowMeasurement]

  /// Measures all of the first draw.
  init(_ observation: NetworkObservation, _ options: Probe.Options) throws {
    rows = try observation.rows.map { try RowMeasurement($0, options) }
    auxiliary = try observation.auxiliary.map { try RowMeasurement($0, options) }
  }

  /// Measures the gradients of a further draw.
  mutating func add(_ observation: NetworkObservation, _ options: Probe.Options) throws {
    var bare = options
    bare.parts = .batch
    for index in rows.indices { try rows[index].add(observation.rows[index], bare) }
    for index in auxiliary.indices { try auxiliary[index].add(observation.auxiliary[index], bare) }
  }
}

/// One row of a probe, its branch included, while its draws come in.
struct RowMeasurement {
  private let row: ReportRow
  private var gradient: StatisticsOfDraws
  private var weightGradient: StatisticsOfDraws?
  private var branch: [RowMeasurement]

  init(_ observation: RowObservation, _ options: Probe.Options) throws {
    row = try ReportRow(observation, observation.layer.flatMap(Bounds.init), options)
    gradient = StatisticsOfDraws(row.gradient)
    weightGradient = row.weightGradient.map(StatisticsOfDraws.init)
    branch = try observation.branch.map { try RowMeasurement($0, options) }
  }

  mutating func add(_ observation: RowObservation, _ options: Probe.Options) throws {
    gradient.add(try Probe.measure(observation.gradient, options))
    if let tensor = observation.weightGradient {
      weightGradient?.add(try Probe.measure(tensor, options))
    }
    for index in branch.indices { try branch[index].add(observation.branch[index], options) }
  }

  /// The row; of several draws with means and spreads.
  func finished(_ isRepeated: Bool) throws -> ReportRow {
    var result = row
    if isRepeated {
      result = ReportRow(
        name: row.name, kind: row.kind, shape: row.shape, preactivation: row.preactivation, activation: row.activation,
        gradient: try gradient.mean(), weight: row.weight, weightGradient: try weightGradient?.mean())
      result.gradientDeviation = try gradient.deviation()
      result.weightGradientDeviation = try weightGradient?.deviation()
      result.spectrum = row.spectrum
    }
    result.branch = try branch.map { try $0.finished(isRepeated) }
    return result
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
    if options.spectrum { spectrum = try observation.weight.map { try Spectrum(of: $0) } }
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
    case "activation": try activationStatistics(bounds, options)
    default: try tensor(of: quantity).map { try Probe.measure($0, options) }
    }
  }

  /// The tensor of a quantity of `ReportRow.quantities`, nil where the row lacks it.
  func tensor(of quantity: String) -> Tensor? {
    switch quantity {
    case "preactivation": preactivation
    case "activation": activation
    case "gradient": gradient
    case "weight": weight
    case "weight_gradient": weightGradient
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
