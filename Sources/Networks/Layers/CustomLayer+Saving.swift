import OrderedCollections
import Tensors

extension CustomLayer: SavableLayer {
  // no file can tell what the function does: whoever loads it brings a constructor
  static var savedKinds: [String] { [] }

  func configuration() throws -> Configuration {
    guard type.isSavableName else {
      throw NetworkError.expected("save", "a name of at most 200 printable characters for a layer", excerpt(type))
    }
    return .layer(
      SavedKinds.custom,
      [
        "type": .text(type), "parameters": CustomLayer.shapes(parameters), "buffers": CustomLayer.shapes(buffers),
        "outputs": outputs.map { .integer($0) } ?? .null,
      ])
  }

  static func rebuild(_ saved: SavedLayer) throws -> Layer {
    throw saved.failure("expected a constructor of the custom layer, got none")
  }

  /// The shapes by name, of which a constructor sees what sizes to make.
  private static func shapes(_ tensors: [(name: String, tensor: Tensor)]) -> Configuration {
    .object(
      OrderedDictionary(tensors.map { ($0.name, Configuration.list($0.tensor.shape.map { .integer($0) })) }) { $1 })
  }
}
