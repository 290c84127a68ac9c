import Files
import Lab
import Tensors

extension FunctionRecord {
  /// `sonde.load_recorder`.
  static let loadRecorder = FunctionRecord(
    "sonde.load_recorder",
    "Reads what recorder:save has written to a .json file: a recorder to look at, plot and save, that records no more.",
    [Parameter("path", .string, "the file")], returns: "a recorder",
    errors: "a file that is none, told with the place of what is wrong",
    example: """
      local net, x, path = nn.mlp{inputs=4, width=4, depth=2}, sonde.randn(9, 4), os.tmpname() .. '.json'
      local rec = sonde.recorder{every=1, stats={'activation.std'}}
      rec:before(net, x):after(); rec:save(path)
      assert(sonde.load_recorder(path)['activation.std'][2][1] == rec['activation.std'][2][1]); os.remove(path)
      """
  ) { call in
    let origin = Origin(operation: call.who, path: try call.string(0))
    do {
      return try call.push(try Recorder(RecorderFile.read(origin)), .recorder)
    } catch let error as RecorderError {
      throw LuaFailure.message("\(origin.operation): '\(origin.path)': \(error.description)")
    }
  }
}

extension RecorderFile {
  /// Reads what `writeJSON` wrote.
  ///
  /// - Throws: `FileError` for what is no JSON, `LuaFailure` with the place for what is no such file; `Interrupted`.
  static func read(_ origin: Origin) throws -> RecordedData {
    let root = try JSONPlace(reading: origin)
    let every = try root.member("every").count(from: 1)
    let steps = try root.member("steps").list().map { try $0.count(from: 1) }
    let layers = try root.member("layers").list().map { place in
      Recorder.RecordedLayer(
        position: try place.member("position").count(from: 1), name: try place.member("name").text(),
        kind: try place.member("kind").text())
    }
    let columns = try root.member("columns").members()
    let numbers = try columns.map { try series($0.place, layers: layers.count, steps: steps.count) }
    let histograms = try root.optional("histograms")?.members() ?? []
    let counts = try histograms.map { name, place in
      try self.histograms(place, name.hasSuffix(".log_histogram"), layers: layers.count, steps: steps.count)
    }
    return RecordedData(
      columns: columns.map(\.name), histograms: histograms.map(\.name),
      capacity: try root.optional("capacity")?.count(from: 2) ?? max(steps.count, 2), every: every,
      requestedEvery: try root.optional("requested_every")?.count(from: 1) ?? every, steps: steps,
      stepCount: try root.optional("seen")?.count() ?? steps.last ?? 0, layers: layers,
      rowCount: try root.optional("rows")?.count() ?? layers.map(\.position).max() ?? 0,
      records: steps.indices.map { step in layers.indices.flatMap { layer in numbers.map { $0[layer][step] } } },
      series: layers.indices.map { layer in counts.map { $0[layer] } })
  }

  /// The numbers of a column: for each layer one a step, null being NaN.
  private static func series(_ place: JSONPlace, layers: Int, steps: Int) throws -> [[Double]] {
    try sequence(place, layers, "series").map { place in
      try sequence(place, steps, "numbers").map { $0.value == .null ? .nan : try $0.number() }
    }
  }

  private static func sequence(_ place: JSONPlace, _ count: Int, _ what: String) throws -> [JSONPlace] {
    let elements = try place.list()
    guard elements.count == count else { throw place.failure("\(count) \(what)") }
    return elements
  }

  private static func histograms(
    _ place: JSONPlace, _ isLogarithmic: Bool, layers: Int, steps: Int
  ) throws -> [HistogramSeries] {
    try sequence(place, layers, "histograms").map { place in
      let counts = try sequence(place.member("counts"), steps, "steps").map { place in
        try place.list(atMost: 1000).map { place -> UInt32 in
          guard let count = UInt32(exactly: try place.count()) else { throw place.failure("a count below 2^32") }
          return count
        }
      }
      let reach = try place.member("reach").number()
      guard let series = HistogramSeries(isLogarithmic: isLogarithmic, reach: reach, counts: counts) else {
        throw place.failure(
          "a reach that is a power of two, and \(HistogramSeries(isLogarithmic: isLogarithmic).bins) bins a step")
      }
      return series
    }
  }
}
