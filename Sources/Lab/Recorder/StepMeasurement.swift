import Gradients
import Kernels
import Networks
import Tensors

/// One recorded step: what is known before the update, and what the update did.
///
/// Nothing is written to the network or its optimiser: passes run beside the network as those of a probe, and the update is the
/// difference of the parameters before and after it. Normalisations keep to their modes, dropout is off.
final class StepMeasurement {
  typealias Loss = (_ output: Tensor) throws -> Tensor

  private let columns: [RecorderColumn]
  private let histograms: [RecordedHistogram]
  /// The recorded rows where they stand now; nil for those that surgery took out.
  private let rows: [Int?]
  private let inputs: Tensor
  private let loss: Loss?
  private var figures: [LayerFigures]
  /// The moments of each recorded row's input.
  private var moments: [UnitMoments?]
  /// The gradients of each recorded row's weight.
  private var gradients: [Tensor?]
  /// The parameters themselves, to see that they are the same after the update.
  private let parameters: [[Tensor]]
  /// The network as it was, for `gradient_shift`.
  private let twin: Network?
  /// Copies of each recorded row's weights.
  private var weights: [[Tensor]] = []

  /// Measures what there is before the update.
  ///
  /// - Throws: what `Network.observe` throws; `RecorderError` for a loss that is not one element or does not depend on the output;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  init(
    _ network: Network, _ inputs: Tensor, rows: [Int?], columns: [RecorderColumn], histograms: [RecordedHistogram],
    loss: Loss?
  ) throws {
    (self.columns, self.histograms, self.rows, self.inputs, self.loss) = (columns, histograms, rows, inputs, loss)
    figures = rows.map { _ in LayerFigures() }
    moments = rows.map { _ in nil }
    gradients = rows.map { _ in nil }
    parameters = StepMeasurement.parameters(of: network)
    twin = columns.contains(where: \.isGradientShift) ? try network.clone() : nil
    if columns.contains(where: { $0.source == .updateRatio }) {
      weights = try rows.map { row in
        try row.map { try StepMeasurement.weights(of: network.rows[$0]).map { try $0.clone() } } ?? []
      }
    }
    try observe(network)
  }

  private static func parameters(of network: Network) -> [[Tensor]] {
    network.rows.map { $0.parameters.map(\.tensor) }
  }

  /// A row's parameters of two dimensions; of a row without any, all.
  private static func weights(of row: Layer) -> [Tensor] {
    let parameters = row.parameters.map(\.tensor)
    let matrices = parameters.filter { $0.rank >= 2 }
    return matrices.isEmpty ? parameters : matrices
  }

  // MARK: Before the update

  private func observe(_ network: Network) throws {
    var outputs: [Tensor] = []
    if !histograms.isEmpty || columns.contains(where: { $0.quantity != nil || $0.isGradientShift }) {
      let needsLoss = columns.contains(where: \.needsLoss) || histograms.contains(where: \.needsLoss)
      let observations = try StepMeasurement.observe(network, inputs, needsLoss ? loss : nil)
      for (layer, row) in rows.enumerated() where row != nil {
        guard let row, observations.indices.contains(row) else { continue }
        // the update changes the weight
        figures[layer].histogrammed = try histograms.map {
          let tensor = observations[row].tensor(of: $0.quantity)
          return tensor === observations[row].weight ? try tensor?.clone() : tensor
        }
        gradients[layer] = observations[row].weightGradient
      }
      try requireUnits(observations)
      try measure(observations, network)
      outputs = observations.map(\.activation)
    } else if columns.contains(where: \.isShift) {
      outputs = try network.rowOutputs(inputs, overridesModes: false)
    }
    moments = try inputMoments(outputs)
  }

  /// One forward and one backward; without a loss the forward alone, and nobody asks for the gradients.
  static func observe(_ network: Network, _ inputs: Tensor, _ loss: Loss?) throws -> [RowObservation] {
    let auxiliary = loss.flatMap { Probe.auxiliaryUpstream(of: network, $0) }
    do {
      guard let loss else { return try network.observeForward(inputs, overridesModes: false) }
      return try network.observe(inputs, overridesModes: false, auxiliary: auxiliary) { output in
        try Probe.differentiate(loss, at: output)
      }
    } catch LabError.loss(let shape, let dependsOnOutput) {
      throw RecorderError.loss(shape, dependsOnOutput: dependsOnOutput)
    }
  }

  /// Takes the statistics of the recorded rows, on several threads: one of one row at a time.
  private func measure(_ observations: [RowObservation], _ network: Network) throws {
    let recorded = rows.indices.filter { rows[$0].map(observations.indices.contains) ?? false }
    let subjects = subjects
    guard !subjects.isEmpty else { return }
    var found = [Statistics?](repeating: nil, count: recorded.count * subjects.count)
    let sizes = recorded.flatMap { layer in
      subjects.map { subject in
        let tensor = rows[layer].flatMap { observations[$0].tensor(of: subject.quantity) }
        return (subject.unit == nil ? tensor?.count : tensor?.shape[0]) ?? 0
      }
    }
    try found.withUnsafeMutableBufferPointer { found in
      try UnequalWork.forEach(sizes: sizes) { place in
        guard let row = rows[recorded[place / subjects.count]] else { return }
        found[place] = try statistics(subjects[place % subjects.count], observations[row], network.rows[row])
      }
    }
    for (place, layer) in recorded.enumerated() {
      for (offset, subject) in subjects.enumerated() {
        figures[layer].statistics[subject.name] = found[place * subjects.count + offset]
      }
    }
  }

  /// A quantity, or that of one of its units, and what columns ask of it.
  private struct Subject {
    let name: String
    let quantity: String
    let unit: Int?
    let options: Probe.Options
  }

  /// What columns ask for, each subject once.
  private var subjects: [Subject] {
    var known: Set<String> = []
    return columns.compactMap { column in
      guard let name = column.subject, let quantity = column.quantity, known.insert(name).inserted else { return nil }
      let wanted = columns.filter { $0.subject == name }
      var options = Probe.Options()
      options.percentiles = wanted.compactMap(\.percent)
      options.parts = wanted.reduce(into: []) { $0.formUnion($1.parts) }
      return Subject(name: name, quantity: quantity, unit: column.unit, options: options)
    }
  }

  /// The statistics of a subject in a row, nil where the row lacks it.
  private func statistics(_ subject: Subject, _ observation: RowObservation, _ row: Layer) throws -> Statistics? {
    guard let observed = try subject.unit.map(observation.unit) ?? observation else { return nil }
    return try observed.statistics(of: subject.quantity, Bounds(row), subject.options)
  }

  /// Makes sure that every unit is in one of the recorded layers at least.
  private func requireUnits(_ observations: [RowObservation]) throws {
    guard let unit = columns.compactMap(\.unit).max() else { return }
    let widths = rows.compactMap { $0 }.filter(observations.indices.contains).map {
      observations[$0].activation.shape[1]
    }
    if let widest = widths.max(), unit > widest { throw RecorderError.noUnit(unit, widest: widest) }
  }

  /// The moments of the recorded rows' inputs, the outputs of the rows below.
  private func inputMoments(_ outputs: [Tensor]) throws -> [UnitMoments?] {
    guard columns.contains(where: \.isShift) else { return rows.map { _ in nil } }
    return try rows.map { row in
      guard let row, row <= outputs.count else { return nil }
      return try UnitMoments(of: row == 0 ? inputs : outputs[row - 1])
    }
  }

  // MARK: After the update

  /// Measures what the update did, and gives all there is of each recorded layer.
  ///
  /// - Throws: `RecorderError.changedNetwork` where the parameters are not those of before; otherwise as `init`.
  func finish(_ network: Network) throws -> [LayerFigures] {
    let present = StepMeasurement.parameters(of: network)
    guard present.count == parameters.count, zip(present, parameters).allSatisfy({ $0.elementsEqual($1, by: ===) })
    else { throw RecorderError.changedNetwork }
    try measureShift(network)
    if columns.contains(where: { $0.source == .updateRatio }) { try measureUpdates(network) }
    if columns.contains(where: \.isGradientShift) { try measureGradients(network) }
    return figures
  }

  private func measureShift(_ network: Network) throws {
    guard columns.contains(where: \.isShift) else { return }
    let after = try inputMoments(try network.rowOutputs(inputs, overridesModes: false))
    for layer in rows.indices {
      if let before = moments[layer], let after = after[layer] {
        figures[layer].shift = InputShift(from: before, to: after)
      }
    }
  }

  /// The update of a row's weights, as one vector.
  private func measureUpdates(_ network: Network) throws {
    for (layer, row) in rows.enumerated() {
      guard let row, !weights[layer].isEmpty else { continue }
      var update = Difference()
      for (before, after) in zip(weights[layer], StepMeasurement.weights(of: network.rows[row])) {
        try update.add(before, after)
      }
      figures[layer].updateRatio = update.relative
    }
  }

  /// Takes the updates of the rows below over into the twin, row by row from the input on, and compares the gradients.
  ///
  /// Santurkar et al. 2018, definition 2.1.
  private func measureGradients(_ network: Network) throws {
    guard let twin else { return }
    var (updated, hasMoved) = (0, false)
    let order = rows.indices.filter { rows[$0] != nil && gradients[$0] != nil }.sorted { rows[$0] ?? 0 < rows[$1] ?? 0 }
    for layer in order {
      guard let row = rows[layer], let before = gradients[layer] else { continue }
      for below in updated..<max(updated, row) {
        hasMoved = try StepMeasurement.update(twin.rows[below], from: network.rows[below]) || hasMoved
      }
      updated = max(updated, row)
      // where nothing below has moved there is nothing to compute
      let after = hasMoved ? try StepMeasurement.observe(twin, inputs, loss)[row].weightGradient : before
      figures[layer].gradient = try after.map { try Difference(before, $0) }
    }
  }

  /// Copies the parameters of a row; answers whether any of them differed.
  private static func update(_ row: Layer, from source: Layer) throws -> Bool {
    var differs = false
    for (old, new) in zip(row.parameters, source.parameters) {
      if try Difference(old.tensor, new.tensor).distance == 0 { continue }
      differs = true
      try old.tensor.copy(from: new.tensor)
    }
    return differs
  }
}

/// What one recorded step has brought for one layer.
struct LayerFigures {
  /// By the subjects of columns.
  var statistics: [String: Statistics] = [:]
  /// The tensor of each histogram, nil where the layer has none.
  var histogrammed: [Tensor?] = []
  var updateRatio = Double.nan
  var shift: InputShift?
  var gradient: Difference?

  /// The number of a column, NaN where there is none.
  func value(of column: RecorderColumn) -> Double {
    switch column.source {
    case .figure(_, _, let figure): statistics[column.subject ?? ""]?.value(named: figure) ?? .nan
    case .percentile(_, _, let percent): statistics[column.subject ?? ""]?.percentile(percent) ?? .nan
    case .updateRatio: updateRatio
    case .shiftOfMean: shift?.mean ?? .nan
    case .shiftOfSpread: shift?.spread ?? .nan
    case .gradientCosine: gradient?.cosine ?? .nan
    case .gradientDistance: gradient?.distance ?? .nan
    case .gradientRelative: gradient?.relative ?? .nan
    }
  }
}
