extension Network {
  /// The auxiliary classifiers: the row, from 0, whose output each reads, its weight and its layers.
  func auxiliaryConfiguration() throws -> Configuration {
    .list(
      try presentAuxiliaries.map { row, auxiliary in
        .object([
          "after": .integer(row), "weight": .number(auxiliary.weight),
          "layers": .list(try auxiliary.layers.map { try $0.savedConfiguration() }),
        ])
      })
  }

  /// Adds what `auxiliaryConfiguration` told.
  ///
  /// - Throws: `ConfigurationError`, also for a row that is none, one that has a classifier, and sizes that don't fit.
  func addAuxiliaries(_ list: [SavedLayer]) throws {
    for saved in list {
      let row = try saved.integer("after")
      let weight = try saved.number("weight")
      let layers = try saved.layers()
      try saved.finish()
      guard rows.indices.contains(row) else { throw saved.unexpected("after", "a layer from 0 to \(rows.count - 1)") }
      do {
        try addAuxiliary(after: row, layers, weight: weight)
      } catch let error as NetworkError {
        throw saved.failure("\(error)")
      }
    }
    // what a file says is no surgery
    surgeries.removeAll()
  }
}
