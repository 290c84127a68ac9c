import CLua
import Gradients
import Kernels
import Tensors

extension Parameter {
  /// Extents behind other arguments: one table, or one integer.
  static let trailingShape = Parameter(
    "shape", .oneOf([.integer, .table]), default: "{}", "the extents as one table, or one integer")
  /// The lower bound of uniform numbers.
  static let lo = Parameter("lo", .number, default: "0", "the lower bound, included")
  /// The upper bound of uniform numbers.
  static let hi = Parameter("hi", .number, default: "1", "the upper bound, left out")
  /// The mean of normal numbers.
  static let mean = Parameter("mean", .number, default: "0", "the mean")
  /// The standard deviation of normal numbers.
  static let std = Parameter("std", .number, default: "1", "the standard deviation, at least 0")
  /// The rate of exponential numbers.
  static let rate = Parameter("rate", .number, default: "1", "1 over the mean, above 0")
}

extension FunctionRecord {
  /// What draws numbers of a distribution or in a random order, beside `rand`, `randn`, `randint` and `randperm`.
  static let randomFunctions: [FunctionRecord] =
    generatorFunctions + [uniform, normal, truncatedNormal, exponential, bernoulli, permutation, choice, multinomial]

  private static let uniform = FunctionRecord(
    "sonde.uniform", "Draws numbers uniformly from [lo, hi).", [.lo, .hi, .trailingShape],
    options: [.dtype, .generator], returns: "a tensor", errors: "bounds out of order or not finite",
    example: "local t = sonde.uniform(-1, 1, {100}); assert(t:min():item() >= -1 and t:max():item() < 1)"
  ) { call in
    let tensor = try Tensor.zeros(try call.shape(from: 2), try call.floatDType())
    try call.generator().fillUniform(
      tensor, low: call.number(0, or: 0), high: call.number(1, or: 1), operation: call.who)
    return try call.push(tensor)
  }

  private static let normal = FunctionRecord(
    "sonde.normal", "Draws numbers from a normal distribution.", [.mean, .std, .trailingShape],
    options: [.dtype, .generator], returns: "a tensor", errors: "a negative std, figures that are not finite",
    example: "assert(sonde.normal(5, 0, {2})[2] == 5 and #sonde.normal(0, 1, 10) == 10)"
  ) { call in
    let tensor = try Tensor.zeros(try call.shape(from: 2), try call.floatDType())
    try call.generator().fillNormal(
      tensor, mean: call.number(0, or: 0), std: call.number(1, or: 1), operation: call.who)
    return try call.push(tensor)
  }

  private static let truncatedNormal = FunctionRecord(
    "sonde.truncated_normal",
    "Draws numbers from a normal distribution cut off at lo and hi, exactly, however far out they lie.",
    [
      Parameter("lo", .number, "the lower bound; -math.huge for none"),
      Parameter("hi", .number, "the upper bound; math.huge for none"), .trailingShape,
    ],
    options: [
      Parameter("mean", .number, default: "0", "the mean before the cut"),
      Parameter("std", .number, default: "1", "the standard deviation before the cut, above 0"), .dtype, .generator,
    ],
    returns: "a tensor", errors: "bounds out of order, a std of 0 or less",
    example: "local t = sonde.truncated_normal(8, 9, {100}); assert(t:min():item() >= 8 and t:max():item() <= 9)"
  ) { call in
    let tensor = try Tensor.zeros(try call.shape(from: 2), try call.floatDType())
    try call.generator().fillTruncatedNormal(
      tensor, mean: call.option("mean").asNumber ?? 0, std: call.option("std").asNumber ?? 1, low: try call.number(0),
      high: try call.number(1), operation: call.who)
    return try call.push(tensor)
  }

  private static let exponential = FunctionRecord(
    "sonde.exponential", "Draws numbers from the exponential distribution of density rate e^(-rate x).",
    [.rate, .trailingShape], options: [.dtype, .generator], returns: "a tensor",
    errors: "a rate of 0 or less",
    example: "assert(sonde.exponential(2, {100}):min():item() > 0)"
  ) { call in
    let tensor = try Tensor.zeros(try call.shape(from: 1), try call.floatDType())
    try call.generator().fillExponential(tensor, rate: call.number(0, or: 1), operation: call.who)
    return try call.push(tensor)
  }

  private static let bernoulli = FunctionRecord(
    "sonde.bernoulli", "Draws ones with a probability, else zeros; a tensor gives each place a probability of its own.",
    [
      Parameter("p", .oneOf([.number, .tensor]), "the probability of a one, from 0 to 1"),
      Parameter(
        "shape", .oneOf([.integer, .table]), default: "the shape of p",
        "the extents as one table, or one integer; p broadcasts to them"),
    ],
    options: [.dtype, .generator], returns: "a tensor; {dtype=\"bool\"} makes a mask",
    errors: "probabilities outside 0 to 1",
    example: "local m = sonde.bernoulli(sonde.tensor{0, 1}, {dtype='bool'}); assert(not m[1] and m[2])"
  ) { call in
    let probabilities = call.argument(0).asTensor
    let shape = call.argument(1).isAbsent ? probabilities?.shape ?? [] : try call.shape(from: 1)
    let tensor = try Tensor.zeros(shape, call.dtype())
    try call.fillBernoulli(tensor)
    return try call.push(tensor)
  }

  private static let permutation = FunctionRecord(
    "sonde.permutation", "Draws a random order: of the whole numbers from 1 to n, or of the rows of a tensor.",
    [
      Parameter(
        "n", .oneOf([.integer, .tensor]), "how many numbers, or the tensor whose rows are put in another order")
    ],
    options: [Parameter("dim", .integer, default: "1", "the dimension of a tensor to order anew"), .generator],
    returns: "a vector of int64, or a copy of the tensor", errors: "a negative n, a 0-dim tensor",
    example:
      "assert(sonde.permutation(5):sum():item() == 15); local t = sonde.permutation(sonde.eye(3)); assert(t:sum():item() == 3)"
  ) { call in
    guard let tensor = call.argument(0).asTensor else {
      let order = try call.drawnOrder(of: try call.integer(0))
      return try call.push(try order.applyInPlace(.add, .scalar(1)))
    }
    let dimension = try call.dimension(of: tensor)
    let order = try call.drawnOrder(of: tensor.shape[dimension])
    return try call.push(try Differentiable.rearranged("permutation", tensor) { try $0.indexSelect(dimension, order) })
  }

  private static let choice = FunctionRecord(
    "sonde.choice", "Draws some of the whole numbers from 1 to n, or of the rows of a tensor.",
    [
      Parameter("n", .oneOf([.integer, .tensor]), "how many numbers there are, or the tensor whose rows are drawn"),
      Parameter(
        "k", .oneOf([.integer, .table]), default: "{}", "how many are drawn: one integer, or a table of extents"),
    ],
    options: [
      Parameter("replace", .boolean, default: "true", "whether one may be drawn again"),
      Parameter("p", .oneOf([.tensor, .table]), default: "all alike", "a weight for each; they need not add up to 1"),
      .generator,
    ],
    returns: "int64 numbers from 1, or rows; in k's shape",
    errors: "nothing to draw from, more drawn than there are without replacement, weights that do not fit",
    example:
      "local t = sonde.choice(10, 4, {replace=false}); assert(#t == 4 and t:max():item() <= 10); "
      + "assert(sonde.choice(3, 2, {p={0, 0, 1}})[2] == 3)"
  ) { call in
    let shape = try call.shape(from: 1)
    let rows = call.argument(0).asTensor
    if let rows, rows.rank == 0 { throw call.failure("expected a tensor with rows, got a 0-dim one") }
    let indices = try call.drawnIndices(of: try rows?.shape[0] ?? call.integer(0), call.count(of: shape))
    guard let rows else { return try call.push(try indices.applyInPlace(.add, .scalar(1)).reshape(shape)) }
    let extents = try Extents.checked(Array(shape) + rows.shape.dropFirst(), call.who)
    return try call.push(
      try Differentiable.rearranged("choice", rows) { try $0.indexSelect(0, indices).reshape(extents) })
  }

  private static let multinomial = FunctionRecord(
    "sonde.multinomial", "Draws indices with weights: k of a vector's, or k for each row of a matrix.",
    [
      Parameter("weights", .oneOf([.tensor, .table]), "[n] or [rows, n]; they need not add up to 1"),
      Parameter("k", .integer, default: "1", "how many are drawn"),
    ],
    options: [Parameter("replace", .boolean, default: "false", "whether one may be drawn again"), .generator],
    returns: "int64 indices from 1, [k] or [rows, k]",
    errors: "weights that are negative or not finite, fewer above 0 than are drawn without replacement",
    example: "local t = sonde.multinomial({0, 3, 1}, 2); assert(t:sum():item() == 5)"
  ) { call in
    let weights = try call.tensorValue(call.argument(0), like: .float64)
    let count = call.argument(1).isAbsent ? 1 : try call.integer(1)
    let indices = try call.generator().choices(
      count, weights: weights, replacing: call.flag("replace", default: false), operation: call.who)
    return try call.push(try indices.clone().applyInPlace(.add, .scalar(1)))
  }
}

extension Call {
  /// The number at `position`, or what it is when not given.
  func number(_ position: Int, or fallback: Double) -> Double { argument(position).asNumber ?? fallback }

  /// Fills a tensor with ones by the probability, a number or a tensor, that is the first argument; 1/2 without.
  func fillBernoulli(_ tensor: Tensor) throws {
    if let probabilities = argument(0).asTensor {
      try generator().fillBernoulli(tensor, probabilities: probabilities, operation: who)
    } else {
      try generator().fillBernoulli(tensor, probability: number(0, or: 0.5), operation: who)
    }
  }

  /// An order of `0..<count`.
  fileprivate func drawnOrder(of count: Int) throws -> Tensor {
    guard count >= 0 else { throw failure("expected n of at least 0, got \(count)") }
    let order = try Tensor(.int64, [count], zeroed: false)
    try generator().fillPermutation(order)
    return order
  }

  /// The option `dim` as a dimension of a tensor, counted from 0.
  fileprivate func dimension(of tensor: Tensor) throws -> Int {
    let given = option("dim").asInteger ?? 1
    guard let dimension = Tensor.position(given, extent: tensor.rank) else {
      let range = tensor.rank == 0 ? "a tensor with rows" : "a dimension from 1 to \(tensor.rank) (or negative)"
      throw failure("expected \(range), got \(tensor.rank == 0 ? "a 0-dim one" : "\(given)")")
    }
    return dimension
  }

  /// The product of extents; broadcasting checks that it does not overflow.
  fileprivate func count(of shape: Extents) throws -> Int { try Extents.broadcast(shape, shape, who).product }

  /// `count` indices of `0..<bound` by the options `replace` and `p`.
  fileprivate func drawnIndices(of bound: Int, _ count: Int) throws -> Tensor {
    let replacing = flag("replace", default: true)
    guard bound >= 0 else { throw failure("expected n of at least 0, got \(bound)") }
    if !option("p").isAbsent {
      let weights = try tensorValue(option("p"), like: .float64)
      guard weights.shape == [bound] else {
        throw failure("expected option 'p' of shape [\(bound)], a weight for each, got \(weights.shape)")
      }
      return try generator().choices(count, weights: weights, replacing: replacing, operation: who)
    }
    if !replacing { return try generator().sample(count, below: bound, operation: who) }
    guard bound > 0 || count == 0 else { throw failure("expected something to draw from, got none") }
    let indices = try Tensor(.int64, [count], zeroed: false)
    if count > 0 {
      try generator().fillIntegers(indices, low: 0, high: Int64(bound - 1), operation: who)
    }
    return indices
  }
}
