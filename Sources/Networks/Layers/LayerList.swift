import Kernels
import Tensors

/// What holds for layers computed one after another: the rows of a network, the branch of a residual layer.
enum LayerList {
  /// The number of features the layers take, nil while unknown or where any will do.
  static func inputFeatures(_ layers: [Layer]) -> Int? {
    for layer in layers {
      if let features = layer.inputFeatures { return features }
      if !layer.passesFeatures { return nil }
    }
    return nil
  }

  /// The features of the last layer's output for an input of `features`; nil while unknown.
  static func outputFeatures(_ layers: [Layer], _ features: Int?) -> Int? {
    layers.reduce(features) { $1.outputFeatures($0 ?? $1.inputFeatures) }
  }

  /// Passes known sizes down the layers: settles open ones, and checks that neighbours fit.
  ///
  /// `name` gives the name of a layer, by its index, for messages. Answers the features of the output, nil while unknown.
  ///
  /// - Throws: `NetworkError` naming both layers where they don't fit.
  static func settle(_ layers: [Layer], features: Int?, name: (Int) -> String) throws -> Int? {
    var features = features
    for (index, layer) in layers.enumerated() {
      if let known = features {
        let label = "\(name(index)) \(layer.kind)"
        try layer.settle(inputFeatures: known, label: label)
        if let wanted = layer.inputFeatures, wanted != known {
          let source = index == 0 ? "" : " from \(name(index - 1)) \(layers[index - 1].description)"
          throw NetworkError.expected(
            "\(name(index)) \(layer.description)", "input [batch, \(wanted)]", "[batch, \(known)]\(source)")
        }
      }
      features = layer.outputFeatures(features ?? layer.inputFeatures)
    }
    return features
  }

  /// Runs `body`; where it throws, layers that learned their inputs in it wait for them again.
  static func keepingOpen<Result>(_ layers: [Layer], _ body: () throws -> Result) throws -> Result {
    let reopenings = layers.flatMap(\.family).compactMap { ($0 as? Linear)?.reopening() }
    do {
      return try body()
    } catch {
      for reopen in reopenings { reopen() }
      throw error
    }
  }

  /// Checks layers that are to become part of something.
  ///
  /// - Throws: `NetworkError` for one that is there twice or belongs to a network, and for different dtypes.
  static func admit(_ layers: [Layer], _ who: String, dtype: DType? = nil, into network: Network? = nil) throws {
    guard Set(layers.map { ObjectIdentifier($0) }).count == layers.count else {
      throw NetworkError.expected(who, "each layer once", "one layer twice")
    }
    if let taken = layers.first(where: { $0.owner != nil && $0.owner !== network }) {
      throw NetworkError.expected(
        who, "layers of no other network (net:clone() copies them)", "\(taken.description) of another")
    }
    let dtypes = [dtype].compactMap { $0 } + layers.compactMap(\.dtype)
    if let first = dtypes.first, let other = dtypes.first(where: { $0 != first }) {
      throw NetworkError.expected(who, "layers of one dtype", "\(first) and \(other)")
    }
  }

  /// Checks that the names of layers beside each other are different, and so on inside them.
  ///
  /// - Throws: `NetworkError` for a name that stands twice.
  static func checkNames(_ layers: [(name: String, layer: Layer)], _ who: String) throws {
    var seen: Set<String> = []
    for (name, layer) in layers {
      guard seen.insert(name).inserted else { throw sameNames(name, who) }
      try checkNames(layer.inner, who)
    }
  }

  /// The error of a name that stands twice.
  static func sameNames(_ name: String, _ who: String) -> NetworkError {
    .expected(who, "a name of its own for each layer", "two layers named '\(name)'")
  }

  /// The layers, named, that `layer` is one of; nil where it is nowhere among them or inside them.
  static func neighbours(of layer: Layer, in layers: [(name: String, layer: Layer)]) -> [(name: String, layer: Layer)]?
  {
    if layers.contains(where: { $0.layer === layer }) { return layers }
    return layers.firstResult { neighbours(of: layer, in: $0.layer.inner) }
  }
}

extension Sequence {
  /// The first result that is not nil, each element being asked once.
  ///
  /// `lazy.compactMap(_:).first` asks the element that has one twice, and of layers inside layers each level doubles that.
  func firstResult<Result>(of ask: (Element) throws -> Result?) rethrows -> Result? {
    for element in self {
      if let result = try ask(element) { return result }
    }
    return nil
  }
}
