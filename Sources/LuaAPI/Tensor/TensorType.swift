import CLua
import Gradients
import Kernels
import Tensors

extension TypeRecord {
  /// The tensor: fields, methods, indexing, comparison, printing.
  static let tensorType = TypeRecord(
    type: .tensor, summary: "An n-dimensional array of float32, float64, int64 or bool.",
    methods: FunctionRecord.shapeMethods + FunctionRecord.explainedMethods + FunctionRecord.reductionMethods
      + FunctionRecord.surfaceMethods
      + FunctionRecord.statisticsMethods + FunctionRecord.gradientMethods + FunctionRecord.matrixMethods
      + FunctionRecord.randomMethods,
    properties: [
      PropertyRecord("shape", "The extents, as a table.") { call in
        try call.push(sequence: call.object(Tensor.self).shape) { call.push($0) }
      },
      PropertyRecord("dtype", "The elements' type by name.") { call in
        try call.push(call.object(Tensor.self).dtype.name)
      },
      PropertyRecord(
        "grad", "The gradient that backward passes have accumulated, nil before the first.",
        set: { call in
          let tensor = call.object(Tensor.self)
          guard !call.argument(1).isAbsent else { return tensor.gradient = nil }
          guard let gradient = call.argument(1).asTensor, gradient.shape == tensor.shape, gradient.dtype == tensor.dtype
          else {
            throw call.failure(
              "expected nil or a tensor of shape \(tensor.shape) and dtype \(tensor.dtype) as grad, got \(call.argument(1).text)"
            )
          }
          tensor.gradient = gradient.alias()
        },
        get: { call in
          guard let gradient = call.object(Tensor.self).gradient else { return call.pushNil() }
          return try call.push(gradient)
        }),
      PropertyRecord(
        "requires_grad", "Whether backward passes accumulate a gradient here; to be set as requires_grad_ does.",
        set: { call in
          guard case .boolean(let wanted) = call.argument(1) else {
            throw call.failure("expected true or false as requires_grad, got \(call.argument(1).text)")
          }
          try call.ask(call.object(), forGradient: wanted)
        },
        get: { call in call.push(Tape.requiresGradient(call.object())) }),
    ],
    element: { call in try call.readElement() },
    assign: { call in try call.writeElement() },
    length: { call in
      let tensor = call.object(Tensor.self)
      guard tensor.rank > 0 else { throw call.failure("a 0-dim tensor has no length") }
      return tensor.shape[0]
    },
    text: { call in call.object(Tensor.self).text() },
    order: { call, orEqual in
      let left = try call.single(LuaValue(call.lua, 1))
      let right = try call.single(LuaValue(call.lua, 2))
      return orEqual ? left <= right : left < right
    })
}

extension Call {
  /// The number of a one-element tensor or a number, for `<` and `<=`.
  fileprivate func single(_ value: LuaValue) throws -> Double {
    if let number = value.asNumber { return number }
    guard let tensor = value.asTensor, tensor.count == 1 else {
      throw failure(
        "< and <= compare one-element tensors and numbers, got \(value.text); t:lt(u) compares element by element")
    }
    return try tensor.item().double
  }
}
