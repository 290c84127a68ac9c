extension Dropout: SavableLayer {
  static var savedKinds: [String] { ["Dropout"] }

  func configuration() throws -> Configuration { .layer("Dropout", ["p": .number(probability)]) }

  static func rebuild(_ saved: SavedLayer) throws -> Layer { try Dropout(try saved.number("p")) }
}
