import Kernels
import Tensors

/// The operations of tensors as the tape knows them: each forward stands beside the rule of its backward.
///
/// They compute what `Tensor`'s functions of the same name do, with the same errors, and leave a trace where an input is on
/// the tape. Where no input is, they cost a test. Every rule is written in these operations again: gradients have gradients.
public enum Differentiable {
  /// A gradient brought back to the shape and dtype of an operand that was broadcast or converted.
  static func reduce(_ gradient: Tensor, to shape: Extents, _ dtype: DType) throws -> Tensor {
    try to(try sum(gradient, to: shape), dtype)
  }

  /// Sums a tensor over the dimensions by which `shape` was broadcast to its shape.
  static func sum(_ tensor: Tensor, to shape: Extents) throws -> Tensor {
    if tensor.shape == shape { return tensor }
    let lead = tensor.rank - shape.count
    let repeated = (0..<tensor.rank).filter { $0 < lead || (shape[$0 - lead] == 1 && tensor.shape[$0] != 1) }
    let total = repeated.isEmpty ? tensor : try reduced(.sum, tensor, along: repeated, keepDimensions: true)
    return total.shape == shape ? total : try reshape(total, shape)
  }

  /// Zeros of a shape and dtype.
  static func zeros(_ shape: Extents, _ dtype: DType) throws -> Tensor { try Tensor(dtype, shape) }

  /// Converts to another dtype; see `Tensor.to`.
  ///
  /// Integers and masks have no gradient.
  ///
  /// - Throws: as `Tensor.to`.
  public static func to(_ x: Tensor, _ dtype: DType) throws -> Tensor {
    if x.dtype == dtype { return x }
    let source = x.dtype
    let result = try x.to(dtype)
    guard dtype.isFloat else { return result }
    return try Tape.record("to", result, [x]) { [try to($0.gradient, source)] }
  }

  /// Copies a tensor; see `Tensor.clone`.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public static func clone(_ x: Tensor) throws -> Tensor {
    try Tape.record("clone", try x.clone(), [x]) { [$0.gradient] }
  }

  /// Makes a tensor contiguous; see `Tensor.contiguous`.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public static func contiguous(_ x: Tensor) throws -> Tensor { x.isContiguous ? x : try clone(x) }

  /// A tensor of one value with the history of `x`, which it doesn't depend on any more.
  ///
  /// - Throws: as `Tensor.fill`.
  public static func filled(_ x: Tensor, _ value: Scalar) throws -> Tensor {
    let (shape, dtype) = (x.shape, x.dtype)
    return try Tape.record("fill", try Tensor(dtype, shape, zeroed: false).fill(value), [x]) { _ in
      [try zeros(shape, dtype)]
    }
  }

  /// Copies the elements of `source` here, broadcast and converted; see `Tensor.copy`.
  ///
  /// - Throws: as `Tensor.copy`, and `GradientError.leafChange`.
  public static func copy(_ source: Tensor, to target: Tensor, _ operation: String = "copy_") throws {
    try InPlace.change(operation, target, with: [source]) {
      try target.copy(from: source)
    } recorded: {
      let values = try expand(try to(source, $0.dtype), to: $0.shape)
      // a leaf copied whole stays the leaf: the target takes the history of a result of it
      guard values === source else { return values }
      return try Tape.record(operation, values.alias(), [values]) { [$0.gradient] }
    }
  }

  /// Sets every element to one value; see `Tensor.fill`.
  ///
  /// - Throws: as `Tensor.fill`.
  public static func fill(_ target: Tensor, _ value: Scalar, _ operation: String = "fill_") throws {
    try InPlace.change(operation, target) {
      try target.fill(value)
    } recorded: {
      try filled($0, value)
    }
  }
}
