import CLua
import Networks
import Tensors

extension FunctionRecord {
  /// `net:rebuild`.
  static let rebuildMethods: [FunctionRecord] = [rebuild]

  private static let rebuild = FunctionRecord(
    "network:rebuild",
    "Makes another network after this one, which stays as it is: of another depth or width, or with weights drawn anew.",
    options: [
      Parameter(
        "depth", .integer, default: "net.depth",
        "the number of hidden layers: the first keep their weights, those beyond are made after the last one"),
      Parameter("width", .integer, default: "net.width", "the units of every hidden layer; all weights are drawn anew"),
      .initialiser(default: "new layers as the old ones, which keep their weights"), .gain,
      Parameter(
        "seed", .integer, default: "from the session's generator",
        "the seed of what is drawn; the n-th Linear draws the same numbers at any depth"),
    ],
    returns: "a network of its own",
    errors:
      "sizes below 1, no hidden layers, layers that can't have another width, weights that a function of yours drew and no init",
    example: """
      local net = nn.mlp{inputs=4, width=8, depth=3, outputs=2, norm="batch"}
      local deeper = net:rebuild{depth=5, seed=1}
      assert(deeper.depth == 5 and net.depth == 3 and deeper[5]:batchnorm() == "before")
      assert(deeper[1].linear.weight:eq(net[1].linear.weight):all():item())
      """,
    receiver: .network
  ) { call in
    let network = call.object(Network.self)
    var options = RebuildOptions()
    options.depth = call.option("depth").asInteger
    options.width = call.option("width").asInteger
    if !call.option("init").isAbsent {
      options.initialiser = try call.initialiser(call.option("init"), gain: call.option("gain"))
    } else if !call.option("gain").isAbsent {
      throw call.failure("option 'gain' needs init")
    }
    let seed = call.option("seed").asInteger ?? call.session.generator.next(below: 1 << 53)
    guard seed >= 0 else { throw call.failure("expected a seed of 0 or more, got \(seed)") }
    options.seed = UInt64(seed)
    return try call.push(try network.rebuilt(options), .network)
  }
}

extension PropertyRecord {
  /// The sizes of a network's hidden layers.
  static let hiddenSizes: [PropertyRecord] = [
    PropertyRecord(
      "depth", "The number of hidden layers: blocks, else Linear or residual layers but for a bare Linear at the end."
    ) { call in call.push(call.object(Network.self).depth) },
    PropertyRecord("width", "The units of each hidden layer, nil where they differ or there is none.") { call in
      call.object(Network.self).width.map { call.push($0) } ?? call.pushNil()
    },
  ]
}
