import Kernels
import Synchronization

/// Where a report's prediction comes from: a model of the probed network, predicted when asked for.
public final class ReportTheory: Sendable {
  private let made = Mutex<Prediction?>(nil)
  /// The model of the network.
  public let model: NetworkModel
  /// What went into the network at either end.
  public let input: TheoryInput

  /// Keeps a model and what went into the network at either end.
  public init(_ model: NetworkModel, _ input: TheoryInput) { (self.model, self.input) = (model, input) }

  /// The prediction, computed at the first call; one that was interrupted is computed again.
  public var prediction: Prediction {
    made.withLock { made in
      if let made { return made }
      let prediction = Prediction(model, input)
      if !Interrupt.isRequested { made = prediction }
      return prediction
    }
  }
}

extension Report {
  /// What theory predicts for the probed network as it was, from the input and the upstream gradient as they were measured.
  ///
  /// The first call computes it. Nil where the report does not know its network.
  ///
  /// - Throws: `Interrupted`.
  public func prediction() throws -> Prediction? {
    let prediction = theory?.prediction
    try Interrupt.check()
    return prediction
  }
}
