import Tensors

/// What `Network.fit` is told beside the data.
public struct FitOptions {
  /// A loss by its name in options.
  public enum Loss: String, CaseIterable, Sendable {
    /// Cross-entropy of logits and classes from 1.
    case crossEntropy = "cross_entropy"
    /// The mean of squared differences.
    case meanSquared = "mse"
    /// Half the sum of squared differences.
    case squaredError = "squared_error"
    /// The mean negative log-likelihood of log-probabilities and classes from 1.
    case negativeLogLikelihood = "nll"
    /// The mean of absolute differences.
    case absolute = "l1"
    /// Huber's loss with delta 1.
    case huber = "huber"
    /// Smooth L1 with beta 1.
    case smoothAbsolute = "smooth_l1"
    /// Binary cross-entropy of probabilities.
    case binaryCrossEntropy = "bce"
    /// Binary cross-entropy of logits.
    case binaryCrossEntropyOfLogits = "bce_with_logits"
    /// Kullback and Leibler's divergence of log-probabilities from probabilities.
    case divergence = "kl"
  }

  /// The samples of a step.
  ///
  /// A last batch of a single sample joins the one before it, whose batch statistics need more than one.
  public var batch = 60
  /// How often to go through the data; nil where `steps` decides, 1 where neither is given.
  public var epochs: Int?
  /// How many steps to take at most; nil where `epochs` decides.
  public var steps: Int?
  /// Whether each epoch draws a new order.
  public var shuffle = true
  /// What to minimise.
  public var loss = Loss.crossEntropy
  /// Where orders come from; nil is the network's own generator.
  public var generator: Generator?
  /// Called after each step; false ends the training.
  public var onStep: ((FitStep) throws -> Bool)?
  /// Called after each epoch, once it has been evaluated; false ends the training.
  public var onEpoch: ((FitEpoch) throws -> Bool)?

  /// Makes options with the defaults.
  public init() {}
}

/// Where a training stands after a step.
public struct FitStep: Sendable {
  /// The number of the step, from 1.
  public let step: Int
  /// How many steps there will be.
  public let steps: Int
  /// The number of the epoch, from 1.
  public let epoch: Int
  /// The loss of this step's batch, before the step.
  public let loss: Double
}

/// Where a training stands after an epoch.
public struct FitEpoch: Sendable {
  /// The number of the epoch, from 1.
  public let epoch: Int
  /// The number of steps so far.
  public let step: Int
  /// The mean loss over the epoch's samples.
  public let loss: Double
  /// The loss on the test data, nil without.
  public let testLoss: Double?
  /// The fraction of the test data classified right; nil without test data or classes.
  public let accuracy: Double?
}

/// What a training has brought.
public struct FitHistory: Sendable {
  /// Why a training ended.
  public enum End: Equatable, Sendable {
    /// All epochs or steps were taken.
    case completed
    /// A callback asked to stop.
    case stopped
    /// Ctrl-C.
    case interrupted
    /// The loss of this step was not finite.
    case diverged(step: Int, loss: Double)
  }

  /// The epochs, the last one perhaps not whole.
  public internal(set) var epochs: [FitEpoch] = []
  /// The loss of each step.
  public internal(set) var stepLosses: [Double] = []
  /// Why it ended.
  public internal(set) var end = End.completed

  /// The cure, in a sentence, where the loss became NaN or infinite; nil otherwise.
  public var warning: String? {
    guard case .diverged(let step, let loss) = end else { return nil }
    return
      "fit: the loss became \(loss.isNaN ? "NaN" : "\(loss)") at step \(step); lower the learning rate or normalise"
  }
}
