/// A kind of layer that a file can describe; the description stands beside the layer.
protocol SavableLayer: Layer {
  /// The kinds, as files name them, that `rebuild` makes; a name once written is never given up.
  static var savedKinds: [String] { get }

  /// What makes the layer again but for its tensors, beginning with its kind.
  ///
  /// - Throws: `NetworkError` for what no file can hold.
  func configuration() throws -> Configuration

  /// Makes the layer that was described; its parameters and running statistics are filled in later, by their names.
  ///
  /// - Throws: `ConfigurationError`, `NetworkError` for settings out of range; `TensorError.outOfMemory`.
  static func rebuild(_ saved: SavedLayer) throws -> Layer
}

/// The kinds of layers that files know; a new one is added here and beside its layer.
enum SavedKinds {
  /// The kind of a layer that the user wrote; its `type` says which.
  static let custom = "Custom"

  static let all: [any SavableLayer.Type] = [
    Linear.self, Normalisation.self, Activation.self, Dropout.self, Identity.self, Flatten.self, Block.self,
    Residual.self, CustomLayer.self,
  ]
}

extension Layer {
  /// What makes the layer again but for its tensors, with the user's name for it.
  ///
  /// - Throws: `NetworkError` for a layer that no file can describe.
  func savedConfiguration() throws -> Configuration {
    guard let layer = self as? any SavableLayer else {
      throw NetworkError.expected("save", "layers that a file can describe", description)
    }
    let configuration = try layer.configuration()
    guard let name, case .object(var settings) = configuration else { return configuration }
    settings["name"] = .text(name)
    return .object(settings)
  }
}
