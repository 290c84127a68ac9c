import Tensors

extension Network {
  /// Puts a layer in front of row `index` (from 0; the number of rows puts it at the end).
  ///
  /// - Throws: `NetworkError` for a place that is none, a layer that is part of something, and sizes that don't fit; the
  ///   network is then as it was.
  public func insert(_ layer: Layer, at index: Int) throws {
    guard index >= 0, index <= rows.count else {
      throw NetworkError.expected("insert", "a place from 1 to \(rows.count + 1)", "\(index + 1)")
    }
    try admit(layer, "insert")
    try change("insert(\(index + 1), \(layer.description))") { $0.insert(layer, at: index) }
  }

  /// Takes row `index` (from 0) out; `undo` brings it back.
  ///
  /// - Throws: `NetworkError` for a row that is none, the only row, and neighbours that don't fit without it; the network is
  ///   then as it was.
  public func remove(at index: Int) throws {
    try requireRow(index, "remove")
    guard rows.count > 1 else {
      throw NetworkError.expected("remove", "a network that keeps at least one layer", "its only one")
    }
    try change("remove(\(index + 1))") { $0.remove(at: index) }
  }

  /// Puts a layer in the place of row `index` (from 0); the new one takes over the name of the old if it has none.
  ///
  /// - Throws: as `insert`.
  public func replace(at index: Int, with layer: Layer) throws {
    try requireRow(index, "replace")
    try admit(layer, "replace")
    let heir = layer.name == nil && rows[index].name != nil ? layer : nil
    let name = rows[index].name
    try change("replace(\(index + 1), \(layer.description))", heir: heir) {
      heir?.name = name
      $0[index] = layer
    }
  }

  /// Sets whether training changes the parameters of the whole network, or of row `index` (from 0) alone.
  ///
  /// Running statistics follow as before. `undo` takes it back, but not that gradients of what freezes are dropped.
  ///
  /// - Throws: `NetworkError` for a row that is none.
  public func setFrozen(_ isFrozen: Bool, row index: Int? = nil) throws {
    let verb = isFrozen ? "freeze" : "unfreeze"
    if let index { try requireRow(index, verb) }
    let layers = index.map { [rows[$0]] } ?? rows
    let text = "\(verb)(\(index.map { "\($0 + 1)" } ?? ""))"
    try note(text, trained: layers.flatMap { $0.parameters.map(\.tensor) })
    for layer in layers { layer.setFrozen(isFrozen) }
  }

  /// Sets whether training changes the parameters of a layer of the network, a row or one inside a row, as `setFrozen` for a row.
  public func setFrozen(_ isFrozen: Bool, layer: Layer) throws {
    if let place = place(of: layer) {
      try note(isFrozen ? "freeze()" : "unfreeze()", place: place, trained: layer.parameters.map(\.tensor))
    }
    layer.setFrozen(isFrozen)
  }

  /// How a user reaches a layer from the network: `[2]`, `[2][1]` in a residual layer, `[2].linear` in a block.
  private func place(of layer: Layer) -> String? {
    func search(_ layers: [(name: String, layer: Layer)]) -> String? {
      for (position, entry) in layers.enumerated() {
        let step =
          Int(entry.name) == nil && !rows.contains { $0 === entry.layer } ? ".\(entry.name)" : "[\(position + 1)]"
        if entry.layer === layer { return step }
        if let rest = search(entry.layer.inner) { return step + rest }
      }
      return nil
    }
    return search(Network.named(rows))
  }

  /// The row a user means by a name; nil where none has it.
  public func row(named name: String) -> Int? { rows.firstIndex { $0.name == name } }

  private func requireRow(_ index: Int, _ who: String) throws {
    guard rows.indices.contains(index) else {
      throw NetworkError.expected(who, "a layer from 1 to \(rows.count)", "\(index + 1)")
    }
  }

  /// Checks a layer that is to become a row; one that a surgery took out of this network may come back.
  private func admit(_ layer: Layer, _ who: String) throws {
    let present = Set((rows + auxiliaries.flatMap(\.layers)).flatMap(\.family).map { ObjectIdentifier($0) })
    guard layer.family.allSatisfy({ !present.contains(ObjectIdentifier($0)) }) else {
      throw NetworkError.expected(who, "a layer that is not in the network yet", "\(layer.description), which is")
    }
    let own = rows.lazy.compactMap(\.dtype).first
    try LayerList.admit(layer.family, who, dtype: own, into: self)
  }

  /// Changes the rows as a surgery; what doesn't fit is taken back.
  ///
  /// `heir` is a layer that gets its name from the one it replaces.
  private func change(_ text: String, heir: Layer? = nil, _ body: (inout [Layer]) -> Void) throws {
    let held = surgeries
    try note(text, heir: heir)
    body(&rows)
    let added = rows.flatMap(\.family).filter { $0.owner == nil }
    for layer in added { layer.owner = self }
    structureChanged()
    do {
      try LayerList.checkNames(Network.named(rows), text.prefix { $0 != "(" }.description)
      try computing { try settle(features: nil) }
    } catch {
      try abandon(held)
      for layer in added { layer.owner = nil }
      throw error
    }
  }
}

extension Layer {
  /// Sets whether training changes the layer's parameters.
  public func setFrozen(_ isFrozen: Bool) {
    for (_, tensor) in parameters {
      tensor.requiresGradient = !isFrozen
      // an optimiser must not find what was gathered before
      if isFrozen { tensor.gradient = nil }
    }
  }

  /// Whether the layer has parameters and training changes none of them.
  public var isFrozen: Bool {
    let fixed = fixedByMode
    return !parameters.isEmpty
      && parameters.allSatisfy { !$0.tensor.requiresGradient || fixed.contains(ObjectIdentifier($0.tensor)) }
  }

  /// Gives the layer a name, by which its network knows it and its parameters.
  ///
  /// - Throws: `NetworkError` for what is no name, and for one that another layer beside it has.
  public func rename(_ name: String) throws {
    let characters = Array(name.utf8)
    let isName =
      characters.first.map { !(48...57).contains($0) } ?? false
      && characters.allSatisfy {
        $0 == 95 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
      }
    guard characters.count <= 200 else {
      throw NetworkError.expected("layer name", "a name of at most 200 characters", "one of \(characters.count)")
    }
    guard isName else {
      throw NetworkError.expected("layer name", "letters, digits and _ that don't begin with a digit", "'\(name)'")
    }
    let neighbours = owner.flatMap { LayerList.neighbours(of: self, in: Network.named($0.rows)) } ?? []
    if neighbours.contains(where: { $0.layer !== self && $0.name == name }) {
      throw LayerList.sameNames(name, "layer name")
    }
    self.name = name
    owner?.namesChanged()
  }
}
