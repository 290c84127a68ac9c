import Kernels
import Networks
import Tensors

/// The rows of a probe while its draws come in.
struct ProbeMeasurement {
  private(set) var rows: [RowMeasurement]
  private(set) var auxiliary: [RowMeasurement]
  /// The statistics of the weights, by the Linear that has them.
  let weights: [ObjectIdentifier: Statistics]

  /// Measures all of the first draw.
  init(_ observation: NetworkObservation, _ options: Probe.Options) throws {
    var found = try MeasuredQuantities(observation, ReportRow.quantities, options)
    weights = found.weights
    rows = try observation.rows.map { try RowMeasurement($0, &found, options) }
    auxiliary = try observation.auxiliary.map { try RowMeasurement($0, &found, options) }
  }

  /// Measures the gradients of a further draw.
  mutating func add(_ observation: NetworkObservation, _ options: Probe.Options) throws {
    var bare = options
    bare.parts = [.batch, .shape]
    var found = try MeasuredQuantities(observation, ReportRow.drawn, bare)
    for index in rows.indices { rows[index].add(&found) }
    for index in auxiliary.indices { auxiliary[index].add(&found) }
  }
}

/// The statistics of some quantities of all rows, measured on several threads and then taken in order: a row's quantities, then those
/// of the layers of its branch.
private struct MeasuredQuantities {
  private var found: [Statistics?]
  private var next = 0
  /// Those of the weights, by the Linear that has them.
  let weights: [ObjectIdentifier: Statistics]

  init(_ observation: NetworkObservation, _ quantities: [String], _ options: Probe.Options) throws {
    let rows = (observation.rows + observation.auxiliary).flatMap(\.withBranch)
    var found = [Statistics?](repeating: nil, count: rows.count * quantities.count)
    // what is both is measured once, as the output
    let sizes = rows.flatMap { row in
      quantities.map { $0 == "preactivation" && row.isLinear ? 0 : row.tensor(of: $0)?.count ?? 0 }
    }
    try found.withUnsafeMutableBufferPointer { found in
      try UnequalWork.forEach(sizes: sizes) { place in
        let (row, quantity) = (rows[place / quantities.count], quantities[place % quantities.count])
        if quantity == "preactivation", row.isLinear { return }
        found[place] = try row.statistics(of: quantity, row.bounds, options)
      }
    }
    if let entering = quantities.firstIndex(of: "preactivation"),
      let leaving = quantities.firstIndex(of: "activation")
    {
      for (index, row) in rows.enumerated() where row.isLinear {
        found[index * quantities.count + entering] = found[index * quantities.count + leaving]
      }
    }
    var weights: [ObjectIdentifier: Statistics] = [:]
    if let place = quantities.firstIndex(of: "weight") {
      for (index, row) in rows.enumerated() {
        if let linear = row.linear { weights[ObjectIdentifier(linear)] = found[index * quantities.count + place] }
      }
    }
    (self.found, self.weights) = (found, weights)
  }

  /// The next quantity's, nil where its row lacks it.
  mutating func take() -> Statistics? {
    next += 1
    return found[next - 1]
  }
}

extension RowObservation {
  /// The row and the layers of its branch, theirs behind them.
  fileprivate var withBranch: [RowObservation] { [self] + branch.flatMap(\.withBranch) }

  /// What has the row's weight, nil of a row of several layers.
  fileprivate var linear: Linear? { (layer as? Block)?.linear ?? layer as? Linear }

  /// The bounds of the row's nonlinearity, nil of one that has none.
  fileprivate var bounds: Bounds? { layer.flatMap(Bounds.init) }

  /// Whether what enters the nonlinearity is the output itself.
  fileprivate var isLinear: Bool { preactivation === activation && bounds == nil }
}

/// One row of a probe, its branch included, while its draws come in.
struct RowMeasurement {
  private let row: ReportRow
  private var gradient: StatisticsOfDraws
  private var weightGradient: StatisticsOfDraws?
  private var branch: [RowMeasurement]

  fileprivate init(
    _ observation: RowObservation, _ found: inout MeasuredQuantities, _ options: Probe.Options
  ) throws {
    row = try ReportRow(observation, &found, options)
    gradient = StatisticsOfDraws(row.gradient)
    weightGradient = row.weightGradient.map(StatisticsOfDraws.init)
    branch = try observation.branch.map { try RowMeasurement($0, &found, options) }
  }

  fileprivate mutating func add(_ found: inout MeasuredQuantities) {
    if let statistics = found.take() { gradient.add(statistics) }
    if let statistics = found.take() { weightGradient?.add(statistics) }
    for index in branch.indices { branch[index].add(&found) }
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
  fileprivate init(
    _ observation: RowObservation, _ found: inout MeasuredQuantities, _ options: Probe.Options
  ) throws {
    name = observation.name
    kind = observation.kind
    shape = observation.shape
    // in the order of `quantities`
    preactivation = found.take() ?? Statistics()
    activation = found.take() ?? Statistics()
    gradient = found.take() ?? Statistics()
    weight = found.take()
    weightGradient = found.take()
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
