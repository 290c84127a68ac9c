import Kernels
import Tensors

/// What theory predicts of one quantity of a row, named as in `Statistics`; nil where it makes no statement.
public struct PredictedFigures: Equatable, Sendable {
  /// The names of the figures as users write them.
  public static let names = ["mean", "variance", "std", "rms", "cosine", "batch_std"]

  /// The mean over all entries.
  public var mean: Double?
  /// The variance over all entries; may round to 0 where `std` is still right.
  public var variance: Double?
  /// The standard deviation over all entries.
  public var std: Double?
  /// The root of the mean square.
  public var rms: Double?
  /// The mean cosine between samples.
  public var cosine: Double?
  /// The standard deviation over the batch, averaged over units.
  public var batchStandardDeviation: Double?

  /// Makes figures without any statement.
  public init() {}

  /// The figure of a name in `names`, nil for any other and where theory makes no statement.
  public func value(named name: String) -> Double? {
    switch name {
    case "mean": mean
    case "variance": variance
    case "std": std
    case "rms": rms
    case "cosine": cosine
    case "batch_std": batchStandardDeviation
    default: nil
    }
  }
}

/// What theory predicts of one row of a network at initialisation.
public struct PredictedRow: Equatable, Sendable {
  /// How the row's parameter names begin.
  public let name: String
  /// The row's kind, for example `Block`.
  public let kind: String
  /// The figures by the names of `ReportRow.quantities`; a quantity that is not covered is missing.
  public var figures: [String: PredictedFigures]
  /// Why theory does not cover the row, nil where it does.
  public var reason: String?
  /// What limits the statements on a row that is covered: what it says nothing on, and which law stands in for a closer one.
  public var notes: [String] = []
  /// The law behind the row in words, for example `sigma*sqrt(n/2)`; nil where there is none.
  public var law: String?
  /// The factor by which the row multiplies the rms of what goes through it, nil where it is not covered.
  public var factor: Double?
  /// The factor by which the row multiplies the mean square of the gradient on its way back, nil where it is not covered.
  public var gradientFactor: Double?

  /// Makes a row without figures.
  public init(name: String, kind: String, figures: [String: PredictedFigures] = [:]) {
    self.name = name
    self.kind = kind
    self.figures = figures
  }
}

/// What theory predicts for every row of a network at initialisation.
public struct Prediction: Equatable, Sendable {
  /// One row for each of the network's.
  public var rows: [PredictedRow]
  /// What the network computes in.
  public var dtype: DType
  /// At which depth the numbers leave what a dtype can hold.
  public var ends: [SignalEnd] = []
  /// How far, in nats, the logarithm of one sample's mean square falls behind its prediction through the whole net, on the mean over
  /// draws of the weights; nil where it is not known.
  public var drift: Double?
  /// The standard deviation, in nats, of that logarithm over draws of the weights; nil where it is not known.
  public var driftSpread: Double?

  /// Makes a prediction.
  public init(rows: [PredictedRow], dtype: DType) {
    self.rows = rows
    self.dtype = dtype
  }

  /// The paths of `column`.
  public static let columnNames = ReportRow.quantities.flatMap { quantity in
    PredictedFigures.names.map { "\(quantity).\($0)" }
  }

  /// One figure of every row, nil where theory makes no statement.
  ///
  /// - Parameter path: a quantity of `ReportRow.quantities` and a figure of `PredictedFigures.names`, as in `activation.std`.
  /// - Returns: the figure of each row, in order.
  /// - Throws: `LabError` for a path no prediction has, offering the nearest.
  public func column(_ path: String) throws -> [Double?] {
    let parts = path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, ReportRow.quantities.contains(parts[0]), PredictedFigures.names.contains(parts[1]) else {
      throw LabError.column(path, nearest: nearestName(to: path, among: Prediction.columnNames))
    }
    return rows.map { $0.figures[parts[0]]?.value(named: parts[1]) }
  }
}
