import Kernels

/// Something a report shows that a user should know, in words, with the layer where it begins.
public struct Finding: Equatable, Sendable {
  /// What has happened to the numbers.
  public enum Kind: String, Sendable {
    /// Some are not numbers.
    case nan
    /// Some are infinite.
    case inf
    /// All are exactly 0.
    case zero
    /// Some are subnormal: they have lost digits, and a little further on they are 0.
    case underflow
  }

  /// What has happened.
  public let kind: Kind
  /// Where in the network it begins, counted from 1 in the direction the numbers travel; nil for the input or the upstream gradient.
  public let layer: Int?
  /// What it is found in: one of `ReportRow.quantities`, `input` or `upstream`.
  public let quantity: String
  /// The finding in words.
  public let text: String
}

extension Report {
  /// What the report shows of NaN, infinity, exact zeros and underflow, each with the layer where it begins.
  ///
  /// Activations are followed from the input on, gradients from the output back.
  public var findings: [Finding] {
    var all: [Finding] = []
    for kind in [Finding.Kind.nan, .inf, .zero, .underflow] {
      all += ends(kind)
      all += rowFindings(kind, "activation", "activations")
      all += rowFindings(kind, "gradient", "dL/dh", backward: true)
      all += rowFindings(kind, "weight", "weights")
      all += rowFindings(kind, "weight_gradient", "dL/dW")
    }
    return all
  }

  private func ends(_ kind: Finding.Kind) -> [Finding] {
    [("input", "the input", input), ("upstream", "the upstream gradient", upstream)].compactMap {
      quantity, what, figures in
      guard figures.shows(kind) else { return nil }
      let text =
        kind == .zero ? "\(what) is exactly 0" : "\(what) has \(kind.word(dtype)): \(figures.share(kind)) of its values"
      return Finding(kind: kind, layer: nil, quantity: quantity, text: text)
    }
  }

  private func rowFindings(
    _ kind: Finding.Kind, _ quantity: String, _ what: String, backward: Bool = false
  ) -> [Finding] {
    let hits = rows.indices.filter { rows[$0].quantity(quantity)?.shows(kind) == true }
    guard let first = backward ? hits.last : hits.first, let figures = rows[first].quantity(quantity) else { return [] }
    let text: String
    if kind == .zero {
      let verb = what.hasSuffix("s") ? "are" : "is"
      text = "\(what) \(verb) exactly 0 \(place(hits, quantity, backward))" + cause(first, quantity)
    } else {
      let direction = backward ? "coming from the output" : "first"
      text =
        "\(kind.subject(dtype)) \(direction) at layer \(layerName(first)) (\(what)): \(figures.share(kind)) of its values"
        + (kind == .underflow ? " are subnormal" : "")
    }
    return [Finding(kind: kind, layer: first + 1, quantity: quantity, text: text)]
  }

  /// How the text calls the layer of a row, from 0, as people count: by the rows with weights, with its own number where that is another.
  private func layerName(_ row: Int) -> String {
    let place = rows[...row].count { $0.weight != nil || $0.kind == "Residual" }
    return place == 0 || place == row + 1 ? "\(row + 1)" : "\(place) (row \(row + 1))"
  }

  /// Which layers the hits are: from one on to the end of the travel, a run, or scattered.
  private func place(_ hits: [Int], _ quantity: String, _ backward: Bool) -> String {
    guard let low = hits.first, let high = hits.last else { return "" }
    let (lowest, highest) = (layerName(low), layerName(high))
    if low == high { return "in layer \(lowest)" }
    // Rows without the quantity, such as an activation's weight, don't break a run.
    let between = (low...high).filter { rows[$0].quantity(quantity) != nil }
    if between.count > hits.count { return "in \(hits.count) layers, the first of them \(backward ? highest : lowest)" }
    if backward { return low == 0 ? "from layer \(highest) down" : "from layer \(highest) down to \(lowest)" }
    let isToEnd = !rows[(high + 1)...].contains { $0.quantity(quantity) != nil }
    return isToEnd && quantity == "activation" ? "from layer \(lowest) on" : "in layers \(lowest) to \(highest)"
  }

  /// Why a layer's numbers are all 0, where the report can tell.
  private func cause(_ index: Int, _ quantity: String) -> String {
    switch quantity {
    case "activation":
      if input.zeros == 1 { return ": the input is" }
      if let weight = rows[index].weight, weight.zeros == 1 { return ": its weights are" }
      let entering = rows[index].preactivation
      let before = index > 0 ? rows[index - 1].activation : input
      if entering.isBelow(normalOf: dtype) { return ": \(dtype) has ended" }
      return entering.max <= 0 && before.zeros < 1 ? ": no preactivation is above 0" : ""
    case "gradient":
      if upstream.zeros == 1 { return ": the upstream gradient is" }
      guard index + 1 < rows.count else { return "" }
      let after = rows[index + 1]
      if after.activation.zeros == 1 { return ": layer \(layerName(index + 1)), all 0, passes nothing back" }
      return after.gradient.zeros < 1 && after.gradient.underflow > 0 ? ": \(dtype) has ended" : ""
    case "weight_gradient":
      let gradient = rows[index].gradient
      let before = index > 0 ? rows[index - 1].activation : input
      return gradient.zeros < 1 && before.zeros < 1 && gradient.rms * before.rms < dtype.leastNormal
        ? ": the product of activations and gradients is below \(dtype)'s range" : ""
    default: return ""
    }
  }
}

extension Finding.Kind {
  fileprivate func word(_ dtype: DType) -> String {
    switch self {
    case .nan: "NaN"
    case .inf: "infinities"
    case .zero: "zeros"
    case .underflow: "values that underflow \(dtype)"
    }
  }

  fileprivate func subject(_ dtype: DType) -> String {
    switch self {
    case .nan: "NaN"
    case .inf: "infinity"
    case .zero: "zero"
    case .underflow: "underflow of \(dtype)"
    }
  }
}

extension Statistics {
  /// Whether these numbers show what the kind says; `zero` means all of them.
  fileprivate func shows(_ kind: Finding.Kind) -> Bool {
    count > 0 && amount(kind) > 0 && (kind != .zero || zeros == 1)
  }

  private func amount(_ kind: Finding.Kind) -> Double {
    switch kind {
    case .nan: Double(nan)
    case .inf: Double(inf)
    case .zero: zeros * Double(count)
    case .underflow: Double(underflow)
    }
  }

  /// The share of the values that the kind is about, as people read it.
  fileprivate func share(_ kind: Finding.Kind) -> String {
    let percent = amount(kind) / Double(count) * 100
    if percent < 1 { return "less than 1 %" }
    return "\(Int(percent.rounded(.down))) %"
  }

  /// Whether no magnitude reaches the dtype's smallest normal number.
  fileprivate func isBelow(normalOf dtype: DType) -> Bool { Swift.max(abs(min), abs(max)) < dtype.leastNormal }
}

extension DType {
  /// The smallest number with all its digits.
  fileprivate var leastNormal: Double {
    self == .float64 ? Double.leastNormalMagnitude : Double(Float.leastNormalMagnitude)
  }
}
