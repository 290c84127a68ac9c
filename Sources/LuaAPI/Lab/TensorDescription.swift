import Kernels
import Lab
import Plots
import Tensors

extension FunctionRecord {
  static let describe = FunctionRecord(
    "tensor:describe", "Describes the tensor: its shape and memory, its statistics and a sparkline of its histogram.",
    returns: "a text of several lines, for print", errors: "no memory for a copy of a view",
    example: "local s = sonde.tensor{1, 2, 3}:describe(); assert(s:find('mean 2.000, std 0.8165', 1, true))",
    receiver: .tensor
  ) { call in try call.push(try TensorDescription(call.object()).text) }
}

/// What `t:describe()` tells.
private struct TensorDescription {
  private static let sparklineWidth = 32

  private let tensor: Tensor
  /// Of the elements in memory: an expanded view repeats each of them equally often.
  private let statistics: Statistics
  /// How often the view repeats each.
  private let repeats: Int

  init(_ tensor: Tensor) throws {
    self.tensor = tensor
    var distinct = tensor
    for dimension in 0..<tensor.rank where tensor.count > 0 && tensor.strides[dimension] == 0 {
      distinct = try distinct.narrow(dimension, 0, 1)
    }
    repeats = tensor.count == 0 ? 1 : tensor.count / distinct.count
    statistics = try Statistics(of: distinct, bins: TensorDescription.sparklineWidth)
  }

  /// The lines, without a newline at the end.
  var text: String { ([head] + (tensor.count == 0 ? ["(no elements)"] : figures)).joined(separator: "\n") }

  private var head: String {
    let elements = tensor.count == 1 ? "1 element" : "\(tensor.count) elements"
    let gradient = tensor.requiresGradient ? ", requires_grad" : ""
    return "\(tensor.dtype) \(tensor.shape), \(elements), \(memory), \(layout)\(gradient)"
  }

  private var memory: String {
    let whole = TensorError.size(tensor.storage.count * tensor.dtype.size)
    return tensor.storage.count == tensor.count ? whole : "a view into \(whole)"
  }

  private var layout: String { tensor.isContiguous ? "contiguous" : "strides \(tensor.strides)" }

  private var zeros: Int { Int((statistics.zeros * Double(statistics.count)).rounded()) }

  private var figures: [String] {
    let percentiles = statistics.percentiles.map { percentile in
      let name = percentile.percent == 50 ? "median" : "\(Int(percentile.percent)) %"
      return "\(name) \(number(percentile.value))"
    }
    var lines = [
      "mean \(Decimal.text(statistics.mean)), std \(Decimal.text(statistics.std)), rms \(Decimal.text(statistics.rms))",
      (["min \(number(statistics.min))"] + percentiles + ["max \(number(statistics.max))"]).joined(separator: ", "),
      "zeros \(zeros * repeats), nan \(statistics.nan * repeats), inf \(statistics.inf * repeats)",
    ]
    let histogram = statistics.histogram
    if let first = histogram.edges.first, let last = histogram.edges.last, histogram.counts.contains(where: { $0 > 0 })
    {
      let bars = Sparkline.histogram(histogram.counts, style: TerminalAbilities.current.sparklines)
      lines.append("\(number(first)) |\(bars)| \(number(last))")
    }
    return lines
  }

  /// Whole numbers of integers and masks as they are, others with four digits.
  private func number(_ value: Double) -> String {
    let isExact = !tensor.dtype.isFloat && abs(value) < 0x1p53 && value == value.rounded()
    return isExact ? "\(Int(value))" : Decimal.text(value)
  }
}
