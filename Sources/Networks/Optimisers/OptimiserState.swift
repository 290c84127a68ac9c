import OrderedCollections
import Tensors

/// All that an optimiser's next steps depend on, flat, so that any file format with tensors and plain values can hold it.
///
/// For each parameter, by its name in the network (`0.weight`) or its key among plain tensors: tensors such as
/// `0.weight.exp_avg`, values `0.weight.step` (how many steps it took part in) and `0.weight.group` (from 1). For the
/// optimiser: `algorithm`, `steps`, and for each group `groups.1.lr` and its other settings and `groups.1.rate`, the latest rate.
/// State of parameters that surgery has taken away for the moment is not part of it, and a schedule isn't either.
public struct OptimiserState {
  /// A plain value.
  public enum Value: Equatable, Sendable {
    /// A number.
    case number(Double)
    /// A count, or a flag as 0 or 1.
    case integer(Int)
    /// A name.
    case string(String)
  }

  /// The tensors by name.
  public var tensors: OrderedDictionary<String, Tensor>
  /// The values by name.
  public var values: OrderedDictionary<String, Value>

  /// Makes a state of its parts, as a file gives them.
  public init(tensors: OrderedDictionary<String, Tensor> = [:], values: OrderedDictionary<String, Value> = [:]) {
    self.tensors = tensors
    self.values = values
  }

  /// A value that must be a string.
  func string(_ name: String) throws -> String {
    guard case .string(let value)? = values[name] else { throw OptimiserState.missing("'\(name)', a string") }
    return value
  }

  /// A value that must be a whole number of at least `least`; nil where there is none.
  func integer(_ name: String, atLeast least: Int) throws -> Int? {
    switch values[name] {
    case nil: return nil
    case .integer(let value)? where value >= least: return value
    // numbers without a fraction, as JSON has them
    case .number(let value)?:
      if let whole = Int(exactly: value), whole >= least { return whole }
    default: break
    }
    throw OptimiserState.missing("'\(name)', a whole number of at least \(least)", got: "another value")
  }

  /// A value that must be a number; nil where there is none.
  func number(_ name: String) throws -> Double? {
    switch values[name] {
    case nil: nil
    case .number(let value)?: value
    case .integer(let value)?: Double(value)
    case .string?: throw OptimiserState.missing("'\(name)', a number", got: "a string")
    }
  }

  static func missing(_ what: String, got: String = "none") -> NetworkError {
    .expected("optimizer:load_state", what, got)
  }
}
