import Tensors

/// What `Network.fit` is told beside the data.
public struct FitOptions {
  /// When a training that no longer gets better ends.
  public struct EarlyStopping: Sendable {
    /// What is watched after each epoch.
    public var metric: FitMetric
    /// How many epochs in a row may bring no improvement, at least 1.
    public var patience = 5
    /// By how much a metric must improve on the best to count.
    public var minDelta = 0.0
    /// Whether the parameters and running statistics of the best epoch come back at the end.
    public var restoresBest = false

    /// Makes the settings for a metric.
    public init(_ metric: FitMetric) { self.metric = metric }
  }

  /// The samples of a batch; nil for 60, or all where there are fewer.
  ///
  /// A last batch of a single sample joins the one before it where a batch normalisation takes batch statistics.
  public var batch: Int?
  /// How often to go through the data; nil where `steps` decides.
  public var epochs: Int?
  /// How many steps to take; nil where `epochs` decides.
  public var steps: Int?
  /// Whether each epoch draws a new order.
  public var shuffle = true
  /// Whether a last batch smaller than the others is left out.
  public var dropLast = false
  /// What to minimise.
  public var objective = FitObjective.crossEntropy
  /// Where orders come from; nil is the network's own generator.
  public var generator: Generator?
  /// Over how many batches a step gathers gradients; their mean is over all of these batches' samples.
  public var accumulate = 1
  /// The largest norm of all gradients together; larger ones are scaled down to it.
  public var clipNorm: Double?
  /// The largest magnitude of a gradient's number; larger ones are cut.
  public var clipValue: Double?
  /// Where the optimiser's rate comes from meanwhile; nil leaves that to its own schedule, or none.
  public var schedule: (any Schedule)?
  /// When to end early; nil never does.
  public var earlyStopping: EarlyStopping?
  /// Watches the updates; nil where nobody does.
  public var observer: (any StepObserver)?
  /// Called after each step; false ends the training.
  public var onStep: ((FitStep) throws -> Bool)?
  /// Called after each epoch, once it has been evaluated; false ends the training.
  public var onEpoch: ((FitEpoch) throws -> Bool)?
  /// Takes a checkpoint every so many steps, and at the end; 0 for none.
  public var checkpointEvery = 0
  /// Keeps a checkpoint.
  public var keep: ((FitCheckpoint) throws -> Void)?
  /// Where to go on; nil starts at the beginning.
  public var resume: FitCheckpoint?

  /// Makes options with the defaults.
  public init() {}
}

/// What a training minimises: a loss by name, or any function of outputs and targets.
public struct FitObjective {
  /// How messages name it.
  public let name: String
  /// Whether targets are classes; nil where their dtype and shape decide.
  let takesClasses: Bool?
  /// Whether it is a sum over samples and no mean.
  let isSum: Bool
  /// Whether it lets go of outputs and targets once its backward has run.
  let isOurs: Bool
  /// The loss of outputs `[batch, ...]` and targets, a tensor of one number.
  let value: Losses.Function

  /// Cross-entropy of logits and classes from 1.
  public static var crossEntropy: FitObjective {
    FitObjective(ours: "cross_entropy") { try Losses.crossEntropy($0, $1) }
  }

  /// A loss by a name of `Losses.names`, with the defaults of its options.
  ///
  /// - Throws: `NetworkError` for an unknown name, which offers the nearest.
  public init(_ name: String, who: String = "fit") throws {
    self.init(ours: name, try Losses.named(name, who: who))
  }

  private init(ours name: String, _ value: @escaping Losses.Function) {
    self.name = name
    let takesClasses = ["cross_entropy", "nll"].contains(name)
    // one value a sample is a column beside the output of a single unit
    self.value = { output, target in
      let isColumn = !takesClasses && target.rank == 1 && output.rank == 2 && output.shape[1] == 1
      return try value(output, isColumn ? try target.reshape([target.count, 1]) : target)
    }
    self.takesClasses = takesClasses
    isSum = name == "squared_error"
    isOurs = true
  }

  /// A mean over the batch's samples, computed by `value`.
  public init(name: String, _ value: @escaping Losses.Function) {
    self.name = name
    self.value = value
    takesClasses = nil
    isSum = false
    isOurs = false
  }

  /// What a batch of `rows` samples counts in a mean over all samples.
  func weight(_ rows: Int) -> Double { isSum ? 1 : Double(rows) }
}

/// What can be watched from epoch to epoch.
public enum FitMetric: String, CaseIterable, Sendable {
  /// The mean training loss.
  case loss
  /// The fraction of the training data classified right while training.
  case accuracy
  /// The loss on the test data.
  case testLoss = "test.loss"
  /// The fraction of the test data classified right.
  case testAccuracy = "test.accuracy"

  /// Whether it is measured on the test data.
  public var needsTest: Bool { self == .testLoss || self == .testAccuracy }

  /// Whether more is better.
  public var isAccuracy: Bool { self == .accuracy || self == .testAccuracy }

  /// Its value in an epoch, nil where it was not measured.
  public func value(_ epoch: FitEpoch) -> Double? {
    switch self {
    case .loss: epoch.loss
    case .accuracy: epoch.trainAccuracy
    case .testLoss: epoch.testLoss
    case .testAccuracy: epoch.testAccuracy
    }
  }
}
