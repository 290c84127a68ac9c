/// Which statistics a batch normalisation takes, and what of it training changes.
///
/// | mode | training takes | evaluation takes | running statistics | gamma and beta |
/// |---|---|---|---|---|
/// | auto | the batch's | the running ones | follow in training | train |
/// | batch | the batch's | the batch's | follow in training | train |
/// | running | the running ones | the running ones | stay | train |
/// | frozen | the running ones | the running ones | stay | stay |
///
/// Where running statistics are taken they are constants: the gradient is `dx = dy gamma / sqrt(var + eps)`.
public enum NormalisationMode: String, CaseIterable, Sendable {
  /// What the network is in decides: training or evaluation.
  case auto
  /// Batch statistics always.
  case batch
  /// Running statistics always.
  case running
  /// Running statistics always, and no gradient for gamma and beta.
  case frozen
}

/// How much a new batch weighs in running statistics, as a surgery is told.
public enum RunningMomentum: Equatable, Sendable {
  /// `running = (1 - weight) running + weight batch`, the weight from 0 to 1.
  case weight(Double)
  /// All batches weigh the same: the weight of the k-th is `1 / k` (PyTorch's `momentum=None`).
  case cumulative
}
