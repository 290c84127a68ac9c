import Gradients
import Kernels
import Networks
import OrderedCollections
import Tensors
import TestSupport
import Testing

/// Recalibration changes running statistics alone, and only when all has gone well.
@Suite struct RecalibrationTests {
  private func mlp(_ change: (inout MLPOptions) -> Void = { _ in }) throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs) = (3, 4, 2, 2)
    (options.norm, options.dtype, options.seed) = (.batch, .float64, 3)
    change(&options)
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  private func snapshot(_ net: Network) throws -> [String: [Double]] {
    var result: [String: [Double]] = [:]
    for (name, tensor) in net.state { result[name] = try numbers(tensor) }
    result["num_batches"] = counts(net).map { Double($0) }
    return result
  }

  private func counts(_ net: Network) -> [Int] { net.batchNormalisations.map(\.batchesSeen) }

  private func expectFailure(
    _ net: Network, _ text: String, sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) throws {
    let kept = try snapshot(net)
    let error = #expect(throws: (any Error).self, sourceLocation: sourceLocation) { try body() }
    #expect("\(try #require(error))" == text, sourceLocation: sourceLocation)
    #expect(try snapshot(net) == kept, sourceLocation: sourceLocation)
  }

  @Test func onlyStatisticsChange() throws {
    let net = try mlp { $0.dropout = 0.5 }
    _ = try net.forward(try randomTensor([6, 3], seed: 1))
    let (weights, draws) = (try snapshot(net), net.generator.state)
    try net.recalibrate(inputs: try randomTensor([20, 3], seed: 2), batch: 5)
    #expect(net.isTraining && net.generator.state == draws && net.history.isEmpty)
    for (name, values) in try snapshot(net) {
      #expect((values == weights[name]) == !(name.contains("running") || name.contains("num_batches")), "\(name)")
    }
    #expect(counts(net) == [4, 4])
    // the forward before keeps what its backward needs
    _ = try net.backward(try randomTensor([6, 2], seed: 3))
  }

  @Test func oneBatchOfAllGivesTheDataItsMoments() throws {
    let net = try Network(
      sequential: [try Normalisation(.batch, features: 2, momentum: 0.3, dtype: .float64)],
      generator: Generator(seed: 1))
    try net.recalibrate(inputs: try tensor([1, 10, 2, 10, 6, 40], [3, 2]), batch: 100)
    // unbiased: ((1-3)^2 + (2-3)^2 + (6-3)^2) / 2 = 7
    #expect(try state(net, "0.running_mean") == [3, 20])
    assertClose(try state(net, "0.running_var"), [7, 300], relative: 1e-15, absolute: 0, "variance")
  }

  @Test func aLastSingleSampleJoinsTheBatchBefore() throws {
    let (net, twin) = (try mlp(), try mlp())
    let x = try randomTensor([11, 3], seed: 1)
    try net.recalibrate(inputs: x, batch: 5)
    var batches = [try x.narrowed(0, 5), try x.narrowed(5, 6)]
    try twin.recalibrate { batches.isEmpty ? nil : batches.removeFirst() }
    #expect(try snapshot(net) == snapshot(twin))
  }

  @Test func passesMayDrawOrders() throws {
    let (net, twin) = (try mlp(), try mlp())
    let x = try randomTensor([12, 3], seed: 1)
    try net.recalibrate(inputs: x, batch: 4, passes: 3, generator: Generator(seed: 5))
    try twin.recalibrate(inputs: x, batch: 4, passes: 3, generator: Generator(seed: 5))
    #expect(try snapshot(net) == snapshot(twin))
    #expect(counts(net) == [9, 9])
    try twin.recalibrate(inputs: x, batch: 4, passes: 3)
    #expect(try snapshot(net) != snapshot(twin))
  }

  @Test func mistakesLeaveTheOldStatistics() throws {
    let net = try mlp()
    _ = try net.forward(try randomTensor([6, 3], seed: 1))
    let x = try randomTensor([6, 3], seed: 2)
    try expectFailure(net, "recalibrate: expected batch of at least 2, got 1") {
      try net.recalibrate(inputs: x, batch: 1)
    }
    try expectFailure(net, "recalibrate: expected passes of at least 1, got 0") {
      try net.recalibrate(inputs: x, passes: 0)
    }
    try expectFailure(
      net, "recalibrate: expected inputs [samples, features] of at least 2 samples, got float64 [1, 3]"
    ) { try net.recalibrate(inputs: try x.narrowed(0, 1)) }
    try expectFailure(net, "recalibrate: expected finite inputs, got nan at row 2, column 1") {
      try net.recalibrate(inputs: try tensor([1, 2, 3, .nan, 5, 6], [2, 3]))
    }
    var batches = [x, try x.narrowed(0, 1)]
    try expectFailure(net, "recalibrate: expected batches of more than 1 sample, got 1 in batch 2") {
      try net.recalibrate { batches.isEmpty ? nil : batches.removeFirst() }
    }
    batches = [x, try randomTensor([4, 5], seed: 3)]
    try expectFailure(
      net, "layer 1 Block(Linear(3 -> 4), BatchNorm(4), ReLU): expected input [batch, 3], got [4, 5]"
    ) { try net.recalibrate { batches.isEmpty ? nil : batches.removeFirst() } }
    batches = [x]
    try expectFailure(net, "recalibrate: expected at least one batch, got none in pass 2 of 2") {
      try net.recalibrate(passes: 2) { batches.isEmpty ? nil : batches.removeFirst() }
    }
    try expectFailure(net, "recalibrate: expected a network that stays as it is, got surgery between two batches") {
      try net.recalibrate {
        try net.batchnormMode(.running)
        return x
      }
    }
    try expectFailure(
      net, "recalibrate: expected finite statistics, got NaN or infinity in layer 1 BatchNorm(4, mode=running)"
    ) { try net.recalibrate(inputs: try tensor([1e200, 2, 3, -1e200, 5, 6], [2, 3])) }
    try net.batchnorm(.off)
    try expectFailure(
      net,
      "recalibrate: expected a network with batch normalisation, got none in 3 layers; batchnorm(\"before\") puts it in"
    ) { try net.recalibrate(inputs: x) }
  }

  @Test func anInterruptLeavesTheOldStatistics() throws {
    let net = try mlp()
    let x = try randomTensor([6, 3], seed: 2)
    var given = 0
    try expectFailure(net, "\(Interrupted())") {
      try net.recalibrate {
        given += 1
        if given == 3 { throw Interrupted() }
        return x
      }
    }
  }

  @Test func loadedStatisticsWeighAtLeastOneBatch() throws {
    let (net, other) = (try mlp { $0.momentum = nil }, try mlp { $0.momentum = nil })
    let fresh = try copies(net.state)
    try net.loadState(fresh)
    #expect(counts(net) == [0, 0])
    for seed in 1...3 { _ = try other.forward(try randomTensor([6, 3], seed: UInt64(seed))) }
    try net.loadState(other.state)
    #expect(counts(net) == [1, 1])
    // the next batch weighs as much as all that was loaded
    let (loaded, x) = (try state(net, "0.norm.running_mean"), try randomTensor([6, 3], seed: 9))
    _ = try net.forward(x)
    let twin = try mlp { $0.momentum = 1 }
    _ = try twin.forward(x)
    let batch = try state(twin, "0.norm.running_mean")
    assertClose(
      try state(net, "0.norm.running_mean"), zip(loaded, batch).map { ($0 + $1) / 2 }, relative: 1e-12, absolute: 1e-15,
      "mean")
    try other.loadState(net.state)
    #expect(counts(other) == [3, 3])
    try other.loadState(fresh)
    #expect(counts(other) == [0, 0])
  }

  private func copies(_ state: OrderedDictionary<String, Tensor>) throws -> OrderedDictionary<String, Tensor> {
    try state.mapValues { try $0.clone() }
  }
}

extension Tensor {
  /// Rows from `first` on, copied.
  fileprivate func narrowed(_ first: Int, _ rows: Int) throws -> Tensor {
    let all = try numbers(self)
    return try tensor(Array(all[(first * shape[1])..<((first + rows) * shape[1])]), [rows, shape[1]], dtype)
  }
}
