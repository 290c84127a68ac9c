import Synchronization

/// Where a report's prediction comes from: a model of the probed network, predicted when asked for, or a prediction made before.
public final class ReportTheory: Sendable {
  private enum State {
    case model(NetworkModel, TheoryInput)
    case made(Prediction)
  }

  private let state: Mutex<State>
  /// The model of the network, nil for a prediction that was made before.
  public let model: NetworkModel?
  /// What went into the network at either end.
  public let input: TheoryInput

  /// Keeps a model and what went into the network at either end.
  public init(_ model: NetworkModel, _ input: TheoryInput) {
    (self.model, self.input) = (model, input)
    state = Mutex(.model(model, input))
  }

  /// Keeps a prediction, as of a report that was read from a file.
  public init(_ prediction: Prediction) {
    (model, input) = (nil, TheoryInput())
    state = Mutex(.made(prediction))
  }

  /// The prediction, computed at the first call.
  public var prediction: Prediction {
    state.withLock { state in
      if case .model(let model, let input) = state { state = .made(Prediction(model, input)) }
      guard case .made(let prediction) = state else { return Prediction(rows: [], dtype: .float32) }
      return prediction
    }
  }
}

extension Report {
  /// What theory predicts for the probed network as it was, from the input and the upstream gradient as they were measured.
  ///
  /// The first call computes it. Nil where the report does not know its network.
  public func prediction() throws -> Prediction? { theory?.prediction }
}
