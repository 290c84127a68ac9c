import CLua
import Gradients
import Kernels
import Tensors

extension FunctionRecord {
  /// Methods beside shape, arithmetic and reductions.
  static let surfaceMethods: [FunctionRecord] =
    gatheringMethods + maskMethods + orderingMethods + rearrangingMethods + dimensionMethods + surveyMethods

  /// A method in two forms from one change: `name` of a copy, and `name_` of the tensor itself.
  ///
  /// NAME in the example stands for either name.
  static func pair(
    _ name: String, _ summary: String, _ parameters: [Parameter], options: [Parameter] = [], errors: String,
    example: String, change: @escaping @Sendable (inout Call, Tensor) throws -> Placement
  ) -> [FunctionRecord] {
    let inPlace = String(summary.dropLast()) + ", in place."
    return [
      FunctionRecord(
        "tensor:\(name)", summary, parameters, options: options, returns: "a new tensor", errors: errors,
        example: example.replacing("NAME", with: name), receiver: .tensor
      ) { call in
        let tensor = call.object(Tensor.self)
        return try call.push(try Differentiable.placed(tensor, try change(&call, tensor)))
      },
      FunctionRecord(
        "tensor:\(name)_", inPlace, parameters, options: options, returns: "the tensor itself",
        errors: errors + ", expanded views", example: example.replacing("NAME", with: name + "_"), receiver: .tensor
      ) { call in
        let tensor = call.object(Tensor.self)
        try Differentiable.place(try change(&call, tensor), in: tensor)
        return call.pushSelf()
      },
    ]
  }
}

extension Parameter {
  /// Indices as users count them.
  static let indices = Parameter(
    "indices", .oneOf([.tensor, .table]), "whole numbers from 1, or from the end when negative")
  /// The other side of a method.
  static let operand = Parameter(
    "other", .oneOf([.tensor, .number, .boolean]), "a tensor that broadcasts, or a number")
}

extension Call {
  /// An argument that is a tensor, a nested table or a number, as a tensor.
  func tensorOrTable(_ position: Int, _ dtype: DType) throws -> Tensor {
    if let scalar = argument(position).asScalar { return try Tensor.scalar(scalar, dtype) }
    return try tensorValue(argument(position), like: dtype)
  }

  /// The indices in an argument, counted from 0, for a dimension of a tensor.
  func indices(_ position: Int, of tensor: Tensor, along dimension: Int) throws -> Tensor {
    try positions(try tensorOrTable(position, .int64), of: tensor, along: dimension)
  }

  /// Indices as users count them, checked and counted from 0, for a dimension of a tensor.
  func positions(_ indices: Tensor, of tensor: Tensor, along dimension: Int) throws -> Tensor {
    try indices.countedFromZero(extent: tensor.shape[dimension], who) { index in
      guard let whole = try? index.integer(for: who) else {
        return failure("expected whole numbers as indices, got \(index)")
      }
      return LuaFailure.message(tensor.outside(Int(whole), dimension: dimension))
    }
  }

  /// Indices that count a tensor's elements in row-major order, from 0.
  func flatIndices(_ position: Int, of tensor: Tensor) throws -> Tensor {
    try tensorOrTable(position, .int64).countedFromZero(extent: tensor.count, who) { index in
      failure("expected indices from 1 to \(tensor.count), the elements of shape \(tensor.shape), got \(index)")
    }
  }

  /// The operand in an argument: a tensor, a nested table or a number.
  func operand(_ position: Int, like dtype: DType) throws -> Operand {
    if case .table = argument(position) { return .tensor(try tensorValue(argument(position), like: dtype)) }
    return try Operand(argument(position), who)
  }

  /// The integers of an argument or of all arguments from it on: several, or one table.
  func integers(from position: Int) throws -> [Int] {
    let values: [LuaValue]
    if case .table(let index) = argument(position) {
      values = try sequence(at: index) { $0 }
    } else {
      values = Array(arguments.dropFirst(position))
    }
    return try values.map { value in
      guard let integer = value.asInteger else { throw failure("expected integers, got \(value.text)") }
      return integer
    }
  }

  /// The dimensions, from 0, of an argument that is one or a table of several.
  func dimensions(at position: Int) throws -> [Int] {
    let rank = object(Tensor.self).rank
    if case .table(let index) = argument(position) {
      return try sequence(at: index) { try dimension($0, rank: rank) }
    }
    return [try dimension(argument(position), rank: rank)]
  }
}
