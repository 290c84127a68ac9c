import Kernels
import RealModule

/// The factors `P A = L U` of square matrices by partial pivoting: they solve any number of equations and give determinants.
public struct LUFactors {
  private let factors: ColumnMajor
  private let pivots: Storage
  /// For each matrix the first pivot that is zero, from 1; 0 when there is none, -1 where numbers aren't finite.
  private let states: Storage

  /// Factors the matrices `[..., n, n]` by getrf; singular ones are factored too.
  ///
  /// - Throws: `TensorError` in the name of `operation` for other than square matrices, and without memory.
  public init(_ a: Tensor, _ operation: String = "linalg.lu", defaultFloat: DType = .float32) throws {
    let factors = try ColumnMajor(copying: try a.asMatrices(operation, square: true, defaultFloat))
    self.factors = factors
    let (n, count) = (factors.rows, factors.matrices)
    pivots = try Storage(.int64, count: n * count, zeroed: false)
    states = try Storage(.int64, count: count)
    let state = states.base.assumingMemoryBound(to: Int64.self)
    try factors.forEachMatrix { index in
      // a search for the largest of NaNs can end outside the matrix
      guard try factors.isFinite(index) else { return state[index] = -1 }
      let (this, dtype) = (self, factors.dtype)
      state[index] = try AbandonableWork.run(steps: factors.steps) {
        Int64(LAPACK.lu(dtype, n, this.factors.matrix(index), pivots: this.pivotIndices(index)))
      }
    }
  }

  /// The dtype of the factors.
  public var dtype: DType { factors.dtype }

  private func pivotIndices(_ index: Int) -> UnsafeMutablePointer<PivotIndex> {
    pivots.base.assumingMemoryBound(to: PivotIndex.self) + index * factors.rows
  }

  private func state(_ index: Int) -> Int { Int(states.base.assumingMemoryBound(to: Int64.self)[index]) }

  /// Which matrices have a pivot that is zero: a mask `[...]`.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func singular() throws -> Tensor {
    let mask = try Tensor(.bool, factors.batch)
    for index in 0..<factors.matrices where state(index) > 0 { mask.store(1.0, at: index) }
    return mask
  }

  /// Refuses singular matrices, and NaN and infinity.
  ///
  /// - Throws: `TensorError` that names the pivot, and the matrix of a batch.
  public func requireNonsingular(_ operation: String) throws {
    for index in 0..<factors.matrices where state(index) != 0 {
      let pivot = state(index)
      throw TensorError.expected(
        operation: operation, expected: pivot < 0 ? "finite numbers" : "a nonsingular matrix",
        got: pivot < 0
          ? "NaN or infinity in \(factors.batch.isEmpty ? "the matrix" : factors.name(of: index))"
          : "\(factors.name(of: index)) whose pivot \(pivot) is zero")
    }
  }

  /// Solves `A X = B`, or `A^T X = B`, for `B` of `[..., n, k]` whose leading dimensions broadcast with A's.
  ///
  /// NaN and infinity in B spread along their columns.
  ///
  /// - Throws: `TensorError` in the name of `operation` when A is singular or shapes don't agree.
  public func solve(_ b: Tensor, transposed: Bool = false, _ operation: String = "linalg.solve") throws -> Tensor {
    let sides = try b.to(dtype).asMatrices(operation, dtype)
    let n = factors.rows
    try LinearAlgebra.requireRows(sides, n, factors.tensor, operation)
    let batch = try Extents.broadcast(factors.batch, sides.batch, operation)
    try requireNonsingular(operation)
    let x = try ColumnMajor(
      copying: try sides.broadcast(to: try Extents.checked(Array(batch) + sides.shape.suffix(2), operation)))
    try x.forEachMatrix { index in
      let own = factors.index(of: index, in: batch)
      try AbandonableWork.run(steps: factors.steps(with: x)) {
        LAPACK.solve(
          dtype, transposed: transposed, n, columns: x.columns, lu: factors.matrix(own), pivots: pivotIndices(own),
          b: x.matrix(index))
      }
    }
    return try x.tensor.contiguous()
  }

  /// The determinants `[...]`: the product of the pivots, computed without over- or underflow on the way.
  ///
  /// It is 1 for a matrix without elements, 0 for one with a zero pivot, and NaN where a number isn't finite.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func determinant() throws -> Tensor {
    let result = try Tensor(dtype, factors.batch).fill(1)
    try factors.forEachMatrix { index in
      var (fraction, exponent) = (1.0, 0)
      for pivot in try pivotValues(index) {
        fraction *= pivot
        guard fraction.isFinite, fraction != 0 else { continue }
        exponent += Int(fraction.exponent)
        fraction = Double(sign: fraction.sign, exponent: 0, significand: fraction.significand)
      }
      result.store(
        Double(sign: .plus, exponent: Swift.max(-5000, Swift.min(exponent, 5000)), significand: fraction), at: index)
    }
    return result
  }

  /// The signs of the determinants, 1, -1 or 0, and the logarithms of their absolute values, -infinity where they are 0.
  ///
  /// Both are NaN where a number isn't finite.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  public func signAndLogarithm() throws -> (sign: Tensor, logarithm: Tensor) {
    let sign = try Tensor(dtype, factors.batch).fill(1)
    let logarithm = try Tensor(dtype, factors.batch)
    try factors.forEachMatrix { index in
      var (negative, sum) = (false, 0.0)
      for pivot in try pivotValues(index) {
        if pivot < 0 { negative.toggle() }
        sum += Double.log(Swift.abs(pivot))
      }
      sign.store(sum.isNaN ? .nan : sum == -.infinity ? 0 : negative ? -1 : 1, at: index)
      logarithm.store(sum, at: index)
    }
    return (sign, logarithm)
  }

  /// The diagonal of U, the first number negated after an odd number of exchanges; 0 for a singular matrix.
  private func pivotValues(_ index: Int) throws -> [Double] {
    if state(index) != 0 { return [state(index) > 0 ? 0 : .nan] }
    let (n, exchanges) = (factors.rows, pivotIndices(index))
    var values = (0..<n).map { factors.tensor.load(at: index * n * n + $0 * (n + 1)) }
    let odd = (0..<n).count { Int(exchanges[$0]) != $0 + 1 } % 2 == 1
    if odd { values[0].negate() }
    return values
  }
}
