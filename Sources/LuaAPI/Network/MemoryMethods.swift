import CLua
import Kernels
import Networks

extension FunctionRecord {
  /// What a network takes.
  static let memoryMethods: [FunctionRecord] = [memory]

  private static let memory = FunctionRecord(
    "network:memory",
    "Tells what the network takes of memory now, in bytes. Workspaces, which hold what a forward keeps for its backward, come "
      + "with the first forward and stay for those to come; rows that are computed in one go count for the first of them.",
    [Parameter("optimizer", .object(.optimizer), default: "nil", "whose state to count too")],
    returns:
      "a table: parameters, gradients, buffers (running statistics), workspaces, optimizer, total, and layers, a sequence of "
      + "{layer=, parameters=, gradients=, buffers=, workspace=}",
    example: "local net = nn.mlp{inputs=4, width=4, depth=2, bias=false}; local m = net:memory(); "
      + "assert(m.parameters == 2 * 4 * 4 * 4 and m.gradients == 0 and m.workspaces == 0 and #m.layers == 2)",
    receiver: .network
  ) { call in
    var optimiser: GroupedOptimiser?
    if case .object(let object, .optimizer) = call.argument(0) {
      optimiser = unsafeDowncast(object, to: GroupedOptimiser.self)
    }
    let memory = call.object(Network.self).memory(optimiser: optimiser)
    try call.push(bytes: [
      ("parameters", memory.parameters), ("gradients", memory.gradients), ("buffers", memory.buffers),
      ("workspaces", memory.workspaces), ("optimizer", memory.optimiser), ("total", memory.total),
    ])
    try call.set("layers") {
      try call.push(sequence: memory.rows) { row in
        try call.push(bytes: [
          ("parameters", row.parameters), ("gradients", row.gradients), ("buffers", row.buffers),
          ("workspace", row.workspace),
        ])
        try call.set("layer") { try call.push(row.layer) }
        return 1
      }
    }
    return 1
  }
}

extension Call {
  /// Pushes a table of numbers by name, with room for one field more.
  fileprivate func push(bytes fields: [(name: String, count: Int)]) throws {
    try LuaAPI.check(sonde_try_table(lua, 0, Int32(fields.count + 1)))
    for (name, count) in fields { try set(name) { push(count) } }
  }
}
