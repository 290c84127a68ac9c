import Networks
import Tensors

/// Records how a network changes while it trains: statistics of its layers, and what each recorded update moved.
///
/// The first update is recorded, and every `every`-th after it. When there are more than `capacity` records every other one is
/// dropped and `every` doubles, so that memory stays bounded and the whole training stays in view.
///
/// What it can record, for each layer (a row of the network) and recorded step:
/// - figures of a report, before the update: `activation.std`, `preactivation.percentiles`, `weight_gradient.norm`;
/// - `update_ratio`: the norm of the update over the norm of the weight before it;
/// - `shift.mean` and `shift.std`: how far the distribution of the layer's input moved by the update (`InputShift`; Ioffe &
///   Szegedy 2015, section 2);
/// - `gradient_shift.cosine`, `.distance` and `.relative`: the gradient of the loss with respect to the layer's weight before, and
///   after the update of all layers below it alone, on the same batch (Santurkar et al. 2018, definition 2.1): their cosine,
///   the norm of their difference, and that norm over the norm of the first.
///
/// A recorded step costs a forward, a backward where a stat needs the loss, another forward for `shift`, a copy of the weights for
/// `update_ratio`, and for `gradient_shift` a clone of the network and one forward and backward for each recorded layer with a
/// weight but the first. A step in between costs nothing. The network and its optimiser are left exactly as they were.
public final class Recorder: StepObserver {
  /// A layer as users tell it.
  public enum LayerChoice: Equatable, Sendable {
    /// The position from 1; from -1 on back from the end.
    case position(Int)
    /// The name.
    case name(String)
  }

  /// What to record.
  public struct Options {
    /// The stats that are recorded unless others are asked for.
    public static let standardStatistics = ["preactivation.percentiles", "activation.std", "update_ratio", "shift"]

    /// Which steps: the first, and every so many after it.
    public var every = 100
    /// Which layers; nil for all.
    public var layers: [LayerChoice]?
    /// Which stats.
    public var statistics = standardStatistics
    /// Units, from 1, of which figures of preactivations, activations and gradients are recorded beside those of the layer.
    public var units: [Int] = []
    /// The percentiles that a bare `preactivation.percentiles` stands for.
    public var percentiles = Statistics.standardPercentiles
    /// How many records to keep at most.
    public var capacity = 1000

    /// Makes options with the defaults.
    public init() {}
  }

  /// A layer that is recorded, as it was called when the recording began.
  public struct RecordedLayer: Sendable {
    /// The position from 1.
    public let position: Int
    /// The name: the user's, the position from 0, or `head`.
    public let name: String
    /// The kind, for example `Block`.
    public let kind: String

    /// Makes the description of a layer.
    public init(position: Int, name: String, kind: String) {
      (self.position, self.name, self.kind) = (position, name, kind)
    }
  }

  /// A layer of the network, which may be gone.
  private struct RowReference {
    weak var row: Layer?
  }

  /// What a recorder can be asked to record, by name.
  public static let statisticNames = RecorderColumn.names()

  /// The columns, in the order of the stats.
  public let columns: [RecorderColumn]
  /// The histograms, in the order of the stats.
  public let histograms: [RecordedHistogram]
  /// The most records that are kept.
  public let capacity: Int
  /// The present cadence: it doubles each time the records are thinned.
  public private(set) var every: Int
  /// The cadence that was asked for.
  public let requestedEvery: Int
  /// The numbers of the recorded steps, from 1.
  public private(set) var steps: [Int] = []
  /// How many steps there were, recorded or not.
  public private(set) var stepCount = 0
  /// The layers that are recorded; empty until the first step.
  public private(set) var layers: [RecordedLayer] = []
  /// Whether a step has begun and not ended.
  public private(set) var isInStep = false

  private let choices: [LayerChoice]?
  /// Whether the records came from a file.
  private var isReadBack = false
  private weak var network: Network?
  private var references: [RowReference] = []
  /// How many layers the network had when the recording began.
  private(set) var rowCount = 0
  private var open: StepMeasurement?
  /// For each record the numbers layer by layer, each layer's in the order of the columns.
  private(set) var records: [[Double]] = []
  /// For each layer its histograms.
  private(set) var series: [[HistogramSeries]] = []

  /// Makes a recorder that has recorded nothing.
  ///
  /// - Throws: `RecorderError` for an option out of range, no stats or layers, and an unknown stat, offering the nearest;
  ///   `LabError` for a percentile outside 0 to 100.
  public init(_ options: Options = Options()) throws {
    if options.every < 1 { throw RecorderError.option("every", atLeast: 1, got: options.every) }
    if options.capacity < 2 { throw RecorderError.option("capacity", atLeast: 2, got: options.capacity) }
    if options.statistics.isEmpty { throw RecorderError.nothing("stats") }
    if options.layers?.isEmpty == true { throw RecorderError.nothing("layers") }
    if options.percentiles.isEmpty { throw RecorderError.nothing("percentiles") }
    if let unit = options.units.first(where: { $0 < 1 }) { throw RecorderError.option("units", atLeast: 1, got: unit) }
    var (columns, histograms): ([RecorderColumn], [RecordedHistogram]) = ([], [])
    for statistic in options.statistics {
      if let histogram = RecordedHistogram(statistic) {
        if !histograms.contains(histogram) { histograms.append(histogram) }
        continue
      }
      let parsed = try RecorderColumn.columns(of: statistic, percentiles: options.percentiles)
      let ofUnits = options.units.flatMap { unit in parsed.compactMap { $0.ofUnit(unit) } }
      for column in parsed + ofUnits where !columns.contains(where: { $0.name == column.name }) {
        columns.append(column)
      }
    }
    (self.columns, self.histograms) = (columns, histograms)
    capacity = options.capacity
    every = options.every
    requestedEvery = options.every
    choices = options.layers
  }

  /// Whether the next step will be recorded.
  public var isDue: Bool { stepCount.isMultiple(of: every) }

  // MARK: Steps

  /// Checks that the network is the one recorded so far and has the layers that were asked for.
  ///
  /// - Throws: `RecorderError` where not.
  public func willTrain(_ network: Network) throws { try bind(network) }

  /// Begins a step; a step that never ended is forgotten.
  ///
  /// - Throws: as `begin`.
  public func willUpdate(_ network: Network, inputs: Tensor, loss: @escaping (Tensor) throws -> Tensor) throws {
    try begin(network, inputs: inputs, loss: loss)
  }

  /// Ends a step.
  ///
  /// - Throws: as `end`.
  public func didUpdate(_ network: Network) throws { try end(network) }

  /// Begins a step on a batch, before the parameters change: measures what there is, where the step is due.
  ///
  /// `loss` is a function of the network's output for `inputs`; nil where no stat needs one.
  ///
  /// - Throws: `RecorderError` for another network than before, a layer that it doesn't have, no loss where a stat needs one, and
  ///   then one that is not one element or does not depend on the output; what `Network.observe` throws.
  public func begin(_ network: Network, inputs: Tensor, loss: ((_ output: Tensor) throws -> Tensor)?) throws {
    forget()
    try bind(network)
    let needy = columns.first(where: \.needsLoss)?.name ?? histograms.first(where: \.needsLoss)?.name
    if loss == nil, let needy { throw RecorderError.needsLoss(needy) }
    if isDue {
      let rows = references.map { reference in network.rows.firstIndex { $0 === reference.row } }
      open = try StepMeasurement(network, inputs, rows: rows, columns: columns, histograms: histograms, loss: loss)
    }
    isInStep = true
  }

  /// Forgets a step that has begun.
  public func forget() { (isInStep, open) = (false, nil) }

  /// Ends the step, the parameters changed: measures what the update did, where the step is recorded.
  ///
  /// - Throws: `RecorderError` without a step that has begun, for another network, and for one whose parameters were exchanged;
  ///   otherwise as `begin`. The step counts, but is not recorded then.
  public func end(_ network: Network? = nil) throws {
    guard isInStep, let own = self.network else { throw RecorderError.noStep }
    guard network == nil || network === own else { throw RecorderError.otherNetwork }
    let measurement = open
    forget()
    stepCount += 1
    guard let measurement else { return }
    try append(try measurement.finish(own))
    thin()
  }

  private func append(_ figures: [LayerFigures]) throws {
    var grown = series
    for (layer, figures) in figures.enumerated() {
      for (place, tensor) in figures.histogrammed.enumerated() { try grown[layer][place].append(tensor) }
      // a layer that is gone
      if figures.histogrammed.isEmpty { for place in grown[layer].indices { try grown[layer][place].append(nil) } }
    }
    series = grown
    records.append(figures.flatMap { figures in columns.map(figures.value) })
    steps.append(stepCount)
  }

  /// Doubles the cadence until the records that keep to it are few enough; the first step stays.
  private func thin() {
    while steps.count > capacity {
      every *= 2
      let kept = steps.indices.filter { (steps[$0] - 1).isMultiple(of: every) }
      (records, steps) = (kept.map { records[$0] }, kept.map { steps[$0] })
      for layer in series.indices {
        for place in series[layer].indices { series[layer][place].keep(kept) }
      }
    }
  }

  // MARK: Layers

  private func bind(_ network: Network) throws {
    if isReadBack { throw RecorderError.readBack }
    guard layers.isEmpty else {
      guard self.network === network else { throw RecorderError.otherNetwork }
      return
    }
    var rows: [Int] = []
    for choice in choices ?? [] {
      let row = try Recorder.row(choice, of: network)
      if !rows.contains(row) { rows.append(row) }
    }
    if choices == nil { rows = Array(network.rows.indices) }
    layers = rows.map {
      RecordedLayer(position: $0 + 1, name: network.prefix($0), kind: network.rows[$0].kind)
    }
    references = rows.map { RowReference(row: network.rows[$0]) }
    rowCount = network.rows.count
    series = rows.map { _ in histograms.map { HistogramSeries(isLogarithmic: $0.isLogarithmic) } }
    self.network = network
  }

  private static func row(_ choice: LayerChoice, of network: Network) throws -> Int {
    let count = network.rows.count
    switch choice {
    case .position(let index):
      let row = index < 0 ? count + index : index - 1
      guard index != 0, network.rows.indices.contains(row) else { throw RecorderError.noLayer(index, count: count) }
      return row
    case .name(let name):
      let names = network.rows.indices.map(network.prefix)
      guard let row = names.firstIndex(of: name) else {
        throw RecorderError.unknownLayer(name, nearest: nearestName(to: name, among: names))
      }
      return row
    }
  }

  /// Makes a recorder of what another has recorded, for looking at: it records no more.
  ///
  /// - Throws: as `init`, and `RecorderError.unfit` for numbers that don't fit each other.
  public init(_ saved: RecordedData) throws {
    (columns, histograms) = (try saved.readColumns(), try saved.readHistograms())
    (capacity, every, requestedEvery) = (saved.capacity, saved.every, saved.requestedEvery)
    (steps, stepCount, layers, rowCount) = (saved.steps, saved.stepCount, saved.layers, saved.rowCount)
    (records, series) = (saved.records, saved.series)
    choices = nil
    isReadBack = true
    try saved.check(columns: columns.count, histograms: histograms)
  }

  /// All that was recorded, as values.
  public var data: RecordedData {
    RecordedData(
      columns: columns.map(\.name), histograms: histograms.map(\.name), capacity: capacity, every: every,
      requestedEvery: requestedEvery, steps: steps, stepCount: stepCount, layers: layers, rowCount: rowCount,
      records: records, series: series)
  }
}
