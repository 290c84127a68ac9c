import CLua
import Gradients
import Kernels
import Tensors

extension Parameter {
  fileprivate static let mask = Parameter("mask", .tensor, "a tensor of dtype bool that broadcasts")
  fileprivate static let tolerances = [
    Parameter("rtol", .number, default: "1e-5", "the tolerance relative to the other"),
    Parameter("atol", .number, default: "1e-8", "the absolute tolerance"),
    Parameter("equal_nan", .boolean, default: "false", "whether NaN is close to NaN"),
  ]
}

extension Call {
  /// The mask of elements that are close to another tensor's.
  fileprivate func close() throws -> Tensor {
    try Tensor.close(
      .tensor(object()), try operand(0, like: .float64), relative: option("rtol").asNumber ?? 1e-5,
      absolute: option("atol").asNumber ?? 1e-8, equalNaN: flag("equal_nan", default: false))
  }
}

extension Call {
  /// An argument that is a number or a tensor of one element.
  fileprivate func single(_ position: Int) throws -> Operand {
    if let scalar = argument(position).asScalar { return .scalar(scalar) }
    _ = try tensor(position).item()
    return .tensor(try Differentiable.reshape(try tensor(position), []))
  }
}

extension FunctionRecord {
  /// Methods that make masks of tensors, or use them.
  static let maskMethods: [FunctionRecord] =
    [chosen, maskedSelect, nonzero("nonzero"), nonzero("argwhere"), countNonzero, isclose, allclose, equal]
    + maskedFill + maskedScatter + LogicalOperation.allCases.flatMap(logical)

  private static let chosen = FunctionRecord(
    "tensor:where", "Keeps elements where a mask is true and takes the other's elsewhere.", [.mask, .operand],
    returns: "a new tensor, all three broadcast", errors: "a mask of another dtype, shapes that do not broadcast",
    example: "local t = sonde.tensor{-1, 2}; assert(t:where(t:gt(0), 0)[1] == 0)", receiver: .tensor
  ) { call in
    try call.push(
      try Differentiable.choose(
        try call.tensor(0), .tensor(call.object()), try call.operand(1, like: call.object(Tensor.self).dtype),
        defaultFloat: call.session.defaultDType))
  }

  private static let maskedSelect = FunctionRecord(
    "tensor:masked_select", "Copies the elements under a mask into a vector, in row-major order.", [.mask],
    returns: "a vector", errors: "a mask of another dtype, shapes that do not broadcast",
    example: "local t = sonde.tensor{1, 5, 3}; assert(#t:masked_select(t:gt(2)) == 2)", receiver: .tensor
  ) { call in
    let (tensor, mask) = (call.object(Tensor.self), try call.tensor(0))
    return try call.push(try Differentiable.rearranged("masked_select", tensor) { try $0.maskedSelect(mask) })
  }

  private static let maskedFill = pair(
    "masked_fill", "Sets the elements under a mask to one value.",
    [.mask, Parameter("value", .oneOf([.number, .boolean, .tensor]), "a number, or a tensor of one element")],
    errors: "a mask of another dtype or that does not broadcast to this shape, fractions for int64",
    example: "local t = sonde.tensor{1, 5, 3}; assert(t:NAME(t:gt(2), 0):sum():item() == 1)"
  ) { call, target in
    let mask = try call.tensor(0)
    return Placement("masked_fill", try call.single(1)) { target, value in
      switch value {
      case .scalar(let scalar): try target.maskedFill(mask, scalar)
      case .tensor(let tensor): try target.maskedFill(mask, try tensor.item())
      }
    } pick: {
      try $0.maskedSelect(mask)
    }
  }

  private static let maskedScatter = pair(
    "masked_scatter", "Copies the first elements of a source, in row-major order, to the places under a mask.",
    [.mask, Parameter("source", .oneOf([.tensor, .table]), "at least as many elements as the mask has true ones")],
    errors: "a mask of another dtype or that does not broadcast to this shape, a source of too few elements",
    example: "local t = sonde.tensor{1, 5, 3}; assert(t:NAME(t:gt(2), sonde.tensor{8, 9})[3] == 9)"
  ) { call, target in
    let (mask, source) = (try call.tensor(0), try call.tensorOrTable(1, target.dtype))
    let chosen = try mask.broadcast(to: target.shape)
    let wanted = mask.dtype == .bool ? Int(try chosen.countNonzero().item().double) : 0
    let row = try Differentiable.reshape(source, [source.count])
    let used = try Differentiable.narrow(row, 0, 0, min(wanted, source.count))
    return Placement("masked_scatter", .tensor(used)) { target, value in
      switch value {
      case .scalar(let scalar): try target.maskedFill(mask, scalar)
      case .tensor(let tensor): try target.maskedScatter(mask, tensor)
      }
    } pick: {
      try $0.maskedSelect(mask)
    }
  }

  private static func nonzero(_ name: String) -> FunctionRecord {
    FunctionRecord(
      "tensor:\(name)", "Finds the indices of the elements other than 0 (or false), in row-major order.",
      returns: "int64 [k, dim()], counting from 1: a row for each; NaN is other than 0",
      example: "local p = sonde.tensor{{0, 7}, {0, 0}}:\(name)(); assert(p[{1, 1}] == 1 and p[{1, 2}] == 2)",
      receiver: .tensor
    ) { call in try call.push(indices: try call.object(Tensor.self).nonzero()) }
  }

  private static let countNonzero = FunctionRecord(
    "tensor:count_nonzero", "Counts the elements other than 0 (or false), whole or along dimensions.", [.dimensions],
    options: [.dimensions, .keepdim], returns: "an int64 tensor; NaN is other than 0",
    errors: "a dimension the tensor does not have",
    example: "assert(sonde.tensor{0, 7, 2}:count_nonzero():item() == 2)", receiver: .tensor
  ) { call in
    try call.push(
      try call.object(Tensor.self).countNonzero(
        along: try call.reducedDimensions(), keepDimensions: call.flag("keepdim", default: false)))
  }

  private static func logical(_ operation: LogicalOperation) -> [FunctionRecord] {
    let name = operation.rawValue
    let word = name.dropFirst("logical_".count)
    return [
      FunctionRecord(
        "tensor:\(name)", "Combines two masks by '\(word)'; numbers count as true where they are other than 0.",
        [.operand], returns: "a mask of dtype bool", errors: "shapes that do not broadcast",
        example: "assert(sonde.tensor{true, false}:\(name)(true).dtype == 'bool')", receiver: .tensor
      ) { call in
        try call.push(
          try Tensor.combine(operation, .tensor(call.object()), try call.operand(0, like: .bool)))
      },
      FunctionRecord(
        "tensor:\(name)_", "Combines two masks by '\(word)', in place; a tensor of numbers becomes 0 and 1.",
        [.operand],
        returns: "the tensor itself", errors: "shapes that do not broadcast to this one, expanded views",
        example: "local m = sonde.tensor{true, false}; assert(m:\(name)_(m) == m)", receiver: .tensor
      ) { call in
        let target = call.object(Tensor.self)
        try target.requireWritable("\(name)_")
        try target.copy(from: try Tensor.combine(operation, .tensor(target), try call.operand(0, like: .bool)))
        return call.pushSelf()
      },
    ]
  }

  private static let isclose = FunctionRecord(
    "tensor:isclose", "Asks of every element a whether |a - b| <= atol + rtol |b|.", [.operand],
    options: Parameter.tolerances,
    returns: "a mask of dtype bool; equal infinities are close, NaN is close to nothing unless equal_nan",
    errors: "shapes that do not broadcast",
    example: "assert(sonde.tensor{1, 2}:isclose(1.000001)[1] == true)", receiver: .tensor
  ) { call in try call.push(try call.close()) }

  private static let allclose = FunctionRecord(
    "tensor:allclose", "Asks whether |a - b| <= atol + rtol |b| of all elements a.",
    [Parameter("other", .oneOf([.tensor, .number, .table]), "a tensor that broadcasts, a nested table, or a number")],
    options: Parameter.tolerances, returns: "a Lua boolean; true of no elements",
    errors: "shapes that do not broadcast",
    example: "assert(sonde.ones(3):allclose(1.000001) and not sonde.ones(3):allclose(1.1))", receiver: .tensor
  ) { call in call.push(try call.close().reduced(.all).item().double != 0) }

  private static let equal = FunctionRecord(
    "tensor:equal", "Asks whether another tensor has the same shape and equal elements, whatever the dtypes.",
    [Parameter("other", .tensor, "a tensor")], returns: "a Lua boolean; NaN equals nothing",
    example: "assert(sonde.ones(3):equal(sonde.ones(3)) and not sonde.ones(3):equal(sonde.ones(2)))", receiver: .tensor
  ) { call in call.push(try call.object(Tensor.self).isEqual(to: try call.tensor(0))) }
}
