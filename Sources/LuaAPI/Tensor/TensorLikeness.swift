import CLua
import Gradients
import Kernels
import Tensors

extension Parameter {
  fileprivate static let model = Parameter("t", .tensor, "the tensor whose shape and dtype the new one has")
  fileprivate static let sameDType = Parameter("dtype", .dtype, default: "that of t", "the elements' type")
}

extension FunctionRecord {
  /// What makes tensors like another, and grids of vectors.
  static let likenessFunctions: [FunctionRecord] =
    [
      filled("zeros_like", "zeros", 0), filled("ones_like", "ones", 1),
      filled("empty_like", "zeros, to be overwritten", 0),
    ]
    + [
      fullLike, random("rand_like", "uniformly from [0, 1)"),
      random("randn_like", "from the standard normal distribution"),
    ]
    + [empty, meshgrid]

  private static func filled(_ name: String, _ what: String, _ value: Scalar) -> FunctionRecord {
    FunctionRecord(
      "sonde.\(name)", "Makes a tensor of \(what), of the shape and dtype of another.", [.model], options: [.sameDType],
      returns: "a new tensor",
      example: "local t = sonde.\(name)(sonde.rand(2, 3)); assert(t.shape[2] == 3 and t:max():item() == \(value))"
    ) { call in
      let model = try call.tensor(0)
      return try call.push(try Tensor.full(model.shape, value, call.dtype(like: model)))
    }
  }

  private static let fullLike = FunctionRecord(
    "sonde.full_like", "Makes a tensor of one value everywhere, of the shape and dtype of another.",
    [.model, Parameter("value", .oneOf([.number, .boolean]), "what every element is")], options: [.sameDType],
    returns: "a new tensor", errors: "a fraction for int64",
    example: "assert(sonde.full_like(sonde.rand(2, 3), 7)[{2, 3}] == 7)"
  ) { call in
    let model = try call.tensor(0)
    return try call.push(try Tensor.full(model.shape, call.argument(1).asScalar ?? 0, call.dtype(like: model)))
  }

  private static func random(_ name: String, _ what: String) -> FunctionRecord {
    FunctionRecord(
      "sonde.\(name)", "Draws numbers \(what), in the shape and dtype of another tensor.", [.model],
      options: [
        Parameter(
          "dtype", .dtype, default: "that of t, or the session's default where t holds no floats", "the elements' type"),
        .generator,
      ],
      returns: "a new tensor", errors: "a dtype that is no float",
      example: "local t = sonde.\(name)(sonde.zeros(2, 3)); assert(t.shape[2] == 3 and t.dtype == 'float32')"
    ) { call in
      let model = try call.tensor(0)
      let fallback = model.dtype.isFloat ? model.dtype : call.session.defaultDType
      let tensor = try Tensor.zeros(
        model.shape, call.option("dtype").asString.flatMap(DType.init(name:)) ?? fallback)
      if name == "rand_like" {
        try call.generator().fillUniform(tensor)
      } else {
        try call.generator().fillNormal(tensor)
      }
      return try call.push(tensor)
    }
  }

  private static let empty = FunctionRecord(
    "sonde.empty", "Makes a tensor to be overwritten; its elements are 0.", [.shape], variadic: true,
    options: [.dtype], returns: "a tensor", errors: "negative extents, more than 8 dimensions, no memory",
    example: "assert(sonde.empty(2, 3).shape[2] == 3)"
  ) { call in try call.push(try Tensor.zeros(try call.shape(from: 0), call.dtype())) }

  private static let meshgrid = FunctionRecord(
    "sonde.meshgrid", "Spreads vectors over a grid: result i is vector i along dimension i.",
    [Parameter("vectors", .tensor, "vectors, one argument each, at most 8")], variadic: true,
    options: [
      Parameter(
        "indexing", .choice(["ij", "xy"]), default: "\"ij\"",
        "\"ij\" as PyTorch has it, \"xy\" with the first two dimensions exchanged as NumPy has it")
    ],
    returns: "as many new tensors as vectors",
    errors: "tensors of more than 1 dimension, more than 8 of them, no memory",
    example: "local x, y = sonde.meshgrid(sonde.arange(2), sonde.arange(3)); assert(x.shape[2] == 3 and y[{1, 3}] == 3)"
  ) { call in
    let vectors = try (0..<call.arguments.count).map { try call.tensor($0) }
    let grids = try Differentiable.grid(vectors, columnsFirst: call.option("indexing").asString == "xy")
    return try grids.reduce(into: 0) { $0 += try call.push($1) }
  }
}

extension Call {
  /// The option `dtype`, or that of another tensor.
  fileprivate func dtype(like model: Tensor) -> DType {
    option("dtype").asString.flatMap(DType.init(name:)) ?? model.dtype
  }
}
