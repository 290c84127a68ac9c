import Kernels
import Tensors

extension Differentiable {
  /// Reduces the whole tensor or some dimensions; see `Tensor.reduced`.
  ///
  /// Equal smallest or largest elements share the gradient. The norm and the standard deviation have the gradient 0 where they are 0.
  ///
  /// - Throws: as `Tensor.reduced`.
  public static func reduced(
    _ reduction: Reduction, _ x: Tensor, along dimensions: [Int]? = nil, keepDimensions: Bool = false,
    unbiased: Bool = false, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let result = try x.reduced(
      reduction, along: dimensions, keepDimensions: keepDimensions, unbiased: unbiased, defaultFloat: defaultFloat)
    guard result.dtype.isFloat else { return result }
    let reduces = Reduced(reduction, x, dimensions, unbiased: unbiased)
    return try Tape.record(reduction.rawValue, result, [x], saving: reduces.savings) { [try reduces.gradient($0)] }
  }
}

/// What the rule of a reduction knows of its input.
private struct Reduced {
  let reduction: Reduction
  let shape: Extents
  let dimensions: [Int]
  /// The input's shape with extent 1 along the dimensions.
  let kept: Extents
  /// How many elements become one, less 1 for an unbiased variance.
  let divisor: Double

  init(_ reduction: Reduction, _ x: Tensor, _ dimensions: [Int]?, unbiased: Bool) {
    self.reduction = reduction
    shape = x.shape
    self.dimensions = dimensions ?? Array(0..<x.rank)
    var (kept, length) = (x.shape, 1)
    for dimension in self.dimensions {
      length *= x.shape[dimension]
      kept[dimension] = 1
    }
    self.kept = kept
    divisor = Double(Swift.max(length - (unbiased ? 1 : 0), 0))
  }

  var savings: [Saving] {
    switch reduction {
    case .sum, .mean, .all, .any: []
    case .variance, .product: [.input(0)]
    case .standardDeviation, .norm, .minimum, .maximum: [.input(0), .result]
    }
  }

  private func spread(_ tensor: Tensor) throws -> Tensor { try Differentiable.reshape(tensor, kept) }

  func gradient(_ step: BackwardStep) throws -> Tensor {
    let g = try spread(step.gradient)
    switch reduction {
    case .sum, .all, .any: return try Differentiable.expand(g, to: shape)
    case .mean: return try Differentiable.expand(try Differentiable.apply(.divide, g, divisor), to: shape)
    case .variance: return try ofVariance(g, try step.saved(0))
    case .standardDeviation:
      let y = try spread(try step.saved(1))
      return try ofVariance(try ratio(g, try Differentiable.apply(.multiply, y, 2), to: y), try step.saved(0))
    case .norm:
      let y = try spread(try step.saved(1))
      return try Differentiable.apply(.multiply, try step.saved(0), try ratio(g, y, to: y))
    case .product: return try ofProduct(g, try step.saved(0))
    case .minimum, .maximum: return try ofExtreme(g, try step.saved(0), try spread(try step.saved(1)))
    }
  }

  /// `2 g (x - mean) / divisor`.
  private func ofVariance(_ g: Tensor, _ x: Tensor) throws -> Tensor {
    let mean = try Differentiable.reduced(.mean, x, along: dimensions, keepDimensions: true)
    let factor = try Differentiable.apply(.multiply, g, 2 / divisor)
    return try Differentiable.apply(.multiply, try Differentiable.apply(.subtract, x, mean), factor)
  }

  /// `g / y`, and 0 where `zero` is 0.
  private func ratio(_ g: Tensor, _ y: Tensor, to zero: Tensor) throws -> Tensor {
    let still = try Tensor.compare(.equal, .tensor(zero), .scalar(0))
    return try Differentiable.choose(still, .scalar(0.0), .tensor(try Differentiable.apply(.divide, g, y)))
  }

  private func ofProduct(_ g: Tensor, _ x: Tensor) throws -> Tensor {
    try Differentiable.apply(.multiply, try Differentiable.productsOfOthers(x, along: dimensions), g)
  }

  /// The gradient shared among the elements equal to the extreme; all get it where that is NaN.
  private func ofExtreme(_ g: Tensor, _ x: Tensor, _ y: Tensor) throws -> Tensor {
    let (hits, count) = try Differentiable.hits(of: y, in: x, along: dimensions)
    return try Differentiable.apply(.multiply, hits, try Differentiable.apply(.divide, g, count))
  }
}

extension Differentiable {
  /// 1 for elements equal to what was found, NaN to NaN, 0 for others, and how many are equal along the dimensions.
  static func hits(of found: Tensor, in x: Tensor, along dimensions: [Int]) throws -> (Tensor, count: Tensor) {
    let equal = try Tensor.compare(.equal, .tensor(x), .tensor(found))
    let bothNaN = try Tensor.apply(.multiply, try x.testing(.isNaN), try found.testing(.isNaN))
    let hits = try Tensor.apply(.maximum, equal, bothNaN).to(found.dtype)
    return (hits, try hits.reduced(.sum, along: dimensions, keepDimensions: true))
  }
}

extension Differentiable {
  /// The product of the other elements along dimensions: P/x without zeros, P of the others at the only zero, 0 beside it.
  static func productsOfOthers(_ x: Tensor, along dimensions: [Int]) throws -> Tensor {
    let isZero = try Tensor.compare(.equal, .tensor(x), .scalar(0))
    let zeros = try isZero.reduced(.sum, along: dimensions, keepDimensions: true)
    let none = try Tensor.compare(.equal, .tensor(zeros), .scalar(0))
    if try Tape.records([x]) && none.reduced(.all).item().double == 0 { return try productsAround(x, dimensions) }
    let others = try choose(isZero, .scalar(1.0), .tensor(x))
    let product = try reduced(.product, others, along: dimensions, keepDimensions: true)
    let single = try Tensor.compare(.equal, .tensor(zeros), .scalar(1))
    let beside = try choose(none, .tensor(try apply(.divide, product, others)), .scalar(0.0))
    let alone = try Tensor.apply(.multiply, isZero, single).to(.bool)
    return try choose(alone, .tensor(product), .tensor(beside))
  }

  /// The same as products of what lies before and behind: the 0 beside a zero still depends on that, for gradients of gradients.
  private static func productsAround(_ x: Tensor, _ dimensions: [Int]) throws -> Tensor {
    let order = (0..<x.rank).filter { !dimensions.contains($0) } + dimensions
    let arranged = try permute(x, order)
    let length = Extents(arranged.shape.suffix(dimensions.count)).product
    let lines = try reshape(arranged, [x.count / Swift.max(length, 1), length])
    let before = try productsBefore(lines)
    let behind = try flipped(try productsBefore(try flipped(lines, [1])), [1])
    let products = try reshape(try apply(.multiply, before, behind), arranged.shape)
    var back = order
    for (place, dimension) in order.enumerated() { back[dimension] = place }
    return try permute(products, back)
  }

  /// In every line the product of what lies before each element.
  private static func productsBefore(_ lines: Tensor) throws -> Tensor {
    let (rows, length) = (lines.shape[0], lines.shape[1])
    let one = try Tensor.full([rows, 1], .number(1), lines.dtype)
    return try cat([one, try cumulativeProduct(try narrow(lines, 1, 0, length - 1), along: 1)], along: 1)
  }
}
