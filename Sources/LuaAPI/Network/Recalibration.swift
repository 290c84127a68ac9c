import CLua
import Datasets
import Networks
import Tensors

extension FunctionRecord {
  static let recalibrate = FunctionRecord(
    "network:recalibrate",
    "Computes the running statistics of every batch normalisation anew: the average over batches of data.",
    [
      Parameter(
        "data", .oneOf([.tensor, .object(.dataset), .object(.batches), .function]),
        "a tensor [n, features], a dataset, or an iterator of batches such as ds:batches(60) or a function")
    ],
    options: [
      Parameter("batch", .integer, default: "60", "the samples of a batch of a tensor or dataset, at least 2"),
      Parameter("passes", .integer, default: "1", "how often to go through the data; an iterator ends each with nil"),
      Parameter("shuffle", .boolean, default: "false", "whether each pass draws a new order"), .generator,
    ],
    returns: "the network itself; weights and modes stay, num_batches_tracked becomes the number of batches",
    errors: "no batch normalisation, batches of 1 sample, NaN or infinity; the old statistics stand then",
    example: "local net = nn.mlp{inputs=4, width=4, depth=2, norm='batch'}; net:recalibrate(sonde.randn(200, 4), "
      + "{batch=50}); assert(net[1].norm.num_batches_tracked == 4)",
    receiver: .network
  ) { call in
    let network = call.object(Network.self)
    let passes = call.option("passes").asInteger ?? 1
    switch call.argument(0) {
    case .object(let object, .tensor):
      try call.recalibrate(network, unsafeDowncast(object, to: Tensor.self), passes)
    case .object(let object, .dataset):
      try call.recalibrate(network, unsafeDowncast(object, to: Dataset.self).inputs, passes)
    case .object(let object, .batches):
      try call.refuseOptionsOfWholeData()
      let iterator = unsafeDowncast(object, to: BatchIterator.self)
      try network.recalibrate(passes: passes) {
        try iterator.batches.next().map { try iterator.dataset.batch($0).inputs }
      }
    case .function(let index):
      try call.refuseOptionsOfWholeData()
      try network.recalibrate(passes: passes) { try call.nextBatch(function: index) }
    default: return 0
    }
    return call.pushSelf()
  }
}

extension Call {
  fileprivate func recalibrate(_ network: Network, _ inputs: Tensor, _ passes: Int) throws {
    try network.recalibrate(
      inputs: inputs, batch: option("batch").asInteger ?? 60, passes: passes,
      generator: flag("shuffle", default: false) ? generator() : nil)
  }

  /// An iterator has cut and ordered its data already.
  fileprivate func refuseOptionsOfWholeData() throws {
    for name in ["batch", "shuffle", "generator"] where !option(name).isAbsent {
      throw failure("option '\(name)' is for a tensor or a dataset; an iterator gives batches of its own")
    }
  }

  /// Calls a user's iterator for the first of its results; nil ends a pass.
  fileprivate func nextBatch(function index: Int32) throws -> Tensor? {
    lua_pushvalue(lua, index)
    try check(sonde_try_call(lua, 0, 1))
    defer { sonde_pop(lua, 1) }
    let value = LuaValue(lua, lua_gettop(lua))
    if value.isAbsent { return nil }
    guard let tensor = value.asTensor else {
      throw failure("expected a batch [batch, features] or nil from the function, got \(value.text)")
    }
    return tensor
  }
}
