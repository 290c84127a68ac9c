import OrderedCollections
import Tensors

/// Watches a metric from epoch to epoch: which epoch was best, and whether it is time to end.
struct BestEpoch {
  let settings: FitOptions.EarlyStopping
  /// The best epoch so far, nil before the first whose metric is a number.
  var epoch: Int?
  /// Its metric.
  var value = Double.nan
  /// How many epochs in a row have brought no improvement.
  var wait = 0
  /// Its parameters and running statistics by name; empty unless they are to come back.
  var state: OrderedDictionary<String, Tensor> = [:]

  init(_ settings: FitOptions.EarlyStopping) { self.settings = settings }

  /// Takes in an epoch; answers whether the training goes on.
  ///
  /// - Throws: `NetworkError` where the metric is an accuracy and targets are no classes.
  mutating func goesOn(after epoch: FitEpoch, _ network: Network) throws -> Bool {
    guard let metric = settings.metric.value(epoch) else {
      throw NetworkError.expected(
        "fit", "targets that are classes to watch '\(settings.metric.rawValue)'", "others; watch a loss")
    }
    let gain = settings.metric.isAccuracy ? metric - value : value - metric
    guard !metric.isNaN, self.epoch == nil || gain > settings.minDelta else {
      wait += 1
      return wait < settings.patience
    }
    (self.epoch, value, wait) = (epoch.epoch, metric, 0)
    if settings.restoresBest { state = try network.state.mapValues { try ParameterLayout.duplicate($0) } }
    return true
  }

  /// Brings the best epoch's parameters and running statistics back, where that was asked for.
  ///
  /// Returns why they can't be: surgery has changed the structure since; nil where all is done.
  func restore(_ network: Network) throws -> String? {
    if state.isEmpty { return nil }
    let present = network.state
    guard present.keys == state.keys,
      present.allSatisfy({ state[$0]?.shape == $1.shape && state[$0]?.dtype == $1.dtype })
    else {
      return
        "restore_best: expected the layers of epoch \(epoch ?? 0), the best, got others after surgery, and left the "
        + "network as the last epoch did; do surgery between two fits"
    }
    for (name, tensor) in present {
      if let best = state[name] { try tensor.copy(from: best) }
    }
    return nil
  }
}
