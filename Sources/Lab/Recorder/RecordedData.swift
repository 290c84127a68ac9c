import Tensors

/// All that a recorder holds, as values: what a file keeps of it.
public struct RecordedData: Sendable {
  /// The names of the columns.
  public var columns: [String]
  /// The names of the histograms.
  public var histograms: [String]
  /// The most records that are kept.
  public var capacity: Int
  /// The present cadence.
  public var every: Int
  /// The cadence that was asked for.
  public var requestedEvery: Int
  /// The numbers of the recorded steps, from 1.
  public var steps: [Int]
  /// How many steps there were.
  public var stepCount: Int
  /// The recorded layers.
  public var layers: [Recorder.RecordedLayer]
  /// How many layers the network had.
  public var rowCount: Int
  /// For each record the numbers layer by layer, each layer's in the order of the columns.
  public var records: [[Double]]
  /// For each layer its histograms.
  public var series: [[HistogramSeries]]

  /// Joins the parts.
  public init(
    columns: [String], histograms: [String], capacity: Int, every: Int, requestedEvery: Int, steps: [Int],
    stepCount: Int, layers: [Recorder.RecordedLayer], rowCount: Int, records: [[Double]], series: [[HistogramSeries]]
  ) {
    (self.columns, self.histograms, self.capacity, self.every) = (columns, histograms, capacity, every)
    (self.requestedEvery, self.steps, self.stepCount) = (requestedEvery, steps, stepCount)
    (self.layers, self.rowCount, self.records, self.series) = (layers, rowCount, records, series)
  }

  func readColumns() throws -> [RecorderColumn] {
    try columns.map { name in
      let parsed = try RecorderColumn.columns(of: name, percentiles: [])
      guard parsed.count == 1 else { throw RecorderError.unfit("a column by its whole name", got: "'\(name)'") }
      return parsed[0]
    }
  }

  func readHistograms() throws -> [RecordedHistogram] {
    try histograms.map { name in
      guard let histogram = RecordedHistogram(name) else {
        throw RecorderError.unfit("the name of a histogram", got: "'\(name)'")
      }
      return histogram
    }
  }

  func check(columns: Int, histograms: [RecordedHistogram]) throws {
    func require(_ holds: Bool, _ expected: String, _ got: @autoclosure () -> String) throws {
      guard holds else { throw RecorderError.unfit(expected, got: got()) }
    }
    func require(_ holds: Bool, _ expected: String, _ got: Int) throws { try require(holds, expected, "\(got)") }
    try require(capacity >= 2, "a capacity of at least 2", capacity)
    try require(every >= 1, "every of at least 1", every)
    try require(requestedEvery >= 1, "every of at least 1", requestedEvery)
    try require(steps.count <= capacity, "at most \(capacity) steps", steps.count)
    try require(steps.first ?? 1 >= 1, "steps from 1 on", steps.first ?? 1)
    let falling = zip(steps, steps.dropFirst()).first { $0 >= $1 }
    try require(falling == nil, "steps that rise", falling.map { "\($1) behind \($0)" } ?? "")
    try require(stepCount >= steps.last ?? 0, "as many steps seen as recorded", stepCount)
    try require(!layers.isEmpty || steps.isEmpty, "layers of the \(steps.count) recorded steps", "none")
    let outside = layers.map(\.position).first { !(1...max(rowCount, 1) ~= $0) }
    try require(outside == nil, "layers of the \(rowCount) there were", outside ?? 0)
    try require(records.count == steps.count, "\(steps.count) records", records.count)
    for record in records {
      try require(record.count == columns * layers.count, "\(columns * layers.count) numbers a record", record.count)
    }
    try require(series.count == layers.count, "histograms of \(layers.count) layers", series.count)
    for series in series {
      try require(
        series.map(\.isLogarithmic) == histograms.map(\.isLogarithmic), "histograms of their kind", series.count)
      for one in series { try require(one.counts.count == steps.count, "\(steps.count) histograms", one.counts.count) }
    }
  }
}
