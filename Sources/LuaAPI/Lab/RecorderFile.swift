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

  /// Writes an object: steps, every, layers, and columns, each a series over the steps for each layer; null for what is not finite.
  func writeJSON(_ origin: Origin) throws {
    try AtomicFile.replace(origin) { file in
      try file.write("{\"every\": \(recorder.every), \"steps\": \(recorder.steps), \"layers\": [")
      for (place, layer) in recorder.layers.enumerated() {
        let name = RecorderFile.quoted(layer.name)
        try file.write(
          "\(place > 0 ? ", " : "")"
            + "{\"position\": \(layer.position), \"name\": \(name), \"kind\": \(RecorderFile.quoted(layer.kind))}")
      }
      try file.write("], \"columns\": {")
      for (column, about) in recorder.columns.enumerated() {
        try file.write("\(column > 0 ? "," : "")\n\(RecorderFile.quoted(about.name)): [")
        for layer in recorder.layers.indices {
          let series = recorder.series(layer: layer, column: column).map { $0.isFinite ? "\($0)" : "null" }
          try file.write("\(layer > 0 ? ", " : "")[\(series.joined(separator: ", "))]")
        }
        try file.write("]")
      }
      try file.write("}}\n")
    }
  }

  /// A string of JSON.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 32:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
