import Files
import Lab
import Tensors

/// A recorder's numbers as a file.
struct RecorderFile {
  private let recorder: Recorder

  init(_ recorder: Recorder) { self.recorder = recorder }

  /// Writes a line for each recorded step and layer: the step, the layer's position, the columns.
  func writeCSV(_ origin: Origin) throws {
    let names = ["step", "layer"] + recorder.columns.map(\.name)
    let table = try Tensor(.float64, [recorder.steps.count * recorder.layers.count, names.count])
    var place = table.pointer(Double.self)
    for (record, step) in recorder.steps.enumerated() {
      for (layer, about) in recorder.layers.enumerated() {
        (place[0], place[1]) = (Double(step), Double(about.position))
        for column in recorder.columns.indices {
          place[2 + column] = recorder.value(record: record, layer: layer, column: column)
        }
        place += names.count
      }
    }
    try CSV(operation: origin.operation).write(table, names: names, origin)
  }

  /// Writes an object: steps, every, layers, and columns, each a series over the steps for each layer, null for NaN; histograms.
  func writeJSON(_ origin: Origin) throws {
    try AtomicFile.replace(origin) { file in
      try file.write("{\"every\": \(recorder.every), \"steps\": \(recorder.steps), \"layers\": [")
      for (place, layer) in recorder.layers.enumerated() {
        let name = JSONText.quoted(layer.name)
        try file.write(
          "\(place > 0 ? ", " : "")"
            + "{\"position\": \(layer.position), \"name\": \(name), \"kind\": \(JSONText.quoted(layer.kind))}")
      }
      try file.write("], \"columns\": {")
      for (column, about) in recorder.columns.enumerated() {
        try file.write("\(column > 0 ? "," : "")\n\(JSONText.quoted(about.name)): [")
        for layer in recorder.layers.indices {
          let series = recorder.series(layer: layer, column: column).map(RecorderFile.number)
          try file.write("\(layer > 0 ? ", " : "")[\(series.joined(separator: ", "))]")
        }
        try file.write("]")
      }
      try file.write("}")
      try writeHistograms(file)
      try file.write(
        ", \"requested_every\": \(recorder.requestedEvery), \"capacity\": \(recorder.capacity), "
          + "\"seen\": \(recorder.stepCount), \"rows\": \(recorder.data.rowCount)}\n")
    }
  }

  /// A number as JSON: null for NaN, a string for an infinity.
  private static func number(_ value: Double) -> String { value.isNaN ? "null" : JSONText.number(value) }

  /// Writes the member histograms, where there are any: for each layer its edges' reach and the counts of each step.
  private func writeHistograms(_ file: AtomicFile) throws {
    if recorder.histograms.isEmpty { return }
    try file.write(", \"histograms\": {")
    for (place, histogram) in recorder.histograms.enumerated() {
      try file.write("\(place > 0 ? "," : "")\n\(JSONText.quoted(histogram.name)): [")
      for layer in recorder.layers.indices {
        let series = recorder.histograms(layer: layer, histogram: place)
        let counts = series.counts.map { "[" + $0.map(String.init).joined(separator: ",") + "]" }
        try file.write(
          "\(layer > 0 ? ", " : "")" + "{\"reach\": \(series.reach), \"counts\": [\(counts.joined(separator: ","))]}")
      }
      try file.write("]")
    }
    try file.write("}")
  }
}
