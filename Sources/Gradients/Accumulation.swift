import Kernels
import Tensors

/// Adding gradients together, whatever their layouts.
public enum Accumulation {
  /// Makes zeros with the shape and, where `tensor` covers one dense block of memory, the strides of `tensor`.
  ///
  /// A gradient with its parameter's layout lets an optimiser walk both as flat buffers.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public static func zeros(like tensor: Tensor) throws -> Tensor { try like(tensor, zeroed: true) }

  /// Makes the same of arbitrary numbers.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public static func room(like tensor: Tensor) throws -> Tensor { try like(tensor, zeroed: false) }

  private static func like(_ tensor: Tensor, zeroed: Bool) throws -> Tensor {
    guard isDense(tensor) else { return try Tensor(tensor.dtype, tensor.shape, zeroed: zeroed) }
    let storage = try Storage(tensor.dtype, count: tensor.count, zeroed: zeroed)
    return Tensor(storage: storage, shape: tensor.shape, strides: tensor.strides)
  }

  /// Whether the elements fill one block of memory without gaps or overlaps, in any order of dimensions.
  public static func isDense(_ tensor: Tensor) -> Bool {
    let (shape, strides) = (tensor.shape, tensor.strides)
    // without an array: every step of a training asks
    for dimension in 0..<shape.count where shape[dimension] != 1 {
      var closer = 1
      for other in 0..<shape.count where other != dimension && strides[other] <= strides[dimension] {
        closer *= shape[other]
      }
      if strides[dimension] != closer { return false }
    }
    return true
  }

  /// The sum of two gradients of one shape, in memory of its own.
  static func sum(_ left: Tensor, _ right: Tensor) throws -> Tensor {
    let total = try zeros(like: left)
    add(left, to: total)
    add(right, to: total)
    return total
  }

  /// Adds `part` to `total` in place; both have one shape and one floating-point dtype.
  static func add(_ part: Tensor, to total: Tensor) {
    if let type = total.dtype.floatType { add(part, to: total, type) }
  }

  private static func add<T: FloatElement>(_ part: Tensor, to total: Tensor, _ type: T.Type) {
    let (source, target) = (part.pointer(T.self), total.pointer(T.self))
    if part.strides == total.strides, isDense(part) {
      AffineKernels.accumulate(source, into: target, count: part.count)
    } else {
      addStrided(part, to: total, source, target)
    }
  }

  /// Walks both tensors in logical order with an odometer; only gradients of unusual layout come here.
  private static func addStrided<T: FloatElement>(
    _ part: Tensor, to total: Tensor, _ source: UnsafeMutablePointer<T>, _ target: UnsafeMutablePointer<T>
  ) {
    var index = Extents(repeating: 0, count: part.rank)
    for _ in 0..<part.count {
      var (from, to) = (0, 0)
      for dimension in 0..<part.rank {
        from += index[dimension] * part.strides[dimension]
        to += index[dimension] * total.strides[dimension]
      }
      target[to] = target[to] + source[from]
      var dimension = part.rank - 1
      while dimension >= 0 {
        index[dimension] += 1
        if index[dimension] < part.shape[dimension] { break }
        index[dimension] = 0
        dimension -= 1
      }
    }
  }
}
