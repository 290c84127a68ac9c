extension Linear: SavableLayer {
  static var savedKinds: [String] { ["Linear"] }

  func configuration() throws -> Configuration {
    guard let inputs = inputFeatures else {
      throw NetworkError.expected("save", "a layer that knows its inputs", "\(description); run a forward first")
    }
    return .layer(
      "Linear",
      [
        "inputs": .integer(inputs), "outputs": .integer(outputs), "bias": .boolean(hasBias),
        "init": initialiser?.configuration ?? .null,
      ])
  }

  static func rebuild(_ saved: SavedLayer) throws -> Layer {
    let inputs = try saved.integer("inputs", atLeast: 1)
    let outputs = try saved.integer("outputs", atLeast: 1)
    let bias = try saved.boolean("bias")
    let initialiser = try saved.object("init").map(Initialiser.init)
    try saved.claim([outputs, inputs])
    if bias { try saved.claim([outputs]) }
    return try Linear(
      unfilled: inputs, outputs: outputs, bias: bias, initialiser: initialiser, dtype: saved.dtype,
      generator: saved.rebuild.generator)
  }
}
