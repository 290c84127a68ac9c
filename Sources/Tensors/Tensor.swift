import Kernels

/// An n-dimensional array: a view of a storage with extents, strides and an offset, all in elements.
///
/// Views (rows, ranges, transposes) share their storage with the tensor they were made from.
public final class Tensor {
  /// The memory, shared between views.
  public let storage: Storage
  /// The number of elements along each dimension; empty for a 0-dim tensor.
  public let shape: Extents
  /// How many elements apart neighbours along each dimension are; 0 where a dimension was expanded.
  public let strides: Extents
  /// The index of the first element in the storage.
  public let offset: Int
  /// The number of elements.
  public let count: Int

  /// The gradient that backward passes have accumulated, nil before the first.
  public var gradient: Tensor?
  /// Whether backward passes accumulate a gradient here.
  public var requiresGradient = false
  /// The operation on the tape that made this tensor, nil for data; `Gradients` knows its type.
  public var producer: AnyObject?
  /// The tensor this one is a view of, itself no view; nil for a tensor that stands for itself.
  ///
  /// Changes in place that the tape records reach through it every view of the same elements.
  public final var base: Tensor?
  /// Of a base, how often the tape has recorded a change in place; of a view, the change of its base it has followed.
  public final var changesRecorded = 0

  /// Makes a view of a storage; the caller guarantees that every element lies inside it.
  public init(storage: Storage, shape: Extents, strides: Extents, offset: Int = 0) {
    self.storage = storage
    self.shape = shape
    self.strides = strides
    self.offset = offset
    self.count = shape.product
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

  /// What the elements are.
  public var dtype: DType { storage.dtype }

  /// The number of dimensions.
  public var rank: Int { shape.count }

  /// Whether the elements lie one after another in row-major order.
  public var isContiguous: Bool {
    if count <= 1 { return true }
    var step = 1
    for dimension in stride(from: rank - 1, through: 0, by: -1) where shape[dimension] != 1 {
      if strides[dimension] != step { return false }
      step *= shape[dimension]
    }
    return true
  }

  /// The address of the first element.
  public var address: UnsafeMutableRawPointer { storage.base + offset * dtype.size }

  /// The first element as a typed pointer; `Element` must be the dtype's Swift type (`Float`, `Double`, `Int64`, `UInt8`).
  public func pointer<Element>(_ type: Element.Type = Element.self) -> UnsafeMutablePointer<Element> {
    address.assumingMemoryBound(to: Element.self)
  }
}
