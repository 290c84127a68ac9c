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
        "function(self, x) that returns [batch, features] for x [batch, features]; self has the parameters and buffers by name, and training, which is false in a probe and in the trial; a buffer may be assigned to"
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
    let session = call.session
    let forward = try LuaReference(call, at: index)
    let layer = try CustomLayer(
      name, parameters: try call.namedTensors("parameters"), buffers: try call.namedTensors("buffers"),
      outputs: call.option("outputs").asInteger
    ) { [unowned session] layer, x, isTraining in
      let who = "nn.layer '\(name)'"
      let result = try forward.call(
        who: who,
        { call in
          try call.pushSelfTable(of: layer, isTraining: isTraining)
          return try call.push(x) + 1
        },
        { result in
          guard let tensor = result.asTensor else {
            throw LuaFailure.message("\(who): expected forward to return a tensor, got \(result.text)")
          }
          return tensor
        })
      try Call(session: session, lua: session.running, who: who).takeAssigned(layer)
      return result
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

  /// Takes over the buffers that forward has assigned to self, and refuses other parameters.
  fileprivate func takeAssigned(_ layer: CustomLayer) throws {
    guard let table = layer.attachment as? LuaReference else { return }
    guard lua_checkstack(lua, 8) != 0 else { throw LuaFailure.message("not enough memory") }
    let top = lua_gettop(lua)
    defer { lua_settop(lua, top) }
    table.push(self)
    for (name, tensor) in layer.parameters {
      let value = try field(name, of: top + 1)
      if value.asTensor === tensor { continue }
      throw failure("expected self.\(name) to stay the parameter, got it assigned; change it in place, with copy_")
    }
    for (name, tensor) in layer.buffers {
      let value = try field(name, of: top + 1)
      guard let assigned = value.asTensor else {
        throw failure("expected self.\(name) to stay a tensor, got \(value.text)")
      }
      if assigned !== tensor { try layer.setBuffer(name, assigned) }
    }
  }

  /// The field of a table at an absolute index; objects stay alive with it.
  private func field(_ name: String, of table: Int32) throws -> LuaValue {
    try LuaAPI.check(sonde_try_get_field(lua, table, name))
    defer { sonde_pop(lua, 1) }
    return LuaValue(lua, lua_gettop(lua))
  }

  /// Pushes the table that a layer's forward gets as self, made at its first call, with the tensors as they stand.
  fileprivate func pushSelfTable(of layer: CustomLayer, isTraining: Bool) throws {
    if let known = layer.attachment as? LuaReference {
      known.push(self)
    } else {
      try LuaAPI.check(sonde_try_table(lua, 0, Int32(layer.parameters.count + layer.buffers.count + 2)))
      try set("name") { try push(layer.kind) }
      layer.attachment = try LuaReference(self, at: lua_gettop(lua))
    }
    let table = lua_gettop(lua)
    for (name, tensor) in layer.parameters + layer.buffers
    where try field(name, of: table).asTensor !== tensor { try set(name) { try push(tensor) } }
    try set("training") { push(isTraining) }
  }
}
