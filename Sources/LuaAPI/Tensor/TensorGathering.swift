import CLua
import Gradients
import Kernels
import Tensors

extension Parameter {
  fileprivate static let source = Parameter(
    "source", .oneOf([.tensor, .number, .boolean, .table]), "a tensor, a nested table, or one number for all")
}

extension Call {
  /// What `gather` takes of a tensor.
  fileprivate func gathered(_ tensor: Tensor, _ dimension: Int) throws -> Tensor {
    let indices = try indices(1, of: tensor, along: dimension)
    return try Differentiable.rearranged("gather", tensor) { try $0.gather(dimension, indices) }
  }

  /// The part of a source that indices use: it may have larger extents than they.
  fileprivate func terms(_ position: Int, of target: Tensor, _ indices: Tensor) throws -> Operand {
    let value = try operand(position, like: target.dtype)
    guard case .tensor(var tensor) = value, tensor.rank == indices.rank else { return value }
    for dimension in 0..<tensor.rank where tensor.shape[dimension] > indices.shape[dimension] {
      tensor = try Differentiable.narrow(tensor, dimension, 0, indices.shape[dimension])
    }
    return .tensor(tensor)
  }
}

extension FunctionRecord {
  /// Methods that take and write elements by index.
  static let gatheringMethods: [FunctionRecord] =
    [gather, takeAlong, indexSelect, take] + scatter + scatterAdd + indexAdd + indexCopy + indexFill + put

  private static let gather = FunctionRecord(
    "tensor:gather", "Takes one element along a dimension for every index: out[i][j] = self[index[i][j]][j] for dim 1.",
    [.dimension(), .indices], returns: "a new tensor of the shape of the indices",
    errors: "indices outside the dimension, another number of dimensions, extents beyond this tensor's",
    example: "local t = sonde.tensor{{1, 2}, {3, 4}}; assert(t:gather(2, {{2}, {1}})[{1, 1}] == 2)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let dimension = try call.dimension(call.argument(0), rank: tensor.rank)
    return try call.push(try call.gathered(tensor, dimension))
  }

  private static let takeAlong = FunctionRecord(
    "tensor:take_along_dim",
    "Takes elements along a dimension at indices that broadcast over all others, as argsort gives.",
    [.indices, .dimension(default: "the whole tensor, in row-major order")], returns: "a new tensor",
    errors: "indices outside the dimension, shapes that do not broadcast",
    example: "local t = sonde.tensor{3, 1, 2}; assert(t:take_along_dim(t:argsort(), 1)[1] == 1)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    guard !call.argument(1).isAbsent else {
      let indices = try call.flatIndices(0, of: tensor).reshape([-1])
      return try call.push(try Differentiable.rearranged("take", tensor) { try $0.take(indices) })
    }
    let dimension = try call.dimension(call.argument(1), rank: tensor.rank)
    let indices = try call.indices(0, of: tensor, along: dimension)
    return try call.push(
      try Differentiable.rearranged("take_along_dim", tensor) { try $0.takeAlong(dimension, indices) })
  }

  private static let indexSelect = FunctionRecord(
    "tensor:index_select", "Takes rows, columns or slices by number.", [.dimension(), .indices],
    returns: "a new tensor", errors: "indices outside the dimension, or not a vector",
    example: "assert(sonde.arange(5):index_select(1, {5, 1})[1] == 5)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let dimension = try call.dimension(call.argument(0), rank: tensor.rank)
    let indices = try call.indices(1, of: tensor, along: dimension)
    return try call.push(
      try Differentiable.rearranged("index_select", tensor) { try $0.indexSelect(dimension, indices) })
  }

  private static let take = FunctionRecord(
    "tensor:take", "Takes elements by their number in row-major order.", [.indices],
    returns: "a new tensor of the shape of the indices", errors: "indices beyond the number of elements",
    example: "assert(sonde.tensor{{1, 2}, {3, 4}}:take{3, -1}[1] == 3)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let indices = try call.flatIndices(0, of: tensor)
    return try call.push(try Differentiable.rearranged("take", tensor) { try $0.take(indices) })
  }

  private static let scatter = pair(
    "scatter", "Writes one element along a dimension for every index: self[index[i][j]][j] = source[i][j] for dim 1.",
    [.dimension(), .indices, .source],
    errors: "indices outside the dimension, a source with smaller extents; of equal places the last stays",
    example: "local t = sonde.zeros(2, 3):NAME(2, {{3}, {1}}, 1); assert(t[{1, 3}] == 1 and t[{2, 1}] == 1)"
  ) { call, target in
    let dimension = try call.dimension(call.argument(0), rank: target.rank)
    let indices = try call.indices(1, of: target, along: dimension)
    return Placement("scatter", try call.terms(2, of: target, indices)) {
      try $0.scatter(dimension, indices, $1)
    } pick: {
      try $0.gather(dimension, indices)
    }
  }

  private static let scatterAdd = pair(
    "scatter_add",
    "Adds one element along a dimension for every index: self[index[i][j]][j] += source[i][j] for dim 1.",
    [.dimension(), .indices, .source],
    errors: "indices outside the dimension, a source with smaller extents, floats added to int64, masks",
    example: "assert(sonde.zeros(3):NAME(1, {2, 2}, sonde.tensor{5, 6})[2] == 11)"
  ) { call, target in
    let dimension = try call.dimension(call.argument(0), rank: target.rank)
    let indices = try call.indices(1, of: target, along: dimension)
    return Placement("scatter_add", try call.terms(2, of: target, indices), accumulates: true) {
      try $0.scatterAdd(dimension, indices, $1)
    } pick: {
      try $0.gather(dimension, indices)
    }
  }

  private static let slices = Parameter(
    "source", .oneOf([.tensor, .table]), "a slice for every index: this shape, but for the dimension")

  private static let indexAdd = pair(
    "index_add", "Adds slice i of a source to the slice at indices[i] of a dimension; equal indices add up.",
    [.dimension(), .indices, slices],
    errors: "indices outside the dimension, another shape, floats added to int64, masks",
    example: "assert(sonde.zeros(3):NAME(1, {1, 1, 3}, sonde.tensor{1, 2, 4})[1] == 3)"
  ) { call, target in
    let dimension = try call.dimension(call.argument(0), rank: target.rank)
    let indices = try call.indices(1, of: target, along: dimension)
    let source = try call.tensorOrTable(2, target.dtype)
    return Placement("index_add", .tensor(source), accumulates: true) { target, value in
      if case .tensor(let source) = value { try target.indexAdd(dimension, indices, source) }
    } pick: {
      try $0.indexSelect(dimension, indices)
    }
  }

  private static let indexCopy = pair(
    "index_copy",
    "Copies slice i of a source to the slice at indices[i] of a dimension; of equal indices the last stays.",
    [.dimension(), .indices, slices], errors: "indices outside the dimension, another shape",
    example: "assert(sonde.zeros(3):NAME(1, {3}, sonde.tensor{7})[3] == 7)"
  ) { call, target in
    let dimension = try call.dimension(call.argument(0), rank: target.rank)
    let indices = try call.indices(1, of: target, along: dimension)
    return Placement("index_copy", .tensor(try call.tensorOrTable(2, target.dtype))) { target, value in
      switch value {
      case .tensor(let source): try target.indexCopy(dimension, indices, source)
      case .scalar(let scalar): try target.indexFill(dimension, indices, scalar)
      }
    } pick: {
      try $0.indexSelect(dimension, indices)
    }
  }

  private static let indexFill = pair(
    "index_fill", "Sets the slices at some indices of a dimension to one value.",
    [.dimension(), .indices, Parameter("value", .oneOf([.number, .boolean]), "the value")],
    errors: "indices outside the dimension, fractions for int64",
    example: "assert(sonde.zeros(2, 3):NAME(2, {1, 3}, 5):sum():item() == 20)"
  ) { call, target in
    let dimension = try call.dimension(call.argument(0), rank: target.rank)
    let indices = try call.indices(1, of: target, along: dimension)
    return Placement("index_fill", .scalar(call.argument(2).asScalar ?? 0)) { target, value in
      if case .scalar(let scalar) = value { try target.indexFill(dimension, indices, scalar) }
    } pick: {
      try $0.indexSelect(dimension, indices)
    }
  }

  private static let put = pair(
    "put", "Writes elements by their number in row-major order.", [.indices, .source],
    options: [
      Parameter(
        "accumulate", .boolean, default: "false", "whether to add, equal indices adding up; else the last of them stays"
      )
    ],
    errors: "indices beyond the number of elements, another number of elements than indices",
    example: "assert(sonde.zeros(2, 2):NAME({1, 4}, sonde.tensor{5, 6})[{2, 2}] == 6)"
  ) { call, target in
    let indices = try call.flatIndices(0, of: target)
    var value = try call.operand(1, like: target.dtype)
    if case .tensor(let tensor) = value, tensor.count == indices.count {
      value = .tensor(try Differentiable.reshape(tensor, indices.shape))
    }
    let accumulates = call.flag("accumulate", default: false)
    return Placement("put", value, accumulates: accumulates) {
      try $0.put(indices, $1, accumulating: accumulates)
    } pick: {
      try $0.take(indices)
    }
  }
}
