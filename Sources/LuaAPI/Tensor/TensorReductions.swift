import CLua
import Gradients
import Kernels
import Tensors

extension Parameter {
  /// The dimensions to reduce.
  static let dimensions = Parameter(
    "dim", .oneOf([.integer, .table]), default: "the whole tensor", "a dimension, or a table of several")
  /// The option of reductions.
  static let keepdim = Parameter(
    "keepdim", .boolean, default: "false", "whether reduced dimensions stay with extent 1")
  fileprivate static let tensors = Parameter("tensors", .table, "a sequence of tensors")
}

extension Call {
  /// The dimensions to reduce, from 0: of an argument or the option `dim`; nil is all.
  func reducedDimensions(at position: Int = 0) throws -> [Int]? {
    let rank = object(Tensor.self).rank
    let value = argument(position).isAbsent ? option("dim") : argument(position)
    switch value {
    case .absent: return nil
    case .table(let index):
      return try sequence(at: index) { try dimension($0, rank: rank) }
    default: return [try dimension(value, rank: rank)]
    }
  }

  /// The one dimension to work along: the argument, the option, or `fallback`, the last unless told.
  func line(at position: Int = 0, default fallback: Int64 = -1) throws -> Int {
    let value = argument(position).isAbsent ? option("dim") : argument(position)
    return try dimension(value.isAbsent ? .integer(fallback) : value, rank: object(Tensor.self).rank)
  }

  /// Pushes what `compute` makes of the receiver along the one dimension to work along; a 0-dim tensor is a line of one element.
  func pushAlong(_ compute: (Tensor, Int) throws -> Tensor) throws -> Int32 {
    let tensor = object(Tensor.self)
    guard tensor.rank == 0, argument(0).isAbsent, option("dim").isAbsent else {
      return try push(try compute(tensor, try line()))
    }
    return try push(try Differentiable.squeeze(try compute(try Differentiable.unsqueeze(tensor, 0), 0), 0))
  }

  /// Pushes indices from 0 as Lua counts them.
  func push(indices: Tensor) throws -> Int32 {
    try push(try indices.applyInPlace(.add, .scalar(1)))
  }

  /// The tensors of a sequence.
  fileprivate func tensors() throws -> [Tensor] {
    guard case .table(let index) = argument(0) else { return [] }
    return try sequence(at: index) { value in
      guard let tensor = value.asTensor else { throw failure("expected tensors, got \(value.text)") }
      return tensor
    }
  }
}

extension FunctionRecord {
  /// Methods that make few numbers of many.
  static let reductionMethods: [FunctionRecord] =
    Reduction.allCases.filter { $0 != .minimum && $0 != .maximum }.map(reduction)
    + [extreme("min", largest: false), extreme("max", largest: true)]
    + [extremeIndex("argmin", largest: false), extremeIndex("argmax", largest: true)]
    + [cumsum, softmax("softmax", logarithm: false), softmax("log_softmax", logarithm: true), sort]

  /// `sonde.cat` and `sonde.stack`.
  static let joiningFunctions: [FunctionRecord] = [cat, stack]

  private static func reduction(_ reduction: Reduction) -> FunctionRecord {
    let name = reduction.rawValue
    let spread = reduction == .variance || reduction == .standardDeviation
    let unbiased = Parameter("unbiased", .boolean, default: "false", "whether to divide by n - 1 instead of n")
    return FunctionRecord(
      "tensor:\(name)", "Reduces the tensor by \(name), whole or along dimensions.", [.dimensions],
      options: [.dimensions, .keepdim] + (spread ? [unbiased] : []),
      returns: "a tensor; of the whole one of 0 dimensions", errors: "a dimension the tensor does not have",
      example: "assert(sonde.ones(2, 3):\(name){dim=1}.shape[1] == 3 and sonde.ones(2, 3):\(name)():dim() == 0)",
      receiver: .tensor
    ) { call in
      try call.push(
        try Differentiable.reduced(
          reduction, call.object(), along: try call.reducedDimensions(),
          keepDimensions: call.flag("keepdim", default: false),
          unbiased: call.flag("unbiased", default: false), defaultFloat: call.session.defaultDType))
    }
  }

  private static func extreme(_ name: String, largest: Bool) -> FunctionRecord {
    FunctionRecord(
      "tensor:\(name)",
      "Finds the \(largest ? "largest" : "smallest") element, whole or along a dimension; NaN where there is one.",
      [.dimension(default: "the whole tensor")], options: [.dimension(default: "the whole tensor"), .keepdim],
      returns: "a 0-dim tensor; along a dimension values and indices",
      errors: "no elements, a dimension the tensor does not have",
      example: "local v, i = sonde.tensor{{1, 5}, {7, 2}}:\(name){dim=2}; assert(#v == 2 and i.dtype == 'int64')",
      receiver: .tensor
    ) { call in
      let tensor = call.object(Tensor.self)
      guard let dimension = try call.reducedDimensions()?.first else {
        return try call.push(
          try Differentiable.reduced(
            largest ? .maximum : .minimum, tensor, keepDimensions: call.flag("keepdim", default: false)))
      }
      let (values, indices) = try Differentiable.extremes(
        tensor, largest: largest, along: dimension, keepDimension: call.flag("keepdim", default: false))
      return try call.push(values) + call.push(indices: indices)
    }
  }

  private static func extremeIndex(_ name: String, largest: Bool) -> FunctionRecord {
    FunctionRecord(
      "tensor:\(name)", "Finds the index of the \(largest ? "largest" : "smallest") element, the first of equals.",
      [.dimension(default: "the whole tensor, in row-major order")],
      options: [.dimension(default: "the whole tensor, in row-major order"), .keepdim],
      returns: "an int64 tensor, counting from 1", errors: "no elements, a dimension the tensor does not have",
      example: "assert(sonde.tensor{3, 9, 4}:\(name)():item() == \(largest ? 2 : 1))", receiver: .tensor
    ) { call in
      try call.push(
        indices: try call.object(Tensor.self).extremeIndices(
          largest: largest, along: try call.reducedDimensions()?.first,
          keepDimension: call.flag("keepdim", default: false)))
    }
  }

  private static let cumsum = FunctionRecord(
    "tensor:cumsum", "Sums up to every element along a dimension.", [.dimension(default: "the last")],
    options: [.dimension(default: "the last")], returns: "a tensor of the same shape",
    errors: "a dimension the tensor does not have",
    example: "assert(sonde.arange(4):cumsum()[4] == 10)", receiver: .tensor
  ) { call in try call.pushAlong { try Differentiable.cumulativeSum($0, along: $1) } }

  private static func softmax(_ name: String, logarithm: Bool) -> FunctionRecord {
    FunctionRecord(
      "tensor:\(name)", "Computes \(name) along a dimension, without overflow.", [.dimension(default: "the last")],
      options: [.dimension(default: "the last")], returns: "a tensor of the same shape",
      errors: "a dimension the tensor does not have",
      example: "assert(math.abs(sonde.zeros(2, 4):\(name)(2)[1][1] - \(logarithm ? "math.log(0.25)" : "0.25")) < 1e-6)",
      receiver: .tensor
    ) { call in
      let float = call.session.defaultDType
      return try call.pushAlong {
        try Differentiable.softmax($0, along: $1, logarithm: logarithm, defaultFloat: float)
      }
    }
  }

  private static let sort = FunctionRecord(
    "tensor:sort", "Sorts along a dimension; equal elements keep their order, NaN comes last, also when descending.",
    [.dimension(default: "the last")],
    options: [.dimension(default: "the last"), Parameter("descending", .boolean, default: "false", "largest first")],
    returns: "the sorted tensor, and the int64 indices the elements had",
    errors: "a dimension the tensor does not have",
    example: "local v, i = sonde.tensor{3, 1, 2}:sort(); assert(v[1] == 1 and i[1] == 2)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let descending = call.flag("descending", default: false)
    var places: Tensor?
    let count = try call.pushAlong {
      let (values, indices) = try Differentiable.sorted($0, along: $1, descending: descending)
      places = indices
      return values
    }
    return try count + call.push(indices: try places.map { try $0.reshape(tensor.shape) } ?? tensor)
  }

  private static let cat = FunctionRecord(
    "sonde.cat", "Joins tensors along a dimension they have.", [.tensors, .dimension(default: "1")],
    returns: "a new tensor", errors: "no tensors, extents that differ elsewhere",
    example: "assert(#sonde.cat({sonde.ones(2, 3), sonde.ones(4, 3)}) == 6)"
  ) { call in
    let tensors = try call.tensors()
    let value = call.argument(1).isAbsent ? LuaValue.integer(1) : call.argument(1)
    let dimension = tensors.isEmpty ? 0 : try call.dimension(value, rank: tensors[0].rank)
    return try call.push(try Differentiable.cat(tensors, along: dimension))
  }

  private static let stack = FunctionRecord(
    "sonde.stack", "Joins tensors of one shape along a new dimension.", [.tensors, .dimension(default: "1")],
    returns: "a new tensor", errors: "no tensors, shapes that differ, more than 8 dimensions",
    example: "assert(sonde.stack({sonde.ones(3), sonde.zeros(3)}).shape[1] == 2)"
  ) { call in
    let tensors = try call.tensors()
    if let first = tensors.first, first.rank >= Extents.maximumRank {
      throw call.failure("expected tensors of fewer than \(Extents.maximumRank) dimensions, got \(first.shape)")
    }
    let value = call.argument(1).isAbsent ? LuaValue.integer(1) : call.argument(1)
    let dimension = tensors.isEmpty ? 0 : try call.dimension(value, rank: tensors[0].rank + 1)
    return try call.push(try Differentiable.stack(tensors, along: dimension))
  }
}
