extension Residual: SavableLayer {
  static var savedKinds: [String] { ["Residual"] }

  func configuration() throws -> Configuration {
    .layer(
      "Residual",
      [
        "layers": .list(try layers.map { try $0.savedConfiguration() }), "scale": .number(scale),
        "shortcut": try shortcut?.savedConfiguration() ?? .null,
        "activation": try activation?.savedConfiguration() ?? .null, "norm": try norm?.savedConfiguration() ?? .null,
      ])
  }

  static func rebuild(_ saved: SavedLayer) throws -> Layer {
    let layers = try saved.layers()
    if let block = layers.first(where: { $0 is Block }) {
      throw saved.unexpected("layers", "layers, and no blocks of an mlp", block.description)
    }
    let residual = try Residual(
      layers, scale: try saved.number("scale"), shortcut: try saved.part("shortcut", Linear.self),
      activation: try saved.part("activation", Activation.self))
    if let norm = try saved.part("norm", Normalisation.self) {
      guard residual.activation != nil, norm.features == residual.outputFeatures(residual.inputFeatures) else {
        throw saved.unexpected(
          "norm", "a normalisation of the branch's features behind an activation", norm.description)
      }
      residual.norm = norm
    }
    return residual
  }
}

extension ResidualForm {
  /// The settings of a residual block.
  var configuration: Configuration {
    .object(["activated_after": .boolean(isActivatedAfter), "scale": .number(scale)])
  }

  /// Reads what `configuration` wrote.
  ///
  /// - Throws: `ConfigurationError`; `NetworkError` for a scale that is not finite.
  init(_ saved: SavedLayer) throws {
    self.init(
      isActivatedAfter: try saved.boolean("activated_after"),
      scale: try Residual.checkedScale(try saved.number("scale"), "nn.mlp"))
    try saved.finish()
  }
}
