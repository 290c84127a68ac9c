import CLua
import Networks
import Tensors

extension FunctionRecord {
  /// What makes optimisers.
  static let optimiserFunctions: [FunctionRecord] = [sgd]

  private static let sgd = FunctionRecord(
    "optim.SGD", "Makes stochastic gradient descent with momentum, as PyTorch has it; it follows surgery.",
    [Parameter("net", .object(.network), "the network whose parameters change")],
    options: [
      Parameter("lr", .number, "the learning rate"),
      Parameter("momentum", .number, default: "0", "how much of the last step is kept"),
      Parameter("dampening", .number, default: "0", "how much of the gradient is left out of the momentum"),
      Parameter("nesterov", .boolean, default: "false", "whether the step looks ahead"),
      Parameter("weight_decay", .number, default: "0", "the factor of a parameter's own value in its gradient"),
    ],
    returns: "an optimizer", errors: "negative settings, nesterov without momentum",
    example:
      "local net = nn.mlp{inputs=4, width=4, depth=1}; local opt = optim.SGD(net, {lr=0.1, momentum=0.9}); opt.lr = 0.01; assert(opt.lr == 0.01)"
  ) { call in
    guard case .object(let object, .network) = call.argument(0) else { return 0 }
    return try call.push(
      try SGD(
        unsafeDowncast(object, to: Network.self), learningRate: call.option("lr").asNumber ?? 0,
        momentum: call.option("momentum").asNumber ?? 0, dampening: call.option("dampening").asNumber ?? 0,
        nesterov: call.flag("nesterov", default: false), weightDecay: call.option("weight_decay").asNumber ?? 0),
      .optimizer)
  }

  /// The methods of optimisers.
  static let optimiserMethods: [FunctionRecord] = [
    FunctionRecord(
      "optimizer:step", "Changes every parameter that has a gradient.", returns: "the optimizer itself",
      example: "local net = nn.mlp{inputs=4, width=4, depth=1}; optim.SGD(net, {lr=0.1}):step()", receiver: .optimizer
    ) { call in
      try call.object(SGD.self).step()
      return call.pushSelf()
    },
    FunctionRecord(
      "optimizer:zero_grad", "Sets the gradients of the network's parameters to 0.", returns: "the optimizer itself",
      example: "local net = nn.mlp{inputs=4, width=4, depth=1}; optim.SGD(net, {lr=0.1}):zero_grad()",
      receiver: .optimizer
    ) { call in
      try call.object(SGD.self).network.zeroGradients()
      return call.pushSelf()
    },
  ]
}

extension TypeRecord {
  /// An optimiser.
  static let optimizerType = TypeRecord(
    type: .optimizer, summary: "Changes a network's parameters by their gradients.",
    methods: FunctionRecord.optimiserMethods,
    properties: [
      setting("lr", "The learning rate.", get: { $0.learningRate }, set: { $0.learningRate = $1 }),
      setting("momentum", "How much of the last step is kept.", get: { $0.momentum }, set: { $0.momentum = $1 }),
      setting(
        "weight_decay", "The factor of a parameter's own value.", get: { $0.weightDecay }, set: { $0.weightDecay = $1 }),
    ],
    text: { call in
      let sgd = call.object(SGD.self)
      return "SGD(lr=\(sgd.learningRate), momentum=\(sgd.momentum), weight_decay=\(sgd.weightDecay))"
    })

  /// A number that can be read and set, finite and not negative.
  private static func setting(
    _ name: String, _ summary: String, get: @escaping @Sendable (SGD) -> Double,
    set: @escaping @Sendable (SGD, Double) -> Void
  ) -> PropertyRecord {
    PropertyRecord(
      name, summary,
      set: { call in
        guard let value = call.argument(1).asNumber, value >= 0, value.isFinite else {
          throw call.failure("\(name) expected a finite number of at least 0, got \(call.argument(1).text)")
        }
        set(call.object(), value)
      },
      get: { call in call.push(get(call.object())) })
  }
}
