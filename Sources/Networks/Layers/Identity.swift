/// Passes its input on unchanged.
public final class Identity: Layer {
  /// Makes an identity.
  public override init() {
    super.init()
  }

  /// The kind, `Identity`.
  public override var kind: String { "Identity" }

  override func copy(_ copies: Copies) throws -> Layer { Identity() }
}

/// Lays the dimensions behind the batch out as features: `[batch, ...]` becomes `[batch, features]`, in row-major order.
///
/// At the start of a network it admits inputs of more than two dimensions; elsewhere it changes nothing.
public final class Flatten: Layer {
  /// Makes a layer that flattens.
  public override init() {
    super.init()
  }

  /// The kind, `Flatten`.
  public override var kind: String { "Flatten" }

  override func copy(_ copies: Copies) throws -> Layer { Flatten() }
}
