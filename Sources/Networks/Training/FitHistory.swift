/// Where a training stands after a step.
public struct FitStep: Sendable {
  /// The number of the step, from 1.
  public let step: Int
  /// How many steps there will be, nil while nobody knows.
  public let steps: Int?
  /// The number of the epoch, from 1.
  public let epoch: Int
  /// The loss of this step's samples, before the step.
  public let loss: Double
  /// The fraction of this step's samples classified right; nil where targets are no classes.
  public let accuracy: Double?
  /// The optimiser's learning rate in this step.
  public let learningRate: Double
  /// The norm of all gradients together before clipping, nil without `clipNorm`.
  public let gradientNorm: Double?
  /// The mean loss of the epoch so far.
  public let epochLoss: Double
  /// The fraction of the epoch's samples so far classified right.
  public let epochAccuracy: Double?
  /// How many samples this run has gone through.
  public let samples: Int
}

/// Where a training stands after an epoch.
public struct FitEpoch: Sendable, Equatable {
  /// The number of the epoch, from 1.
  public let epoch: Int
  /// The number of steps so far.
  public let step: Int
  /// The mean loss over the epoch's samples, each before its step.
  public let loss: Double
  /// The fraction of the epoch's samples classified right, each before its step; nil where targets are no classes.
  public let trainAccuracy: Double?
  /// The loss on the test data, nil without.
  public let testLoss: Double?
  /// The fraction of the test data classified right; nil without test data or classes.
  public let testAccuracy: Double?
  /// The optimiser's learning rate in the epoch's last step.
  public let learningRate: Double

  /// The accuracy on the test data where there is some, else while training.
  public var accuracy: Double? { testAccuracy ?? trainAccuracy }
}

/// What a training has brought.
public struct FitHistory: Sendable {
  /// Why a training ended.
  public enum End: Equatable, Sendable {
    /// All epochs or steps were taken.
    case completed
    /// A callback asked to stop.
    case stopped
    /// The watched metric no longer got better.
    case early
    /// Ctrl-C.
    case interrupted
    /// A loss was not finite.
    case diverged(FitDivergence)
    /// An error ended it: a callback's, a loss's, a full disk's.
    case failed
  }

  /// The epochs, the last one perhaps not whole.
  public internal(set) var epochs: [FitEpoch] = []
  /// The loss of each step.
  public internal(set) var stepLosses: [Double] = []
  /// The learning rate of each step.
  public internal(set) var stepRates: [Double] = []
  /// The norm of all gradients in each step before clipping, empty without `clipNorm`.
  public internal(set) var stepNorms: [Double] = []
  /// The epoch whose watched metric was best, nil without early stopping.
  public internal(set) var bestEpoch: Int?
  /// Why it ended.
  public internal(set) var end = End.completed

  /// Why the best epoch could not come back, nil where it has or nobody asked.
  var unrestored: String?

  /// The cure, in a sentence, where the loss became NaN or infinite or the best epoch could not come back; nil otherwise.
  public var warning: String? {
    if case .diverged(let divergence) = end { return "fit: \(divergence)" }
    return unrestored.map { "fit: \($0)" }
  }
}

/// Where a loss that is not finite came from, and what was kept.
public struct FitDivergence: Equatable, Sendable {
  /// What was the first to be not finite.
  public enum Cause: String, Sendable {
    /// A layer's output, in the order of the forward.
    case output
    /// The gradient of a layer's parameters, in the order of the backward.
    case gradient
    /// A layer's parameters, by an update too large for their dtype.
    case weights
    /// The loss of a finite output.
    case loss
  }

  /// The step whose loss or gradient was not finite.
  public let step: Int
  /// Its loss.
  public let loss: Double
  /// The norm of its gradients, nil where nobody asked or the loss came before.
  public let gradientNorm: Double?
  /// What was first not finite.
  public let cause: Cause
  /// The layer it happened in, position from 1 and description; nil for the loss.
  public let layer: String?
  /// The parameters and running statistics are those before this step.
  public let keptStep: Int
}

extension FitDivergence: CustomStringConvertible {
  /// What happened where, what was kept, and the cure.
  public var description: String {
    let (what, value) = loss.isFinite ? ("gradient", gradientNorm ?? .nan) : ("loss", loss)
    return "the \(what) became \(value.isNaN ? "NaN" : "\(value)") at step \(step): \(reason); "
      + "the network is as it was before step \(keptStep); lower the learning rate, clip gradients or normalise"
  }

  private var reason: String {
    guard let layer else { return "the output was finite, so look at the loss and the targets" }
    return switch cause {
    case .output, .loss: "the output of layer \(layer) was the first that was not finite"
    case .gradient: "the gradient of layer \(layer) was the first that was not finite"
    case .weights: "an update took the weights of layer \(layer) out of range"
    }
  }
}
