import CLua
import Networks
import OrderedCollections
import Tensors

extension ParameterType {
  /// What has parameters: a network, or tensors.
  static let parameterised = ParameterType.oneOf([.object(.network), .object(.parameters), .tensors])
}

extension FunctionRecord {
  /// What makes optimisers.
  static let optimiserFunctions: [FunctionRecord] = [
    maker(SGD.self, "stochastic gradient descent with momentum"),
    maker(Adam.self, "Adam"), maker(AdamW.self, "Adam with weight decay apart from the gradient"),
    maker(RMSprop.self, "RMSprop"), maker(Adagrad.self, "Adagrad"),
  ]

  private static let make = "local net = nn.mlp{inputs=4, width=4, depth=1}; "

  private static func maker(_ type: GroupedOptimiser.Type, _ what: String) -> FunctionRecord {
    let rule = type.rule
    let rate = type == SGD.self ? "lr=0.1, momentum=0.9" : "lr=0.1"
    return FunctionRecord(
      "optim.\(rule.name)",
      "Makes \(what), as PyTorch has it; it follows surgery, and parameters can form groups with settings of their own.",
      [
        Parameter(
          "net", .parameterised,
          "the network whose parameters change, or a table of leaf tensors that require gradients")
      ],
      options: OptimiserOption.all(of: rule).map { $0.parameter(isRequired: type == SGD.self && $0.name == "lr") } + [
        Parameter(
          "groups", .table, default: "nil",
          "a sequence of {params=, lr=, ...}: params is a Lua pattern, a sequence of names or tensors, or function(name, tensor); a parameter is in the first group that has it, the rest form the last group"
        )
      ],
      returns: "an optimizer",
      errors: "settings out of range, unknown names, a parameter in two groups, tensors that don't require gradients",
      example: make
        + "local opt = optim.\(rule.name)(net, {\(rate), groups={{params='bias$', weight_decay=0}}}); opt.lr = 0.01; opt.groups[1].lr = 0.5; assert(opt.lr == 0.01 and opt.groups[1].lr == 0.5)"
    ) { call in
      let subject = try call.optimiserSubject()
      let settings = try call.settings(OptimiserOption.all(of: rule).map { ($0, call.option($0.name)) })
      return try call.push(
        try type.init(subject, settings: settings, groups: try call.groupRequests(rule, subject)), .optimizer)
    }
  }

  /// The methods of optimisers.
  static let optimiserMethods: [FunctionRecord] = [step, zeroGrad, state, loadState]

  private static let step = FunctionRecord(
    "optimizer:step", "Changes every parameter that has a gradient, at the rate of the schedule if there is one.",
    returns: "the optimizer itself", errors: "a schedule that fails; nothing is changed then",
    example: make + "optim.SGD(net, {lr=0.1}):step()", receiver: .optimizer
  ) { call in
    try call.object(GroupedOptimiser.self).step()
    return call.pushSelf()
  }

  private static let zeroGrad = FunctionRecord(
    "optimizer:zero_grad", "Sets the gradients of the parameters to 0.", returns: "the optimizer itself",
    example: make + "optim.SGD(net, {lr=0.1}):zero_grad()", receiver: .optimizer
  ) { call in
    try call.object(GroupedOptimiser.self).zeroGradients()
    return call.pushSelf()
  }

  private static let state = FunctionRecord(
    "optimizer:state",
    "Copies what the next steps depend on: buffers, step counts, settings of the groups; no schedule.",
    returns: "a table from names such as '0.weight.exp_avg', 'groups.1.lr' and 'steps' to tensors, numbers and strings",
    example: make + "assert(optim.Adam(net):state().algorithm == 'Adam')", receiver: .optimizer
  ) { call in
    let state = try call.object(GroupedOptimiser.self).state()
    try check(sonde_try_table(call.lua, 0, Int32(clamping: state.tensors.count + state.values.count)))
    for (name, value) in state.values {
      try call.set(name) {
        switch value {
        case .number(let number): call.push(number)
        case .integer(let integer): call.push(integer)
        case .string(let string): try call.push(string)
        }
      }
    }
    for (name, tensor) in state.tensors { try call.set(name) { try call.push(tensor) } }
    return 1
  }

  private static let loadState = FunctionRecord(
    "optimizer:load_state", "Takes over what state() gave; the steps go on from there bit for bit.",
    [Parameter("state", .table, "a table as state() gives it")], returns: "the optimizer itself",
    errors: "another algorithm, other groups, unknown names, other shapes; nothing is changed then",
    example: make + "local opt = optim.Adam(net); opt:load_state(opt:state())", receiver: .optimizer
  ) { call in
    guard case .table(let index) = call.argument(0) else { return 0 }
    var state = OptimiserState()
    try call.forEachPair(in: index) { key, valueIndex in
      let value = LuaValue(call.lua, valueIndex)
      switch (key.asString, value) {
      case (let name?, .object(let tensor, .tensor)): state.tensors[name] = unsafeDowncast(tensor, to: Tensor.self)
      case (let name?, .integer(let number)): state.values[name] = .integer(Int(number))
      case (let name?, .number(let number)): state.values[name] = .number(number)
      case (let name?, .string(let text)): state.values[name] = .string(text)
      default: throw call.failure("expected names with tensors, numbers and strings, got \(key.text) = \(value.text)")
      }
    }
    // Lua's tables have no order, messages have
    state.tensors.sort { $0.key < $1.key }
    state.values.sort { $0.key < $1.key }
    try call.object(GroupedOptimiser.self).restore(state)
    return call.pushSelf()
  }
}

extension TypeRecord {
  /// An optimiser.
  static let optimizerType = TypeRecord(
    type: .optimizer, summary: "Changes parameters by their gradients.", methods: FunctionRecord.optimiserMethods,
    properties: [
      PropertyRecord(
        "groups", "The groups of parameters, whose settings can be set; the last has what no other has."
      ) { call in
        let optimiser = call.object(GroupedOptimiser.self)
        return try call.push(sequence: optimiser.groups.indices) {
          try call.push(GroupHandle(optimiser, $0), .parameterGroup)
        }
      },
      PropertyRecord("steps", "How many steps were taken.") { call in
        call.push(call.object(GroupedOptimiser.self).steps)
      },
      PropertyRecord(
        "schedule",
        "What sets the rate at each step: of optim.schedule, or function(steps taken, lr) -> rate; nil without.",
        set: { call in
          call.object(GroupedOptimiser.self).schedule = try call.schedule(call.argument(1), "schedule")
        },
        get: { call in try call.push(call.object(GroupedOptimiser.self).schedule) }),
    ]
      + OptimiserOption.properties { call in
        let optimiser = call.object(GroupedOptimiser.self)
        return (optimiser.groups[optimiser.groups.count - 1], optimiser.set)
      },
    text: { call in
      let optimiser = call.object(GroupedOptimiser.self)
      let rest = optimiser.groups[optimiser.groups.count - 1]
      var text = "\(rest.settings.rule.name)(\(rest.text))"
      if optimiser.groups.count > 1 {
        let members = try optimiser.members()
        for (position, group) in optimiser.groups.enumerated() {
          let count = members.count { $0.group == position }
          text += "\n  groups[\(position + 1)]: \(count) parameter\(count == 1 ? "" : "s"), \(group.text)"
        }
      }
      return text
    })
}
