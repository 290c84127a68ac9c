import CLua
import Gradients
import Kernels
import Tensors

extension Parameter {
  fileprivate static let along = dimension(default: "the last")
  fileprivate static let right = Parameter(
    "right", .boolean, default: "false", "whether behind elements that are equal, rather than before them")
}

extension FunctionRecord {
  /// Methods that sort in part, count, and find quantiles.
  static let orderingMethods: [FunctionRecord] =
    [argsort, topk, quantile, median, unique, bincount, searchsorted, bucketize]
    + [cumprod, cumulativeInPlace("cumsum", "Sums"), cumulativeInPlace("cumprod", "Multiplies")]

  private static let argsort = FunctionRecord(
    "tensor:argsort", "Finds the indices that sort along a dimension; stable, NaN last, also when descending.",
    [.along],
    options: [.along, Parameter("descending", .boolean, default: "false", "largest first")],
    returns: "an int64 tensor, counting from 1", errors: "a dimension the tensor does not have",
    example: "assert(sonde.tensor{3, 1, 2}:argsort()[1] == 2)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    if tensor.rank == 0, call.argument(0).isAbsent { return try call.push(try Tensor.scalar(1, .int64)) }
    return try call.push(
      indices: try tensor.sorted(along: try call.line(), descending: call.flag("descending", default: false)).indices)
  }

  private static let topk = FunctionRecord(
    "tensor:topk",
    "Finds the k largest or smallest elements along a dimension: the first of a sort, NaN only where there is too little else.",
    [Parameter("k", .integer, "how many"), .along],
    options: [
      .along, Parameter("largest", .boolean, default: "true", "the largest, else the smallest"),
      Parameter("sorted", .boolean, default: "true", "whether in order; they are in any case"),
    ],
    returns: "the elements in order, and their int64 indices, counting from 1; of equal ones the first",
    errors: "k beyond the extent, a dimension the tensor does not have",
    example: "local v, i = sonde.tensor{3, 9, 4}:topk(2); assert(v[1] == 9 and v[2] == 4 and i[2] == 3)",
    receiver: .tensor
  ) { call in
    let (values, indices) = try Differentiable.top(
      call.object(), try call.integer(0), along: try call.line(at: 1), largest: call.flag("largest", default: true))
    return try call.push(values) + call.push(indices: indices)
  }

  private static let quantile = FunctionRecord(
    "tensor:quantile",
    "Finds quantiles, whole or along dimensions, interpolated linearly between the sorted elements as NumPy does; NaN where there is one.",
    [
      Parameter("q", .oneOf([.number, .table, .tensor]), "one number in 0 to 1, or several in a table or a vector"),
      .dimensions,
    ],
    options: [.dimensions, .keepdim],
    returns: "a tensor; several quantiles come as its first dimension",
    errors: "no elements, q outside 0 to 1, a dimension the tensor does not have",
    example: "local t = sonde.tensor{4, 1, 3, 2}; assert(t:quantile(0.5):item() == 2.5 and t:quantile{0, 1}[2] == 4)",
    receiver: .tensor
  ) { call in
    try call.push(
      try Differentiable.quantiles(
        call.object(), try call.tensorOrTable(0, .float64), along: try call.reducedDimensions(at: 1),
        keepDimensions: call.flag("keepdim", default: false), defaultFloat: call.session.defaultDType))
  }

  private static let median = FunctionRecord(
    "tensor:median",
    "Finds the median, whole or along dimensions: the mean of the middle two for an even count; NaN where there is one.",
    [.dimensions], options: [.dimensions, .keepdim],
    returns:
      "a tensor; along one dimension also the int64 indices of the middle elements, the lower of two, the first of equals",
    errors: "no elements, a dimension the tensor does not have",
    example: "local v, i = sonde.tensor{4, 1, 3, 2}:median(1); assert(v:item() == 2.5 and i:item() == 4)",
    receiver: .tensor
  ) { call in
    let (tensor, keep) = (call.object(Tensor.self), call.flag("keepdim", default: false))
    let dimensions = try call.reducedDimensions()
    if let dimensions, dimensions.count == 1 {
      let (values, indices) = try Differentiable.medians(
        tensor, along: dimensions[0], keepDimension: keep, defaultFloat: call.session.defaultDType)
      return try call.push(values) + call.push(indices: indices)
    }
    return try call.push(
      try Differentiable.median(
        tensor, along: dimensions, keepDimensions: keep, defaultFloat: call.session.defaultDType))
  }

  private static let unique = FunctionRecord(
    "tensor:unique", "Finds the distinct elements in ascending order; all NaN count as one, the last.",
    options: [
      Parameter("inverse", .boolean, default: "false", "whether to return where each element's value stands"),
      Parameter("counts", .boolean, default: "false", "whether to return how often each value occurs"),
    ],
    returns: "a vector; with inverse int64 indices into it in the shape of the tensor; with counts an int64 vector",
    example: "local v, n = sonde.tensor{3, 1, 3}:unique{counts=true}; assert(#v == 2 and v[1] == 1 and n[2] == 2)",
    receiver: .tensor
  ) { call in
    let found = try call.object(Tensor.self).distinct()
    var results = try call.push(found.values)
    if call.flag("inverse", default: false) { results += try call.push(indices: found.inverse) }
    if call.flag("counts", default: false) { results += try call.push(found.counts) }
    return results
  }

  private static let bincount = FunctionRecord(
    "tensor:bincount", "Counts how often each whole number from 1 occurs, or adds up the weights of its elements.",
    [Parameter("weights", .oneOf([.tensor, .table]), default: "nil", "a weight for every element")],
    options: [Parameter("minlength", .integer, default: "0", "the least length of the result")],
    returns: "a vector whose element i is the count of i, int64; a float with weights",
    errors: "numbers below 1 (add 1 to those that count from 0), fractions, weights of another shape, no memory",
    example:
      "local c = sonde.tensor({2, 3, 2}, {dtype='int64'}):bincount(); assert(#c == 3 and c[1] == 0 and c[2] == 2)",
    receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let numbers = try call.numbersFromZero(tensor)
    let weights = call.argument(0).isAbsent ? nil : try call.tensorOrTable(0, call.session.defaultDType)
    return try call.push(
      try numbers.tally(
        weights: weights, minimumLength: call.option("minlength").asInteger ?? 0,
        defaultFloat: call.session.defaultDType))
  }

  private static let searchsorted = FunctionRecord(
    "tensor:searchsorted",
    "Finds where values go into this sorted vector so that it stays sorted: 1 before all, #self + 1 behind all; NaN goes last.",
    [Parameter("values", .oneOf([.tensor, .table, .number]), "what to place")], options: [.right],
    returns: "int64 indices, counting from 1, in the shape of the values; an integer for a number",
    errors: "another shape than a vector; that it is sorted isn't checked",
    example: "assert(sonde.tensor{1, 3, 5}:searchsorted(3) == 2 and sonde.tensor{1, 3, 5}:searchsorted{4, 9}[2] == 4)",
    receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    return try call.pushPlaces(of: try call.tensorOrTable(0, .float64), in: tensor)
  }

  private static let bucketize = FunctionRecord(
    "tensor:bucketize",
    "Finds the number of the interval each element falls into, between sorted boundaries: i where b[i-1] < x <= b[i].",
    [Parameter("boundaries", .oneOf([.tensor, .table]), "a sorted vector")], options: [.right],
    returns: "int64 numbers of this tensor's shape, from 1 to #boundaries + 1; with right, b[i-1] <= x < b[i]",
    errors: "boundaries that are no vector; that they are sorted isn't checked",
    example: "assert(sonde.tensor{0.5, 3}:bucketize{1, 2}[2] == 3)", receiver: .tensor
  ) { call in
    try call.push(
      indices: try call.tensorOrTable(0, .float64).search(
        call.object(), right: call.flag("right", default: false)))
  }

  private static let cumprod = FunctionRecord(
    "tensor:cumprod", "Multiplies up to every element along a dimension.", [.along], options: [.along],
    returns: "a tensor of the same shape; int64 of integers and masks", errors: "a dimension the tensor does not have",
    example: "assert(sonde.arange(4):cumprod()[4] == 24)", receiver: .tensor
  ) { call in try call.pushAlong { try Differentiable.cumulativeProduct($0, along: $1) } }

  private static func cumulativeInPlace(_ name: String, _ verb: String) -> FunctionRecord {
    FunctionRecord(
      "tensor:\(name)_", "\(verb) up to every element along a dimension, in place.", [.along], options: [.along],
      returns: "the tensor itself", errors: "a dimension the tensor does not have, masks, expanded views",
      example: "local t = sonde.ones(3); assert(t:\(name)_() == t)", receiver: .tensor
    ) { call in
      let tensor = call.object(Tensor.self)
      try tensor.requireWritable("\(name)_")
      guard tensor.dtype != .bool else {
        throw call.failure("expected a dtype of numbers, got bool; to(\"int64\") first")
      }
      let dimension = try call.line()
      let accumulate = name == "cumsum" ? Differentiable.cumulativeSum : Differentiable.cumulativeProduct
      try InPlace.change("\(name)_", tensor) {
        try tensor.copy(from: accumulate(tensor, dimension))
      } recorded: {
        try accumulate($0, dimension)
      }
      return call.pushSelf()
    }
  }
}

extension Call {
  /// Whole numbers from 1, of any dtype of numbers, counted from 0.
  fileprivate func numbersFromZero(_ tensor: Tensor) throws -> Tensor {
    if tensor.count > 0, tensor.dtype != .bool {
      let least = try tensor.reduced(.minimum).item()
      // a NaN is told below
      if least.double < 1 {
        throw failure("expected whole numbers from 1, got \(least); add 1 to numbers that count from 0")
      }
    }
    return try tensor.countedFromZero(extent: Int.max, who) { failure("expected whole numbers from 1, got \($0)") }
  }

  /// Pushes where values go into a sorted vector, counted from 1.
  fileprivate func pushPlaces(of values: Tensor, in sorted: Tensor) throws -> Int32 {
    let places = try sorted.search(values, right: flag("right", default: false))
    guard argument(0).asNumber != nil else { return try push(indices: places) }
    return push(Int(try places.item().double) + 1)
  }
}
