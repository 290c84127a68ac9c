import CLua
import Kernels
import Tensors

extension Parameter {
  /// The option `dtype` of what makes tensors.
  static let dtype = Parameter("dtype", .dtype, default: "the session's default", "the elements' type")
  /// The option `generator` of what draws random numbers.
  static let generator = Parameter(
    "generator", .object(.generator), default: "the session's", "where the numbers come from")
  /// Extents as several integers or as one table.
  static let shape = Parameter(
    "shape", .oneOf([.integer, .table]), default: "none: a 0-dim tensor", "the extents, as integers or as one table")
}

extension Call {
  /// The extents in the arguments from `position` on: integers, or one table of them.
  func shape(from position: Int) throws -> Extents {
    if case .table(let index) = argument(position) {
      guard arguments.count == position + 1 else {
        throw failure("expected one table of extents or several integers, got both")
      }
      return try shape(at: index)
    }
    return try Extents.checked(try arguments.dropFirst(position).map(extent), who)
  }

  /// The extents in a table.
  func shape(at index: Int32) throws -> Extents {
    guard lua_rawlen(lua, index) <= Extents.maximumRank else {
      throw failure("expected at most \(Extents.maximumRank) dimensions, got \(lua_rawlen(lua, index))")
    }
    try forEachPair(in: index) { key, _ in
      if key.asInteger == nil {
        throw failure("expected extents in the table, got the key \(key.text); options go into a table of their own")
      }
    }
    let values = try sequence(at: index, extent)
    return try Extents.checked(values, who)
  }

  private func extent(_ value: LuaValue) throws -> Int {
    guard let extent = value.asInteger else { throw failure("expected integers as extents, got \(value.text)") }
    return extent
  }

  /// The int64 vector of `arange`, exact where bounds and step are integers; nil where they aren't, or for another dtype.
  fileprivate func integerRange(_ onlyLast: Bool) throws -> Tensor? {
    let bounds = onlyLast ? [.integer(1), argument(0)] : [argument(0), argument(1)]
    let step = argument(2).isAbsent ? LuaValue.integer(1) : argument(2)
    guard dtype() == .int64, let first = bounds[0].asInteger, let last = bounds[1].asInteger, let step = step.asInteger
    else { return nil }
    return try Tensor.arange(integers: Int64(first), Int64(last), step: Int64(step))
  }

  /// The dtype option as a float type.
  func floatDType() throws -> DType {
    guard dtype().isFloat else { throw failure("expected dtype float32 or float64, got \(dtype().name)") }
    return dtype()
  }
}

extension FunctionRecord {
  /// What makes tensors.
  static let creationFunctions: [FunctionRecord] =
    [tensor, zeros, ones, full, eye, arange, linspace] + [rand, randn, randint, randperm]

  private static let tensor = FunctionRecord(
    "sonde.tensor", "Makes a tensor of a number, a nested table of numbers or booleans, or a copy of a tensor.",
    [Parameter("values", .oneOf([.number, .boolean, .table, .tensor]), "the values; rows of one length")],
    options: [.dtype], returns: "a tensor; booleans make a mask, numbers the default dtype",
    errors: "rows of different lengths, elements that are no numbers",
    example: "local t = sonde.tensor{{1,2},{3,4}}; assert(t[2][1] == 3 and #t.shape == 2)"
  ) { call in
    let dtype = call.option("dtype").asString.flatMap(DType.init(name:))
    switch call.argument(0) {
    case .table(let index): return try call.push(try NestedTable(call, at: index).tensor(dtype))
    case .boolean(let value): return try call.push(try Tensor.scalar(value ? 1 : 0, dtype ?? .bool))
    case let value:
      if let source = value.asTensor { return try call.push(try source.clone().to(dtype ?? source.dtype)) }
      return try call.push(try Tensor.scalar(value.asScalar ?? 0, call.dtype()))
    }
  }

  private static let zeros = FunctionRecord(
    "sonde.zeros", "Makes a tensor of zeros.", [.shape], variadic: true, options: [.dtype], returns: "a tensor",
    errors: "negative extents, more than 8 dimensions, no memory",
    example: "assert(sonde.zeros(2, 3):sum():item() == 0 and sonde.zeros({2, 3}, {dtype='float64'}).dtype == 'float64')"
  ) { call in try call.push(try Tensor.zeros(try call.shape(from: 0), call.dtype())) }

  private static let ones = FunctionRecord(
    "sonde.ones", "Makes a tensor of ones.", [.shape], variadic: true, options: [.dtype], returns: "a tensor",
    errors: "negative extents, more than 8 dimensions, no memory",
    example: "assert(sonde.ones(2, 3):sum():item() == 6)"
  ) { call in try call.push(try Tensor.ones(try call.shape(from: 0), call.dtype())) }

  private static let full = FunctionRecord(
    "sonde.full", "Makes a tensor of one value everywhere.",
    [
      Parameter("shape", .oneOf([.integer, .table]), "the extents as one table, or one integer"),
      Parameter("value", .oneOf([.number, .boolean]), "what every element is"),
    ],
    options: [.dtype], returns: "a tensor", errors: "negative extents, no memory",
    example: "assert(sonde.full({2, 3}, 0.5)[1][3] == 0.5)"
  ) { call in
    let shape: Extents
    if case .table(let index) = call.argument(0) {
      shape = try call.shape(at: index)
    } else {
      shape = try Extents.checked([try call.integer(0)], call.who)
    }
    var dtype = call.dtype()
    if case .boolean = call.argument(1), call.option("dtype").isAbsent { dtype = .bool }
    return try call.push(try Tensor.full(shape, call.argument(1).asScalar ?? 0, dtype))
  }

  private static let eye = FunctionRecord(
    "sonde.eye", "Makes the identity matrix.", [Parameter("n", .integer, "the number of rows and columns")],
    options: [.dtype], returns: "a tensor [n, n]", errors: "a negative n",
    example: "local e = sonde.eye(3); assert(e[{2,2}] == 1 and e[{1,2}] == 0)"
  ) { call in try call.push(try Tensor.eye(try call.integer(0), call.dtype())) }

  private static let arange = FunctionRecord(
    "sonde.arange", "Makes a vector of evenly spaced numbers, both ends included as in a Lua for.",
    [
      Parameter("a", .number, "the first number; with no b, the last, counted from 1"),
      Parameter("b", .number, default: "nil", "the last number, if the steps reach it"),
      Parameter("step", .number, default: "1", "the distance between neighbours"),
    ],
    options: [.dtype], returns: "a vector", errors: "a step of 0, numbers that are not finite",
    example: "local t = sonde.arange(1, 5, 2); assert(#t == 3 and t[3] == 5 and #sonde.arange(4) == 4)"
  ) { call in
    let only = call.argument(1).isAbsent
    if let integers = try call.integerRange(only) { return try call.push(integers) }
    let first = only ? 1 : try call.number(0)
    let last = try call.number(only ? 0 : 1)
    return try call.push(
      try Tensor.arange(first, last, step: call.argument(2).asNumber ?? 1, call.dtype()))
  }

  private static let linspace = FunctionRecord(
    "sonde.linspace", "Makes a vector of n numbers from a to b, both included, evenly spaced.",
    [
      Parameter("a", .number, "the first number"), Parameter("b", .number, "the last number"),
      Parameter("n", .integer, "how many"),
    ],
    options: [.dtype], returns: "a vector", errors: "a negative n",
    example: "local t = sonde.linspace(0, 1, 5); assert(t[2] == 0.25 and t[-1] == 1)"
  ) { call in
    try call.push(try Tensor.linspace(try call.number(0), try call.number(1), try call.integer(2), call.dtype()))
  }

  // MARK: Random

  private static let rand = FunctionRecord(
    "sonde.rand", "Draws numbers uniformly from [0, 1).", [.shape], variadic: true, options: [.dtype, .generator],
    returns: "a tensor", errors: "a dtype that is no float",
    example: "local t = sonde.rand(100); assert(t:min():item() >= 0 and t:max():item() < 1)"
  ) { call in
    let tensor = try Tensor.zeros(try call.shape(from: 0), try call.floatDType())
    try call.generator().fillUniform(tensor, operation: call.who)
    return try call.push(tensor)
  }

  private static let randn = FunctionRecord(
    "sonde.randn", "Draws numbers from the standard normal distribution.", [.shape], variadic: true,
    options: [.dtype, .generator], returns: "a tensor", errors: "a dtype that is no float",
    example:
      "local g = sonde.generator(1); local t = sonde.randn(1000, {generator=g}); assert(math.abs(t:mean():item()) < 0.2)"
  ) { call in
    let tensor = try Tensor.zeros(try call.shape(from: 0), try call.floatDType())
    try call.generator().fillNormal(tensor, operation: call.who)
    return try call.push(tensor)
  }

  private static let randint = FunctionRecord(
    "sonde.randint", "Draws whole numbers from lo to hi, both included.",
    [
      Parameter("lo", .integer, "the smallest"), Parameter("hi", .integer, "the largest"),
      Parameter("shape", .oneOf([.integer, .table]), default: "{}", "the extents as one table, or one integer"),
    ],
    options: [Parameter("dtype", .dtype, default: "int64", "the elements' type"), .generator], returns: "a tensor",
    errors: "lo above hi, bounds that a float dtype does not hold exactly",
    example:
      "local t = sonde.randint(1, 6, {100}); assert(t.dtype == 'int64' and t:min():item() >= 1 and t:max():item() <= 6)"
  ) { call in
    let (low, high) = (try call.integer(0), try call.integer(1))
    guard low <= high else { throw call.failure("expected lo <= hi, got \(low) and \(high)") }
    let dtype = call.option("dtype").asString.flatMap(DType.init(name:)) ?? .int64
    // a mask has no bounds to keep: any number but 0 is true
    let drawn = try Tensor.zeros(try call.shape(from: 2), dtype == .bool ? .int64 : dtype)
    try call.generator().fillIntegers(drawn, low: Int64(low), high: Int64(high), operation: call.who)
    return try call.push(try drawn.to(dtype))
  }

  private static let randperm = FunctionRecord(
    "sonde.randperm", "Draws a random order of the whole numbers from 1 to n.", [Parameter("n", .integer, "how many")],
    options: [Parameter("dtype", .dtype, default: "int64", "the elements' type"), .generator], returns: "a vector",
    errors: "a negative n",
    example: "local p = sonde.randperm(5); assert(p:sum():item() == 15)"
  ) { call in
    let count = try call.integer(0)
    guard count >= 0 else { throw call.failure("expected n of at least 0, got \(count)") }
    let order = try Tensor.zeros([count], .int64)
    try call.generator().fillPermutation(order)
    let dtype = call.option("dtype").asString.flatMap(DType.init(name:)) ?? .int64
    return try call.push(try order.applyInPlace(.add, .scalar(1)).to(dtype))
  }
}
