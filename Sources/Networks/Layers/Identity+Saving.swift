extension Identity: SavableLayer {
  static var savedKinds: [String] { ["Identity"] }

  func configuration() throws -> Configuration { .layer("Identity") }

  static func rebuild(_ saved: SavedLayer) throws -> Layer { Identity() }
}

extension Flatten: SavableLayer {
  static var savedKinds: [String] { ["Flatten"] }

  func configuration() throws -> Configuration { .layer("Flatten") }

  static func rebuild(_ saved: SavedLayer) throws -> Layer { Flatten() }
}
