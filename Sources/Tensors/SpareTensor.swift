/// A small tensor that its last holder has dropped, kept for the next result of its dtype and shape.
///
/// A loop over small tensors drops one for each that it makes, and spends more on freeing and allocating than on the numbers.
/// Belongs to one thread.
public final class SpareTensor {
  /// The most bytes of elements that are kept.
  static let sizeLimit = 1024

  @exclusivity(unchecked)
  private final var tensor: Tensor?

  /// Makes an empty place.
  public init() {}

  /// Keeps a tensor if nobody else holds it or its memory, in the place of the one kept before.
  @inline(__always)
  public final func offer(_ dropped: consuming Tensor) {
    if !isKnownUniquelyReferenced(&dropped) || !dropped.isReusable { return }
    tensor = dropped
  }

  /// Takes the tensor if it has the dtype and shape of a contiguous model; its elements are arbitrary.
  @inline(__always)
  final func take(like model: borrowing Tensor) -> Tensor? {
    guard let found = tensor, found.storage.dtype == model.storage.dtype,
      found.layout.hasShape(of: model.layout)
    else { return nil }
    tensor = nil
    return found
  }

  /// Lets the tensor go.
  public final func clear() { tensor = nil }
}

extension Tensor {
  /// Whether nothing is known of this tensor that a new one would not have, and nobody shares its memory.
  @inline(__always)
  fileprivate final var isReusable: Bool {
    storage.bytes <= SpareTensor.sizeLimit && isContiguous && !hasHistory && base == nil && gradient == nil
      && changesRecorded == 0 && offset == 0 && count == storage.count && ownsStorageAlone
  }
}
