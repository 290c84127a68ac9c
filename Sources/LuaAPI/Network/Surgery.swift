import CLua
import Kernels
import Networks
import Tensors

extension FunctionRecord {
  /// The verbs of surgery on a whole network.
  static let networkSurgery: [FunctionRecord] = surgery("network", .network) + [lsuv, undo, history, recalibrate]
  /// The verbs of surgery on one row.
  static let rowMethods: [FunctionRecord] = surgery("layer", .layer)

  private static func surgery(_ who: String, _ receiver: ObjectType) -> [FunctionRecord] {
    let subject = receiver == .network ? "net" : "net[1]"
    let make = "local net = nn.mlp{inputs=4, width=4, depth=2}; "
    return [
      FunctionRecord(
        "\(who):batchnorm", "Sets batch normalisation before or after the activation, off, or on where it last stood.",
        [
          Parameter(
            "place", .oneOf([.choice(["before", "after", "off"]), .boolean]), default: "nil",
            "'before', 'after', 'off', or true; nothing asks where it stands")
        ],
        options: [.eps, .momentum, .affine, .mode], returns: "the \(who) itself; asked, the place, or 'mixed'",
        errors: "no place for a normalisation",
        example: make + "\(subject):batchnorm('after', {eps=0}); assert(\(subject):batchnorm() == 'after')",
        receiver: receiver, body: { call in try call.batchnorm() }),
      FunctionRecord(
        "\(who):normalize", "Sets normalisation of any kind.",
        [Parameter("kind", .choice(["batch", "layer", "rms", "none"]), "what the statistics are taken over")],
        options: [
          Parameter(
            "position", .choice(["before", "after"]), default: "where it last stood", "before or after the activation"),
          .eps, .momentum, .affine, .mode,
        ],
        returns: "the \(who) itself", errors: "no place for a normalisation",
        example: make + "\(subject):normalize('layer', {position='after', affine=false, eps=0})", receiver: receiver,
        body: { call in try call.normalize() }),
      normalisationMode(who, receiver, example: make),
      FunctionRecord(
        "\(who):activation", "Replaces the nonlinearity.",
        [
          Parameter("name", .activation, default: "nil", "its name; nothing asks for it"),
          Parameter("slope", .number, default: "PyTorch's", "the slope of leaky_relu, or where prelu starts"),
        ],
        returns: "the \(who) itself; asked, the name, or 'mixed'", errors: "no nonlinearity to replace",
        example: make + "assert(\(subject):activation('tanh'):activation() == 'tanh')", receiver: receiver,
        body: { call in try call.replaceActivation() }),
      FunctionRecord(
        "\(who):init", "Draws the weights of Linear layers anew and sets their biases to 0.",
        [.initialiser()],
        options: [
          .gain, Parameter("seed", .integer, default: "the network's generator", "the seed of the weights"), .generator,
        ],
        returns: "the \(who) itself", errors: "an unknown name, weights whose shape is not known yet",
        example: make + "\(subject):init('orthogonal', {gain=1, seed=3})", receiver: receiver,
        body: { call in try call.initialise() }),
    ]
  }

  private static let lsuv = FunctionRecord(
    "network:lsuv",
    "Draws orthogonal weights and scales each Linear's outputs on x to variance 1, layer by layer (Mishkin & Matas 2016).",
    [Parameter("x", .tensor, "a batch [batch, features] of the data")],
    options: [
      Parameter("tolerance", .number, default: "0.01", "a variance this near to 1 stays"),
      Parameter("iterations", .integer, default: "10", "how many passes at most"),
      Parameter("seed", .integer, default: "the network's generator", "the seed of the weights"), .generator,
    ],
    returns: "the network itself",
    errors: "a batch of another shape, outputs that do not vary; the weights are then as they were",
    example:
      "local net = nn.mlp{inputs=8, width=8, depth=3, init='lsuv'}; net:lsuv(sonde.randn(64, 8)); assert(#net:history() == 1)",
    receiver: .network
  ) { call in
    try call.object(Network.self).lsuv(
      try call.tensor(0), tolerance: call.option("tolerance").asNumber ?? 0.01,
      iterations: call.option("iterations").asInteger ?? 10, seed: try call.weightSeed(),
      generator: call.weightGenerator())
    return call.pushSelf()
  }

  private static let undo = FunctionRecord(
    "network:undo", "Takes the last surgery back, bit for bit, or the last n.",
    [Parameter("n", .integer, default: "1", "how many")], returns: "the network itself",
    errors: "fewer surgeries than that; nothing is taken back then",
    example:
      "local net = nn.mlp{inputs=4, width=4, depth=2}; net:batchnorm('after'):undo(); assert(net:batchnorm() == 'off')",
    receiver: .network
  ) { call in
    let network = call.object(Network.self)
    let count = call.argument(0).asInteger ?? 1
    guard count >= 1, count == 1 || count <= network.history.count else {
      throw call.failure("expected 1 to \(network.history.count) surgeries to take back, got \(count)")
    }
    for _ in 0..<count { try network.undo() }
    return call.pushSelf()
  }

  private static let history = FunctionRecord(
    "network:history", "Lists the surgeries done, oldest first.", returns: "a table of texts",
    example: "local net = nn.mlp{inputs=4, width=4, depth=2}; net:batchnorm('after'); assert(#net:history() == 1)",
    receiver: .network
  ) { call in try call.push(sequence: call.object(Network.self).history) { try call.push($0) } }
}

extension Call {
  /// The network to operate on, and the row, from 0, where one alone is meant.
  func patient() throws -> (network: Network, row: Int?) {
    if let network = receiver as? Network { return (network, nil) }
    guard let row = object(LayerHandle.self).row else {
      throw failure("this layer is not a row of a network; surgery is done on net or net[i]")
    }
    return (row.network, row.index)
  }

  private func normalisationOptions() -> NormalisationOptions {
    var options = NormalisationOptions(eps: option("eps").asNumber)
    if case .boolean(let affine) = option("affine") { options.affine = affine }
    options.momentum =
      option("momentum").asString != nil ? .cumulative : option("momentum").asNumber.map { .weight($0) }
    options.mode = option("mode").asString.flatMap(NormalisationMode.init(rawValue:))
    return options
  }

  fileprivate func batchnorm() throws -> Int32 {
    let (network, row) = try patient()
    let place: NormalisationPlace
    switch argument(0) {
    case .absent where options.isEmpty: return try push(try network.batchnorm(row: row))
    case .absent, .boolean(true): place = .on
    case .string("before"): place = .before
    case .string("after"): place = .after
    default: place = .off
    }
    try network.batchnorm(place, options: normalisationOptions(), row: row)
    return pushSelf()
  }

  fileprivate func normalize() throws -> Int32 {
    let (network, row) = try patient()
    let kind = NormalisationKind(rawValue: try string(0))
    var place = NormalisationPlace.on
    if let position = option("position").asString { place = position == "after" ? .after : .before }
    try network.normalize(kind, place: kind == nil ? .off : place, options: normalisationOptions(), row: row)
    return pushSelf()
  }

  fileprivate func replaceActivation() throws -> Int32 {
    let (network, row) = try patient()
    guard let name = argument(0).asString else { return try push(try network.activation(row: row)) }
    let takesSlope = name == "leaky_relu" || name == "prelu"
    guard takesSlope || argument(1).isAbsent else { throw failure("\(name) has no slope, got \(argument(1).text)") }
    try network.activation(try activation(name), slope: argument(1).asNumber, row: row)
    return pushSelf()
  }

  fileprivate func initialise() throws -> Int32 {
    let (network, row) = try patient()
    try network.initialise(
      try initialiser(argument(0), gain: option("gain")), seed: try weightSeed(), generator: weightGenerator(), row: row
    )
    return pushSelf()
  }

  /// The option `seed`, nil without.
  fileprivate func weightSeed() throws -> UInt64? {
    guard let seed = option("seed").asInteger else { return nil }
    guard seed >= 0 else { throw failure("expected a seed of 0 or more, got \(seed)") }
    return UInt64(seed)
  }

  /// The option `generator`; nil for the network's own.
  fileprivate func weightGenerator() -> Generator? {
    if case .object = option("generator") { return generator() }
    return nil
  }
}
