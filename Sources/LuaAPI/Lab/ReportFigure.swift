import Kernels
import Lab
import Plots

/// The figure of a probe's report: the distributions of all layers in one panel, and beside it how spread, zeros and gradients go
/// through the depth, with theory under what was measured.
struct ReportFigure {
  private let report: Report
  private let prediction: Prediction?

  init(_ report: Report, prediction: Prediction? = nil) {
    self.report = report
    self.prediction = prediction
  }

  var figure: Figure {
    Figure(
      title: title, subtitle: subtitle,
      columns: [
        Figure.Column([RidgesOfReport(report).panel], weight: 1.2),
        Figure.Column([spread("std of activations h", "activation", 0), fractions]),
        Figure.Column([
          spread("std of gradients dL/dh", "gradient", 1),
          spread("std of weight gradients dL/dW", "weight_gradient", 2),
        ]),
      ])
  }

  /// How many rows of which kinds, and the batch: `20 blocks of 100 units, head of 10 units on a batch of 1000 × 100, float32`.
  private var title: String {
    var kinds: [(name: String, rows: [ReportRow])] = []
    for row in report.rows {
      let name = row.name == "head" ? "head" : row.kind
      if let place = kinds.firstIndex(where: { $0.name == name }) {
        kinds[place].rows.append(row)
      } else {
        kinds.append((name, [row]))
      }
    }
    let list = kinds.map { kind in
      let widths = Set(kind.rows.map(\.shape.last))
      let units = widths.count == 1 ? kind.rows[0].shape.last.map { " of \($0) units" } ?? "" : ""
      if kind.name == "head" { return "head" + units }
      let name = kind.name == "Block" ? (kind.rows.count == 1 ? "block" : "blocks") : kind.name
      return "\(kind.rows.count) \(name)\(units)"
    }
    return "\(list.joined(separator: ", ")) on a batch of \(batch)"
  }

  private var batch: String {
    "\(report.inputShape.map(String.init).joined(separator: " × ")), \(report.dtype)"
  }

  private var subtitle: String {
    let loss = report.loss.map { ", loss \(Decimal.text($0))" } ?? ""
    let theory = hasTheory ? "points measured, grey = mean-field prediction" : "measured"
    return "\(recipe)\(theory) · input std \(Decimal.text(report.input.std)) · upstream gradient std "
      + "\(Decimal.text(report.upstream.std))\(loss)"
  }

  /// What all blocks do and how their weights were drawn, `Linear, relu, batch norm, weights normal(0.01) · `; nothing where they
  /// differ or nobody knows.
  private var recipe: String {
    let blocks = report.theory?.model.rows.filter { $0.kind == "Block" && $0.name != "head" } ?? []
    let recipes = Set(
      blocks.map { $0.parts.map(\.text).joined(separator: ", ") + ($0.weightText.map { ", weights \($0)" } ?? "") })
    return recipes.count == 1 ? recipes.joined() + " · " : ""
  }

  private var layers: [Double] { report.rows.indices.map { Double($0 + 1) } }

  private var hasTheory: Bool {
    prediction?.rows.contains { row in row.figures.values.contains { $0.std != nil } } ?? false
  }

  /// The standard deviation of a quantity per layer over its prediction; zeros have no place on a logarithmic axis.
  private func spread(_ title: String, _ quantity: String, _ color: Int) -> Panel {
    // rows without the quantity don't part the line
    let present = report.rows.indices.filter { report.rows[$0].quantity(quantity) != nil }
    let measured = present.map { report.rows[$0].quantity(quantity)?.std ?? .nan }
    let predicted = present.map { index in
      prediction.flatMap { index < $0.rows.count ? $0.rows[index].figures[quantity]?.std : nil } ?? .nan
    }
    var marks: [Mark] = []
    let isPredicted = predicted.contains(where: \.isFinite)
    if isPredicted { marks.append(.theory(Series("theory", x: present.map { layers[$0] }, y: predicted))) }
    let name = isPredicted ? "measured" : ""
    marks.append(.line(Series(name, x: present.map { layers[$0] }, y: measured, color: Palette.curves[color])))
    let gone = remark(quantity)
    return Panel(
      title: title + gone, x: Axis(label: "layer"), y: Axis(isLogarithmic: true), marks: marks)
  }

  /// Which layers have no place on a logarithmic axis.
  private func remark(_ quantity: String) -> String {
    let zeros = report.rows.indices.filter { report.rows[$0].quantity(quantity)?.std == 0 }
    guard let first = zeros.first else { return "" }
    return zeros.count == 1 ? " (0 in layer \(first + 1))" : " (0 in \(zeros.count) layers from \(first + 1) on)"
  }

  /// Fractions of zeros, dead and saturated units, and how alike the samples have become; those that are 0 throughout are left
  /// out.
  private var fractions: Panel {
    let names = [
      ("zeros", "zeros"), ("dead", "dead"), ("saturated", "saturated"), ("cosine", "cosine"),
    ]
    let curves = names.enumerated().compactMap { place, name -> Mark? in
      // of a layer that is all NaN nothing is known
      let values = report.rows.map { row in
        row.activation.nan == row.activation.count ? .nan : row.activation.value(named: name.0) ?? .nan
      }
      guard values.contains(where: { $0.isFinite && $0 != 0 }) else { return nil }
      return .line(Series(name.1, x: layers, y: values, color: Palette.curves[place]))
    }
    let lowest = report.rows.map(\.activation.cosine).filter(\.isFinite).min() ?? 0
    return Panel(
      title: "zeros, dead, saturated; cosine", x: Axis(label: "layer"),
      y: Axis(lower: lowest < -0.02 ? nil : -0.02, upper: 1.02), marks: curves)
  }
}

/// The distributions of a report's layers, one below the other.
private struct RidgesOfReport {
  /// How much the layers' spreads may differ before they share no linear axis.
  private static let widestRatio = 30.0
  /// How far the largest number may lie beyond a layer's rms before it squeezes all others.
  private static let longestTail = 100.0
  /// The part of each layer at either end that the axis need not show.
  private static let tail = 0.002
  /// How many layers have room for the name of their kind.
  private static let roomForKinds = 40

  private let rows: [ReportRow]

  init(_ report: Report) { rows = report.rows }

  var panel: Panel {
    let isLogarithmic = isLogarithmic
    let ridges = rows.indices.map { index in
      let (bins, note) = RidgesOfReport.bins(rows[index].activation, isLogarithmic)
      return Ridge(label(index), bins, note: note)
    }
    var axis = Axis(label: isLogarithmic ? "log₁₀ |activation|" : "activation")
    if let limits = RidgesOfReport.limits(ridges.map(\.bins)) { (axis.lower, axis.upper) = limits }
    let zeros = rows.contains { $0.activation.zeros > 0 } ? ", exact zeros left out" : ""
    return Panel(
      title: (isLogarithmic ? "activations: log₁₀|h|" : "activations: h") + zeros, x: axis, y: Axis(label: "layer"),
      marks: [.ridges(ridges)])
  }

  /// Whether layers differ, or numbers within a layer, by more than a linear axis shows.
  private var isLogarithmic: Bool {
    let spreads = rows.map(\.activation.std).filter { $0.isFinite && $0 > 0 }
    if let least = spreads.min(), let most = spreads.max(), most / least > RidgesOfReport.widestRatio { return true }
    return rows.contains { row in
      let largest = max(abs(row.activation.min), abs(row.activation.max))
      return largest.isFinite && largest > RidgesOfReport.longestTail * row.activation.rms
    }
  }

  private func label(_ index: Int) -> String {
    if rows[index].name == "head" { return "head" }
    let kinds = Set(rows.lazy.filter { $0.name != "head" }.map(\.kind))
    return kinds.count > 1 && rows.count <= RidgesOfReport.roomForKinds
      ? "\(rows[index].kind) \(index + 1)" : "\(index + 1)"
  }

  /// The histogram to draw, and what it can't tell.
  private static func bins(_ statistics: Statistics, _ isLogarithmic: Bool) -> (Bins, String) {
    let histogram = isLogarithmic ? statistics.logHistogram : statistics.histogram
    var counts = histogram.counts.map(Double.init)
    if !isLogarithmic, statistics.zeros > 0,
      let place = counts.indices.last(where: { histogram.edges[$0] <= 0 && histogram.edges[$0 + 1] >= 0 })
    {
      counts[place] = max(0, (counts[place] - statistics.zeros * Double(statistics.count)).rounded())
    }
    let bad = [(statistics.nan, "NaN"), (statistics.inf, "inf")].filter { $0.0 > 0 }
    var notes = bad.map { $0.0 == statistics.count ? "all \($0.1)" : "\($0.0) \($0.1)" }
    if statistics.zeros == 1 { notes.append("all zero") }
    if statistics.count == 0 { notes.append("empty") }
    return (Bins(edges: histogram.edges, counts: counts), notes.joined(separator: ", "))
  }

  /// Limits that hold all but the ends of each layer's numbers.
  private static func limits(_ all: [Bins]) -> (Double, Double)? {
    let ends = all.map(\.trimmed).compactMap { bins -> (Double, Double)? in
      let total = bins.counts.reduce(0, +)
      guard total > 0 else { return nil }
      func reach(_ order: [Int]) -> Int {
        var sum = 0.0
        return order.first { index in
          sum += bins.counts[index]
          return sum > tail * total
        } ?? 0
      }
      let indices = Array(bins.counts.indices)
      return (bins.edges[reach(indices)], bins.edges[reach(indices.reversed()) + 1])
    }
    guard let lower = ends.map(\.0).min(), let upper = ends.map(\.1).max(), lower < upper else { return nil }
    return (lower, upper)
  }
}

extension NetworkModel.Part {
  /// The part in a word or two.
  fileprivate var text: String {
    switch self {
    case .linear: "Linear"
    case .activation(let law): law.function.name
    case .norm(let norm): "\(norm.kind.rawValue) norm"
    case .residual(let sum): "x + (\(sum.branch.map(\.text).joined(separator: ", ")))"
    case .unknown: "unknown"
    }
  }
}

extension NetworkModel.Row {
  /// How the weights of its first Linear were drawn.
  fileprivate var weightText: String? {
    for case .linear(let linear) in parts { return linear.weight.text }
    return nil
  }
}
