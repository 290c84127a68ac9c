extension Block: SavableLayer {
  static var savedKinds: [String] { ["Block"] }

  func configuration() throws -> Configuration {
    .layer(
      "Block",
      [
        "linear": try linear.savedConfiguration(), "activation": try activation?.savedConfiguration() ?? .null,
        "norm": try norm?.savedConfiguration() ?? .null, "norm_position": .text(normPosition.rawValue),
        "dropout": try dropout?.savedConfiguration() ?? .null, "residual": residual?.configuration ?? .null,
      ])
  }

  static func rebuild(_ saved: SavedLayer) throws -> Layer {
    guard let linear = try saved.part("linear", Linear.self) else { throw saved.unexpected("linear", "a Linear") }
    let activation = try saved.part("activation", Activation.self)
    let norm = try saved.part("norm", Normalisation.self)
    let dropout = try saved.part("dropout", Dropout.self)
    let residual = try saved.object("residual").map(ResidualForm.init)
    let position: NormalisationPosition = try saved.choice("norm_position")
    if let norm, norm.features != linear.outputs {
      throw saved.unexpected("norm", "a normalisation of \(linear.outputs) features", norm.description)
    }
    if activation == nil, norm != nil || dropout != nil || residual != nil {
      throw saved.unexpected("activation", "an activation in a block with other parts than a Linear")
    }
    let block = Block(
      linear: linear, activation: activation, dropout: dropout, normPosition: position, residual: residual)
    if let norm { block.shelf.keep(norm, position) }
    block.norm = norm
    return block
  }
}
