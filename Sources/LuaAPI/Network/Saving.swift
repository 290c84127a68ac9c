import CLua
import Files
import Networks
import OrderedCollections
import Tensors

extension FunctionRecord {
  /// Networks in files, and their states.
  static let savingMethods: [FunctionRecord] = [state, loadState, save]
  /// What makes a network from a file.
  static let savingFunctions: [FunctionRecord] = [load]

  private static let make = "local net = nn.mlp{inputs=4, width=4, depth=2}; "

  private static let state = FunctionRecord(
    "network:state", "Copies parameters and running statistics.", returns: "a table from PyTorch's names to tensors",
    example: make + "assert(net:state()['0.linear.weight'].shape[1] == 4)", receiver: .network
  ) { call in
    let state = call.object(Network.self).state
    try check(sonde_try_table(call.lua, 0, Int32(clamping: state.count)))
    for (name, tensor) in state { try call.set(name) { try call.push(try tensor.clone()) } }
    return 1
  }

  private static let loadState = FunctionRecord(
    "network:load_state",
    "Sets parameters and running statistics from a table as state() gives it, or from a file, PyTorch's too.",
    [
      Parameter(
        "state", .state,
        "a table from names to tensors, or the path of a .safetensors or .npz file; num_batches_tracked is ignored")
    ],
    options: [
      Parameter("strict", .boolean, default: "true", "whether all must fit; else what fits is taken and the rest told")
    ],
    returns:
      "the network itself; with strict=false also a table: loaded (how many), and the names missing, unknown and "
      + "mismatched (another shape, or no floats)",
    errors: "missing or unknown names, other shapes, all listed; nothing is changed then",
    example: make
      + "net:load_state(net:state()); local _, told = net:load_state({}, {strict=false}); assert(#told.missing == 4)",
    receiver: .network
  ) { call in
    let network = call.object(Network.self)
    let isStrict = call.flag("strict", default: true)
    let differences = try network.loadState(try call.stateValues(), strict: isStrict)
    guard !isStrict else { return call.pushSelf() }
    return try call.pushSelf() + call.push(differences)
  }

  private static let save = FunctionRecord(
    "network:save",
    "Saves the network: parameters, running statistics, structure, settings and mode; nn.load makes it again.",
    [Parameter("path", .string, "the file, a .safetensors; it is replaced whole or not at all")],
    returns: "the network itself",
    errors: "sizes that are not known yet, a layer no file can describe, a path that can't be written",
    example: make + """
      local path = os.tmpname() .. '.safetensors'; net:save(path)
      assert(nn.load(path):count() == net:count()); os.remove(path)
      """,
    receiver: .network
  ) { call in
    let origin = Origin(operation: call.who, path: try call.string(0))
    try NetworkFile.requireEnding(origin)
    try NetworkFile.write(call.object(), origin)
    return call.pushSelf()
  }

  private static let load = FunctionRecord(
    "nn.load", "Makes the network that net:save wrote, with its weights, statistics, settings and mode; runs no code.",
    [Parameter("path", .string, "the file, a .safetensors")],
    options: [
      Parameter(
        "layers", .table, default: "none",
        "for layers written in Lua: their names and functions that make them, of a table of what the file says of each"),
      .generator,
    ],
    returns: "a network",
    errors: "a damaged file, with the byte position or the place in the structure; a newer format; an unknown layer",
    example: make + """
      local path = os.tmpname() .. '.safetensors'; net:eval():save(path)
      local copy = nn.load(path); assert(not copy.training and copy:activation() == 'relu'); os.remove(path)
      """
  ) { call in
    let origin = Origin(operation: call.who, path: try call.string(0))
    try NetworkFile.requireEnding(origin)
    let constructors = try call.constructors()
    let network = try NetworkFile(origin).network(generator: call.generator(), constructors: constructors)
    return try call.push(network, .network)
  }
}

extension Call {
  /// The tensors of the argument, a table or a file.
  fileprivate func stateValues() throws -> OrderedDictionary<String, Tensor> {
    guard case .table(let index) = argument(0) else {
      return try NetworkFile.state(Origin(operation: who, path: try string(0)))
    }
    var values: OrderedDictionary<String, Tensor> = [:]
    try forEachPair(in: index) { key, valueIndex in
      let value = LuaValue(lua, valueIndex)
      guard let name = key.asString, let tensor = value.asTensor else {
        throw failure("expected names and tensors, got \(key.text) = \(value.text)")
      }
      values[name] = tensor
    }
    return values
  }

  fileprivate func push(_ differences: StateDifferences) throws -> Int32 {
    try LuaAPI.check(sonde_try_table(lua, 0, 4))
    try set("loaded") { push(differences.fitting) }
    try set("missing") { try push(sequence: differences.missing) { try push($0) } }
    try set("unknown") { try push(sequence: differences.unknown) { try push($0) } }
    try set("mismatched") { try push(sequence: differences.mismatched) { try push($0) } }
    return 1
  }

  // MARK: Layers written in Lua

  /// The option `layers`: functions that make layers of what a file says of them.
  fileprivate func constructors() throws -> [String: (Configuration) throws -> Layer] {
    guard case .table(let index) = option("layers") else { return [:] }
    var result: [String: (Configuration) throws -> Layer] = [:]
    try forEachPair(in: index) { key, position in
      guard let name = key.asString, case .function = LuaValue(lua, position) else {
        throw failure(
          "option 'layers' expected functions by the names of layers, got \(LuaValue(lua, position).text) at \(key.text)"
        )
      }
      let function = try LuaReference(self, at: position)
      let who = self.who
      result[name] = { configuration in
        try function.call(who: who, { try $0.push(configuration) }, { try Call.layer($0, name, who) })
      }
    }
    return result
  }

  private static func layer(_ value: LuaValue, _ name: String, _ who: String) throws -> Layer {
    guard case .object(let object, .layer) = value else {
      throw LuaFailure.message("\(who): expected a layer of the function layers['\(name)'], got \(value.text)")
    }
    return unsafeDowncast(object, to: LayerHandle.self).layer
  }

  /// Pushes a tree of settings as Lua tables; null is left out.
  private func push(_ configuration: Configuration) throws -> Int32 {
    guard lua_checkstack(lua, 8) != 0 else { throw LuaFailure.message("not enough memory") }
    switch configuration {
    case .null: return pushNil()
    case .boolean(let value): return push(value)
    case .integer(let value): return push(value)
    case .number(let value): return push(value)
    case .text(let value): return try push(value)
    case .list(let elements): return try push(sequence: elements) { try push($0) }
    case .object(let members):
      try LuaAPI.check(sonde_try_table(lua, 0, Int32(clamping: members.count)))
      for (name, value) in members { try set(name) { try push(value) } }
      return 1
    }
  }
}
