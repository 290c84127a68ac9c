import CLua
import Gradients
import Kernels
import Tensors

extension Parameter {
  /// A dimension, counted from 1, or from the last when negative.
  static func dimension(_ name: String = "dim", default defaultText: String? = nil) -> Parameter {
    Parameter(name, .integer, default: defaultText, "a dimension, from 1, or from -1 for the last")
  }
  fileprivate static let extents = Parameter(
    "shape", .oneOf([.integer, .table]), "the extents; one may be -1 for what remains")
}

extension Call {
  /// A dimension counted from 0, of an argument that counts from 1 or from the end.
  func dimension(_ value: LuaValue, rank: Int) throws -> Int {
    guard rank > 0 else { throw failure("expected a tensor with dimensions, got a 0-dim one") }
    guard let number = value.asInteger, let position = Tensor.position(number, extent: rank) else {
      throw failure("expected a dimension from 1 to \(rank) (or negative), got \(value.text)")
    }
    return position
  }

  /// Refuses more tables than the memory limit has room for: extents of 0 inside make no elements, but tables around them.
  fileprivate func checkRoom(forTablesOf extents: [Int]) throws {
    let bytesOfTable = 56
    var tables = 1
    for extent in extents.dropLast() {
      let (product, overflows) = tables.multipliedReportingOverflow(by: extent)
      guard !overflows, product <= MemoryAccount.limit / bytesOfTable else {
        throw failure("not enough memory for the tables of shape \(Extents(extents))")
      }
      tables = product
    }
  }

  /// Extents of which one may be -1.
  fileprivate func wantedShape() throws -> Extents {
    Extents(
      try severalIntegers().map { value in
        guard let extent = value.asInteger, extent >= -1 else {
          throw failure("expected extents of 0 or more, or one -1, got \(value.text)")
        }
        return extent
      })
  }

  /// The arguments, or the elements of the table that is the first: at most as many as there can be dimensions.
  fileprivate func severalIntegers() throws -> [LuaValue] {
    var values: [LuaValue] = arguments
    if case .table(let index) = argument(0) {
      guard arguments.count == 1 else { throw failure("expected one table or several integers, got both") }
      values = try sequence(at: index) { $0 }
    }
    guard values.count <= Extents.maximumRank else {
      throw failure("expected at most \(Extents.maximumRank) dimensions, got \(values.count)")
    }
    return values
  }
}

extension FunctionRecord {
  /// Methods that view, copy or convert.
  static let shapeMethods: [FunctionRecord] =
    [t, transpose, permute, reshape, view, squeeze, unsqueeze, expand, narrow, select, contiguous]
    + [clone, to, copy, fill, numel, dim, item, totable, matmul, mm, mv]

  private static let t = FunctionRecord(
    "tensor:t", "Transposes a matrix, without copying.", returns: "a view [columns, rows]",
    errors: "another rank than 2",
    example: "local m = sonde.zeros(2, 3); m:t()[3][1] = 7; assert(m[1][3] == 7)", receiver: .tensor
  ) { call in try call.push(try Differentiable.transposed(call.object())) }

  private static let transpose = FunctionRecord(
    "tensor:transpose", "Swaps two dimensions, without copying.", [.dimension("first"), .dimension("second")],
    returns: "a view", errors: "dimensions the tensor does not have",
    example: "assert(sonde.zeros(2, 3, 4):transpose(1, 3).shape[1] == 4)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let first = try call.dimension(call.argument(0), rank: tensor.rank)
    return try call.push(
      try Differentiable.transpose(tensor, first, try call.dimension(call.argument(1), rank: tensor.rank)))
  }

  private static let permute = FunctionRecord(
    "tensor:permute", "Reorders the dimensions, without copying.",
    [Parameter("order", .oneOf([.integer, .table]), "every dimension once, as integers or one table")], variadic: true,
    returns: "a view", errors: "an order that is no permutation",
    example: "assert(sonde.zeros(2, 3, 4):permute(3, 1, 2).shape[1] == 4)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let order = try call.severalIntegers()
    return try call.push(
      try Differentiable.permute(tensor, try order.map { try call.dimension($0, rank: tensor.rank) }))
  }

  private static let reshape = FunctionRecord(
    "tensor:reshape", "Gives the elements other extents: a view where the strides allow it, else a copy.", [.extents],
    variadic: true, returns: "a tensor", errors: "another number of elements",
    example: "assert(sonde.arange(6):reshape(2, -1)[2][1] == 4)", receiver: .tensor
  ) { call in try call.push(try Differentiable.reshape(call.object(), try call.wantedShape())) }

  private static let view = FunctionRecord(
    "tensor:view", "Gives the elements other extents, never copying.", [.extents], variadic: true, returns: "a view",
    errors: "another number of elements, strides that do not allow it",
    example: "local t = sonde.zeros(6); t:view(2, 3)[2][3] = 1; assert(t[6] == 1)", receiver: .tensor
  ) { call in try call.push(try Differentiable.view(call.object(), try call.wantedShape())) }

  private static let squeeze = FunctionRecord(
    "tensor:squeeze", "Drops dimensions of extent 1: all of them, one, or several.",
    [Parameter("dim", .oneOf([.integer, .table]), default: "all", "a dimension, from 1, or a table of several")],
    returns: "a view", errors: "a dimension the tensor does not have, an extent other than 1",
    example: "assert(sonde.zeros(2, 1, 3):squeeze():dim() == 2 and sonde.zeros(1, 2, 1):squeeze{1, -1}:dim() == 1)",
    receiver: .tensor
  ) { call in
    var tensor = call.object(Tensor.self)
    guard let dimensions = try call.reducedDimensions() else {
      return try call.push(try Differentiable.squeeze(tensor))
    }
    for dimension in dimensions.sorted(by: >) { tensor = try Differentiable.squeeze(tensor, dimension) }
    return try call.push(tensor)
  }

  private static let unsqueeze = FunctionRecord(
    "tensor:unsqueeze", "Adds a dimension of extent 1.", [.dimension()], returns: "a view",
    errors: "a position outside 1 to rank + 1",
    example: "assert(sonde.zeros(2, 3):unsqueeze(1).shape[1] == 1)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    return try call.push(
      try Differentiable.unsqueeze(tensor, try call.dimension(call.argument(0), rank: tensor.rank + 1)))
  }

  private static let expand = FunctionRecord(
    "tensor:expand", "Repeats extents of 1 to fill a shape, without copying; the view can't be written.",
    [.extents], variadic: true, returns: "a view", errors: "shapes that do not broadcast",
    example: "assert(sonde.ones(1, 3):expand(2, 3):sum():item() == 6)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    var shape = try call.wantedShape()
    let added = shape.count - tensor.rank
    for dimension in 0..<shape.count where shape[dimension] == -1 {
      guard dimension >= added else {
        throw call.failure("-1 stands for an extent the tensor has, dimension \(dimension + 1) is new")
      }
      shape[dimension] = tensor.shape[dimension - added]
    }
    return try call.push(try Differentiable.expand(tensor, to: shape))
  }

  private static let narrow = FunctionRecord(
    "tensor:narrow", "Takes a range along a dimension, without copying.",
    [.dimension(), Parameter("first", .integer, "the first index"), Parameter("length", .integer, "how many")],
    returns: "a view", errors: "a range outside the dimension",
    example: "assert(sonde.arange(5):narrow(1, 2, 3)[1] == 2)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let dimension = try call.dimension(call.argument(0), rank: tensor.rank)
    let (first, length) = (try call.integer(1), try call.integer(2))
    let extent = tensor.shape[dimension]
    // no elements right behind the last one are a range too, the only one where there are none
    let end = length == 0 && first == extent + 1 ? extent : nil
    guard length >= 0, let start = end ?? Tensor.position(first, extent: extent) else {
      throw call.failure("expected a range inside 1 to \(extent), got \(length) from \(first)")
    }
    return try call.push(try Differentiable.narrow(tensor, dimension, start, length))
  }

  private static let select = FunctionRecord(
    "tensor:select", "Takes one index of a dimension, which goes, without copying.",
    [.dimension(), Parameter("index", .integer, "which, from 1, or from the end when negative")], returns: "a view",
    errors: "an index outside the dimension",
    example: "assert(sonde.eye(3):select(2, -1)[3] == 1)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let dimension = try call.dimension(call.argument(0), rank: tensor.rank)
    let index = try call.integer(1)
    guard let position = Tensor.position(index, extent: tensor.shape[dimension]) else {
      throw LuaFailure.message(tensor.outside(index, dimension: dimension))
    }
    return try call.push(try Differentiable.select(tensor, dimension, position))
  }

  private static let contiguous = FunctionRecord(
    "tensor:contiguous", "The tensor itself when its elements lie in row-major order, else a copy in which they do.",
    returns: "a tensor", example: "assert(sonde.zeros(2, 3):t():contiguous().shape[1] == 3)", receiver: .tensor
  ) { call in try call.push(try Differentiable.contiguous(call.object())) }

  // MARK: Copies and conversions

  private static let clone = FunctionRecord(
    "tensor:clone", "Copies the tensor.", returns: "a contiguous tensor of its own memory",
    example: "local a = sonde.ones(2); local b = a:clone(); b[1] = 5; assert(a[1] == 1)", receiver: .tensor
  ) { call in try call.push(try Differentiable.clone(call.object())) }

  private static let to = FunctionRecord(
    "tensor:to", "Converts to another dtype; the tensor itself when it has that dtype.",
    [Parameter("dtype", .dtype, "float32, float64, int64 or bool")], returns: "a tensor",
    errors: "numbers that int64 can't hold",
    example: "assert(sonde.ones(2):to('float64').dtype == 'float64')", receiver: .tensor
  ) { call in
    try call.push(try Differentiable.to(call.object(), DType(name: try call.string(0)) ?? .float32))
  }

  private static let copy = FunctionRecord(
    "tensor:copy_", "Copies the elements of another tensor or nested table here, broadcast and converted.",
    [Parameter("source", .oneOf([.tensor, .table, .number]), "what is copied")], returns: "the tensor itself",
    errors: "a shape that does not broadcast to this one, expanded views",
    example: "local t = sonde.zeros(2, 2); t:copy_{{1, 2}, {3, 4}}; assert(t[2][1] == 3)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    if let scalar = call.argument(0).asScalar {
      try Differentiable.fill(tensor, scalar, "copy_")
    } else {
      try Differentiable.copy(try call.tensorValue(call.argument(0), like: tensor.dtype), to: tensor)
    }
    return call.pushSelf()
  }

  private static let fill = FunctionRecord(
    "tensor:fill_", "Sets every element to one value.", [Parameter("value", .oneOf([.number, .boolean]), "the value")],
    returns: "the tensor itself", errors: "expanded views, fractions for int64",
    example: "assert(sonde.zeros(2):fill_(3)[2] == 3)", receiver: .tensor
  ) { call in
    try Differentiable.fill(call.object(), call.argument(0).asScalar ?? 0, "fill_")
    return call.pushSelf()
  }

  private static let numel = FunctionRecord(
    "tensor:numel", "Counts the elements.", returns: "an integer", example: "assert(sonde.zeros(2, 3):numel() == 6)",
    receiver: .tensor
  ) { call in call.push(call.object(Tensor.self).count) }

  private static let dim = FunctionRecord(
    "tensor:dim", "Counts the dimensions.", returns: "an integer", example: "assert(sonde.zeros(2, 3):dim() == 2)",
    receiver: .tensor
  ) { call in call.push(call.object(Tensor.self).rank) }

  private static let item = FunctionRecord(
    "tensor:item", "The number in a tensor of one element.", returns: "a Lua number, or a boolean of a mask",
    errors: "more elements than one, or none", example: "assert(sonde.ones(3):sum():item() == 3)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    _ = try tensor.item()
    tensor.pushElement(call.lua, at: tensor.offset)
    return 1
  }

  private static let totable = FunctionRecord(
    "tensor:totable", "Copies the elements into nested Lua tables.", returns: "a table; the number of a 0-dim tensor",
    errors: "no memory",
    example: "assert(sonde.eye(2):totable()[2][2] == 1)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    guard tensor.rank > 0 else {
      tensor.pushElement(call.lua, at: tensor.offset)
      return 1
    }
    let extents = tensor.shape.map { Int($0) }
    try call.checkRoom(forTablesOf: extents)
    let status: Int32
    switch tensor.dtype {
    case .float32, .float64:
      status = sonde_try_nested(call.lua, try tensor.doubles(), nil, nil, extents, Int32(tensor.rank))
    case .int64: status = sonde_try_nested(call.lua, nil, try tensor.integers(), nil, extents, Int32(tensor.rank))
    case .bool:
      status = sonde_try_nested(
        call.lua, nil, nil, try tensor.integers().map { UInt8($0) }, extents, Int32(tensor.rank))
    }
    try check(status)
    return 1
  }

  // MARK: Products

  private static let matmul = product(
    "matmul", "Multiplies matrices, vectors or batches of matrices, as NumPy's matmul.")
  private static let mm = product("mm", "Multiplies matrices: another name for matmul.")
  private static let mv = product("mv", "Multiplies a matrix and a vector: another name for matmul.")

  private static func product(_ name: String, _ summary: String) -> FunctionRecord {
    FunctionRecord(
      "tensor:\(name)", summary, [Parameter("other", .tensor, "the right factor")], returns: "a new tensor",
      errors: "inner extents that differ", example: "assert(sonde.eye(2):\(name)(sonde.ones(2, 3)).shape[2] == 3)",
      receiver: .tensor
    ) { call in
      try call.push(
        try Differentiable.matmul(call.object(), try call.tensor(0), defaultFloat: call.session.defaultDType))
    }
  }
}
