import CLua
import Kernels
import Networks
import Tensors

extension FunctionRecord {
  /// What changes the rows of a network, and what goes over them.
  static let structureMethods: [FunctionRecord] = [insert, remove, replace, apply, freeze, unfreeze]
  /// The same for one layer.
  static let layerMethods: [FunctionRecord] = [named, freezeLayer, unfreezeLayer]

  private static let make = "local net = nn.Sequential{nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)}; "
  private static let place = Parameter("place", .oneOf([.integer, .string]), "the row's position or name")
  private static let layer = Parameter("layer", .object(.layer), "a layer that is part of no network")
  private static let which = Parameter(
    "place", .oneOf([.integer, .string]), default: "nil", "the row's position or name; nothing means all")

  private static let insert = FunctionRecord(
    "network:insert", "Puts a layer in front of a row, or at the end.",
    [
      Parameter(
        "place", .oneOf([.integer, .string]), "a position from 1 to #net + 1, or the name of the row behind it"), layer,
    ], returns: "the network itself",
    errors: "a place that is none, a layer that is part of a network, sizes that don't fit; nothing is changed then",
    example: make + "net:insert(2, nn.BatchNorm(3)); assert(#net == 4 and net[2].kind == 'BatchNorm')",
    receiver: .network
  ) { call in
    let network = call.object(Network.self)
    // from the end and by name as everywhere; counted from the start there is one place more, and insert tells what is none
    let place = call.argument(0).asInteger ?? -1
    try network.insert(try call.layerArgument(1), at: place < 0 ? try call.rowIndex(0) : place - 1)
    return call.pushSelf()
  }

  private static let remove = FunctionRecord(
    "network:remove", "Takes a row out; undo brings it back.", [place], returns: "the network itself",
    errors: "a row that is none, the only one, neighbours that don't fit then; nothing is changed then",
    example: make + "net:remove(2); assert(#net == 2); net:undo(); assert(#net == 3)", receiver: .network
  ) { call in
    try call.object(Network.self).remove(at: try call.rowIndex(0))
    return call.pushSelf()
  }

  private static let replace = FunctionRecord(
    "network:replace", "Puts a layer in the place of a row.", [place, layer], returns: "the network itself",
    errors: "as insert",
    example: make + "net:replace(-1, nn.Linear(3, 7)); assert(net(sonde.randn(5, 4)).shape[2] == 7)",
    receiver: .network
  ) { call in
    try call.object(Network.self).replace(at: try call.rowIndex(0), with: try call.layerArgument(1))
    return call.pushSelf()
  }

  private static let apply = FunctionRecord(
    "network:apply", "Calls a function with each layer, those inside others too, and its name.",
    [Parameter("f", .function, "function(layer, name), the name being how its parameters' names begin")],
    returns: "the network itself", errors: "what the function raises",
    example: make + "local n = 0; net:apply(function(layer, name) n = n + 1 end); assert(n == 3)", receiver: .network
  ) { call in
    guard case .function(let index) = call.argument(0) else { return 0 }
    let function = try LuaReference(call, at: index)
    let network = call.object(Network.self)
    for (name, layer) in network.namedLayers {
      _ = try function.call(who: call.who, results: 0) { call in
        _ = try call.push(layer, in: network)
        _ = try call.push(name)
        return 2
      }
    }
    return call.pushSelf()
  }

  private static let freeze = freezing(true)
  private static let unfreeze = freezing(false)

  private static func freezing(_ isFrozen: Bool) -> FunctionRecord {
    FunctionRecord(
      "network:\(isFrozen ? "freeze" : "unfreeze")",
      isFrozen
        ? "Keeps training from changing parameters: of the whole network, or of one row; undo lets it again."
        : "Lets training change parameters again: of the whole network, or of one row.",
      [which], returns: "the network itself", errors: "a row that is none",
      example: make + "net:freeze(1); assert(net:count() == 8); net:unfreeze(); assert(net:count() == 23)",
      receiver: .network
    ) { call in
      try call.object(Network.self).setFrozen(isFrozen, row: call.argument(0).isAbsent ? nil : try call.rowIndex(0))
      return call.pushSelf()
    }
  }

  private static let freezeLayer = layerFreezing(true)
  private static let unfreezeLayer = layerFreezing(false)

  private static func layerFreezing(_ isFrozen: Bool) -> FunctionRecord {
    FunctionRecord(
      "layer:\(isFrozen ? "freeze" : "unfreeze")",
      isFrozen
        ? "Keeps training from changing the layer's parameters." : "Lets training change the layer's parameters again.",
      returns: "the layer itself", example: make + "assert(net[1]:freeze().frozen and not net[1]:unfreeze().frozen)",
      receiver: .layer
    ) { call in
      let layer = call.object(LayerHandle.self).layer
      if let network = layer.owner { try network.setFrozen(isFrozen, layer: layer) } else { layer.setFrozen(isFrozen) }
      return call.pushSelf()
    }
  }

  private static let named = FunctionRecord(
    "layer:named", "Gives the layer a name, by which its network knows it and its parameters.",
    [Parameter("name", .string, "letters, digits and _, as net.name is to be written")], returns: "the layer itself",
    errors: "no such name, that of a method or field, or one that a neighbour has",
    example: "local net = nn.Sequential{nn.Linear(4, 3):named('fc1'), nn.ReLU()}; assert(net.fc1.weight.shape[1] == 3)",
    receiver: .layer
  ) { call in
    try call.rename(call.object(LayerHandle.self).layer, try call.string(0))
    return call.pushSelf()
  }
}

extension Call {
  /// The layer given as an argument.
  fileprivate func layerArgument(_ place: Int) throws -> Layer {
    guard case .object(let object, .layer) = argument(place) else {
      throw failure("expected a layer, got \(argument(place).text)")
    }
    return unsafeDowncast(object, to: LayerHandle.self).layer
  }

  /// Gives a layer a name, unless `net.name` or `net[1].name` would then mean something else.
  func rename(_ layer: Layer, _ name: String) throws {
    for type in [TypeRecord.networkType, .layerType]
    where type.properties.contains(where: { $0.name == name }) || type.methods.contains(where: { $0.shortName == name })
    {
      throw failure("expected a name that is no field or method of a \(type.type.name), got '\(name)'")
    }
    try layer.rename(name)
  }

  /// The row, from 0, that an argument means by its position or its name.
  func rowIndex(_ place: Int) throws -> Int {
    let network = object(Network.self)
    if let name = argument(place).asString {
      guard let index = network.row(named: name) else {
        let cure = suggestion(for: name, among: network.rows.compactMap(\.name), otherwise: "print(net) shows them")
        throw failure("no layer named '\(name)'\(cure)")
      }
      return index
    }
    let index = argument(place).asInteger ?? 0
    guard let position = Tensor.position(index, extent: network.rows.count) else {
      throw failure("expected a layer from 1 to \(network.rows.count), got \(index)")
    }
    return position
  }
}
