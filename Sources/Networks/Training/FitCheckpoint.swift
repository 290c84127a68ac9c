import OrderedCollections
import Tensors

/// How a training stands between two steps: all it takes to go on from there bit for bit.
///
/// It is flat, so that any file format with tensors and strings holds it.
public struct FitCheckpoint {
  /// The version of the names, which a file of another one is told by.
  static let version = "1"

  /// The network's parameters and running statistics by name; while a training runs its own tensors, which its next step changes.
  public let state: OrderedDictionary<String, Tensor>
  /// The tensors beside the network: `optimizer/`, `best/` and `fit/` begin the names of those of the optimiser's state, of the
  /// best epoch's parameters and running statistics, and of the history.
  public var tensors: OrderedDictionary<String, Tensor>
  /// The plain values by name.
  public var facts: OrderedDictionary<String, String>
  /// How messages name it, for example a file's path.
  public let source: String

  /// Joins the parts that a file has.
  public init(
    state: OrderedDictionary<String, Tensor>, tensors: OrderedDictionary<String, Tensor> = [:],
    facts: OrderedDictionary<String, String> = [:], source: String = ""
  ) {
    self.state = state
    self.tensors = tensors
    self.facts = facts
    self.source = source
  }

  // MARK: Reading

  func failure(_ problem: String) -> NetworkError { .resume(source: source, problem: problem) }

  func text(_ name: String) throws -> String {
    guard let text = facts["fit.\(name)"] else {
      throw failure("expected 'fit.\(name)' in a checkpoint of a training, got none; it is another kind of file")
    }
    return text
  }

  func value<Value: LosslessStringConvertible>(_ name: String, _ type: Value.Type = Value.self) throws -> Value {
    let text = try text(name)
    guard let value = Value(text) else { throw failure("expected 'fit.\(name)' to be a number, got '\(text)'") }
    return value
  }

  /// A count, of at least 0.
  func count(_ name: String) throws -> Int {
    let count = try value(name, Int.self)
    guard count >= 0 else { throw failure("expected 'fit.\(name)' of at least 0, got \(count)") }
    return count
  }

  func generator(_ name: String) throws -> Generator.State {
    Generator.State(key: try value("\(name).key"), counter: try value("\(name).counter"))
  }

  /// The numbers of a tensor of the history; none where there is no tensor.
  func numbers(_ name: String, columns: Int = 1) throws -> [Double] {
    guard let tensor = tensors["fit/\(name)"] else { return [] }
    guard tensor.dtype == .float64, tensor.isContiguous, tensor.count % columns == 0 else {
      throw failure("expected numbers of float64 in 'fit/\(name)', got \(tensor.dtype) \(tensor.shape)")
    }
    return (0..<tensor.count).map { tensor.plainNumber($0) }
  }

  /// The tensors whose names begin with `prefix`, without it.
  func tensors(_ prefix: String) -> OrderedDictionary<String, Tensor> {
    var result: OrderedDictionary<String, Tensor> = [:]
    for (name, tensor) in tensors where name.hasPrefix(prefix) { result[String(name.dropFirst(prefix.count))] = tensor }
    return result
  }

  // MARK: Writing

  mutating func set(_ name: String, _ value: some CustomStringConvertible) { facts["fit.\(name)"] = "\(value)" }

  mutating func set(_ name: String, _ state: Generator.State) {
    set("\(name).key", state.key)
    set("\(name).counter", state.counter)
  }

  mutating func set(_ name: String, _ numbers: [Double], columns: Int = 1) throws {
    guard !numbers.isEmpty else { return }
    let shape: Extents = columns == 1 ? [numbers.count] : [numbers.count / columns, columns]
    tensors["fit/\(name)"] = try Tensor(numbers, shape: shape, .float64)
  }

  mutating func add(_ prefix: String, _ given: OrderedDictionary<String, Tensor>) {
    for (name, tensor) in given { tensors[prefix + name] = tensor }
  }

  // MARK: The optimiser

  mutating func set(_ state: OptimiserState) {
    add("optimizer/", state.tensors)
    for (name, value) in state.values {
      facts["optimizer.\(name)"] =
        switch value {
        case .number(let number): "number \(number)"
        case .integer(let integer): "integer \(integer)"
        case .string(let string): "string \(string)"
        }
    }
  }

  func optimiser() throws -> OptimiserState {
    var state = OptimiserState(tensors: tensors("optimizer/"))
    for (name, fact) in facts where name.hasPrefix("optimizer.") {
      let parts = fact.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      let text = parts.count > 1 ? String(parts[1]) : ""
      let value: OptimiserState.Value? =
        switch parts[0] {
        case "number": Double(text).map { .number($0) }
        case "integer": Int(text).map { .integer($0) }
        default: .string(text)
        }
      guard let value else { throw failure("expected '\(name)' to be a number, got '\(text)'") }
      state.values[String(name.dropFirst("optimizer.".count))] = value
    }
    return state
  }
}
