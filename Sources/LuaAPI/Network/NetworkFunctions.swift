import CLua
import Kernels
import Networks
import Tensors

extension ParameterType {
  /// An activation by its name.
  static let activation = ParameterType.choice(ActivationFunction.allCases.map(\.name))
}

extension Parameter {
  static let eps = Parameter("eps", .number, default: "1e-5", "added to the variance inside the root; 0 is allowed")
  static let momentum = Parameter(
    "momentum", .oneOf([.number, .choice(["cumulative"])]), default: "0.1",
    "the weight of the new batch in the running statistics, or 'cumulative'")
  static let affine = Parameter("affine", .boolean, default: "true", "whether gamma and beta apply")
  static let layerName = Parameter(
    "name", .string, default: "none", "by which a network knows the layer: net.fc2, net.parameters['fc2.weight']")
  static let bias = Parameter("bias", .boolean, default: "true", "whether Linear layers add a bias")

  /// The slope of what an option or argument names an activation.
  static let slope = Parameter(
    "slope", .number, default: "PyTorch's", "the slope below 0 of leaky_relu and prelu")

  /// The options of nn.mlp.
  static let mlpOptions = [
    Parameter("inputs", .integer, default: "100", "the features of the input"),
    Parameter("width", .integer, default: "100", "the units of each hidden block"),
    Parameter("depth", .integer, default: "20", "the number of hidden blocks"),
    Parameter("outputs", .integer, default: "nil", "adds a Linear head with so many outputs"),
    Parameter("activation", .activation, default: "\"relu\"", "the nonlinearity"), .slope,
    .initialiser(default: "he_normal for the ReLU family, else xavier_normal"), .bias,
    Parameter(
      "norm", .choice(["none", "batch", "layer", "rms"]), default: "\"none\"", "the normalisation of each block"),
    Parameter(
      "norm_position", .choice(["before", "after"]), default: "\"before\"", "before or after the activation"),
    .eps, .momentum, .affine,
    Parameter(
      "residual", .oneOf([.boolean, .choice(["pre", "post"])]), default: "false",
      "adds a block's input to its output: 'pre' (or true) around all its parts, 'post' with the activation behind the sum"
    ),
    Parameter("residual_scale", .number, default: "1", "the factor of what is added to the input"),
    Parameter("dropout", .number, default: "0", "the probability of dropping a unit"), .dtype,
    Parameter("seed", .integer, default: "from the session's generator", "the seed of the weights"),
  ]
}

extension Call {
  /// The momentum option: nil is cumulative.
  func momentum() -> Double? {
    if option("momentum").asString != nil { return nil }
    return option("momentum").asNumber ?? 0.1
  }

  /// The activation of a name that was checked against the choices.
  func activation(_ name: String) throws -> ActivationFunction {
    guard let function = ActivationFunction.allCases.first(where: { $0.name == name }) else {
      throw failure(
        "unknown activation '\(name)'\(suggestion(for: name, among: ActivationFunction.allCases.map(\.name)))")
    }
    return function
  }

  /// The option `slope`, nil where it is not given.
  func slope(of function: ActivationFunction) throws -> Double? {
    guard let slope = option("slope").asNumber else { return nil }
    guard slope.isFinite else { throw failure("option 'slope' expected a finite number, got \(option("slope").text)") }
    guard function == .leakyReLU || function == .prelu else {
      throw failure("option 'slope' is for leaky_relu and prelu, not for \(function.name)")
    }
    return slope
  }

  /// Pushes a layer just made, under the name among the options.
  func pushNew(_ layer: Layer) throws -> Int32 {
    if let name = option("name").asString { try rename(layer, name) }
    return try push(layer)
  }

  func push(_ layer: Layer, in network: Network? = nil) throws -> Int32 {
    try push(LayerHandle(layer, in: network), .layer)
  }
}

extension FunctionRecord {
  /// What makes networks and layers.
  static let networkFunctions: [FunctionRecord] =
    [mlp, sequential, linear, dropout, identity, flatten, residual, customLayer]
    + NormalisationKind.allCases.map(normalisation)
    + ActivationFunction.allCases.filter { $0 != .linear }.map(activationLayer)

  private static let mlp = FunctionRecord(
    "nn.mlp", "Makes a multilayer perceptron: depth hidden blocks of Linear, [norm], activation, [norm], dropout.",
    options: Parameter.mlpOptions,
    returns: "a network", errors: "sizes below 1, options out of range",
    example:
      "local net = nn.mlp{inputs=8, width=16, depth=3, outputs=2}; assert(#net == 4 and #net(sonde.randn(5, 8)) == 5)"
  ) { call in
    let options = try call.mlpOptions()
    let generator = options.seed.map { Generator(seed: $0, for: .weights) } ?? call.session.generator
    return try call.push(try Network(mlp: options, generator: generator), .network)
  }

  private static let sequential = FunctionRecord(
    "nn.Sequential", "Makes a network of layers, each a row.",
    [Parameter("layers", .table, "a sequence of layers such as nn.Linear(2, 3), nn.ReLU()")], returns: "a network",
    errors: "no layers, something else among them, sizes that do not fit",
    example:
      "local net = nn.Sequential{nn.Linear(4, 3), nn.ReLU(), nn.Linear(2)}; assert(#net(sonde.randn(5, 4))[1] == 2)"
  ) { call in
    guard case .table(let index) = call.argument(0) else { return 0 }
    try call.forEachPair(in: index) { key, _ in
      if key.asInteger == nil { throw call.failure("takes a sequence of layers, got the key \(key.text)") }
    }
    return try call.push(
      try Network(
        sequential: try call.layers(at: index), dtype: call.session.defaultDType, generator: call.session.generator),
      .network)
  }

  private static let linear = FunctionRecord(
    "nn.Linear", "Makes the affine map z = h W^T + b; nn.Linear(outputs) infers its inputs.",
    [
      Parameter("inputs", .integer, "the features of the input; alone, the outputs"),
      Parameter("outputs", .integer, default: "nil", "the units"),
    ],
    options: [
      .bias, .initialiser(default: "PyTorch's: uniform within 1/sqrt(inputs)"), .gain, .dtype, .generator, .layerName,
    ],
    returns: "a layer", errors: "sizes below 1",
    example: "assert(nn.Linear(3, 2).weight.shape[1] == 2)"
  ) { call in
    let first = try call.integer(0)
    let initialiser = call.option("init")
    if initialiser.isAbsent, !call.option("gain").isAbsent {
      throw call.failure("option 'gain' needs init: PyTorch's default has none")
    }
    return try call.pushNew(
      try Linear(
        inputs: call.argument(1).isAbsent ? nil : first, outputs: call.argument(1).asInteger ?? first,
        bias: call.flag("bias", default: true),
        initialiser: initialiser.isAbsent ? nil : try call.initialiser(initialiser, gain: call.option("gain")),
        dtype: call.dtype(), generator: call.generator()))
  }

  private static let dropout = FunctionRecord(
    "nn.Dropout", "Makes a layer that sets units to 0 in training, at random, and scales the others up.",
    [Parameter("p", .number, default: "0.5", "the probability of dropping a unit")], options: [.layerName],
    returns: "a layer", errors: "a probability outside [0, 1]", example: "assert(nn.Dropout(0.2).kind == 'Dropout')"
  ) { call in try call.pushNew(try Dropout(call.argument(0).asNumber ?? 0.5)) }

  private static let identity = FunctionRecord(
    "nn.Identity", "Makes a layer that passes its input on.", options: [.layerName], returns: "a layer",
    errors: "a name that is no word, or that of a field or method of networks",
    example: "assert(nn.Identity().kind == 'Identity')"
  ) { call in try call.pushNew(Identity()) }

  private static let flatten = FunctionRecord(
    "nn.Flatten",
    "Makes a layer that lays the dimensions behind the batch out as features; it stands first in a network.",
    options: [.layerName], returns: "a layer",
    errors: "a name that is no word, or that of a field or method of networks; later, a place behind the first",
    example: "local net = nn.Sequential{nn.Flatten(), nn.Linear(6, 2)}; assert(net(sonde.zeros(5, 2, 3)).shape[2] == 2)"
  ) { call in try call.pushNew(Flatten()) }

  private static func normalisation(_ kind: NormalisationKind) -> FunctionRecord {
    let name = Normalisation.layerName(kind)
    let fallback = kind == .rms ? "the dtype's resolution" : "1e-5"
    let eps = Parameter("eps", .number, default: fallback, "added to the variance inside the root; 0 is allowed")
    return FunctionRecord(
      "nn.\(name)", "Makes a layer of \(kind.rawValue) normalisation.",
      [Parameter("features", .integer, "the features of the input")],
      options: (kind == .batch ? [.momentum, .mode] : []) + [eps, .affine, .dtype, .layerName], returns: "a layer",
      errors: "sizes below 1, a negative eps", example: "assert(nn.\(name)(3, {eps=1e-3}).eps == 1e-3)"
    ) { call in
      try call.pushNew(
        try Normalisation(
          kind, features: try call.integer(0), eps: call.option("eps").asNumber, momentum: call.momentum(),
          affine: call.flag("affine", default: true),
          mode: call.option("mode").asString.flatMap(NormalisationMode.init(rawValue:)) ?? .auto, dtype: call.dtype()))
    }
  }

  private static func activationLayer(_ function: ActivationFunction) -> FunctionRecord {
    let slope = Parameter("slope", .number, default: "PyTorch's", "the slope below 0, or where it starts (prelu)")
    let takesSlope = function == .leakyReLU || function == .prelu
    return FunctionRecord(
      "nn.\(function.layerName)", "Makes a layer of the nonlinearity \(function.name).", takesSlope ? [slope] : [],
      options: (function == .prelu ? [.dtype] : []) + [.layerName], returns: "a layer",
      errors: (takesSlope ? "a slope that is not finite, " : "")
        + "a name that is no word, or that of a field or method of networks",
      example: "assert(nn.\(function.layerName)().kind == '\(function.layerName)')"
    ) { call in try call.pushNew(try Activation(function, slope: call.argument(0).asNumber, dtype: call.dtype())) }
  }
}

extension Call {
  /// Reads the options of nn.mlp.
  func mlpOptions() throws -> MLPOptions {
    var options = MLPOptions()
    options.inputs = option("inputs").asInteger ?? 100
    options.residual = try residualForm()
    options.width = option("width").asInteger ?? options.width
    options.depth = option("depth").asInteger ?? options.depth
    options.outputs = option("outputs").asInteger
    if let seed = option("seed").asInteger {
      guard seed >= 0 else { throw failure("expected a seed of 0 or more, got \(seed)") }
      options.seed = UInt64(seed)
    }
    try readLayers(of: &options)
    return options
  }

  /// Reads the options of nn.mlp that say what a block is made of.
  private func readLayers(of options: inout MLPOptions) throws {
    if let name = option("activation").asString { options.activation = try activation(name) }
    options.slope = try slope(of: options.activation)
    if !option("init").isAbsent { options.initialiser = try initialiser(option("init")) }
    options.bias = flag("bias", default: true)
    options.norm = option("norm").asString.flatMap(NormalisationKind.init(rawValue:))
    options.normPosition = option("norm_position").asString.flatMap(NormalisationPosition.init(rawValue:)) ?? .before
    options.eps = option("eps").asNumber ?? options.eps
    options.momentum = momentum()
    options.affine = flag("affine", default: true)
    options.dropout = option("dropout").asNumber ?? 0
    options.dtype = dtype()
  }
}
