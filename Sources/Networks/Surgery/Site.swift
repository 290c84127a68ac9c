import Tensors

/// A place in a network where a normalisation can stand: around an activation that follows a Linear.
///
/// In an mlp it is a block; in a Sequential a run of rows, Linear, [norm], activation, [norm].
struct Site {
  /// The Linear.
  let linear: Linear
  /// The row of the Linear, from 0.
  let row: Int
  /// The block, nil in a Sequential.
  let block: Block?
  /// The row of the activation in a Sequential; that of the block in an mlp.
  let activationRow: Int
  /// The activation.
  let activation: Activation
  /// The normalisation that stands here now.
  let norm: Normalisation?
  /// Where it stands.
  let position: NormalisationPosition?

  /// The rows the site covers.
  var rows: ClosedRange<Int> {
    guard block == nil else { return row...row }
    return row...(position == .after ? activationRow + 1 : activationRow)
  }
}

extension Network {
  /// All places for a normalisation, in order; with `row`, from 0, only the one that covers it.
  ///
  /// - Throws: `NetworkError` where there is none.
  func sites(_ who: String, row: Int? = nil) throws -> [Site] {
    let all = rows.indices.compactMap(site(at:))
    guard let row else {
      guard !all.isEmpty else {
        throw NetworkError.expected(who, "a network with an activation after a Linear", "none in \(rows.count) layers")
      }
      return all
    }
    guard let match = all.first(where: { $0.rows.contains(row) }) else {
      let name = rows.indices.contains(row) ? "layer \(label(row))" : "layer \(row + 1) of \(rows.count)"
      throw NetworkError.expected(who, "a layer with an activation after a Linear", name)
    }
    return [match]
  }

  private func site(at row: Int) -> Site? {
    if let block = rows[row] as? Block {
      guard let activation = block.activation else { return nil }
      return Site(
        linear: block.linear, row: row, block: block, activationRow: row, activation: activation, norm: block.norm,
        position: block.norm.map { _ in block.normPosition })
    }
    guard let linear = rows[row] as? Linear else { return nil }
    let before = layer(row + 1) as? Normalisation
    let place = before == nil ? row + 1 : row + 2
    guard let activation = layer(place) as? Activation else { return nil }
    let after = layer(place + 1) as? Normalisation
    return Site(
      linear: linear, row: row, block: nil, activationRow: place, activation: activation, norm: before ?? after,
      position: before != nil ? .before : after != nil ? .after : nil)
  }

  private func layer(_ row: Int) -> Layer? { rows.indices.contains(row) ? rows[row] : nil }

  /// What the site has ever had; a normalisation that stands there from the start is put on it.
  func shelf(of site: Site) -> NormalisationShelf {
    let key = ObjectIdentifier(site.linear)
    let shelf = site.block?.shelf ?? shelves[key] ?? NormalisationShelf()
    if site.block == nil { shelves[key] = shelf }
    if let norm = site.norm, let position = site.position { shelf.keep(norm, position) }
    return shelf
  }

  /// Takes the normalisation of the site away and puts another, or none, there.
  func place(_ norm: Normalisation?, _ position: NormalisationPosition, at site: Site) {
    if let block = site.block {
      block.norm = norm
      if norm != nil { block.normPosition = position }
      return
    }
    rows.removeAll { $0 === site.norm }
    guard let norm, let activationRow = rows.firstIndex(where: { $0 === site.activation }) else { return }
    rows.insert(norm, at: position == .before ? activationRow : activationRow + 1)
  }
}
