import Kernels
import Tensors

/// What can go wrong with networks, as data; `description` is the one place with the prose.
public enum NetworkError: Error, Equatable {
  /// A wrong argument or setting: who, what was expected and what came.
  case expected(_ who: String, _ expected: String, _ got: String)
  /// An input that a layer can't take; `layer` is its position from 1 and its description.
  case input(layer: String, features: Int?, got: Extents)
  /// A batch too small for batch statistics in training mode.
  case batchTooSmall(layer: String)
  /// A batch too small for a batch normalisation that takes batch statistics in training and evaluation.
  case batchTooSmallForMode(layer: String)
  /// A name that is not among those known; `nearest` is what may have been meant.
  case unknownName(_ who: String, what: String, name: String, nearest: String?)
  /// A checkpoint that doesn't fit.
  case state(_ problem: String)
  /// A training's checkpoint that can't be gone on from; `source` names the file.
  case resume(source: String, problem: String)
  /// `net:backward` without a forward to go back through.
  case noForward
  /// Nothing to take back.
  case noSurgery
}

extension NetworkError: CustomStringConvertible {
  /// One sentence: who, what was expected, what came, the cure.
  public var description: String {
    switch self {
    case .expected(let who, let expected, let got): "\(who): expected \(expected), got \(got)"
    case .input(let layer, let features, let got):
      "layer \(layer): expected input [batch, \(features.map(String.init) ?? "features")], got \(got)"
    case .batchTooSmall(let layer):
      "layer \(layer): expected more than 1 sample in training mode, got batch of 1: its variance is 0; "
        + "use eval mode or a larger batch"
    case .batchTooSmallForMode(let layer):
      "layer \(layer): expected more than 1 sample in mode \"batch\", got batch of 1: its variance is 0; "
        + "use mode \"running\" or a larger batch"
    case .unknownName(let who, let what, let name, let nearest):
      "\(who): unknown \(what) '\(name)'" + (nearest.map { ", did you mean '\($0)'?" } ?? "")
    case .state(let problem): "load_state: \(problem)"
    case .resume(let source, let problem): "fit: '\(source)': \(problem)"
    case .noForward: "backward: expected a forward with gradients before it, got none; call net(x) first"
    case .noSurgery: "undo: expected a surgery to take back, got none"
    }
  }

  static func require(_ value: Int, atLeast least: Int, _ who: String, _ what: String) throws {
    guard value >= least else { throw NetworkError.expected(who, "\(what) of at least \(least)", "\(value)") }
  }

  /// Refuses a depth that no machine has the memory or time for, layer by layer.
  static func requireDepth(_ depth: Int, atLeast least: Int, _ who: String) throws {
    try require(depth, atLeast: least, who, "depth")
    guard depth <= MLPOptions.largestDepth else {
      throw NetworkError.expected(who, "depth of at most \(MLPOptions.largestDepth)", "\(depth)")
    }
  }

  static func requireFloat(_ dtype: DType, _ who: String) throws {
    guard dtype.isFloat else { throw NetworkError.expected(who, "dtype float32 or float64", dtype.name) }
  }
}
