import CLua
import Gradients
import Kernels
import Networks
import Plots
import Tensors

/// The named parameters of a network as Lua walks them; always the present ones.
final class ParametersView {
  let network: Network

  init(_ network: Network) { self.network = network }
}

extension TypeRecord {
  /// A network.
  static let networkType = TypeRecord(
    type: .network, summary: "A feed-forward network: call it on a batch [batch, features]; net[i] is a row.",
    methods: FunctionRecord.networkMethods + FunctionRecord.networkSurgery + FunctionRecord.structureMethods
      + FunctionRecord.theoryMethods
      + FunctionRecord.auxiliaryMethods
      + FunctionRecord.trainingMethods
      + FunctionRecord.probeMethods
      + FunctionRecord.rebuildMethods
      + FunctionRecord.memoryMethods
      + FunctionRecord.whatIfMethods,
    properties: PropertyRecord.hiddenSizes + [
      PropertyRecord("parameters", "The parameters by name, in stable order.") { call in
        try call.push(ParametersView(call.object()), .parameters)
      },
      .auxiliaries,
      PropertyRecord("training", "Whether batch statistics and dropout apply.") { call in
        call.push(call.object(Network.self).isTraining)
      },
      PropertyRecord("dtype", "What it computes in.") { call in try call.push(call.object(Network.self).dtype.name) },
      PropertyRecord("last_fit", "The history of the last net:fit, also where an error ended it; nil before.") { call in
        guard let history = call.object(Network.self).lastFit else { return call.pushNil() }
        return try call.push(TrainingHistory(history), .history)
      },
      PropertyRecord("inputs", "The features it takes, nil while unknown.") { call in
        call.object(Network.self).inputFeatures.map { call.push($0) } ?? call.pushNil()
      },
    ],
    element: { call in
      let network = call.object(Network.self)
      if let name = call.argument(0).asString, let row = network.row(named: name) {
        return try call.push(network.rows[row], in: network)
      }
      guard let index = call.argument(0).asInteger else { return nil }
      if index == network.rows.count + 1 { return call.pushNil() }
      guard let position = Tensor.position(index, extent: network.rows.count) else {
        throw call.failure("row \(index) is outside 1 to \(network.rows.count)")
      }
      return try call.push(network.rows[position], in: network)
    },
    length: { call in call.object(Network.self).rows.count },
    text: { call in NetworkText(call.object(), columns: TerminalAbilities.columnsOfTerminal).description },
    call: { call in
      guard let x = call.argument(0).asTensor, call.arguments.count == 1 else {
        throw call.failure("expected one tensor [batch, features] to compute, got \(call.argument(0).text)")
      }
      return try call.push(try call.object(Network.self).forward(x))
    })

  /// The parameters of a network.
  static let parametersType = TypeRecord(
    type: .parameters, summary: "The parameters of a network by name; pairs walks them in order.",
    element: { call in
      guard let name = call.argument(0).asString else { return nil }
      let parameters = call.object(ParametersView.self).network.parameters
      guard let tensor = parameters[name] else {
        let cure = suggestion(for: name, among: Array(parameters.keys), otherwise: "pairs(net.parameters) walks them")
        throw call.failure("no parameter '\(name)'\(cure)")
      }
      return try call.push(tensor)
    },
    assign: { call in
      throw call.failure("parameters are changed in place: net.parameters[\(call.argument(0).text)]:copy_(values)")
    },
    length: { call in call.object(ParametersView.self).network.parameters.count },
    text: { call in
      let parameters = call.object(ParametersView.self).network.parameters
      return parameters.map { "\($0.key) \($0.value.shape)" }.joined(separator: "\n")
    },
    keys: { call in Array(call.object(ParametersView.self).network.parameters.keys) })
}

extension FunctionRecord {
  /// Computing with a network, its modes, its state.
  static let networkMethods: [FunctionRecord] =
    [forward, backward, zeroGrad, train, eval, clone] + savingMethods + [count, find]

  private static let make = "local net = nn.mlp{inputs=4, width=4, depth=2}; "

  private static let forward = FunctionRecord(
    "network:forward", "Computes the output of a batch; net(x) is the same.",
    [Parameter("x", .tensor, "a batch [batch, features]")], returns: "a tensor [batch, outputs] on the tape",
    errors: "another number of features, a batch of 1 for batch normalisation in training mode",
    example: make + "assert(net:forward(sonde.randn(3, 4)).shape[1] == 3)", receiver: .network
  ) { call in try call.push(try call.object(Network.self).forward(try call.tensor(0))) }

  private static let backward = FunctionRecord(
    "network:backward", "Runs backward from dL/dy of the last forward; gradients accumulate in the parameters.",
    [Parameter("dy", .tensor, "dL/dy, of the output's shape")], returns: "dL/dx, of the input's shape",
    errors: "no forward before, another shape",
    example: make + "local y = net(sonde.randn(3, 4)); assert(net:backward(sonde.ones(3, 4)).shape[2] == 4)",
    receiver: .network
  ) { call in try call.push(try call.object(Network.self).backward(try call.tensor(0))) }

  private static let zeroGrad = FunctionRecord(
    "network:zero_grad", "Sets the gradients of all parameters to 0.", returns: "the network itself",
    example: make + "net:zero_grad()", receiver: .network
  ) { call in
    try call.object(Network.self).zeroGradients()
    return call.pushSelf()
  }

  private static let train = FunctionRecord(
    "network:train", "Switches to training mode: batch statistics and dropout apply.", returns: "the network itself",
    example: make + "assert(net:train().training)", receiver: .network
  ) { call in
    call.object(Network.self).isTraining = true
    return call.pushSelf()
  }

  private static let eval = FunctionRecord(
    "network:eval", "Switches to evaluation mode: running statistics, no dropout.", returns: "the network itself",
    example: make + "assert(not net:eval().training)", receiver: .network
  ) { call in
    call.object(Network.self).isTraining = false
    return call.pushSelf()
  }

  private static let clone = FunctionRecord(
    "network:clone", "Copies the network with its weights and statistics.", returns: "a network of its own",
    example: make + "assert(net:clone() ~= net)", receiver: .network
  ) { call in try call.push(try call.object(Network.self).clone(), .network) }

  private static let count = FunctionRecord(
    "network:count", "Counts the trainable numbers.", returns: "an integer",
    example: make + "assert(net:count() == 2 * (16 + 4))", receiver: .network
  ) { call in call.push(call.object(Network.self).count) }

  private static let find = FunctionRecord(
    "network:find", "Finds the rows of a kind or a name, or that have a part of it.",
    [Parameter("kind", .string, "for example 'BatchNorm', 'Linear' or 'fc1'")], returns: "a sequence of rows",
    example: make + "assert(#net:find('Linear') == 2)", receiver: .network
  ) { call in
    let network = call.object(Network.self)
    return try call.push(sequence: network.find(try call.string(0))) { try call.push($0.layer, in: network) }
  }
}
