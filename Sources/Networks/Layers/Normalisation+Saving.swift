extension Normalisation: SavableLayer {
  static var savedKinds: [String] { NormalisationKind.allCases.map(layerName) }

  func configuration() throws -> Configuration {
    guard type == .batch else {
      return .layer(
        kind, ["features": .integer(features), "eps": .number(eps), "affine": .boolean(isAffine)])
    }
    return .layer(
      kind,
      [
        "features": .integer(features), "eps": .number(eps), "affine": .boolean(isAffine),
        "momentum": momentum.map { .number($0) } ?? .text("cumulative"), "batches_seen": .integer(batchesSeen),
        "mode": .text(mode.rawValue),
      ])
  }

  static func rebuild(_ saved: SavedLayer) throws -> Layer {
    let kind = try saved.kind()
    let type = NormalisationKind.allCases.first { layerName($0) == kind } ?? .batch
    let features = try saved.integer("features", atLeast: 1)
    let isAffine = try saved.boolean("affine")
    try saved.claim([type == .rms ? 1 : 2, features], isSaved: isAffine)
    if type == .batch { try saved.claim([2, features]) }
    let norm = try Normalisation(
      type, features: features, eps: try saved.number("eps"), momentum: type == .batch ? try momentum(saved) : 0.1,
      affine: isAffine, dtype: saved.dtype)
    if type == .batch { norm.batchesSeen = try saved.integer("batches_seen") }
    // the first files of format 1 know no modes
    if type == .batch, saved.has("mode") { norm.mode = try saved.choice("mode") }
    return norm
  }

  private static func momentum(_ saved: SavedLayer) throws -> Double? {
    if let word = try? saved.text("momentum") {
      guard word == "cumulative" else { throw saved.unexpected("momentum", "a number or 'cumulative'") }
      return nil
    }
    return try saved.number("momentum")
  }
}
