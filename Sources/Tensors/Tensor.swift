import Kernels

/// An n-dimensional array: a view of a storage with extents, strides and an offset, all in elements.
///
/// Views (rows, ranges, transposes) share their storage with the tensor they were made from.
public final class Tensor {
  /// The memory, shared between views.
  @exclusivity(unchecked)
  public final private(set) var storage: Storage
  /// Where the elements lie, shared between tensors of one shape.
  @usableFromInline
  final let layout: Layout
  /// The index of the first element in the storage.
  public let offset: Int

  /// The gradient that backward passes have accumulated, nil before the first.
  public var gradient: Tensor?
  /// Whether backward passes accumulate a gradient here.
  @exclusivity(unchecked)
  public var requiresGradient = false
  /// The operation on the tape that made this tensor, nil for data; `Gradients` knows its type.
  @exclusivity(unchecked)
  public var producer: AnyObject?
  /// The tensor this one is a view of, itself no view; nil for a tensor that stands for itself.
  ///
  /// Changes in place that the tape records reach through it every view of the same elements.
  @exclusivity(unchecked)
  public final var base: Tensor?
  /// Of a base, how often the tape has recorded a change in place; of a view, the change of its base it has followed.
  @exclusivity(unchecked)
  public final var changesRecorded = 0

  /// Whether an operation on this tensor concerns the tape: a gradient runs to it or through it, or its base has changed on the tape.
  ///
  /// It is asked before every operation, here beside what it reads, so that no access is checked for being exclusive.
  public final var hasHistory: Bool {
    if requiresGradient || producer != nil { return true }
    guard let base else { return false }
    return base.changesRecorded != changesRecorded
  }

  /// Makes a view of a storage; the caller guarantees that every element lies inside it.
  public init(storage: Storage, shape: Extents, strides: Extents, offset: Int = 0) {
    self.storage = storage
    self.layout = Layout(shape, strides)
    self.offset = offset
  }

  /// Makes a contiguous tensor of its own memory, all 0 unless `zeroed` is false.
  ///
  /// - Throws: `TensorError.outOfMemory`, also when the product of the extents overflows.
  public convenience init(_ dtype: DType, _ shape: Extents, zeroed: Bool = true) throws {
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else {
        throw TensorError.outOfMemory(requested: Int.max, live: MemoryAccount.live, limit: MemoryAccount.limit)
      }
      count = product
    }
    let storage = try Storage(dtype, count: count, zeroed: zeroed)
    self.init(storage: storage, shape: shape, strides: shape.contiguousStrides)
  }

  /// Makes a tensor for results, its memory not set, of the dtype and shape of a contiguous one.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  init(asContiguous model: borrowing Tensor) throws {
    storage = try Storage(model.storage.dtype, count: model.count, zeroed: false)
    layout = model.layout
    offset = 0
  }

  /// Makes another tensor of the same elements.
  package init(sharing model: borrowing Tensor) {
    storage = model.storage
    layout = model.layout
    offset = model.offset
  }

  /// Whether nobody else holds the storage.
  @inline(__always)
  final var ownsStorageAlone: Bool { isKnownUniquelyReferenced(&storage) && storage.saves == 0 }

  /// The number of elements along each dimension; empty for a 0-dim tensor.
  public final var shape: Extents { layout.shape }

  /// How many elements apart neighbours along each dimension are; 0 where a dimension was expanded.
  public final var strides: Extents { layout.strides }

  /// The extent of the first dimension, 1 for a 0-dim tensor: `shape[0]` without a copy of the shape.
  @inlinable
  public final var leadingExtent: Int { layout.leadingExtent }

  /// The stride of the first dimension, 1 for a 0-dim tensor.
  @inlinable
  public final var leadingStride: Int { layout.leadingStride }

  /// The number of elements.
  @inlinable
  public final var count: Int { layout.count }

  /// What the elements are.
  @inlinable
  public final var dtype: DType { storage.dtype }

  /// The number of dimensions.
  @inlinable
  public final var rank: Int { layout.rank }

  /// Whether the elements lie one after another in row-major order.
  @inlinable
  public final var isContiguous: Bool { layout.isContiguous }

  /// The address of the first element.
  public var address: UnsafeMutableRawPointer { storage.base + offset * dtype.size }

  /// The first element as a typed pointer; `Element` must be the dtype's Swift type (`Float`, `Double`, `Int64`, `UInt8`).
  public func pointer<Element>(_ type: Element.Type = Element.self) -> UnsafeMutablePointer<Element> {
    address.assumingMemoryBound(to: Element.self)
  }
}
