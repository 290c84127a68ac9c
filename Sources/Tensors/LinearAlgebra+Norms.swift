import Kernels

/// Which norm: of vectors any power, of matrices 1, -1, 2, -2, infinity, -infinity, Frobenius or nuclear.
public enum NormOrder: Equatable, Sendable {
  /// Of vectors `(sum |x|^p)^(1/p)`, the largest |x| for infinity, the smallest for -infinity, the count of other than 0 for 0; of matrices
  /// the largest (smallest) sum of |x| of a column for 1 (-1) or a row for infinity (-infinity), or singular value for 2 (-2).
  case power(Double)
  /// The square root of the sum of squares.
  case frobenius
  /// The sum of singular values.
  case nuclear

  /// The power, nil for the named norms.
  public var exponent: Double? {
    if case .power(let exponent) = self { return exponent }
    return nil
  }
}

extension LinearAlgebra {
  /// Computes norms of vectors, matrices or whole tensors.
  ///
  /// - Without order and dimensions: the square root of the sum of squares of all elements, of any rank.
  /// - With one dimension (from 0): norms of vectors along it, by default of order 2.
  /// - With two dimensions: norms of the matrices with rows along the first and columns along the second, by default Frobenius.
  /// - With an order alone: of the vector, or of the matrices in the last two dimensions.
  ///
  /// Norms that are sums of powers accumulate in double and don't overflow before their result does. Of no elements they are 0, except
  /// for negative orders. NaN gives NaN, but the matrix norms by singular values (2, -2, nuclear) refuse it.
  ///
  /// - Throws: `TensorError` for an order that matrices don't have, dimensions that don't exist, and the least of no elements.
  public static func norm(
    _ a: Tensor, _ order: NormOrder? = nil, along dimensions: [Int]? = nil, keepDimensions: Bool = false,
    operation: String = "linalg.norm", defaultFloat: DType = .float32
  ) throws -> Tensor {
    let source = a.dtype.isFloat ? a : try a.to(defaultFloat)
    guard let dimensions = dimensions ?? order.map({ _ in Array(Swift.max(a.rank - 2, 0)..<a.rank) }) else {
      return try source.reduced(.norm, keepDimensions: keepDimensions)
    }
    for dimension in dimensions { try a.requireDimension(dimension, operation) }
    guard dimensions.count <= 2, Set(dimensions).count == dimensions.count, !dimensions.isEmpty || a.rank == 0 else {
      throw TensorError.expected(
        operation: operation, expected: "one dimension, or two different ones",
        got: "\(Extents(dimensions.prefix(8).map { $0 + 1 }))")
    }
    let kept =
      try dimensions.count == 2
      ? matrixNorm(source, order ?? .frobenius, dimensions[0], dimensions[1], operation)
      : vectorNorm(source, order ?? .power(2), dimensions, operation)
    if keepDimensions { return kept }
    var outer = kept.shape
    for dimension in dimensions.sorted(by: >) { outer.remove(at: dimension) }
    return try kept.reshape(outer)
  }

  // Both keep the dimensions with extent 1.

  private static func vectorNorm(
    _ a: Tensor, _ order: NormOrder, _ dimensions: [Int], _ operation: String
  ) throws -> Tensor {
    guard let exponent = order.exponent else {
      throw TensorError.expected(
        operation: operation, expected: "a number as the order of a vector's norm", got: order.name)
    }
    func total(_ reduction: Reduction, _ x: Tensor) throws -> Tensor {
      try x.reduced(reduction, along: dimensions, keepDimensions: true)
    }
    switch exponent {
    case 2: return try total(.norm, a)
    case 1: return try total(.sum, try a.applying(.absolute))
    case 0: return try total(.sum, try Tensor.compare(.notEqual, .tensor(a), .scalar(0))).to(a.dtype)
    case .infinity, -.infinity:
      return try extreme(try a.applying(.absolute), dimensions, largest: exponent > 0, operation)
    default: return try powerNorm(a, exponent, dimensions, operation)
    }
  }

  /// Scales by the element that weighs most, so that no power overflows.
  private static func powerNorm(
    _ a: Tensor, _ exponent: Double, _ dimensions: [Int], _ operation: String
  ) throws -> Tensor {
    let sizes = try a.to(.float64).applying(.absolute)
    let weightiest = try extreme(sizes, dimensions, largest: !(exponent < 0), operation)
    let usable = try Tensor.apply(
      .multiply, try weightiest.testing(.isFinite),
      try Tensor.compare(.greater, .tensor(weightiest), .scalar(0))
    ).to(.bool)
    let scale = try Tensor.choose(usable, .tensor(weightiest), .scalar(1.0), defaultFloat: .float64)
    let powers = try Tensor.apply(
      .power, .tensor(try Tensor.apply(.divide, sizes, scale)), .scalar(.number(exponent)))
    let sums = try powers.reduced(.sum, along: dimensions, keepDimensions: true)
    let roots = try Tensor.apply(.power, .tensor(sums), .scalar(.number(1 / exponent)))
    return try Tensor.apply(.multiply, roots, scale).to(a.dtype)
  }

  /// The largest or smallest along dimensions; the largest size of none is 0.
  private static func extreme(
    _ sizes: Tensor, _ dimensions: [Int], largest: Bool, _ operation: String
  ) throws -> Tensor {
    if dimensions.contains(where: { sizes.shape[$0] == 0 }) {
      guard largest else { try sizes.requireElements(0, operation); return sizes }
      return try sizes.reduced(.sum, along: dimensions, keepDimensions: true)
    }
    return try sizes.reduced(largest ? .maximum : .minimum, along: dimensions, keepDimensions: true)
  }

  private static func matrixNorm(
    _ a: Tensor, _ order: NormOrder, _ rows: Int, _ columns: Int, _ operation: String
  ) throws -> Tensor {
    func sums(_ along: Int, _ across: Int, largest: Bool) throws -> Tensor {
      let totals = try a.applying(.absolute).reduced(.sum, along: [along], keepDimensions: true)
      return try extreme(totals, [across], largest: largest, operation)
    }
    switch order {
    case .frobenius: return try a.reduced(.norm, along: [rows, columns], keepDimensions: true)
    case .power(1), .power(-1): return try sums(rows, columns, largest: order == .power(1))
    case .power(.infinity), .power(-.infinity): return try sums(columns, rows, largest: order == .power(.infinity))
    case .power(2), .power(-2), .nuclear: return try spectralNorm(a, order, rows, columns, operation)
    default:
      throw TensorError.expected(
        operation: operation, expected: "a matrix norm of order 1, -1, 2, -2, inf, -inf, \"fro\" or \"nuc\"",
        got: order.name)
    }
  }

  private static func spectralNorm(
    _ a: Tensor, _ order: NormOrder, _ rows: Int, _ columns: Int, _ operation: String
  ) throws -> Tensor {
    let others = (0..<a.rank).filter { $0 != rows && $0 != columns }
    let s = try singularValues(try a.permute(others + [rows, columns]), operation, a.dtype)
    let last = s.rank - 1
    let values =
      try order == .nuclear
      ? s.reduced(.sum, along: [last], keepDimensions: true)
      : extreme(s, [last], largest: order == .power(2), operation)
    var kept = a.shape
    (kept[rows], kept[columns]) = (1, 1)
    return try values.reshape(kept)
  }
}

extension NormOrder {
  /// The order as a user writes it.
  fileprivate var name: String {
    switch self {
    case .power(let exponent): Int64(exactly: exponent).map { "\($0)" } ?? "\(exponent)"
    case .frobenius: "\"fro\""
    case .nuclear: "\"nuc\""
    }
  }
}
