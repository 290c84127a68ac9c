import Tensors

extension Network {
  /// Every batch normalisation that stands in the network, in the order they are computed.
  public var batchNormalisations: [Normalisation] {
    rows.flatMap(\.batchNormalisations)
  }

  /// The row, from 0, in which a batch normalisation stands; nil for one that stands nowhere in the network.
  func row(of norm: Normalisation) -> Int? {
    rows.firstIndex { row in row.batchNormalisations.contains { $0 === norm } }
  }

  /// The mode of batch normalisation, or `mixed` where normalisations differ.
  ///
  /// `row`, from 0, asks one row alone.
  ///
  /// - Throws: `NetworkError` where no batch normalisation stands.
  public func batchnormMode(row: Int? = nil) throws -> String {
    let modes = try batchNormalisations("batchnorm_mode", row: row).map(\.mode.rawValue)
    return Set(modes).count == 1 ? modes[0] : "mixed"
  }

  /// Sets the mode of every batch normalisation that stands in the network, or of that of `row` (from 0) alone.
  ///
  /// Gamma, beta and the running statistics stay as they are; gradients of a gamma and beta that freeze are dropped.
  ///
  /// - Throws: `NetworkError` where no batch normalisation stands.
  public func batchnormMode(_ mode: NormalisationMode, row: Int? = nil) throws {
    try set(mode, of: try batchNormalisations("batchnorm_mode", row: row), row: row)
  }

  /// Sets the mode of one batch normalisation, as `batchnormMode` does for a row.
  ///
  /// - Throws: `NetworkError` for another kind, and for one that doesn't stand in the network now.
  public func batchnormMode(_ mode: NormalisationMode, of norm: Normalisation) throws {
    _ = try Normalisation.checkedMode(mode, norm.type, "batchnorm_mode")
    guard let row = row(of: norm) else {
      throw NetworkError.expected(
        "batchnorm_mode", "a batch normalisation that stands in the network", "\(norm.description), which was taken out"
      )
    }
    try set(mode, of: [norm], row: row)
  }

  private func set(_ mode: NormalisationMode, of norms: [Normalisation], row: Int?) throws {
    try note("batchnorm_mode(\"\(mode)\")", row)
    for norm in norms { norm.mode = mode }
    structureChanged()
  }

  /// The batch normalisations in the network, or those of a row; in a Sequential also that of the row's activation.
  private func batchNormalisations(_ who: String, row: Int?) throws -> [Normalisation] {
    guard let row else {
      let all = batchNormalisations
      guard !all.isEmpty else {
        throw NetworkError.expected(
          who, "a network with batch normalisation", "none in \(rows.count) layers; batchnorm(\"before\") puts it in")
      }
      return all
    }
    guard rows.indices.contains(row) else {
      throw NetworkError.expected(who, "a layer with batch normalisation", "layer \(row + 1) of \(rows.count)")
    }
    let own = rows[row].batchNormalisations
    let near = (try? sites(who, row: row))?.compactMap(\.norm).filter { $0.type == .batch } ?? []
    guard let norms = [own, near].first(where: { !$0.isEmpty }) else {
      throw NetworkError.expected(who, "a layer with batch normalisation", "layer \(label(row))")
    }
    return norms
  }
}

extension Layer {
  /// The batch normalisations of the layer, in the order they are computed.
  var batchNormalisations: [Normalisation] {
    components.compactMap { $0 as? Normalisation }.filter { $0.type == .batch }
  }

  /// The gammas and betas that the modes of their normalisations keep from training.
  var fixedByMode: Set<ObjectIdentifier> {
    Set(batchNormalisations.filter { !$0.trainsAffine }.flatMap(\.parameters).map { ObjectIdentifier($0.tensor) })
  }
}

extension Normalisation {
  /// Sets the mode: by surgery, which `undo` takes back, where the layer is part of a network.
  ///
  /// - Throws: `NetworkError` for anything but batch normalisation, and for one that surgery has taken out.
  public func setMode(_ mode: NormalisationMode) throws {
    if let owner { return try owner.batchnormMode(mode, of: self) }
    self.mode = try Normalisation.checkedMode(mode, type, "batchnorm_mode") ?? .auto
  }
}
