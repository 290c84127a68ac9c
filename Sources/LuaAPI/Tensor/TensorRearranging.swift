import CLua
import Gradients
import Kernels
import Tensors

extension Parameter {
  fileprivate static let along = dimension(default: "1")
}

extension FunctionRecord {
  /// Methods that turn, cut and repeat.
  static let rearrangingMethods: [FunctionRecord] = [
    flip, roll, diff, chunk, split, unbind, tile, repeatInterleave,
  ]

  private static let flip = FunctionRecord(
    "tensor:flip", "Reverses the order of elements along dimensions.",
    [Parameter("dim", .oneOf([.integer, .table]), default: "all", "dimensions, as integers or one table")],
    variadic: true, returns: "a new tensor", errors: "a dimension the tensor does not have, or one given twice",
    example: "assert(sonde.arange(3):flip(1)[1] == 3)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    guard !call.argument(0).isAbsent else {
      return try call.push(try Differentiable.flipped(tensor, Array(0..<tensor.rank)))
    }
    let dimensions = try call.integers(from: 0).map { try call.dimension(.integer(Int64($0)), rank: tensor.rank) }
    return try call.push(try Differentiable.flipped(tensor, dimensions))
  }

  private static let roll = FunctionRecord(
    "tensor:roll", "Moves elements on along dimensions; those that leave at the end come back at the start.",
    [
      Parameter("shift", .oneOf([.integer, .table]), "how far, back when negative; a table for several dimensions"),
      Parameter("dim", .oneOf([.integer, .table]), default: "the whole in row-major order", "a dimension, or a table"),
    ],
    returns: "a new tensor", errors: "a dimension the tensor does not have, another number of shifts than dimensions",
    example: "assert(sonde.arange(4):roll(1)[1] == 4)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let shifts: [Int]
    if case .table = call.argument(0) {
      shifts = try call.integers(from: 0)
    } else {
      shifts = [try call.integer(0)]
    }
    guard !call.argument(1).isAbsent else {
      guard shifts.count == 1 else { throw call.failure("expected a dimension for each of \(shifts.count) shifts") }
      return try call.push(
        try Differentiable.reshape(
          try Differentiable.rolled(try Differentiable.reshape(tensor, [tensor.count]), shifts[0], along: 0),
          tensor.shape))
    }
    let dimensions = try call.dimensions(at: 1)
    guard dimensions.count == shifts.count, dimensions.count > 0 else {
      throw call.failure("expected as many shifts as dimensions, got \(shifts.count) and \(dimensions.count)")
    }
    var result = tensor
    for (shift, dimension) in zip(shifts, dimensions) {
      result = try Differentiable.rolled(result, shift, along: dimension)
    }
    return try call.push(result)
  }

  private static let diff = FunctionRecord(
    "tensor:diff", "Takes the differences of neighbours along a dimension, n times over; of masks whether they differ.",
    [Parameter("n", .integer, default: "1", "how many times"), .dimension(default: "the last")],
    options: [.dimension(default: "the last")], returns: "a new tensor with n elements fewer along the dimension",
    errors: "a negative n, a dimension the tensor does not have",
    example: "assert(sonde.tensor{1, 4, 9}:diff()[2] == 5)", receiver: .tensor
  ) { call in
    try call.push(
      try Differentiable.differences(
        call.object(), call.argument(0).asInteger ?? 1, along: try call.line(at: 1)))
  }

  private static let chunk = FunctionRecord(
    "tensor:chunk", "Cuts a dimension into at most n parts of equal size, the last perhaps smaller, without copying.",
    [Parameter("n", .integer, "how many parts at most"), .along], returns: "a table of views",
    errors: "fewer than 1 part, a dimension the tensor does not have",
    example: "local parts = sonde.arange(5):chunk(2); assert(#parts == 2 and #parts[1] == 3)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    return try call.push(
      sequence: try Differentiable.chunked(tensor, try call.integer(0), along: try call.line(at: 1, default: 1))
    ) { try call.push($0) }
  }

  private static let split = FunctionRecord(
    "tensor:split",
    "Cuts a dimension into parts of one size, the last with what remains, or of given sizes, without copying.",
    [Parameter("size", .oneOf([.integer, .table]), "the size of a part, or a table of the size of each"), .along],
    returns: "a table of views", errors: "a size below 1, sizes that don't add up to the extent",
    example: "local parts = sonde.arange(5):split{2, 3}; assert(#parts == 2 and parts[2][1] == 3)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    let dimension = try call.line(at: 1, default: 1)
    if case .table = call.argument(0) {
      return try call.push(sequence: try Differentiable.split(tensor, try call.integers(from: 0), along: dimension)) {
        try call.push($0)
      }
    }
    return try call.push(sequence: try Differentiable.split(tensor, try call.integer(0), along: dimension)) {
      try call.push($0)
    }
  }

  private static let unbind = FunctionRecord(
    "tensor:unbind", "Takes the slices of a dimension apart, without copying.", [.along],
    returns: "a table of views without the dimension", errors: "a dimension the tensor does not have",
    example: "local rows = sonde.eye(2):unbind(); assert(#rows == 2 and rows[2][2] == 1)", receiver: .tensor
  ) { call in
    let tensor = call.object(Tensor.self)
    return try call.push(sequence: try Differentiable.unbound(tensor, along: try call.line(default: 1))) {
      try call.push($0)
    }
  }

  private static let tile = FunctionRecord(
    "tensor:tile", "Repeats the tensor side by side, as NumPy's tile and PyTorch's repeat.",
    [Parameter("times", .oneOf([.integer, .table]), "how often along each dimension, aligned at the last")],
    variadic: true, returns: "a new tensor", errors: "negative numbers, more than 8 dimensions, no memory",
    example: "assert(sonde.tensor{1, 2}:tile(2, 2).shape[2] == 4)", receiver: .tensor
  ) { call in
    let times = try Extents.checked(try call.integers(from: 0), call.who)
    return try call.push(try Differentiable.rearranged("tile", call.object()) { try $0.tiled(times) })
  }

  private static let repeatInterleave = FunctionRecord(
    "tensor:repeat_interleave", "Repeats every slice of a dimension a number of times in a row.",
    [
      Parameter("times", .oneOf([.integer, .tensor, .table]), "how often, or how often each slice"),
      .dimension(default: "the whole tensor as a vector"),
    ],
    returns: "a new tensor", errors: "negative numbers, another number of them than slices, no memory",
    example: "assert(sonde.tensor{5, 6}:repeat_interleave(2)[2] == 5)", receiver: .tensor
  ) { call in
    var (tensor, line) = (call.object(Tensor.self), 0)
    if call.argument(1).isAbsent {
      tensor = try Differentiable.reshape(tensor, [tensor.count])
    } else {
      line = try call.dimension(call.argument(1), rank: tensor.rank)
    }
    let dimension = line
    if let times = call.argument(0).asInteger {
      return try call.push(
        try Differentiable.rearranged("repeat_interleave", tensor) { try $0.interleaved(times, along: dimension) })
    }
    let times = try call.tensorOrTable(0, .int64)
    return try call.push(
      try Differentiable.rearranged("repeat_interleave", tensor) { try $0.interleaved(times, along: dimension) })
  }
}
