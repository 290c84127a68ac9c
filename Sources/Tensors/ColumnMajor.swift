import Kernels

/// Matrices `[..., rows, columns]` in memory of their own, one after another, each in column-major order as LAPACK reads them.
struct ColumnMajor {
  /// The matrices as a tensor, whose strides say the order.
  let tensor: Tensor
  let dtype: DType
  let batch: Extents
  let rows: Int
  let columns: Int
  /// How many matrices there are; 0 when they have no elements, for which there may be any number of them.
  let matrices: Int
  private let bytesPerMatrix: Int

  /// Makes matrices of the extents given.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  init(_ dtype: DType, _ batch: Extents, rows: Int, columns: Int, zeroed: Bool = true) throws {
    let stored = try Tensor(dtype, Extents(Array(batch) + [columns, rows]), zeroed: zeroed)
    tensor = try stored.transpose(batch.count, batch.count + 1)
    (self.dtype, self.batch, self.rows, self.columns) = (dtype, batch, rows, columns)
    matrices = tensor.count == 0 ? 0 : tensor.count / (rows * columns)
    bytesPerMatrix = tensor.count == 0 ? 0 : rows * columns * dtype.size
  }

  /// Copies the last two dimensions of a tensor as matrices.
  ///
  /// - Throws: `TensorError.outOfMemory`.
  init(copying source: Tensor) throws {
    try self.init(
      source.dtype, source.batch, rows: source.shape[source.rank - 2], columns: source.shape[source.rank - 1],
      zeroed: false)
    try tensor.write(source)
  }

  /// The first element of matrix `index`.
  func matrix(_ index: Int) -> UnsafeMutableRawPointer { tensor.address + index * bytesPerMatrix }

  /// About how many multiplications a decomposition of one of them takes.
  var steps: Double { Double(rows) * Double(columns) * Double(Swift.min(rows, columns)) }

  /// About how many multiplications it takes to solve for the columns of `sides` by one of them.
  func steps(with sides: ColumnMajor) -> Double { Double(rows) * Double(columns) * Double(sides.columns) }

  /// Calls `body` with the number of each matrix, answering Ctrl-C between them.
  func forEachMatrix(_ body: (Int) throws -> Void) throws {
    for index in 0..<matrices {
      try Interrupt.check()
      try body(index)
    }
  }

  /// Whether every number of matrix `index` is finite.
  func isFinite(_ index: Int) throws -> Bool { try firstNotFinite(index) == nil }

  private func firstNotFinite(_ index: Int) throws -> Int? {
    let count = rows * columns
    return switch dtype {
    case .float32:
      try MatrixKernels.firstNotFinite(matrix(index).assumingMemoryBound(to: Float.self), count: count)
    default: try MatrixKernels.firstNotFinite(matrix(index).assumingMemoryBound(to: Double.self), count: count)
    }
  }

  /// Refuses NaN and infinity, which LAPACK may answer with an endless loop.
  ///
  /// - Throws: `TensorError` in the name of `operation` that names the place, and `Interrupted`.
  func requireFinite(_ operation: String) throws {
    try forEachMatrix { index in
      guard let place = try firstNotFinite(index) else { return }
      let value = tensor.load(at: index * rows * columns + place)
      let position = "row \(place % rows + 1), column \(place / rows + 1)"
      throw TensorError.expected(
        operation: operation, expected: "finite numbers",
        got: "\(value.isNaN ? "NaN" : "\(value)") at \(position)\(batch.isEmpty ? "" : " of \(name(of: index))")")
    }
  }

  /// How messages name matrix `index`, from 1: `one` when it is alone, `matrix 3`, or `matrix [2, 1]` in several dimensions.
  func name(of index: Int) -> String {
    if batch.isEmpty { return "one" }
    var (place, rest) = (batch, index)
    for dimension in stride(from: batch.count - 1, through: 0, by: -1) {
      place[dimension] = rest % batch[dimension] + 1
      rest /= batch[dimension]
    }
    return "matrix \(batch.count == 1 ? "\(place[0])" : "\(place)")"
  }

  /// Which of these matrices belongs to matrix `index` of a batch that this one broadcasts to.
  func index(of index: Int, in larger: Extents) -> Int {
    if batch == larger { return index }
    var (rest, result, step) = (index, 0, 1)
    for back in stride(from: 1, through: larger.count, by: 1) {
      let place = rest % larger[larger.count - back]
      rest /= larger[larger.count - back]
      guard back <= batch.count else { continue }
      let extent = batch[batch.count - back]
      if extent != 1 { result += place * step }
      step *= extent
    }
    return result
  }
}

extension Tensor {
  /// The extents but the last two.
  var batch: Extents { Extents(shape.prefix(rank - 2)) }

  /// This tensor as floats `[..., rows, columns]`.
  ///
  /// - Throws: `TensorError` in the name of `operation` for fewer than two dimensions, extents beyond 2^31 - 1, or rectangles where squares are wanted.
  func asMatrices(_ operation: String, square: Bool = false, _ defaultFloat: DType) throws -> Tensor {
    guard rank >= 2 else {
      throw TensorError.expected(
        operation: operation, expected: "a matrix or a batch of matrices", got: "a tensor of shape \(shape)")
    }
    let (rows, columns) = (shape[rank - 2], shape[rank - 1])
    guard rows <= Int32.max, columns <= Int32.max else {
      throw TensorError.expected(operation: operation, expected: "extents up to \(Int32.max)", got: "\(shape)")
    }
    guard !square || rows == columns else {
      throw TensorError.expected(operation: operation, expected: "square matrices", got: "shape \(shape)")
    }
    return dtype.isFloat ? self : try to(defaultFloat)
  }
}
