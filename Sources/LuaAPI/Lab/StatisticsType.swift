import CLua
import Kernels
import Lab
import Plots
import Tensors

/// Statistics as Lua holds them.
final class StatisticsHandle {
  let statistics: Statistics

  init(_ statistics: Statistics) { self.statistics = statistics }
}

extension Parameter {
  static let percentiles = Parameter(
    "percentiles", .table, default: "{15, 50, 85}", "which percentiles to find, each from 0 to 100")
  static let logHistogram = Parameter(
    "log", .boolean, default: "false", "counts log10 |x| instead, the edges in decades; zeros are in no bin")
  static let bins = Parameter("bins", .integer, default: "50", "the bins of the histogram")
}

extension Call {
  /// The option `percentiles`.
  func percentiles() throws -> [Double] {
    guard case .table(let index) = option("percentiles") else { return Statistics.standardPercentiles }
    return try sequence(at: index) { value in
      guard let percent = value.asNumber else { throw failure("expected numbers as percentiles, got \(value.text)") }
      return percent
    }
  }

  func push(_ statistics: Statistics?) throws -> Int32 {
    guard let statistics else { return pushNil() }
    return try push(StatisticsHandle(statistics), .statistics)
  }

  /// Pushes a histogram as a table.
  func push(_ histogram: Histogram) throws -> Int32 {
    try check(sonde_try_table(lua, 0, 2))
    return try setBins(histogram)
  }

  /// Pushes the histogram of log10 |x| as a table, with the counts of what is in no bin.
  func push(logHistogramOf statistics: Statistics) throws -> Int32 {
    try check(sonde_try_table(lua, 0, 5))
    try set("zeros") { push(Int(exactly: (statistics.zeros * Double(statistics.count)).rounded()) ?? 0) }
    try set("nan") { push(statistics.nan) }
    try set("inf") { push(statistics.inf) }
    return try setBins(statistics.logHistogram)
  }

  private func setBins(_ histogram: Histogram) throws -> Int32 {
    try set("counts") { try push(sequence: histogram.counts) { push($0) } }
    try set("edges") { try push(sequence: histogram.edges) { push($0) } }
    return 1
  }
}

extension FunctionRecord {
  /// `t:stats`, `t:histogram` and `t:describe`.
  static let statisticsMethods: [FunctionRecord] = [stats, histogram, describe]

  private static let stats = FunctionRecord(
    "tensor:stats", "Measures the tensor: moments, percentiles, zeros, dead units, and more (population: divide by n).",
    options: [.percentiles, .bins], returns: "stats", errors: "percentiles outside 0 to 100",
    example:
      "local s = sonde.tensor{1, 2, 3, 4}:stats{percentiles={50}}; assert(s.mean == 2.5 and s.percentiles[50] == 2.5)",
    receiver: .tensor
  ) { call in
    try call.push(
      try Statistics(
        of: call.object(), percentiles: try call.percentiles(),
        bins: call.option("bins").asInteger ?? Statistics.standardBins))
  }

  private static let histogram = FunctionRecord(
    "tensor:histogram", "Counts the elements into equal bins, as numpy.histogram.",
    [
      Parameter("bins", .integer, default: "50", "the number of bins"),
      Parameter("lo", .number, default: "the smallest element", "the lower edge of the first bin"),
      Parameter("hi", .number, default: "the largest element", "the upper edge of the last"),
    ],
    options: [.logHistogram],
    returns: "a table: counts, edges", errors: "limits out of order",
    example: "assert(sonde.arange(10):histogram(5).counts[1] == 2)", receiver: .tensor
  ) { call in
    try call.push(
      try Histogram(
        of: call.object(), bins: call.argument(0).asInteger ?? Statistics.standardBins,
        lower: call.argument(1).asNumber, upper: call.argument(2).asNumber,
        quantity: call.flag("log", default: false) ? .logMagnitude : .value))
  }

  /// The methods of stats.
  static let statisticsOwnMethods: [FunctionRecord] = [
    FunctionRecord(
      "stats:histogram", "The histogram that was counted with the other figures.", options: [.logHistogram],
      returns: "a table: counts, edges; with log also zeros, nan, inf: how many are in no bin",
      example: "assert(#sonde.randn(100):stats{bins=8}:histogram().counts == 8)", receiver: .statistics
    ) { call in
      let statistics = call.object(StatisticsHandle.self).statistics
      return try call.flag("log", default: false)
        ? call.push(logHistogramOf: statistics) : call.push(statistics.histogram)
    },
    FunctionRecord(
      "stats:log_histogram",
      "The histogram of log10 |x|, as stats:histogram{log=true}: what vanishes or explodes shows its whole range.",
      returns: "a table: counts, edges in decades, and zeros, nan, inf: how many are in no bin",
      example:
        "local h = sonde.tensor{1e-30, 0, 1e30}:stats{bins=2}:log_histogram(); "
        + "assert(h.counts[1] == 1 and h.counts[2] == 1 and h.zeros == 1 and h.edges[1] < -29.9)",
      receiver: .statistics
    ) { call in try call.push(logHistogramOf: call.object(StatisticsHandle.self).statistics) },
  ]
}

extension TypeRecord {
  /// Statistics of a tensor.
  static let statisticsType = TypeRecord(
    type: .statistics, summary: "Figures of a tensor, as plain numbers; moments divide by n.",
    methods: FunctionRecord.statisticsOwnMethods,
    properties: [
      PropertyRecord("percentiles", "The percentiles by number, linear between elements, as NumPy.") { call in
        let percentiles = call.object(StatisticsHandle.self).statistics.percentiles
        try check(sonde_try_table(call.lua, 0, Int32(clamping: percentiles.count)))
        let table = lua_gettop(call.lua)
        for percentile in percentiles {
          _ = Int(exactly: percentile.percent).map { call.push($0) } ?? call.push(percentile.percent)
          _ = call.push(percentile.value)
          try check(sonde_try_set(call.lua, table))
        }
        return 1
      }
    ]
      + Statistics.names.map { name in
        PropertyRecord(name, meanings[name] ?? name) { call in
          let value = call.object(StatisticsHandle.self).statistics.value(named: name) ?? .nan
          return Statistics.countNames.contains(name) ? call.push(Int(value)) : call.push(value)
        }
      },
    text: { call in
      let statistics = call.object(StatisticsHandle.self).statistics
      let figures = Statistics.names.compactMap { name in
        statistics.value(named: name).map {
          "\(name) \(Statistics.countNames.contains(name) ? "\(Int($0))" : Decimal.text($0))"
        }
      }
      return TerminalText.paragraph(of: figures, separator: "  ", to: TerminalAbilities.current.columns)
        .joined(separator: "\n")
    },
    keys: { _ in Statistics.names + ["percentiles"] })

  private static let meanings = [
    "count": "The number of elements.", "mean": "The mean.", "variance": "The variance, dividing by n.",
    "std": "The standard deviation over all entries.", "rms": "The root of the mean square.",
    "norm": "The Euclidean norm.", "min": "The smallest element.", "max": "The largest element.",
    "skewness": "The third standardised moment.", "kurtosis": "The excess kurtosis: 0 for a normal distribution.",
    "zeros": "The fraction of exact zeros.", "dead": "The fraction of units that are 0 on every sample.",
    "saturated": "The fraction of outputs within 1 % of a bounded activation's range from its ends.",
    "batch_std": "The standard deviation over the batch, averaged over units.",
    "cosine": "The mean cosine between distinct nonzero samples.",
    "underflow": "The number of subnormal elements.", "nan": "The number of NaN.", "inf": "The number of infinities.",
  ]
}
