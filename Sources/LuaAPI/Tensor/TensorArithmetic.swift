import CLua
import Gradients
import Kernels
import Tensors

@c @implementation
func sonde_swift_arithmetic(
  _ pointer: UnsafeMutableRawPointer?, _ lua: OpaquePointer?, _ operation: Int32,
  _ result: UnsafeMutablePointer<SondeBox>?
) -> Int32 {
  guard let pointer, let lua, let result, let event = ObjectEvent(rawValue: operation) else {
    return Int32(SONDE_OUT_OF_MEMORY)
  }
  let session = Unmanaged<Session>.fromOpaque(pointer).takeUnretainedValue()
  return session.run(lua) {
    let tensor = try Operand.arithmetic(event, lua, defaultFloat: session.defaultDType)
    sonde_box_fill(result, Unmanaged.passRetained(tensor).toOpaque())
    return 1
  }
}

extension Operand {
  /// Computes an arithmetic metamethod of the values at stack indices 1 and 2.
  fileprivate static func arithmetic(_ event: ObjectEvent, _ lua: LuaState, defaultFloat: DType) throws -> Tensor {
    let left = try Operand(LuaValue(lua, 1), "tensor")
    guard let operation = event.binary else {
      guard case .tensor(let tensor) = left else { throw LuaFailure.message("tensor: expected a tensor to negate") }
      return try Differentiable.apply(.negative, tensor, defaultFloat: defaultFloat)
    }
    return try Differentiable.apply(
      operation, left, Operand(LuaValue(lua, 2), operation.rawValue), defaultFloat: defaultFloat)
  }

  /// A tensor or a number as one side of an operation.
  init(_ value: LuaValue, _ who: String) throws {
    if let tensor = value.asTensor {
      self = .tensor(tensor)
    } else if let scalar = value.asScalar {
      self = .scalar(scalar)
    } else {
      throw LuaFailure.message("\(who): expected a tensor or a number, got \(value.text)")
    }
  }
}

extension Parameter {
  /// The other side of a binary method.
  fileprivate static let other = Parameter(
    "other", .oneOf([.tensor, .number, .boolean]), "a tensor that broadcasts, or a number")
}

extension FunctionRecord {
  /// Methods of arithmetic, comparison and functions of every element.
  static let elementwiseMethods: [FunctionRecord] =
    BinaryOperation.allCases.flatMap { [binary($0), binaryInPlace($0)] } + Comparison.allCases.map(comparison)
    + UnaryOperation.allCases.flatMap { [unary($0), unaryInPlace($0)] } + Predicate.allCases.map(predicate)
    + [clamp, clampInPlace]

  /// `sonde.maximum`, `sonde.minimum` and `sonde.where`.
  static let elementwiseFunctions: [FunctionRecord] = [extreme(.maximum), extreme(.minimum), choose]

  private static func binary(_ operation: BinaryOperation) -> FunctionRecord {
    let name = operation.rawValue
    return FunctionRecord(
      "tensor:\(name)", "Computes \(name) of every element and another tensor or number.", [.other],
      returns: "a new tensor, its shape broadcast as NumPy does",
      errors: "shapes that do not broadcast, whole numbers divided by zero",
      example: "assert(#sonde.ones(2, 3):\(name)(2).shape == 2)", receiver: .tensor,
      direct: DirectMethod(.binary(operation))
    ) { call in
      try call.push(
        try Differentiable.apply(
          operation, .tensor(call.object()), Operand(call.argument(0), call.who),
          defaultFloat: call.session.defaultDType))
    }
  }

  private static func binaryInPlace(_ operation: BinaryOperation) -> FunctionRecord {
    let name = operation.rawValue
    return FunctionRecord(
      "tensor:\(name)_", "Computes \(name) in place.", [.other], returns: "the tensor itself",
      errors: "shapes that do not broadcast to this one, expanded views, results that the dtype can't hold",
      example: "local t = sonde.ones(2); assert(t:\(name)_(2) == t)", receiver: .tensor,
      direct: DirectMethod(.binary(operation), inPlace: true)
    ) { call in
      try Differentiable.applyInPlace(
        operation, call.object(), Operand(call.argument(0), call.who), defaultFloat: call.session.defaultDType)
      return call.pushSelf()
    }
  }

  private static func comparison(_ comparison: Comparison) -> FunctionRecord {
    let name = comparison.rawValue
    return FunctionRecord(
      "tensor:\(name)", "Compares every element with another tensor or number (\(name)).", [.other],
      returns: "a mask of dtype bool", errors: "shapes that do not broadcast",
      example: "assert(sonde.ones(2):\(name)(1).dtype == 'bool')", receiver: .tensor
    ) { call in
      try call.push(try Tensor.compare(comparison, .tensor(call.object()), Operand(call.argument(0), call.who)))
    }
  }

  private static func unary(_ operation: UnaryOperation) -> FunctionRecord {
    let name = operation.rawValue
    return FunctionRecord(
      "tensor:\(name)", "Computes \(name) of every element.", returns: "a new tensor",
      example: "assert(#sonde.ones(2, 3):\(name)() == 2)", receiver: .tensor,
      direct: DirectMethod(.unary(operation))
    ) { call in
      try call.push(try Differentiable.apply(operation, call.object(), defaultFloat: call.session.defaultDType))
    }
  }

  private static func unaryInPlace(_ operation: UnaryOperation) -> FunctionRecord {
    let name = operation.rawValue
    return FunctionRecord(
      "tensor:\(name)_", "Computes \(name) of every element in place.", returns: "the tensor itself",
      errors: "expanded views, a dtype that can't hold the result",
      example: "local t = sonde.ones(2); assert(t:\(name)_() == t)", receiver: .tensor,
      direct: DirectMethod(.unary(operation), inPlace: true)
    ) { call in
      try Differentiable.applyInPlace(operation, call.object())
      return call.pushSelf()
    }
  }

  private static func predicate(_ predicate: Predicate) -> FunctionRecord {
    let name = predicate.rawValue
    return FunctionRecord(
      "tensor:\(name)", "Asks \(name) of every element.", returns: "a mask of dtype bool",
      example: "assert(sonde.ones(2):\(name)().dtype == 'bool')", receiver: .tensor
    ) { call in try call.push(try call.object(Tensor.self).testing(predicate)) }
  }

  private static let bounds = [
    Parameter("lo", .number, default: "nil", "the lower bound; nil for none"),
    Parameter("hi", .number, default: "nil", "the upper bound; nil for none"),
  ]

  private static let clamp = FunctionRecord(
    "tensor:clamp", "Limits every element to lo...hi.", bounds, returns: "a new tensor",
    errors: "no bounds, lo above hi",
    example: "assert(sonde.tensor{-2, 5}:clamp(0, 1)[1] == 0)", receiver: .tensor
  ) { call in
    try call.push(
      try Differentiable.clamp(
        call.object(), low: call.argument(0).asScalar, high: call.argument(1).asScalar,
        defaultFloat: call.session.defaultDType))
  }

  private static let clampInPlace = FunctionRecord(
    "tensor:clamp_", "Limits every element to lo...hi in place.", bounds, returns: "the tensor itself",
    errors: "no bounds, lo above hi, expanded views",
    example: "local t = sonde.tensor{-2, 5}; t:clamp_(0, 1); assert(t[2] == 1)", receiver: .tensor
  ) { call in
    try Differentiable.clampInPlace(
      call.object(), low: call.argument(0).asScalar, high: call.argument(1).asScalar)
    return call.pushSelf()
  }

  private static func extreme(_ operation: BinaryOperation) -> FunctionRecord {
    let name = operation.rawValue
    return FunctionRecord(
      "sonde.\(name)", "Takes the \(name) of two tensors or numbers, element by element.",
      [
        Parameter("a", .oneOf([.tensor, .number]), "a tensor or a number"),
        Parameter("b", .oneOf([.tensor, .number]), "the other"),
      ],
      returns: "a new tensor; NaN where either is NaN", errors: "shapes that do not broadcast",
      example: "assert(sonde.\(name)(sonde.tensor{1, 5}, 3):dim() == 1)"
    ) { call in
      try call.push(
        try Differentiable.apply(
          operation, Operand(call.argument(0), call.who), Operand(call.argument(1), call.who),
          defaultFloat: call.session.defaultDType))
    }
  }

  private static let choose = FunctionRecord(
    "sonde.where", "Takes elements of a where the mask is true and of b elsewhere.",
    [
      Parameter("mask", .tensor, "a tensor of dtype bool"), Parameter("a", .oneOf([.tensor, .number]), "where true"),
      Parameter("b", .oneOf([.tensor, .number]), "where false"),
    ],
    returns: "a new tensor, all three broadcast", errors: "a mask of another dtype, shapes that do not broadcast",
    example: "local t = sonde.tensor{-1, 2}; assert(sonde.where(t:gt(0), t, 0)[1] == 0)"
  ) { call in
    try call.push(
      try Differentiable.choose(
        try call.tensor(0), Operand(call.argument(1), call.who), Operand(call.argument(2), call.who),
        defaultFloat: call.session.defaultDType))
  }
}
