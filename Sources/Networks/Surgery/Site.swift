import Tensors

/// A place in a network where a normalisation can stand: around an activation that follows a Linear.
///
/// In an mlp it is a block; in a Sequential or in the branch of a residual layer a run of layers, Linear, [norm], activation,
/// [norm]. The run may begin with the branch, and its activation may stand behind the residual layer's sum.
struct Site {
  /// The Linear, nil where a branch begins with the activation or its normalisation.
  let linear: Linear?
  /// The row of the network that the site begins in, from 0.
  let row: Int
  /// What the site lies in.
  let place: Place
  /// The activation.
  let activation: Activation
  /// The normalisation that stands here now.
  let norm: Normalisation?
  /// Where it stands.
  let position: NormalisationPosition?
  /// The number of features a normalisation here has, nil while unknown.
  let features: Int?
  /// The rows the site covers.
  let rows: ClosedRange<Int>

  /// What a site can lie in.
  enum Place {
    case block(Block)
    case network
    case branch(Residual)
  }

  /// The block, nil elsewhere.
  var block: Block? { if case .block(let block) = place { block } else { nil } }

  /// What the site's normalisations are remembered by.
  var key: ObjectIdentifier { ObjectIdentifier(linear ?? activation) }
}

extension Network {
  /// All places for a normalisation, in order; with `row`, from 0, those that cover it.
  ///
  /// - Throws: `NetworkError` where there is none.
  func sites(_ who: String, row: Int? = nil) throws -> [Site] {
    let all = rows.indices.flatMap(sites(at:))
    guard let row else {
      guard !all.isEmpty else {
        throw NetworkError.expected(who, "a network with an activation after a Linear", "none in \(rows.count) layers")
      }
      return all
    }
    let matches = all.filter { $0.rows.contains(row) }
    guard !matches.isEmpty else {
      let name = rows.indices.contains(row) ? "layer \(label(row))" : "layer \(row + 1) of \(rows.count)"
      throw NetworkError.expected(who, "a layer with an activation after a Linear", name)
    }
    return matches
  }

  private func sites(at row: Int) -> [Site] {
    switch rows[row] {
    case let block as Block: site(of: block, row).map { [$0] } ?? []
    case let residual as Residual: sites(in: residual, row, features: residual.inputFeatures)
    case is Linear: Run(rows, from: row).map { [$0.site(.network, row, row...(row + $0.length - 1))] } ?? []
    default: []
    }
  }

  private func site(of block: Block, _ row: Int) -> Site? {
    guard let activation = block.activation else { return nil }
    return Site(
      linear: block.linear, row: row, place: .block(block), activation: activation, norm: block.norm,
      position: block.norm.map { _ in block.normPosition }, features: block.linear.outputs, rows: row...row)
  }

  private func sites(in residual: Residual, _ row: Int, features: Int?) -> [Site] {
    let branch = residual.layers
    var sites: [Site] = []
    var features = features
    for (index, layer) in branch.enumerated() {
      if let inside = layer as? Residual {
        sites += self.sites(in: inside, row, features: features ?? inside.inputFeatures)
      } else if index == 0 || layer is Linear, let run = Run(branch, from: index) {
        sites.append(run.site(.branch(residual), row, row...row, features: features))
      }
      features = layer.outputFeatures(features ?? layer.inputFeatures)
    }
    if let site = siteBehind(residual, row) { sites.append(site) }
    return sites
  }

  /// The site whose activation stands behind the sum.
  private func siteBehind(_ residual: Residual, _ row: Int) -> Site? {
    guard let activation = residual.activation else { return nil }
    let last = residual.layers.last as? Normalisation
    let before = last == nil ? residual.layers[...] : residual.layers.dropLast()
    guard let linear = before.last as? Linear else { return nil }
    return Site(
      linear: linear, row: row, place: .branch(residual), activation: activation, norm: last ?? residual.norm,
      position: last != nil ? .before : residual.norm != nil ? .after : nil, features: linear.outputs, rows: row...row)
  }

  /// What the site has ever had; a normalisation that stands there from the start is put on it.
  func shelf(of site: Site) -> NormalisationShelf {
    let shelf = site.block?.shelf ?? shelves[site.key] ?? NormalisationShelf()
    if site.block == nil { shelves[site.key] = shelf }
    if let norm = site.norm, let position = site.position { shelf.keep(norm, position) }
    return shelf
  }

  /// Takes the normalisation of the site away and puts another, or none, there.
  func place(_ norm: Normalisation?, _ position: NormalisationPosition, at site: Site) {
    norm?.owner = self
    switch site.place {
    case .block(let block):
      block.norm = norm
      if norm != nil { block.normPosition = position }
    case .network: Site.replace(site.norm, by: norm, position, around: site.activation, in: &rows)
    case .branch(let residual) where site.activation === residual.activation:
      residual.layers.removeAll { $0 === site.norm }
      residual.norm = position == .after ? norm : nil
      if position == .before, let norm { residual.layers.append(norm) }
    case .branch(let residual):
      Site.replace(site.norm, by: norm, position, around: site.activation, in: &residual.layers)
    }
  }

  /// Puts another activation in the place of the site's.
  func place(_ activation: Activation, at site: Site) {
    activation.owner = self
    activation.name = site.activation.name
    site.linear?.activationAfter = activation
    if site.linear == nil { shelves[ObjectIdentifier(activation)] = shelves[site.key] }
    switch site.place {
    case .block(let block): block.activation = activation
    case .network: rows = rows.map { $0 === site.activation ? activation : $0 }
    case .branch(let residual) where site.activation === residual.activation: residual.activation = activation
    case .branch(let residual): residual.layers = residual.layers.map { $0 === site.activation ? activation : $0 }
    }
  }
}

extension Site {
  fileprivate static func replace(
    _ old: Normalisation?, by norm: Normalisation?, _ position: NormalisationPosition, around activation: Activation,
    in layers: inout [Layer]
  ) {
    layers.removeAll { $0 === old }
    guard let norm, let place = layers.firstIndex(where: { $0 === activation }) else { return }
    layers.insert(norm, at: position == .before ? place : place + 1)
  }
}

/// A run of layers that makes a site: [Linear], [norm], activation, [norm].
private struct Run {
  let linear: Linear?
  let before: Normalisation?
  let activation: Activation
  let after: Normalisation?

  init?(_ layers: [Layer], from first: Int) {
    let ahead = layers[first...]
    linear = ahead.first as? Linear
    let behindLinear = linear == nil ? ahead : ahead.dropFirst()
    before = behindLinear.first as? Normalisation
    let behindNorm = before == nil ? behindLinear : behindLinear.dropFirst()
    guard let activation = behindNorm.first as? Activation else { return nil }
    self.activation = activation
    after = behindNorm.dropFirst().first as? Normalisation
  }

  var norm: Normalisation? { before ?? after }

  /// The number of layers up to the activation, or to the normalisation behind it.
  var length: Int { (linear == nil ? 0 : 1) + (before == nil ? 0 : 1) + 1 + (before == nil && after != nil ? 1 : 0) }

  func site(_ place: Site.Place, _ row: Int, _ rows: ClosedRange<Int>, features: Int? = nil) -> Site {
    Site(
      linear: linear, row: row, place: place, activation: activation, norm: norm,
      position: before != nil ? .before : after != nil ? .after : nil, features: linear?.outputs ?? features, rows: rows
    )
  }
}
