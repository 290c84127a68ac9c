import Networks
import Plots
import Tensors

/// A network as `print` shows it: a row a layer with output shape, parameters, initialiser and normalisation.
struct NetworkText: CustomStringConvertible {
  private static let mostRows = 36
  private let network: Network
  /// How many characters fit on a line, nil for as many as it takes.
  private let columns: Int?

  init(_ network: Network, columns: Int?) { (self.network, self.columns) = (network, columns) }

  /// The table, never longer than a screen.
  var description: String {
    var features = network.inputFeatures
    let rows = network.rows.enumerated().map { index, layer in
      features = layer.outputFeatures(features)
      return [
        "\(index + 1)", layer.description + (layer.isFrozen ? ", frozen" : ""),
        "[batch, \(features.map(String.init) ?? "?")]",
        "\(layer.parameters.reduce(0) { $0 + $1.tensor.count })", NetworkText.initialiser(of: layer),
      ]
    }
    let mode = network.isTraining ? "training" : "evaluation"
    let summary = "\(network.count) parameters, \(network.dtype.name), \(mode) mode"
    let beside = network.presentAuxiliaries.map { row, auxiliary in
      "auxiliary classifier after \(row + 1): \(auxiliary.description), weight \(auxiliary.weight)"
    }
    let below = (beside + [summary] + notes).flatMap { line in
      columns.map { TerminalText.paragraph(line, to: $0) } ?? [line]
    }
    return (table(rows) + below).joined(separator: "\n")
  }

  /// What is still to be done.
  private var notes: [String] {
    let linears = network.rows.flatMap(NetworkText.linears(in:))
    let awaitsData = linears.contains { $0.initialiser?.awaitsData == true }
    return awaitsData ? ["lsuv is due: net:lsuv(x) scales the weights, orthogonal until then, on a batch of data"] : []
  }

  /// The rows in columns; of a deep network the first and the last.
  private func table(_ rows: [[String]]) -> [String] {
    var table = Table([("", .left), ("layer", .left), ("output", .left), ("parameters", .left), ("init", .left)])
    let isElided = rows.count > NetworkText.mostRows
    let shown = isElided ? NetworkText.mostRows / 2 : rows.count
    for row in rows.prefix(shown) { table.add(row) }
    if isElided {
      table.add(["...", "\(rows.count - 2 * shown) more"])
      for row in rows.suffix(shown) { table.add(row) }
    }
    let steps: [Table.Step] = [.rename(3, "params"), .wrap(1, least: 30), .drop([4]), .drop([2])]
    return columns.map { table.fitted(to: $0, steps).lines } ?? table.lines
  }

  /// The schemes of a layer's Linears, equal ones told once.
  private static func initialiser(of layer: Layer) -> String {
    var texts: [String] = []
    for linear in linears(in: layer) {
      let text = linear.initialiser.map { $0.awaitsData ? "\($0.text) (due)" : $0.text } ?? "default"
      if !texts.contains(text) { texts.append(text) }
    }
    return texts.joined(separator: "; ")
  }

  private static func linears(in layer: Layer) -> [Linear] {
    (layer as? Linear).map { [$0] } ?? layer.inner.flatMap { linears(in: $0.layer) }
  }
}
