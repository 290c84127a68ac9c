import Gradients
import Tensors

extension Parameter {
  fileprivate static let diagonal = Parameter(
    "diagonal", .integer, default: "0", "which diagonal: 0 the main one, 1 the next to the right, -1 the next below")
}

extension Call {
  fileprivate func diagonal() throws -> Int { argument(0).isAbsent ? 0 : try integer(0) }

  /// An option as a dimension from 0.
  fileprivate func dimension(_ name: String, default fallback: Int) throws -> Int {
    if option(name).isAbsent { return fallback }
    return try dimension(option(name), rank: object(Tensor.self).rank)
  }
}

extension FunctionRecord {
  /// Methods of vectors and matrices: products, diagonals, triangles.
  static let matrixMethods: [FunctionRecord] = [dot, outer, bmm, diagonal, diag, trace, tril, triu]

  private static let dot = FunctionRecord(
    "tensor:dot", "Multiplies two vectors element by element and sums.",
    [Parameter("other", .tensor, "a vector of the same length")],
    returns: "a 0-dim tensor; of whole numbers int64", errors: "other than vectors, lengths that differ",
    example: "assert(sonde.tensor{1, 2}:dot(sonde.tensor{3, 4}):item() == 11)", receiver: .tensor
  ) { call in try call.push(try Differentiable.dot(call.object(), try call.tensor(0))) }

  private static let outer = FunctionRecord(
    "tensor:outer", "Multiplies every element of a vector by every element of another.",
    [Parameter("other", .tensor, "a vector [n]")], returns: "a tensor [m, n]", errors: "other than vectors",
    example: "assert(sonde.tensor{1, 2}:outer(sonde.tensor{3, 4})[2][1] == 6)", receiver: .tensor
  ) { call in try call.push(try Differentiable.outer(call.object(), try call.tensor(0))) }

  private static let bmm = FunctionRecord(
    "tensor:bmm", "Multiplies two stacks of matrices, without broadcasting.",
    [Parameter("other", .tensor, "a tensor [batch, k, n]")], returns: "a tensor [batch, m, n]",
    errors: "other than 3 dimensions, batches or inner extents that differ",
    example: "assert(sonde.ones(5, 2, 3):bmm(sonde.ones(5, 3, 4))[5][2][4] == 3)", receiver: .tensor
  ) { call in try call.push(try Differentiable.batchedMatmul(call.object(), try call.tensor(0))) }

  private static let diagonal = FunctionRecord(
    "tensor:diagonal", "Views a diagonal of two dimensions, without copying; writing to it changes the tensor.",
    [.diagonal],
    options: [
      Parameter("dim1", .integer, default: "1", "the dimension that counts rows"),
      Parameter("dim2", .integer, default: "2", "the dimension that counts columns"),
    ],
    returns: "a view whose last dimension is the diagonal", errors: "fewer than 2 dimensions, one dimension twice",
    example: "local m = sonde.zeros(3, 3); m:diagonal():fill_(2); assert(m[3][3] == 2 and m[1][2] == 0)",
    receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    return try call.push(
      try Differentiable.diagonal(
        tensor, try call.diagonal(), first: try call.dimension("dim1", default: 0),
        second: try call.dimension("dim2", default: 1)))
  }

  private static let diag = FunctionRecord(
    "tensor:diag", "Makes a square matrix with a vector on its diagonal, or copies the diagonal of a matrix.",
    [.diagonal], returns: "a new tensor", errors: "other than vectors and matrices",
    example: "assert(sonde.tensor{1, 2}:diag()[2][2] == 2 and #sonde.eye(3):diag(1) == 2)", receiver: .tensor
  ) { call in try call.push(try Differentiable.diag(call.object(), try call.diagonal())) }

  private static let trace = FunctionRecord(
    "tensor:trace", "Sums the main diagonal of a matrix.", returns: "a 0-dim tensor; of whole numbers int64",
    errors: "other than matrices", example: "assert(sonde.eye(3):trace():item() == 3)", receiver: .tensor
  ) { call in try call.push(try Differentiable.trace(call.object())) }

  private static let tril = FunctionRecord(
    "tensor:tril", "Copies matrices with 0 above a diagonal.", [.diagonal], returns: "a new tensor",
    errors: "fewer than 2 dimensions",
    example: "local l = sonde.ones(2, 2):tril(); assert(l[1][2] == 0 and l[2][1] == 1)", receiver: .tensor
  ) { call in try call.push(try Differentiable.lowerTriangle(call.object(), try call.diagonal())) }

  private static let triu = FunctionRecord(
    "tensor:triu", "Copies matrices with 0 below a diagonal.", [.diagonal], returns: "a new tensor",
    errors: "fewer than 2 dimensions",
    example: "local u = sonde.ones(2, 2):triu(1); assert(u[1][2] == 1 and u[1][1] == 0)", receiver: .tensor
  ) { call in try call.push(try Differentiable.upperTriangle(call.object(), try call.diagonal())) }
}
