import Kernels

/// Least squares under way: both sides where LAPACK reads them and leaves its results.
struct LeastSquaresProblem {
  private static let operation = "linalg.lstsq"

  private let matrix: ColumnMajor
  /// The right-hand sides in the first m rows before, the solution in the first n rows after.
  private let sides: ColumnMajor
  private let columns: Int
  private let ranks: Tensor
  private let values: Tensor

  /// Copies both sides, which have one float dtype, broadcast to a batch.
  init(_ left: Tensor, _ right: Tensor, _ batch: Extents) throws {
    func shape(_ last: [Int]) throws -> Extents {
      try Extents.checked(Array(batch) + last, LeastSquaresProblem.operation)
    }
    let (m, n) = (left.shape[left.rank - 2], left.shape[left.rank - 1])
    columns = right.shape[right.rank - 1]
    matrix = try ColumnMajor(copying: try left.broadcast(to: try shape([m, n])))
    // LAPACK wants at least one right-hand side
    sides = try ColumnMajor(left.dtype, batch, rows: Swift.max(m, n), columns: Swift.max(columns, 1))
    try sides.tensor.narrow(batch.count, 0, m).narrow(batch.count + 1, 0, columns)
      .write(try right.broadcast(to: try shape([m, columns])))
    ranks = try Tensor(.int64, batch)
    values = try Tensor(left.dtype, try shape([Swift.min(m, n)]))
  }

  func solve(_ tolerance: Double?) throws {
    let (m, n, dtype) = (matrix.rows, matrix.columns, matrix.dtype)
    // without equations the solution is 0, as it is already, and without unknowns it is empty
    if values.count == 0 { return }
    try matrix.requireFinite(LeastSquaresProblem.operation)
    try sides.requireFinite(LeastSquaresProblem.operation)
    let limit = tolerance ?? Double(Swift.max(m, n)) * dtype.epsilon
    let work = try LAPACK.leastSquaresWorkspace(
      dtype, LeastSquaresProblem.operation, rows: m, columns: n, sides: sides.columns)
    try matrix.forEachMatrix { index in
      let (matrix, sides, values) = (matrix, sides, values)
      let rank = try AbandonableWork.run(steps: matrix.steps + matrix.steps(with: sides)) {
        LAPACK.leastSquares(
          dtype, rows: m, columns: n, sides: sides.columns, matrix.matrix(index), b: sides.matrix(index),
          s: values.address + index * Swift.min(m, n) * dtype.size, tolerance: limit, work)
      }
      guard let rank else { throw LinearAlgebra.unfinished(LeastSquaresProblem.operation, matrix, index) }
      ranks.store(Int64(rank), at: index)
    }
  }

  func result(isVector: Bool) throws -> LeastSquares {
    let (m, n, batchRank) = (matrix.rows, matrix.columns, ranks.rank)
    let wanted = try sides.tensor.narrow(batchRank + 1, 0, columns)
    let solution = try wanted.narrow(batchRank, 0, n)
    var residuals = try Tensor(matrix.dtype, [0])
    if m > n,
      try (0..<ranks.count).allSatisfy({
        try Interrupt.check(); return ranks.loadInteger(at: $0) == n
      })
    {
      // the rows below the solution hold what remains of the right-hand sides
      let rest = try wanted.narrow(batchRank, n, m - n)
      residuals = try Tensor.apply(.multiply, rest, rest).reduced(.sum, along: [batchRank])
    }
    return LeastSquares(
      solution: try isVector ? solution.squeeze(batchRank + 1).clone() : solution.clone(), residuals: residuals,
      rank: ranks, singularValues: values)
  }
}

extension DType {
  /// The distance from 1 to the next larger number of a float dtype.
  var epsilon: Double { self == .float32 ? Double(Float.ulpOfOne) : Double.ulpOfOne }
}
