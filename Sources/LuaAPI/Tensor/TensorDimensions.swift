import CLua
import Gradients
import Kernels
import Tensors

extension FunctionRecord {
  /// Methods about dimensions: merged, split, moved and measured.
  static let dimensionMethods: [FunctionRecord] =
    [flatten, unflatten, movedim, size, isContiguous]
    + [swap("swapaxes"), swap("swapdims"), like("view_as"), like("reshape_as"), like("expand_as")]

  private static let flatten = FunctionRecord(
    "tensor:flatten", "Makes one dimension of several: a view where the strides allow it, else a copy.",
    [.dimension("first", default: "1"), .dimension("last", default: "-1")],
    returns: "a tensor; of a 0-dim one a vector",
    errors: "dimensions the tensor does not have, or not in order",
    example: "assert(sonde.zeros(2, 3, 4):flatten(2).shape[2] == 12 and sonde.zeros(2, 3):flatten().shape[1] == 6)",
    receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    if tensor.rank == 0 { return try call.push(try Differentiable.flattened(tensor, from: 0, to: 0)) }
    let first = call.argument(0).isAbsent ? 0 : try call.dimension(call.argument(0), rank: tensor.rank)
    return try call.push(try Differentiable.flattened(tensor, from: first, to: try call.line(at: 1)))
  }

  private static let unflatten = FunctionRecord(
    "tensor:unflatten", "Makes several dimensions of one, without copying.",
    [.dimension(), Parameter("shape", .table, "the extents, one of which may be -1 for what remains")],
    returns: "a view", errors: "extents that do not multiply to the dimension's, more than 8 dimensions",
    example: "assert(sonde.zeros(6, 2):unflatten(1, {2, -1}).shape[2] == 3)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let dimension = try call.dimension(call.argument(0), rank: tensor.rank)
    let extents = try call.integers(from: 1)
    guard extents.count <= Extents.maximumRank else {
      throw call.failure("expected at most \(Extents.maximumRank) dimensions, got \(extents.count)")
    }
    return try call.push(try Differentiable.unflattened(tensor, dimension, Extents(extents)))
  }

  private static let place = Parameter("dim", .oneOf([.integer, .table]), "a dimension, or a table of several")

  private static let movedim = FunctionRecord(
    "tensor:movedim", "Moves dimensions to other places, the others staying in their order, without copying.",
    [place, Parameter("to", .oneOf([.integer, .table]), "its place in the result, or a table of places")],
    returns: "a view", errors: "dimensions the tensor does not have, or given twice",
    example: "assert(sonde.zeros(2, 3, 4):movedim(1, -1).shape[1] == 3)", receiver: .tensor
  ) { call in
    try call.push(
      try Differentiable.movingDimensions(
        call.object(), try call.dimensions(at: 0), to: try call.dimensions(at: 1)))
  }

  private static func swap(_ name: String) -> FunctionRecord {
    FunctionRecord(
      "tensor:\(name)", "Swaps two dimensions, without copying: another name for transpose.",
      [.dimension("first"), .dimension("second")], returns: "a view", errors: "dimensions the tensor does not have",
      example: "assert(sonde.zeros(2, 3, 4):\(name)(1, 3).shape[1] == 4)", receiver: .tensor
    ) { call in
      let tensor = call.object(Tensor.self)
      let first = try call.dimension(call.argument(0), rank: tensor.rank)
      return try call.push(
        try Differentiable.transpose(tensor, first, try call.dimension(call.argument(1), rank: tensor.rank)))
    }
  }

  private static func like(_ name: String) -> FunctionRecord {
    let verb = String(name.prefix { $0 != "_" })
    return FunctionRecord(
      "tensor:\(name)", "Does what \(verb) does, with the shape of another tensor.",
      [Parameter("other", .tensor, "whose shape")], returns: verb == "reshape" ? "a tensor" : "a view",
      errors: verb == "expand" ? "shapes that do not broadcast" : "another number of elements",
      example: "assert(sonde.ones(1, 3):\(name)(sonde.ones(1, 3)).shape[2] == 3)", receiver: .tensor
    ) { call in
      let (tensor, shape) = (call.object(Tensor.self), try call.tensor(0).shape)
      switch verb {
      case "view": return try call.push(try Differentiable.view(tensor, shape))
      case "reshape": return try call.push(try Differentiable.reshape(tensor, shape))
      default: return try call.push(try Differentiable.expand(tensor, to: shape))
      }
    }
  }

  private static let size = FunctionRecord(
    "tensor:size", "The extents, or that of one dimension.", [.dimension(default: "all")],
    returns: "a table, or an integer", errors: "a dimension the tensor does not have",
    example: "assert(sonde.zeros(2, 3):size(-1) == 3 and #sonde.zeros(2, 3):size() == 2)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    if call.argument(0).isAbsent { return try call.push(sequence: tensor.shape) { call.push($0) } }
    return call.push(tensor.shape[try call.dimension(call.argument(0), rank: tensor.rank)])
  }

  private static let isContiguous = FunctionRecord(
    "tensor:is_contiguous", "Whether the elements lie one after another in row-major order.", returns: "a boolean",
    example: "assert(sonde.zeros(2, 3):is_contiguous() and not sonde.zeros(2, 3):t():is_contiguous())",
    receiver: .tensor
  ) { call in call.push(call.object(Tensor.self).isContiguous) }
}
