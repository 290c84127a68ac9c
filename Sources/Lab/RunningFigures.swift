import Networks
import RealModule
import Tensors

/// How far the running statistics of a batch normalisation, which evaluation takes, are from those of a batch.
public struct RunningFigures: Equatable, Sendable {
  /// How many standard deviations of the batch the running mean is off, as root mean square over the features.
  public let shift: Double
  /// How many times the batch's standard deviation the running one is, as geometric mean over the features.
  public let ratio: Double

  /// Makes figures that were measured before.
  public init(shift: Double, ratio: Double) { (self.shift, self.ratio) = (shift, ratio) }

  /// Compares running statistics with those of a batch; nil where a feature has none, or no batch has been seen.
  ///
  /// Features that are the same on every sample are left out.
  init?(_ running: Normalisation, of batch: Normalisation) throws {
    guard let means = try running.runningMean?.numbers, let variances = try running.runningVariance?.numbers,
      let batchMeans = try batch.runningMean?.numbers, let batchVariances = try batch.runningVariance?.numbers,
      !running.isUntouched
    else { return nil }
    let varied = batchVariances.indices.filter { batchVariances[$0] > 0 && variances[$0] > 0 }
    guard !varied.isEmpty else { return nil }
    let squares = varied.map { place in
      let distance = means[place] - batchMeans[place]
      return distance * distance / batchVariances[place]
    }
    let logs = varied.map { Double.log(variances[$0] / batchVariances[$0]) / 2 }
    let count = Double(varied.count)
    self.init(
      shift: (squares.reduce(0, +) / count).squareRoot(), ratio: Double.exp(logs.reduce(0, +) / count))
  }
}

extension Tensor {
  /// The elements in order, as doubles.
  var numbers: [Double] {
    get throws {
      let source = try to(.float64).contiguous()
      return Array(UnsafeBufferPointer(start: source.pointer(Double.self), count: source.count))
    }
  }
}

extension Network {
  /// What the running statistics that a network would take now are beside those of a batch, by normalisation; none while it trains.
  ///
  /// A copy takes the batch's statistics, so that each layer is compared behind others that are right.
  ///
  /// - Throws: `TensorError.outOfMemory`; `Interrupted`.
  func runningFigures(_ x: Tensor) throws -> [ObjectIdentifier: RunningFigures] {
    let own = batchNormalisations
    let isAsked = own.map { $0.mode == .auto ? !isTraining : $0.mode != .batch }
    guard isAsked.contains(true), x.rank > 1, x.shape[0] > 1 else { return [:] }
    let copy = try clone()
    do { try copy.recalibrate(inputs: x, batch: x.shape[0]) } catch is NetworkError { return [:] }
    var found: [ObjectIdentifier: RunningFigures] = [:]
    for (place, other) in copy.batchNormalisations.enumerated() where isAsked[place] {
      found[ObjectIdentifier(own[place])] = try RunningFigures(own[place], of: other)
    }
    return found
  }
}
