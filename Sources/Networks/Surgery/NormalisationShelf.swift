import Tensors

/// The normalisations one place in a network has ever had, kept while off so that they come back as they were.
///
/// Gamma and beta belong to the kind, running statistics to the kind and the position.
final class NormalisationShelf {
  private struct Key: Hashable {
    let type: NormalisationKind
    let position: NormalisationPosition
  }

  private var kept: [Key: Normalisation] = [:]

  /// Where a normalisation of each kind last stood.
  var lastPosition: [NormalisationKind: NormalisationPosition] = [:]

  /// The normalisation of that kind and position, nil if there never was one.
  func find(_ type: NormalisationKind, _ position: NormalisationPosition) -> Normalisation? {
    kept[Key(type: type, position: position)]
  }

  /// Keeps a normalisation that was made elsewhere.
  func keep(_ norm: Normalisation, _ position: NormalisationPosition) {
    kept[Key(type: norm.type, position: position)] = norm
    lastPosition[norm.type] = position
  }

  /// Everything kept, in a stable order.
  var all: [Normalisation] {
    NormalisationKind.allCases.flatMap { type in
      NormalisationPosition.allCases.compactMap { find(type, $0) }
    }
  }

  /// The kept normalisation, else one that shares gamma and beta with that of the other position, else a new one.
  func take(
    _ type: NormalisationKind, _ position: NormalisationPosition, make: () throws -> Normalisation
  ) throws -> Normalisation {
    let other = find(type, position == .before ? .after : .before)
    if let norm = find(type, position) {
      // settings belong to the kind: what the other position was given since holds here too
      if let other, lastPosition[type] != position { norm.takeSettings(of: other) }
      return norm
    }
    let norm = try other.map { try Normalisation(sharingAffineWith: $0) } ?? make()
    keep(norm, position)
    return norm
  }

  /// A deep copy of everything kept.
  func copy(_ copies: Copies) throws -> NormalisationShelf {
    let shelf = NormalisationShelf()
    for (key, norm) in kept { shelf.kept[key] = try copies.layer(norm) }
    shelf.lastPosition = lastPosition
    return shelf
  }
}
