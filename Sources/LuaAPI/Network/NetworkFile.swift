import Files
import Kernels
import Networks
import OrderedCollections
import Tensors

/// A network in a safetensors file: tensors by PyTorch's names, the structure as JSON in the metadata.
///
/// Names that begin with `sonde:` are those of tensors beside the network, an optimiser's for example; whoever loads
/// the network passes them over.
struct NetworkFile {
  /// Where the metadata hold the structure.
  static let structureKey = "sonde.network"
  /// Where the metadata hold the version of the program that wrote the file.
  static let versionKey = "sonde.version"
  /// How the names of tensors begin that are no part of the network.
  static let besidePrefix = "sonde:"

  /// The tensors of the network by name.
  let state: OrderedDictionary<String, Tensor>
  /// The tensors beside it, without the prefix of their names.
  let beside: OrderedDictionary<String, Tensor>
  /// All that the file says of itself.
  let metadata: [String: String]

  private let origin: Origin

  /// Reads the file `origin.path`.
  ///
  /// - Throws: as `Safetensors`.
  init(_ origin: Origin) throws {
    self.origin = origin
    let file = try Safetensors(origin)
    metadata = file.metadata
    (state, beside) = NetworkFile.split(file.tensors)
  }

  /// Writes a network, with tensors and strings beside it; the file is replaced whole or not at all.
  ///
  /// - Throws: `NetworkError` for a network that no file can describe; as `Safetensors.write`.
  static func write(
    _ network: Network, beside: [NamedTensor] = [], metadata: [String: String] = [:], _ origin: Origin
  ) throws {
    let structure = try JSONValue(network.configuration()).text(origin)
    let notes = [structureKey: structure, versionKey: Session.version]
    let state = network.state.map { NamedTensor($0.key, $0.value) }
    let others = beside.map { NamedTensor(besidePrefix + $0.name, $0.tensor) }
    try Safetensors.write(state + others, metadata: metadata.merging(notes) { $1 }, origin)
  }

  /// Makes the network again; `constructors` make the layers of kinds that are not ours.
  ///
  /// - Throws: `FileError` with the byte position for what is no JSON, or with the place in it for what makes no network;
  ///   what a constructor throws.
  func network(
    generator: Generator, constructors: [String: (Configuration) throws -> Layer] = [:]
  ) throws -> Network {
    guard let text = metadata[NetworkFile.structureKey] else { throw NetworkFile.failure(origin, NetworkFile.bare) }
    let structure = Configuration(try JSONValue(reading: text, named: NetworkFile.structureKey, origin))
    do {
      return try Network(structure, state: state, generator: generator, constructors: constructors)
    } catch let error as ConfigurationError {
      let place = error.path.map { " (at \($0) of '\(NetworkFile.structureKey)')" } ?? ""
      throw NetworkFile.failure(origin, error.problem + place)
    }
  }

  /// Reads the tensors of a state from a .safetensors or .npz file, whoever wrote it.
  ///
  /// - Throws: `FileError` for another ending; as `Safetensors` and `NPZ`.
  static func state(_ origin: Origin) throws -> OrderedDictionary<String, Tensor> {
    switch try FileFormat(origin) {
    case .safetensors: return split(try Safetensors(origin).tensors).state
    case .npz: return split(try NPZ.read(origin)).state
    case .npy, .csv: throw failure(origin, "expected a .safetensors or .npz file, whose tensors have names")
    }
  }

  /// Makes sure that a file's name ends in .safetensors, which tells its format.
  ///
  /// - Throws: an error for any other.
  static func requireEnding(_ origin: Origin) throws {
    guard case .safetensors? = try? FileFormat(origin) else {
      throw failure(origin, "expected a name that ends in .safetensors")
    }
  }

  private static let bare =
    "expected a network as net:save writes it, got a file without '\(structureKey)' in its metadata; "
    + "net:load_state(path) takes the tensors of a network of the same structure"

  private static func failure(_ origin: Origin, _ text: String) -> LuaFailure {
    .message("\(origin.operation): '\(origin.path)': \(text)")
  }

  private static func split(
    _ tensors: [NamedTensor]
  ) -> (state: OrderedDictionary<String, Tensor>, beside: OrderedDictionary<String, Tensor>) {
    var (state, beside): (OrderedDictionary<String, Tensor>, OrderedDictionary<String, Tensor>) = ([:], [:])
    for item in tensors {
      if item.name.hasPrefix(besidePrefix) {
        beside[String(item.name.dropFirst(besidePrefix.count))] = item.tensor
      } else {
        state[item.name] = item.tensor
      }
    }
    return (state, beside)
  }
}

extension JSONValue {
  /// A tree of settings as JSON.
  init(_ configuration: Configuration) {
    self =
      switch configuration {
      case .null: .null
      case .boolean(let value): .boolean(value)
      case .integer(let value): .integer(value)
      case .number(let value): .number(value)
      case .text(let value): .text(value)
      case .list(let elements): .list(elements.map { JSONValue($0) })
      case .object(let members): .object(members.map { Member($0.key, JSONValue($0.value)) })
      }
  }
}

extension Configuration {
  /// JSON as a tree of settings.
  init(_ value: JSONValue) {
    self =
      switch value {
      case .null: .null
      case .boolean(let value): .boolean(value)
      case .integer(let value): .integer(value)
      case .number(let value): .number(value)
      case .text(let value): .text(value)
      case .list(let elements): .list(elements.map { Configuration($0) })
      case .object(let members):
        .object(OrderedDictionary(members.map { ($0.name, Configuration($0.value)) }) { $1 })
      }
  }
}
