import CLua
import Gradients
import Kernels
import Networks
import Tensors

extension FunctionRecord {
  /// Auxiliary classifiers of a network.
  static let auxiliaryMethods: [FunctionRecord] = [addAuxiliary, removeAuxiliary, auxiliaryLoss]

  private static let make = """
    local net = nn.mlp{inputs=4, width=8, depth=3, outputs=2}
    net:add_auxiliary(1, nn.Linear(8, 2), {weight=0.3})

    """

  private static let addAuxiliary = FunctionRecord(
    "network:add_auxiliary",
    "Adds a classifier on the output of a row, which trains with the network and is out of the way in evaluation.",
    [
      Parameter("place", .oneOf([.integer, .string]), "the row's position or name"),
      Parameter("head", .oneOf([.object(.layer), .table]), "the classifier: a layer, or a sequence of layers"),
    ],
    options: [Parameter("weight", .number, default: "0.3", "the factor of its loss in net:fit and net:auxiliary_loss")],
    returns: "the network itself", errors: "a row that has one, layers that don't fit",
    example: make + "assert(net.parameters['auxiliary.0.weight'].shape[1] == 2)", receiver: .network
  ) { call in
    let layers: [Layer]
    switch call.argument(1) {
    case .table(let index): layers = try call.layers(at: index)
    case .object(let object, _): layers = [unsafeDowncast(object, to: LayerHandle.self).layer]
    default: layers = []
    }
    try call.object(Network.self).addAuxiliary(
      after: try call.rowIndex(0), layers, weight: call.option("weight").asNumber ?? 0.3)
    return call.pushSelf()
  }

  private static let removeAuxiliary = FunctionRecord(
    "network:remove_auxiliary", "Takes the auxiliary classifier of a row away, or all of them; undo brings them back.",
    [Parameter("place", .oneOf([.integer, .string]), default: "nil", "the row's position or name; nothing means all")],
    returns: "the network itself", errors: "no auxiliary classifier there",
    example: make + "assert(#net:remove_auxiliary().auxiliaries == 0)", receiver: .network
  ) { call in
    let index = call.argument(0).isAbsent ? nil : try call.rowIndex(0)
    try call.object(Network.self).removeAuxiliary(after: index)
    return call.pushSelf()
  }

  private static let auxiliaryLoss = FunctionRecord(
    "network:auxiliary_loss",
    "Sums weight times loss over what the auxiliary classifiers gave in the last forward; 0 in evaluation.",
    [Parameter("loss", .function, "function(output) that returns a 0-dim tensor on the tape")],
    returns: "a 0-dim tensor on the tape, to be added to the network's loss", errors: "what the function raises",
    example: make + """
      local x, t = sonde.randn(5, 4), sonde.tensor{1, 2, 1, 2, 2}
      local function loss(y) return nn.cross_entropy(y, t) end
      local total = loss(net(x)) + net:auxiliary_loss(loss)
      total:backward()
      assert(net.parameters["auxiliary.0.bias"].grad.shape[1] == 2)
      """, receiver: .network
  ) { call in
    guard case .function(let index) = call.argument(0) else { return 0 }
    let function = try LuaReference(call, at: index)
    let network = call.object(Network.self)
    let who = call.who
    let sum = try network.auxiliaryLoss { output in
      try function.call(
        who: who, { call in try call.push(output) },
        { result in
          guard let tensor = result.asTensor, tensor.count == 1, tensor.dtype.isFloat else {
            throw LuaFailure.message(
              "\(who): expected the function to return a tensor of one element, got \(result.text)")
          }
          return tensor.rank == 0 ? tensor : try Differentiable.reshape(tensor, [])
        })
    }
    return try call.push(try sum ?? Tensor(network.dtype, []))
  }
}

extension PropertyRecord {
  /// The auxiliary classifiers of a network.
  static let auxiliaries = PropertyRecord(
    "auxiliaries",
    "The auxiliary classifiers: tables of row, weight, layers, and output, what it gave in the last training forward."
  ) { call in
    let network = call.object(Network.self)
    let outputs = network.auxiliaryOutputs
    let present = network.presentAuxiliaries
    return try call.push(sequence: present.enumerated()) { place, entry in
      try check(sonde_try_table(call.lua, 0, 4))
      try call.set("row") { call.push(entry.row + 1) }
      try call.set("weight") { call.push(entry.auxiliary.weight) }
      try call.set("layers") {
        try call.push(sequence: entry.auxiliary.layers) { try call.push($0, in: network) }
      }
      if outputs.count == present.count { try call.set("output") { try call.push(outputs[place].tensor) } }
      return 1
    }
  }
}
