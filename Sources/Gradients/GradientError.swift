import Tensors

/// What can go wrong with gradients, as data; `description` is the one place with the prose.
public enum GradientError: Error, Equatable {
  /// The tape behind a result has run backward already.
  case used
  /// A tensor that nothing on the tape has made.
  case noTape
  /// A result of more than one element and no gradient to start from.
  case notScalar(Extents)
  /// A gradient whose shape or dtype isn't the result's.
  case gradientMismatch(expected: String, got: String)
  /// A tensor that `operation` saved for its backward was changed in place, at `site` if that is known.
  case changed(operation: String, site: String?)
  /// A network's input that was changed in place when no memory was left for a copy.
  case inputLost(site: String?)
  /// An operation whose backward runs once and can't be recorded.
  case runsOnce(operation: String)
  /// A leaf that would lose its place on the tape by a change in place with a value that needs a gradient.
  case leafChange(operation: String)
  /// A dtype that has no gradients.
  case notFloat(operation: String, dtype: String)
  /// An operation made a NaN or an infinity of finite numbers.
  case anomaly(operation: String, pass: String, made: String, site: String?)
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
    case .changed(let operation, let site):
      "\(operation) needs this tensor for its backward; it was changed in place\(site.map { " at \($0)" } ?? "")"
    case .inputLost(let site):
      "the network needs its input for its backward; it was changed in place\(site.map { " at \($0)" } ?? "") with no memory left for a copy; run the forward again"
    case .runsOnce(let operation):
      "backward: \(operation) can't keep its tape for a second backward or for gradients of gradients; run its forward again"
    case .leafChange(let operation):
      "\(operation): expected a value that needs no gradient, because this tensor is a leaf that requires one, got one on the tape; use detach() on the value or clone() the leaf first"
    case .notFloat(let operation, let dtype):
      "\(operation): expected dtype float32 or float64, got \(dtype); only floats have gradients"
    case .anomaly(let operation, let pass, let made, let site):
      "anomaly: the \(pass) of \(operation) made \(made) of finite numbers\(site.map { ", at \($0)" } ?? "")"
    }
  }
}
