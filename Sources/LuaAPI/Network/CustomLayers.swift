import CLua
import Kernels
import Networks
import Tensors

extension FunctionRecord {
  /// nn.layer.
  static let customLayer = FunctionRecord(
    "nn.layer", "Makes a layer of a Lua function of tensors; the tape differentiates it.",
    options: [
      Parameter(
        "forward", .function,
        "function(self, x) that returns [batch, features] for x [batch, features]; self has the parameters and buffers by name, and training"
      ),
      Parameter("name", .string, default: "\"layer\"", "what messages and tables call this kind of layer"),
      Parameter("parameters", .table, default: "{}", "name -> float tensor, changed by training"),
      Parameter("buffers", .table, default: "{}", "name -> float tensor, saved with the parameters"),
      Parameter(
        "outputs", .integer, default: "found out by a trial",
        "the features of the output; without it, forward is tried on zeros"),
    ],
    returns: "a layer", errors: "no forward, parameters that are no float tensors; later, an output of another shape",
    example: """
      local scale = nn.layer{name="Scale", parameters={w=sonde.ones(3)}, forward=function(self, x) return x * self.w end}
      local net = nn.Sequential{nn.Linear(4, 3), scale}
      net(sonde.randn(5, 4)):sum():backward()
      assert(net.parameters["1.w"].grad.shape[1] == 3)
      """
  ) { call in
    guard case .function(let index) = call.option("forward") else {
      throw call.failure("expected forward=function(self, x), got nothing")
    }
    let name = call.option("name").asString ?? "layer"
    let forward = try LuaReference(call, at: index)
    let layer = try CustomLayer(
      name, parameters: try call.namedTensors("parameters"), buffers: try call.namedTensors("buffers"),
      outputs: call.option("outputs").asInteger
    ) { layer, x, isTraining in
      try forward.call(
        who: "nn.layer '\(name)'",
        { call in
          try call.pushSelfTable(of: layer, isTraining: isTraining)
          return try call.push(x) + 1
        },
        { result in
          guard let tensor = result.asTensor else {
            throw LuaFailure.message("nn.layer '\(name)': expected forward to return a tensor, got \(result.text)")
          }
          return tensor
        })
    }
    return try call.push(layer)
  }
}

extension Call {
  /// The tensors of a table among the options, sorted by name.
  fileprivate func namedTensors(_ option: String) throws -> [(name: String, tensor: Tensor)] {
    guard case .table(let index) = self.option(option) else { return [] }
    var list: [(name: String, tensor: Tensor)] = []
    try forEachPair(in: index) { key, value in
      let value = LuaValue(lua, value)
      guard let name = key.asString, let tensor = value.asTensor else {
        throw failure("expected names and tensors in \(option), got \(key.text) = \(value.text)")
      }
      list.append((name, tensor))
    }
    return list.sorted { $0.name < $1.name }
  }

  /// Pushes the table that a layer's forward gets as self, made at its first call.
  fileprivate func pushSelfTable(of layer: CustomLayer, isTraining: Bool) throws {
    if let known = layer.attachment as? LuaReference {
      known.push(self)
    } else {
      try LuaAPI.check(sonde_try_table(lua, 0, Int32(layer.parameters.count + layer.buffers.count + 2)))
      for (name, tensor) in layer.parameters + layer.buffers { try set(name) { try push(tensor) } }
      try set("name") { try push(layer.kind) }
      layer.attachment = try LuaReference(self, at: lua_gettop(lua))
    }
    try set("training") { push(isTraining) }
  }
}
