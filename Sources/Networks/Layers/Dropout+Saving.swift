extension Dropout: SavableLayer {
  static var savedKinds: [String] { ["Dropout"] }

  func configuration() throws -> Configuration { .layer("Dropout", ["p": .number(probability)]) }

  static func rebuild(_ saved: SavedLayer) throws -> Layer { try Dropout(try saved.number("p")) }
}

extension Identity: SavableLayer {
  static var savedKinds: [String] { ["Identity"] }

  func configuration() throws -> Configuration { .layer("Identity") }

  static func rebuild(_ saved: SavedLayer) throws -> Layer { Identity() }
}
