import Gradients
import Kernels
import OrderedCollections
import Tensors

/// A feed-forward network: rows of layers, computed in order.
///
/// An mlp's row is a `Block`, a Sequential's a single component. Batches are `[batch, features]`.
public final class Network {
  /// The rows, in the order they are computed.
  public internal(set) var rows: [Layer]
  /// Whether batch statistics and dropout apply; evaluation takes running statistics and no dropout.
  public var isTraining = true
  /// Where dropout masks come from.
  public var generator: Generator
  /// What the network computes in; one without numbers of its own follows its last input.
  public internal(set) var dtype: DType
  /// The surgeries done, oldest first, as a user would type them.
  public var history: [String] { surgeries.map(\.text) }
  /// The place of the last surgery among those on all networks, from 1; 0 where there is none to take back.
  public var lastSurgery: Int { surgeries.last?.serial ?? 0 }

  /// What the last training has brought, also where an error ended it.
  public internal(set) var lastFit: FitHistory?

  /// What the auxiliary classifiers gave in the last forward, in the order of the rows; empty in evaluation and off the tape.
  public internal(set) var auxiliaryOutputs: [AuxiliaryOutput] = []

  var auxiliaries: [Auxiliary] = []
  var surgeries: [Surgery] = []
  var shelves: [ObjectIdentifier: NormalisationShelf] = [:]
  /// The plans of the present structure that have been asked for.
  var cachedPlans: [Plan.Kind: Plan] = [:]
  var cachedParameters: [Tensor]?
  var cachedNames: OrderedDictionary<String, Tensor>?
  var lastNode: NetworkNode?
  /// Whether a forward is under way, in which a layer written in Lua could reach the network.
  var isComputing = false
  /// The features of the input that all layers are known to fit.
  var settledFeatures: Int?

  /// Makes a network of components (`nn.Sequential`), each a row; neighbours whose sizes are known must fit.
  ///
  /// `dtype` is what it computes in where no layer has numbers of its own.
  ///
  /// - Throws: `NetworkError` for an empty list, a component used twice or part of another network, different dtypes, or
  ///   sizes that don't fit.
  public convenience init(
    sequential layers: [Layer], dtype fallback: DType = .float32, generator: Generator
  ) throws {
    guard !layers.isEmpty else { throw NetworkError.expected("nn.Sequential", "at least one layer", "none") }
    try LayerList.admit(layers.flatMap(\.family), "nn.Sequential")
    try LayerList.checkNames(Network.named(layers), "nn.Sequential")
    let dtype = layers.lazy.compactMap(\.dtype).first ?? fallback
    self.init(rows: layers, dtype: dtype, generator: generator)
    try settleGains()
    try settle(features: nil)
  }

  init(rows: [Layer], dtype: DType, generator: Generator) {
    self.rows = rows
    self.dtype = dtype
    self.generator = generator
    for layer in rows.flatMap(\.family) { layer.owner = self }
  }

  /// The number of features the network takes, nil while unknown or where any will do.
  public var inputFeatures: Int? {
    LayerList.inputFeatures(rows)
  }

  /// The names of the rows' parameters and the tensors, in stable order: PyTorch's names, such as `0.weight`.
  public var parameters: OrderedDictionary<String, Tensor> {
    if let cachedNames { return cachedNames }
    var result: OrderedDictionary<String, Tensor> = [:]
    for (part, layer) in namedParts {
      for (name, tensor) in layer.parameters { result["\(part).\(name)"] = tensor }
    }
    cachedNames = result
    return result
  }

  /// The number of trainable numbers.
  public var count: Int { trainedTensors.reduce(0) { $0 + ($1.requiresGradient ? $1.count : 0) } }

  /// All layers, those inside others behind them, with how their parameters' names begin.
  public var namedLayers: [(name: String, layer: Layer)] {
    func family(_ name: String, _ layer: Layer) -> [(name: String, layer: Layer)] {
      // a head is the Linear inside it
      if let block = layer as? Block, block.isHead { return [(name, layer)] }
      return [(name, layer)] + layer.inner.flatMap { family("\(name).\($0.name)", $0.layer) }
    }
    return namedParts.flatMap(family)
  }

  /// The parameters without names that training changes, in the same order: all but gamma and beta of frozen normalisations.
  public var trainedTensors: [Tensor] {
    if let cachedParameters { return cachedParameters }
    var seen: Set<ObjectIdentifier> = []
    let tensors = allLayers.flatMap { layer in
      let fixed = layer.fixedByMode
      return layer.parameters.map(\.tensor).filter {
        !fixed.contains(ObjectIdentifier($0)) && seen.insert(ObjectIdentifier($0)).inserted
      }
    }
    cachedParameters = tensors
    return tensors
  }

  /// Sets the gradients of all parameters that have one to 0.
  public func zeroGradients() throws {
    for tensor in parameters.values { try ParameterParts.zero(tensor.gradient) }
  }

  /// The rows of a kind such as `BatchNorm`, or of a name, with their positions from 0; blocks and residual layers count for
  /// each of their parts.
  public func find(_ kind: String) -> [(index: Int, layer: Layer)] {
    rows.enumerated().filter { _, row in
      row.family.contains { $0.kind == kind || $0.name == kind }
    }.map { ($0.offset, $0.element) }
  }

  /// What `find` finds here: the kinds and names of rows and their parts, sorted.
  public var kinds: [String] {
    Set(rows.flatMap(\.family).flatMap { [$0.kind, $0.name].compactMap { $0 } }).sorted()
  }

  /// A deep copy with the same settings, weights and running statistics; gradients, history and the last forward stay
  /// behind, and the generators are copies that continue the same streams, of layers too that have weights yet to draw.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func clone() throws -> Network {
    let copies = Copies()
    let copy = Network(
      rows: try rows.map(copies.layer), dtype: dtype, generator: copies.generator(generator))
    copy.auxiliaries = try auxiliaries.map { try $0.copy(copies) }
    for layer in copy.auxiliaries.flatMap(\.layers).flatMap(\.family) { layer.owner = copy }
    for layer in rows.flatMap(\.components) {
      if let shelf = shelves[ObjectIdentifier(layer)] {
        copy.shelves[ObjectIdentifier(try copies.layer(layer))] = try shelf.copy(copies)
      }
    }
    copy.isTraining = isTraining
    return copy
  }

  /// How names of row `index` begin: its own name, the position from 0, or `head`.
  public func prefix(_ index: Int) -> String { Network.prefix(rows[index], index) }

  private static func prefix(_ row: Layer, _ index: Int) -> String {
    row.name ?? ((row as? Block)?.isHead == true ? "head" : "\(index)")
  }

  /// Rows with how their names begin.
  static func named(_ rows: [Layer]) -> [(name: String, layer: Layer)] {
    rows.enumerated().map { (prefix($1, $0), $1) }
  }

  /// The layer as error messages name it: position from 1 and description.
  func label(_ index: Int) -> String { "\(index + 1) \(rows[index].description)" }

  /// Whether every layer knows its sizes.
  var isSettled: Bool { allLayers.allSatisfy(\.isSettled) }

  /// Forgets what was derived from the structure, after the structure has changed.
  func structureChanged() {
    cachedPlans.removeAll()
    cachedParameters = nil
    cachedNames = nil
    settledFeatures = nil
    if let own = rows.lazy.compactMap(\.dtype).first { dtype = own }
  }

  /// Forgets the names of the parameters.
  func namesChanged() { cachedNames = nil }

  /// Passes known sizes down the rows: settles open layers, and checks that neighbours fit.
  func settle(features: Int?) throws {
    let wasOpen = !isSettled
    try LayerList.keepingOpen(wasOpen ? allLayers : []) {
      _ = try LayerList.settle(rows, features: features) { "layer \($0 + 1)" }
      try settleAuxiliaries(features: features)
    }
    if wasOpen { structureChanged() }
    settledFeatures = features
  }
}
