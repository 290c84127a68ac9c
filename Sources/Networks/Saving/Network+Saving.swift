import Kernels
import OrderedCollections
import Tensors

extension Network {
  /// The newest format of `configuration` that this program writes and reads; it reads all older ones.
  public static let configurationVersion = 1

  /// The structure with all settings and the mode, without numbers: with `state` it makes the network again.
  ///
  /// What surgery put aside and the history are not in it.
  ///
  /// - Throws: `NetworkError` where sizes are unknown yet, and for a layer that no file can describe.
  public func configuration() throws -> Configuration {
    try requireSettled("save")
    var settings: OrderedDictionary<String, Configuration> = [
      "version": .integer(Network.configurationVersion),
      "dtype": .text(dtype.name),
      "training": .boolean(isTraining),
      "frozen": .list(parameters.filter { !$0.value.requiresGradient }.keys.map { .text($0) }),
      "layers": .list(try rows.map { try $0.savedConfiguration() }),
    ]
    if !presentAuxiliaries.isEmpty { settings["auxiliaries"] = try auxiliaryConfiguration() }
    return .object(settings)
  }

  /// Makes a network of what `configuration` and `state` of another told; `generator` is what it goes on with.
  ///
  /// Nothing is believed: no memory is taken for numbers that `state` doesn't hold. `constructors` make the layers of
  /// kinds that are not ours, by their names, of what is written about them.
  ///
  /// - Throws: `ConfigurationError` with the place in the tree for what is missing, unknown, of another type, out of
  ///   range or of a newer version, and for a state that doesn't fit; what a constructor throws; `TensorError.outOfMemory`;
  ///   `Interrupted`.
  public convenience init(
    _ configuration: Configuration, state: OrderedDictionary<String, Tensor>, generator: Generator,
    constructors: [String: (Configuration) throws -> Layer] = [:]
  ) throws {
    let dtype = try Network.checkedHead(configuration)
    let rebuild = Rebuild(dtype: dtype, tensors: state, generator: generator, constructors: constructors)
    let saved = try SavedLayer(configuration, path: "", rebuild)
    for name in ["version", "dtype"] { _ = try saved.isNull(name) }
    let isTraining = try saved.boolean("training")
    let frozen = try saved.texts("frozen")
    let rows = try saved.layers()
    let auxiliaries = try saved.has("auxiliaries") ? saved.objects("auxiliaries") : []
    try saved.finish()
    guard !rows.isEmpty else { throw saved.unexpected("layers", "at least one layer", "none") }
    try Network.admit(rows, dtype, saved)
    self.init(rows: rows, dtype: dtype, generator: generator)
    self.isTraining = isTraining
    try addAuxiliaries(auxiliaries)
    try requireConsistency(saved)
    let differences = StateDifferences(self, state)
    guard differences.isEmpty else { throw ConfigurationError(problem: differences.description, path: nil) }
    try take(state)
    try freeze(frozen, saved)
  }

  /// Reads what the rest depends on: the version, before anything that it may have changed, and the dtype.
  private static func checkedHead(_ configuration: Configuration) throws -> DType {
    let nothing = Rebuild(dtype: .float32, tensors: [:], generator: Generator(seed: 0), constructors: [:])
    let head = try SavedLayer(configuration, path: "", nothing)
    let version = try head.integer("version", atLeast: 1)
    guard version <= configurationVersion else {
      throw head.unexpected(
        "version", "at most \(configurationVersion), the newest that this program reads",
        "\(version); update the program")
    }
    guard let dtype = DType(name: try head.text("dtype")), dtype.isFloat else {
      throw head.unexpected("dtype", "'float32' or 'float64'")
    }
    return dtype
  }

  /// Checks the layers that constructors of the user's made, and all names.
  private static func admit(_ rows: [Layer], _ dtype: DType, _ saved: SavedLayer) throws {
    do {
      try LayerList.admit(rows.flatMap(\.family), "nn.load", dtype: dtype)
      try LayerList.checkNames(Network.named(rows), "nn.load")
    } catch let error as NetworkError {
      throw saved.failure("\(error)")
    }
  }

  private func freeze(_ names: [String], _ saved: SavedLayer) throws {
    let parameters = parameters
    for (index, name) in names.enumerated() {
      guard let tensor = parameters[name] else {
        throw saved.unexpected("frozen[\(index)]", "the name of a parameter", excerpt(name))
      }
      tensor.requiresGradient = false
    }
  }

  /// Makes sure that neighbours fit and every tensor has a name of its own.
  private func requireConsistency(_ saved: SavedLayer) throws {
    let count = allLayers.reduce(0) { $0 + $1.parameters.count + $1.buffers.count }
    guard count == state.count else {
      throw saved.unexpected("layers", "one head at most", "several with the same names of tensors")
    }
    do {
      try settle(features: nil)
      try requireSettled("load")
    } catch let error as NetworkError {
      throw saved.failure("\(error)")
    }
  }

  /// Makes sure that all sizes, and so all tensors, are known.
  func requireSettled(_ who: String) throws {
    for (index, row) in rows.enumerated() where row.family.contains(where: Network.isOpen) {
      throw NetworkError.expected(
        who, "a network that knows its sizes", "layer \(label(index)); run a forward first, or give its inputs")
    }
    for layer in allLayers.dropFirst(rows.count) where layer.family.contains(where: Network.isOpen) {
      throw NetworkError.expected(
        who, "a network that knows its sizes",
        "\(layer.description) in an auxiliary classifier; run a forward first, or give its inputs")
    }
  }

  private static func isOpen(_ layer: Layer) -> Bool { layer is Linear && layer.inputFeatures == nil }
}
