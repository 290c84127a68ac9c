import Kernels
import Tensors

extension Differentiable {
  /// Multiplies matrices, vectors or stacks of matrices; see `Tensor.matmul`.
  ///
  /// - Throws: as `Tensor.matmul`.
  public static func matmul(_ left: Tensor, _ right: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    guard Anomaly.isWatched || Tape.records([left, right]), left.rank > 0, right.rank > 0 else {
      return try Tensor.matmul(left, right, defaultFloat: defaultFloat)
    }
    let a = left.rank == 1 ? try unsqueeze(left, 0) : left
    let b = right.rank == 1 ? try unsqueeze(right, 1) : right
    var product = try multiply(a, b, left, right, defaultFloat: defaultFloat)
    if right.rank == 1 { product = try squeeze(product, product.rank - 1) }
    if left.rank == 1 { product = try squeeze(product, product.rank - (right.rank == 1 ? 1 : 2)) }
    return product
  }

  /// Multiplies two stacks of matrices; `left` and `right` are what an error names.
  private static func multiply(
    _ a: Tensor, _ b: Tensor, _ left: Tensor, _ right: Tensor, defaultFloat: DType
  ) throws -> Tensor {
    guard a.shape[a.rank - 1] == b.shape[b.rank - 2] else {
      return try Tensor.matmul(left, right, defaultFloat: defaultFloat)
    }
    let (first, second) = ((a.shape, a.dtype), (b.shape, b.dtype))
    let result = try Tensor.matmul(a, b, defaultFloat: defaultFloat)
    let savings: [Saving] = [Tape.follows(b) ? .input(0) : .nothing, Tape.follows(a) ? .input(1) : .nothing]
    return try Tape.record("matmul", result, [a, b], saving: savings) { step in
      let g = step.gradient
      let ofA = step.wants(0) ? try reduce(try matmul(g, try adjoint(try step.saved(1))), to: first.0, first.1) : nil
      let ofB = step.wants(1) ? try reduce(try matmul(try adjoint(try step.saved(0)), g), to: second.0, second.1) : nil
      return [ofA, ofB]
    }
  }

  /// The last two dimensions exchanged.
  static func adjoint(_ x: Tensor) throws -> Tensor { try transpose(x, x.rank - 2, x.rank - 1) }
}
