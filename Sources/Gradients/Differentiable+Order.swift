import Kernels
import Tensors

// What is found by comparing: its gradient goes to the elements that were found.

extension Differentiable {
  /// Finds the smallest or largest elements along a dimension and their indices; see `Tensor.extremes`.
  ///
  /// - Throws: as `Tensor.extremes`.
  public static func extremes(
    _ x: Tensor, largest: Bool, along dimension: Int, keepDimension: Bool = false
  ) throws -> (values: Tensor, indices: Tensor) {
    let (values, indices) = try x.extremes(largest: largest, along: dimension, keepDimension: keepDimension)
    guard Anomaly.isWatched || Tape.records([x]) else { return (values, indices) }
    // Lua counts the indices from 1, in place
    let places = try keepDimension ? indices.clone() : indices.clone().unsqueeze(dimension)
    let shape = x.shape
    try Tape.record(largest ? "max" : "min", values, [x]) { step in
      let g = keepDimension ? step.gradient : try unsqueeze(step.gradient, dimension)
      return [try scattered(g, dimension, places, in: shape)]
    }
    return (values, indices)
  }

  /// Adds a gradient to zeros of `shape` at indices along a dimension.
  private static func scattered(
    _ gradient: Tensor, _ dimension: Int, _ indices: Tensor, in shape: Extents
  ) throws -> Tensor {
    let total = try zeros(shape, gradient.dtype).scatterAdd(dimension, indices, .tensor(gradient))
    return try Tape.record("scatter_add", total, [gradient]) {
      [try rearranged("gather", $0.gradient) { try $0.gather(dimension, indices) }]
    }
  }

  /// Sorts along a dimension; see `Tensor.sorted`.
  ///
  /// - Throws: as `Tensor.sorted`.
  public static func sorted(
    _ x: Tensor, along dimension: Int, descending: Bool = false
  ) throws -> (values: Tensor, indices: Tensor) {
    let (values, indices) = try x.sorted(along: dimension, descending: descending)
    return (try found("sort", values, x, dimension, indices), indices)
  }

  /// Finds the largest or smallest elements; see `Tensor.top`.
  ///
  /// - Throws: as `Tensor.top`.
  public static func top(
    _ x: Tensor, _ count: Int, along dimension: Int, largest: Bool = true
  ) throws -> (values: Tensor, indices: Tensor) {
    let (values, indices) = try x.top(count, along: dimension, largest: largest)
    return (try found("topk", values, x, dimension, indices), indices)
  }

  private static func found(
    _ operation: String, _ values: Tensor, _ x: Tensor, _ dimension: Int, _ indices: Tensor
  ) throws -> Tensor {
    guard Anomaly.isWatched || Tape.records([x]) else { return values }
    // Lua counts the indices from 1, in place
    let (shape, places) = (x.shape, try indices.clone())
    return try Tape.record(operation, values, [x]) { [try scattered($0.gradient, dimension, places, in: shape)] }
  }

  /// Finds quantiles; see `Tensor.quantiles`.
  ///
  /// The two neighbours of a quantile share its gradient by their distance from it.
  ///
  /// - Throws: as `Tensor.quantiles`.
  public static func quantiles(
    _ x: Tensor, _ fractions: Tensor, along dimensions: [Int]? = nil, keepDimensions: Bool = false,
    defaultFloat: DType = .float32
  ) throws -> Tensor {
    let result = try x.quantiles(
      fractions, along: dimensions, keepDimensions: keepDimensions, defaultFloat: defaultFloat)
    guard Anomaly.isWatched || Tape.records([x]) else { return result }
    let rule = try QuantileRule(x, try fractions.doubles(), dimensions)
    return try Tape.record("quantile", result, [x]) { [try rule.gradient($0.gradient)] }
  }

  /// Finds medians; see `Tensor.median`.
  ///
  /// The elements equal to the median of a whole tensor share the gradient.
  ///
  /// - Throws: as `Tensor.median`.
  public static func median(
    _ x: Tensor, along dimensions: [Int]? = nil, keepDimensions: Bool = false, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let result = try x.median(along: dimensions, keepDimensions: keepDimensions, defaultFloat: defaultFloat)
    guard Anomaly.isWatched || Tape.records([x]) else { return result }
    if dimensions == nil, let shares = try shares(of: result, in: x) {
      return try Tape.record("median", result, [x]) {
        [try apply(.multiply, shares, try reshape($0.gradient, []))]
      }
    }
    let rule = try QuantileRule(x, [0.5], dimensions)
    return try Tape.record("median", result, [x]) { [try rule.gradient($0.gradient)] }
  }

  /// What each element of `x` has in a number that was found in it; nil where no element is equal to that.
  private static func shares(of found: Tensor, in x: Tensor) throws -> Tensor? {
    let (hits, count) = try hits(of: try found.reshape([]), in: x, along: Array(0..<x.rank))
    return try count.item().double == 0 ? nil : try Tensor.apply(.divide, hits, count)
  }

  /// Finds medians along a dimension and the indices of the middle elements; see `Tensor.medians`.
  ///
  /// - Throws: as `Tensor.medians`.
  public static func medians(
    _ x: Tensor, along dimension: Int, keepDimension: Bool = false, defaultFloat: DType = .float32
  ) throws -> (values: Tensor, indices: Tensor) {
    let (values, indices) = try x.medians(along: dimension, keepDimension: keepDimension, defaultFloat: defaultFloat)
    guard Anomaly.isWatched || Tape.records([x]) else { return (values, indices) }
    let rule = try QuantileRule(x, [0.5], [dimension])
    try Tape.record("median", values, [x]) { [try rule.gradient($0.gradient)] }
    return (values, indices)
  }
}

/// Which elements make the quantiles, with what weights: the reduced dimensions as rows of a matrix.
private struct QuantileRule {
  /// The dimensions that stay, then those that are reduced.
  private let order: [Int]
  private let permuted: Extents
  private let lines: Int
  private let fractions: Int
  /// For each line the two neighbours of each quantile: all lower ones, then all upper ones.
  private let neighbours: Tensor
  private let weights: (lower: Tensor, upper: Tensor)

  init(_ x: Tensor, _ wanted: [Double], _ dimensions: [Int]?) throws {
    let reduced = dimensions ?? Array(0..<x.rank)
    order = (0..<x.rank).filter { !reduced.contains($0) } + reduced
    let arranged = try x.permute(order)
    permuted = arranged.shape
    let length = Extents(permuted.suffix(reduced.count)).product
    lines = Extents(permuted.prefix(x.rank - reduced.count)).product
    fractions = wanted.count
    let places = wanted.map { $0 * Double(Swift.max(length - 1, 0)) }
    let ranks = try arranged.reshape([lines, length]).sorted(along: 1).indices
    let lower = places.map { Int64($0.rounded(.down)) }
    let upper = places.map { Int64($0.rounded(.up)) }
    neighbours = try ranks.indexSelect(1, try Tensor(integers: lower + upper, shape: [2 * wanted.count]))
    let shares = try Tensor(places.map { $0 - $0.rounded(.down) }, shape: [wanted.count], .float64)
    weights = (try Tensor.apply(.subtract, .scalar(1.0), .tensor(shares)), shares)
  }

  func gradient(_ g: Tensor) throws -> Tensor {
    let rows = try Differentiable.transposed(try Differentiable.reshape(g, [fractions, lines]))
    let parts = try [weights.lower, weights.upper].map {
      try Differentiable.apply(.multiply, rows, try $0.to(g.dtype))
    }
    let values = try Differentiable.cat(parts, along: 1)
    let shape: Extents = [lines, Extents(permuted).product / Swift.max(lines, 1)]
    let places = neighbours
    let zeros = try Tensor(g.dtype, shape)
    let placement = Placement("quantile", .tensor(values), accumulates: true) { target, value in
      try target.scatterAdd(1, places, value)
    } pick: {
      try $0.gather(1, places)
    }
    let total = try Differentiable.reshape(try Differentiable.placed(zeros, placement), permuted)
    var back = order
    for (place, dimension) in order.enumerated() { back[dimension] = place }
    return try Differentiable.permute(total, back)
  }
}
