import Tensors

/// Copies layers, tensors and generators once each, so that what was shared is shared again among the copies.
final class Copies {
  private var generators: [ObjectIdentifier: Generator] = [:]
  private var tensors: [ObjectIdentifier: Tensor] = [:]
  private var layers: [ObjectIdentifier: Layer] = [:]

  /// The copy of `tensor`: same layout, same flag, no gradient and no tape.
  func tensor(_ tensor: Tensor) throws -> Tensor {
    if let copy = tensors[ObjectIdentifier(tensor)] { return copy }
    let copy = try ParameterLayout.duplicate(tensor)
    tensors[ObjectIdentifier(tensor)] = copy
    return copy
  }

  /// The copy of `generator`, which continues the same stream.
  func generator(_ generator: Generator) -> Generator {
    let copy = generators[ObjectIdentifier(generator)] ?? generator.clone()
    generators[ObjectIdentifier(generator)] = copy
    return copy
  }

  /// The deep copy of `layer`, with its own type.
  func layer<L: Layer>(_ layer: L) throws -> L {
    let copy = try layers[ObjectIdentifier(layer)] ?? layer.copy(self)
    layers[ObjectIdentifier(layer)] = copy
    copy.name = layer.name
    guard let typed = copy as? L else {
      throw NetworkError.expected("clone", "a copy of \(layer.kind)", copy.kind)
    }
    return typed
  }
}
