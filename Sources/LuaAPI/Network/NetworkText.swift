import Networks
import Tensors

/// A network as `print` shows it: a row a layer with output shape, parameters, initialiser and normalisation.
struct NetworkText: CustomStringConvertible {
  private static let mostRows = 36
  private let network: Network

  init(_ network: Network) { self.network = network }

  /// The table, never longer than a screen.
  var description: String {
    var features = network.inputFeatures
    let rows = network.rows.enumerated().map { index, layer in
      features = layer.outputFeatures(features)
      return [
        "\(index + 1)", layer.description, "[batch, \(features.map(String.init) ?? "?")]",
        "\(layer.parameters.reduce(0) { $0 + $1.tensor.count })", NetworkText.initialiser(of: layer),
      ]
    }
    let table = [["", "layer", "output", "parameters", "init"]] + elided(rows)
    let mode = network.isTraining ? "training" : "evaluation"
    return NetworkText.aligned(table) + "\n\(network.count) parameters, \(network.dtype.name), \(mode) mode"
  }

  private func elided(_ rows: [[String]]) -> [[String]] {
    guard rows.count > NetworkText.mostRows else { return rows }
    let half = NetworkText.mostRows / 2
    return rows.prefix(half) + [["...", "\(rows.count - 2 * half) more", "", "", ""]] + rows.suffix(half)
  }

  private static func initialiser(of layer: Layer) -> String {
    guard let linear = layer as? Linear ?? (layer as? Block)?.linear else { return "" }
    return linear.initialiser?.name ?? "default"
  }

  /// Columns padded to their widest cell, two spaces apart.
  private static func aligned(_ rows: [[String]]) -> String {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (cell, width) in zip(row, widths) { line += cell + String(repeating: " ", count: width - cell.count + 2) }
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
