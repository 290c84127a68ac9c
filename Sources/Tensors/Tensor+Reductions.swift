import Kernels

/// What a reduction leaves of many elements; the raw value is the name users type.
public enum Reduction: String, CaseIterable, Sendable {
  /// The sum; 0 of none. Integers and masks give int64.
  case sum
  /// The product; 1 of none. Integers and masks give int64.
  case product = "prod"
  /// The sum over n; NaN of none.
  case mean
  /// The mean of squared distances from the mean, divided by n, or by n - 1 when unbiased.
  case variance = "var"
  /// The square root of the variance.
  case standardDeviation = "std"
  /// The Euclidean norm, the square root of the sum of squares.
  case norm
  /// The smallest element; NaN when there is one.
  case minimum = "min"
  /// The largest element; NaN when there is one.
  case maximum = "max"
  /// Whether every element is other than 0; true of none.
  case all
  /// Whether any element is other than 0; false of none.
  case any

  /// Whether integers and masks are read as floats.
  var readsFloats: Bool {
    switch self {
    case .mean, .variance, .standardDeviation, .norm: true
    default: false
    }
  }
}

extension Tensor {
  /// Reduces the whole tensor to a 0-dim one, or along the dimensions given (from 0), which go away or keep extent 1.
  ///
  /// Floats accumulate in double and are rounded once. Means, variances, deviations and norms of integers and masks are computed in double and given
  /// as `defaultFloat`.
  ///
  /// - Throws: `TensorError` for a dimension that doesn't exist or comes twice, and for the minimum or maximum of no elements.
  public func reduced(
    _ reduction: Reduction, along dimensions: [Int]? = nil, keepDimensions: Bool = false, unbiased: Bool = false,
    defaultFloat: DType = .float32
  ) throws -> Tensor {
    // the fold walks the strides of what is read, so integers are made floats before
    let source = reduction.readsFloats && !dtype.isFloat ? try to(.float64) : self
    let fold = try Fold(source, dimensions, reduction.rawValue)
    let float = dtype.isFloat ? dtype : defaultFloat
    let result = try source.reduced(reduction, fold, unbiased: unbiased, float: float)
    return keepDimensions || fold.kept == fold.outer ? result : try result.reshape(fold.outer)
  }

  private func reduced(_ reduction: Reduction, _ fold: Fold, unbiased: Bool, float: DType) throws -> Tensor {
    switch reduction {
    case .sum, .product: return try folded(reduction, fold).to(dtype.isFloat ? dtype : .int64)
    case .mean: return try mean(fold).to(float)
    case .variance: return try variance(fold, unbiased: unbiased).to(float)
    case .standardDeviation: return try variance(fold, unbiased: unbiased).applyInPlace(.squareRoot).to(float)
    case .norm: return try norm(fold).to(float)
    case .minimum, .maximum: return try extreme(reduction, fold)
    case .all, .any: return try any(reduction, fold)
    }
  }

  /// The means in double, of extent 1 along the dimensions of the fold.
  private func mean(_ fold: Fold) throws -> Tensor {
    try folded(.sum, fold).applyInPlace(.divide, .scalar(.number(Double(fold.length))))
  }

  private func variance(_ fold: Fold, unbiased: Bool) throws -> Tensor {
    let means = try mean(fold)
    let totals = try Tensor(.float64, fold.kept)
    if let type = dtype.floatType { try deviations(type, fold, means, totals) }
    // no elements, or one for the unbiased variance, leave 0/0
    let divisor = Double(Swift.max(fold.length - (unbiased ? 1 : 0), 0))
    return try totals.applyInPlace(.divide, .scalar(.number(divisor)))
  }

  private func deviations<T: FloatElement>(_ type: T.Type, _ fold: Fold, _ means: Tensor, _ totals: Tensor) throws {
    try fold.gather(Double.self, totals) {
      try Reductions.squaredDeviations($0, pointer(T.self), means: means.pointer(), $1)
    } join: {
      try Reductions.sum($0, $1, $2)
    }
  }

  private func norm(_ fold: Fold) throws -> Tensor {
    let squares = try folded(.norm, fold)
    let extremes = (0..<squares.count).contains {
      let square = squares.load(at: $0)
      return square > 1e300 || (square < 1e-280 && square > 0) || (square == 0 && dtype == .float64)
    }
    if !extremes || count == 0 { return try squares.applyInPlace(.squareRoot) }
    // squares over- or underflow: scale by the largest element before
    let magnitudes = try applying(.absolute).to(.float64)
    let largest = try magnitudes.extreme(.maximum, try Fold(magnitudes, Array(fold.dimensions), "norm"))
    let plain = try Tensor.compare(.equal, .tensor(largest), .scalar(0))
    let infinite = try largest.testing(.isInfinite)
    let masks = try Tensor.apply(.maximum, plain, infinite).to(.bool)
    let scale = try Tensor.choose(masks, .scalar(1.0), .tensor(largest), defaultFloat: .float64)
    let scaled = try Tensor.apply(.divide, try to(.float64), scale)
    let scaledFold = try Fold(scaled, Array(fold.dimensions), "norm")
    return try scaled.folded(.norm, scaledFold).applyInPlace(.squareRoot).applyInPlace(.multiply, .tensor(scale))
  }

  /// Sums, products or sums of squares in double or int64, of extent 1 along the dimensions of the fold.
  private func folded(_ reduction: Reduction, _ fold: Fold) throws -> Tensor {
    let totals = try Tensor(dtype.isFloat ? .float64 : .int64, fold.kept)
    if reduction == .product { try totals.fill(1) }
    if let type = dtype.floatType {
      try floatFold(reduction, type, fold, totals)
    } else {
      try wholeFold(reduction, dtype.elementType, fold, totals)
    }
    return totals
  }

  private func floatFold<T: FloatElement>(_ reduction: Reduction, _ type: T.Type, _ fold: Fold, _ totals: Tensor) throws
  {
    try fold.gather(Double.self, totals) { plane, totals in
      switch reduction {
      case .product: try Reductions.product(plane, pointer(T.self), totals)
      case .norm: try Reductions.sumOfSquares(plane, pointer(T.self), totals)
      default: try Reductions.sum(plane, pointer(T.self), totals)
      }
    } join: { plane, parts, totals in
      if reduction == .product {
        try Reductions.product(plane, parts, totals)
      } else {
        try Reductions.sum(plane, parts, totals)
      }
    }
  }

  private func wholeFold<T: StoredElement>(
    _ reduction: Reduction, _ type: T.Type, _ fold: Fold, _ totals: Tensor
  ) throws {
    let isProduct = reduction == .product
    try fold.gather(Int64.self, totals) { plane, totals in
      if isProduct {
        try Reductions.wholeProduct(plane, pointer(T.self), totals)
      } else {
        try Reductions.wholeSum(plane, pointer(T.self), totals)
      }
    } join: { plane, parts, totals in
      if isProduct {
        try Reductions.wholeProduct(plane, parts, totals)
      } else {
        try Reductions.wholeSum(plane, parts, totals)
      }
    }
  }

  private func extreme(_ reduction: Reduction, _ fold: Fold) throws -> Tensor {
    try requireElements(fold.length, reduction.rawValue)
    let results = try Tensor(dtype, fold.kept, zeroed: false)
    try extreme(dtype.elementType, reduction == .maximum, fold, results)
    return results
  }

  private func extreme<T: StoredElement>(_ type: T.Type, _ largest: Bool, _ fold: Fold, _ results: Tensor) throws {
    // begins with the first element of each group
    var first = self
    for dimension in fold.dimensions { first = try first.narrow(dimension, 0, Swift.min(1, shape[dimension])) }
    try results.write(first)
    try fold.gather(T.self, results) {
      try Reductions.extreme(largest: largest, $0, pointer(T.self), $1)
    } join: {
      try Reductions.extreme(largest: largest, $0, $1, $2)
    }
  }

  private func any(_ reduction: Reduction, _ fold: Fold) throws -> Tensor {
    let found = try Tensor(.bool, fold.kept)
    try any(dtype.elementType, holds: reduction == .any, fold, found)
    return reduction == .any ? found : try found.testing(.isZero)
  }

  private func any<T: StoredElement>(_ type: T.Type, holds: Bool, _ fold: Fold, _ found: Tensor) throws {
    try fold.gather(UInt8.self, found) {
      try Reductions.any(holds: holds, $0, pointer(T.self), $1)
    } join: {
      try Reductions.any(holds: true, $0, $1, $2)
    }
  }

  func requireElements(_ length: Int, _ operation: String) throws {
    guard length > 0 else {
      throw TensorError.expected(operation: operation, expected: "at least one element", got: "shape \(shape)")
    }
  }
}
