import Kernels
import RealModule

/// What goes into a network at either end, as theory sees it.
public struct TheoryInput: Sendable {
  /// The root mean square of the input.
  public var rms = 1.0
  /// The mean of the input over its rms.
  public var relativeMean = 0.0
  /// The cosine between two samples; nil where it is not known.
  public var cosine: Double? = 0
  /// The standard deviation over the batch over the rms; nil where it is not known.
  public var spread: Double?
  /// Whether the input is independent normal numbers of mean 0.
  public var isNormal = true
  /// The number of samples; nil for infinitely many.
  public var batch: Int?
  /// The root mean square of the gradient at the output.
  public var upstreamRMS = 1.0
  /// The mean of that gradient over its rms.
  public var upstreamMean = 0.0
  /// Whether that gradient is independent between samples, as one drawn for each is; that of a loss is not.
  public var isUpstreamIndependent = true
  /// Whether auxiliary classifiers add gradients of their own.
  public var hasAuxiliaryGradients = false

  /// Makes a standard normal input and upstream gradient, for infinitely many samples.
  public init() {}

  /// Takes the input from its statistics.
  ///
  /// It counts as normal when its mean, skewness and kurtosis are within 5 standard errors of 0 (`1, sqrt 6 and sqrt 24` over
  /// the root of the count), and its units spread alike, within a tenth.
  public mutating func take(_ input: Statistics) {
    rms = input.rms
    relativeMean = rms > 0 ? input.mean / rms : 0
    cosine = input.cosine.isFinite ? input.cosine : nil
    spread = input.batchStandardDeviation.isFinite && rms > 0 ? input.batchStandardDeviation / rms : nil
    let error = 5 / Double(max(1, input.count)).squareRoot()
    isNormal =
      abs(relativeMean) < error && abs(input.skewness) < 2.45 * error && abs(input.kurtosis) < 4.9 * error
      && spread.map { abs($0 * $0 / max(1e-300, 1 - (cosine ?? 0)) - 1) < 0.1 } ?? false
  }

  /// The signal that enters the first row.
  var signal: Signal {
    let own = spread ?? cosine.map { max(0, 1 - $0).squareRoot() }
    return Signal(
      logSquare: 2 * Double.log(rms), mean: isNormal ? 0 : relativeMean, cosine: cosine, spread: own,
      kind: isNormal ? .normal : .data)
  }

  /// The gradient that enters the last row.
  var gradient: GradientSignal {
    GradientSignal(
      logSquare: 2 * Double.log(upstreamRMS), mean: upstreamMean, pull: isUpstreamIndependent ? 0 : nil)
  }
}
