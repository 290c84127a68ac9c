import CLua
import Kernels
import Networks
import Tensors

extension FunctionRecord {
  /// nn.Residual.
  static let residual = FunctionRecord(
    "nn.Residual",
    "Makes a layer that adds its input to what a branch of layers makes of it: y = x + scale f(x), or y = phi(x + scale f(x)).",
    [Parameter("layers", .table, "the branch, a sequence of layers; the options may stand in the same table")],
    options: [
      Parameter("scale", .number, default: "1", "the factor of the branch"),
      Parameter(
        "shortcut", .oneOf([.object(.layer), .boolean]), default: "the input itself",
        "an nn.Linear for the way around, where the branch changes the number of features; true makes one"),
      Parameter("activation", .activation, default: "none", "a nonlinearity behind the sum, as in He et al. 2015"),
      .layerName,
    ],
    returns: "a layer", errors: "an empty branch, one that gives another number of features without a shortcut",
    example: """
      local block = nn.Residual{nn.BatchNorm(8), nn.ReLU(), nn.Linear(8, 8), scale=0.5}
      local net = nn.Sequential{nn.Linear(4, 8), block, nn.Residual{nn.Linear(8, 8), activation="relu"}, nn.Linear(8, 2)}
      assert(#net == 4 and net(sonde.randn(5, 4)).shape[2] == 2)
      """
  ) { call in
    guard case .table(let index) = call.argument(0) else { return 0 }
    let given = try call.residualOptions(inTable: index)
    let layers = try call.layers(at: index)
    let activation = try given["activation"]?.asString.map { name in
      try Activation(try call.activation(name), dtype: layers.lazy.compactMap(\.dtype).first ?? call.dtype())
    }
    let layer = try Residual(
      layers, scale: given["scale"]?.asNumber ?? 1, shortcut: try call.shortcut(given["shortcut"], around: layers),
      activation: activation)
    if let name = given["name"]?.asString { try call.rename(layer, name) }
    return try call.push(layer)
  }
}

extension Call {
  /// The layers of a sequence, each alone or as {name, layer}.
  func layers(at table: Int32) throws -> [Layer] {
    try sequence(at: table) { value in
      switch value {
      case .object(let object, .layer): return unsafeDowncast(object, to: LayerHandle.self).layer
      case .table(let pair): return try namedLayer(at: pair)
      case .function: throw failure("expected layers, got a function; a call makes the layer, as in nn.ReLU()")
      default: throw failure("expected layers, got \(value.text)")
      }
    }
  }

  private func namedLayer(at pair: Int32) throws -> Layer {
    lua_rawgeti(lua, pair, 1)
    lua_rawgeti(lua, pair, 2)
    defer { sonde_pop(lua, 2) }
    let top = lua_gettop(lua)
    guard let name = LuaValue(lua, top - 1).asString, case .object(let object, .layer) = LuaValue(lua, top) else {
      throw failure("expected layers, or {name, layer} for one with a name, got a table")
    }
    let layer = unsafeDowncast(object, to: LayerHandle.self).layer
    try rename(layer, name)
    return layer
  }

  /// The option `residual` of nn.mlp with its scale.
  func residualForm() throws -> ResidualForm? {
    let scale = option("residual_scale").asNumber
    switch option("residual") {
    case .absent, .boolean(false):
      if scale != nil { throw failure("expected residual=true, 'pre' or 'post' with residual_scale, got none") }
      return nil
    case .string("post"): return ResidualForm(isActivatedAfter: true, scale: scale ?? 1)
    default: return ResidualForm(scale: scale ?? 1)
    }
  }

  /// The options of nn.Residual, from the trailing table and from among the layers.
  fileprivate func residualOptions(inTable index: Int32) throws -> [String: LuaValue] {
    let known = FunctionRecord.residual.options
    var given: [String: LuaValue] = [:]
    for parameter in known where !option(parameter.name).isAbsent { given[parameter.name] = option(parameter.name) }
    try forEachPair(in: index) { key, valueIndex in
      if key.asInteger != nil { return }
      guard let name = key.asString, let parameter = known.first(where: { $0.name == name }) else {
        let cure = suggestion(
          for: key.asString ?? "", among: known.map(\.name), otherwise: "?nn.Residual lists what it takes")
        throw failure("unknown option \(key.text)\(cure)")
      }
      let value = LuaValue(lua, valueIndex)
      guard value.fits(parameter.type) else {
        throw failure("option '\(name)' expected \(parameter.type.text), got \(value.text(for: parameter.type))")
      }
      given[name] = value
    }
    return given
  }

  fileprivate func shortcut(_ value: LuaValue?, around layers: [Layer]) throws -> Linear? {
    switch value {
    case .object(let object, .layer):
      guard let linear = unsafeDowncast(object, to: LayerHandle.self).layer as? Linear else {
        throw failure(
          "expected an nn.Linear as shortcut, got \(unsafeDowncast(object, to: LayerHandle.self).layer.kind)")
      }
      return linear
    case .boolean(true):
      guard let outputs = layers.reduce(nil as Int?, { $1.outputFeatures($0 ?? $1.inputFeatures) }) else {
        throw failure(
          "expected a branch that knows its features for shortcut=true, got one without; give it an nn.Linear")
      }
      return try Linear(
        outputs: outputs, bias: false, dtype: layers.lazy.compactMap(\.dtype).first ?? session.defaultDType,
        generator: session.generator)
    default: return nil
    }
  }
}
