import Tensors

extension Recorder {
  /// The number of a column, by its place, in a record and a layer, by theirs; NaN where there was none.
  public func value(record: Int, layer: Int, column: Int) -> Double {
    records[record][layer * columns.count + column]
  }

  /// How a column went over the recorded steps in a layer, by their places.
  public func series(layer: Int, column: Int) -> [Double] {
    records.indices.map { value(record: $0, layer: layer, column: column) }
  }

  /// The place of a column in `columns`.
  ///
  /// - Throws: `RecorderError` for one that is not recorded, offering the nearest, and for a stat of several columns.
  public func column(_ name: String) throws -> Int {
    if let place = place(of: name) { return place }
    let parts = columns.map(\.name).filter { $0.hasPrefix("\(name).") }
    if !parts.isEmpty { throw RecorderError.severalColumns(name, parts) }
    throw RecorderError.unknownColumn(name, nearest: nearestName(to: name, among: columns.map(\.name)))
  }

  /// The place of a column by its name, or in the form `preactivation.percentiles[15]`; nil where it is not recorded.
  public func place(of name: String) -> Int? {
    if let place = columns.firstIndex(where: { $0.name == name }) { return place }
    guard let parsed = try? RecorderColumn.columns(of: name, percentiles: []), parsed.count == 1 else { return nil }
    return columns.firstIndex { $0.source == parsed[0].source }
  }

  /// The place of a recorded layer in `layers`.
  ///
  /// - Throws: `RecorderError` for one that is not recorded.
  public func layer(_ choice: LayerChoice) throws -> Int {
    let place: Int? =
      switch choice {
      case .position(let position) where position < 0:
        layers.firstIndex { $0.position == rowCount + 1 + position }
      case .position(let position): layers.firstIndex { $0.position == position }
      case .name(let name): layers.firstIndex { $0.name == name }
      }
    if let place { return place }
    let text =
      switch choice {
      case .position(let position): "\(position)"
      case .name(let name): "'\(name)'"
      }
    throw RecorderError.unrecordedLayer(text, recorded: layers.map { "\($0.position)" })
  }

  /// The place of a histogram in `histograms` by its name, nil where it is not recorded.
  public func histogram(_ name: String) -> Int? { histograms.firstIndex { $0.name == name } }

  /// The histograms of a layer over the recorded steps, by their places.
  public func histograms(layer: Int, histogram: Int) -> HistogramSeries { series[layer][histogram] }

  /// How many bytes the records take.
  public var memory: Int { steps.count * bytesOfRecord }

  /// How many bytes they take at most: those of `capacity` records; 0 until the layers are known.
  public var memoryLimit: Int {
    let (bytes, overflow) = capacity.multipliedReportingOverflow(by: bytesOfRecord)
    return overflow ? .max : bytes
  }

  private var bytesOfRecord: Int {
    let bins = histograms.reduce(0) { $0 + HistogramSeries(isLogarithmic: $1.isLogarithmic).bins }
    let (numbers, counts) = (columns.count * MemoryLayout<Double>.size, bins * MemoryLayout<UInt32>.size)
    return layers.count * (numbers + counts) + MemoryLayout<Int>.size
  }
}
