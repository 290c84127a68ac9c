import Tensors

/// What can go wrong in a backward pass, as data; `description` is the one place with the prose.
public enum GradientError: Error, Equatable {
  /// The tape behind a result has run backward already.
  case used
  /// A tensor that nothing on the tape has made.
  case noTape
  /// A result of more than one element and no gradient to start from.
  case notScalar(Extents)
  /// A gradient whose shape or dtype isn't the result's.
  case gradientMismatch(expected: String, got: String)
}

extension GradientError: CustomStringConvertible {
  /// One sentence: who, what was expected, what came, the cure.
  public var description: String {
    switch self {
    case .used:
      "backward: this result's tape has been used; run the forward again"
    case .noTape:
      "backward: expected a result computed from parameters or from a tensor that requires gradients, got one without a tape"
    case .notScalar(let shape):
      "backward: expected a result of one element, got shape \(shape); pass the gradient to start from"
    case .gradientMismatch(let expected, let got):
      "backward: expected a gradient of \(expected), got \(got)"
    }
  }
}
