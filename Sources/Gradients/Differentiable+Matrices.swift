import Kernels
import Tensors

extension Differentiable {
  /// Multiplies two stacks of matrices; see `Tensor.batchedMatmul`.
  ///
  /// - Throws: as `Tensor.batchedMatmul`.
  public static func batchedMatmul(_ left: Tensor, _ right: Tensor, defaultFloat: DType = .float32) throws -> Tensor {
    guard left.rank == 3, right.rank == 3, left.shape[0] == right.shape[0], left.shape[2] == right.shape[1] else {
      return try Tensor.batchedMatmul(left, right)
    }
    return try matmul(left, right, defaultFloat: defaultFloat)
  }

  /// Multiplies two vectors and sums; see `Tensor.dot`.
  ///
  /// - Throws: as `Tensor.dot`.
  public static func dot(_ left: Tensor, _ right: Tensor) throws -> Tensor {
    guard left.rank == 1, left.shape == right.shape else { return try Tensor.dot(left, right) }
    return try matmul(left, right)
  }

  /// Multiplies every element of one vector by every element of another; see `Tensor.outer`.
  ///
  /// - Throws: as `Tensor.outer`.
  public static func outer(_ left: Tensor, _ right: Tensor) throws -> Tensor {
    guard left.rank == 1, right.rank == 1 else { return try Tensor.outer(left, right) }
    return try apply(.multiply, try unsqueeze(left, 1), try unsqueeze(right, 0))
  }

  /// Views a diagonal; see `Tensor.diagonal`.
  ///
  /// - Throws: as `Tensor.diagonal`.
  public static func diagonal(_ x: Tensor, _ diagonal: Int = 0, first: Int = 0, second: Int = 1) throws -> Tensor {
    try view("diagonal", x) { try $0.diagonal(diagonal, first: first, second: second) }
  }

  /// Makes a matrix of a vector or copies a matrix's diagonal; see `Tensor.diag`.
  ///
  /// - Throws: as `Tensor.diag`.
  public static func diag(_ x: Tensor, _ diagonal: Int = 0) throws -> Tensor {
    let (result, shape) = (try x.diag(diagonal), x.shape)
    return try Tape.record("diag", result, [x]) { step in
      if shape.count == 1 { return [try diag(step.gradient, diagonal)] }
      return [try spread(step.gradient, onto: shape, diagonal)]
    }
  }

  /// A matrix of `shape` with a vector on a diagonal.
  private static func spread(_ x: Tensor, onto shape: Extents, _ diagonal: Int) throws -> Tensor {
    let whole = try zeros(shape, x.dtype)
    try whole.diagonal(diagonal).copy(from: x)
    return try Tape.record("diag", whole, [x]) { [try diag($0.gradient, diagonal)] }
  }

  /// Sums the main diagonal; see `Tensor.trace`.
  ///
  /// - Throws: as `Tensor.trace`.
  public static func trace(_ x: Tensor) throws -> Tensor {
    guard x.rank == 2 else { return try x.trace() }
    return try reduced(.sum, try diagonal(x))
  }

  /// Copies the lower triangles; see `Tensor.lowerTriangle`.
  ///
  /// - Throws: as `Tensor.lowerTriangle`.
  public static func lowerTriangle(_ x: Tensor, _ diagonal: Int = 0) throws -> Tensor {
    try Tape.record("tril", try x.lowerTriangle(diagonal), [x]) { [try lowerTriangle($0.gradient, diagonal)] }
  }

  /// Copies the upper triangles; see `Tensor.upperTriangle`.
  ///
  /// - Throws: as `Tensor.upperTriangle`.
  public static func upperTriangle(_ x: Tensor, _ diagonal: Int = 0) throws -> Tensor {
    try Tape.record("triu", try x.upperTriangle(diagonal), [x]) { [try upperTriangle($0.gradient, diagonal)] }
  }
}
