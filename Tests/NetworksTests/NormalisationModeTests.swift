import Gradients
import Kernels
import Networks
import OrderedCollections
import Tensors
import TestSupport
import Testing

/// Batch normalisation in each mode gives PyTorch's numbers: 1e-12 in float64, 1e-5 in float32.
@Suite struct NormalisationModeTests {
  private typealias Step = (first: NormalisationMode, second: NormalisationMode, isTraining: Bool)

  static let kinds: [(name: String, dtype: DType, relative: Double)] = [
    ("f64", .float64, 1e-12), ("f32", .float32, 1e-5),
  ]
  private let goldens = Goldens(file: "normalisation_modes.txt")

  private func mlp(
    _ position: NormalisationPosition = .before, _ dtype: DType = .float64, momentum: Double? = 0.1
  ) throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs) = (3, 4, 2, 2)
    (options.activation, options.norm, options.normPosition) = (position == .before ? .relu : .tanh, .batch, position)
    (options.momentum, options.dtype, options.seed) = (momentum, dtype, 3)
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  private func norm(_ net: Network, _ row: Int) throws -> Normalisation {
    try #require((net.rows[row] as? Block)?.norm)
  }

  private func snapshot(_ net: Network) throws -> [String: [Double]] {
    var result: [String: [Double]] = [:]
    for (name, tensor) in net.state { result[name] = try numbers(tensor) }
    return result
  }

  private func batchnormSnapshot(_ net: Network) throws -> [String: [Double]] {
    try snapshot(net).filter { $0.key.contains("running") }
  }

  // MARK: Against PyTorch

  private func train(_ net: Network, _ name: String, _ schedule: [Step], _ relative: Double) throws {
    try net.loadState(try goldens.tensors("\(name)/state/", net.dtype))
    let optimiser = try SGD(net, learningRate: 0.05, momentum: 0.9, weightDecay: 0.01)
    for (index, step) in schedule.enumerated() {
      let case_ = "\(name)/\(index)"
      net.isTraining = step.isTraining
      try net.batchnormMode(step.first, row: 0)
      try net.batchnormMode(step.second, row: 1)
      try net.zeroGradients()
      let y = try net.forward(try goldens.tensor("\(case_)/x", net.dtype))
      let dx = try net.backward(try goldens.tensor("\(case_)/dy", net.dtype))
      assertNear(try numbers(y), goldens["\(case_)/y"], relative: relative, "\(case_) y")
      assertNear(try numbers(dx), goldens["\(case_)/dx"], relative: relative, "\(case_) dx")
      try checkGradients(net, case_, relative)
      for (key, tensor) in net.state where key.contains("running") {
        assertNear(try numbers(tensor), goldens["\(case_)/running/\(key)"], relative: relative, "\(case_) \(key)")
      }
      try optimiser.step()
    }
    for (key, tensor) in net.state {
      assertNear(try numbers(tensor), goldens["\(name)/final/\(key)"], relative: relative, "\(name) final \(key)")
    }
  }

  private func checkGradients(_ net: Network, _ name: String, _ relative: Double) throws {
    // a gradient that is 0 but for rounding (a bias before batch norm) is compared on the scale of the others
    let largest =
      try net.parameters.values.map { try $0.gradient.map { try numbers($0).map(abs).max() ?? 0 } ?? 0 }.max() ?? 0
    for (key, tensor) in net.parameters {
      let expected = goldens["\(name)/grad/\(key)"]
      guard !expected.isEmpty else {
        #expect(tensor.gradient == nil, "\(name) \(key) is frozen")
        continue
      }
      assertClose(
        try numbers(try #require(tensor.gradient, "\(name) \(key)")), expected, relative: relative,
        absolute: relative * largest, "\(name) \(key)")
    }
  }

  // rounding errors grow over a few steps of training
  @Test(arguments: NormalisationModeTests.kinds.map(\.name), NormalisationPosition.allCases)
  func everyModeTrainsAndEvaluatesAsPyTorch(kind: String, position: NormalisationPosition) throws {
    let (_, dtype, relative) = try #require(NormalisationModeTests.kinds.first { $0.name == kind })
    for mode in NormalisationMode.allCases {
      let steps = [true, true, true, false].map { (mode, mode, $0) }
      try train(try mlp(position, dtype), "\(kind).\(position).\(mode)", steps, 4 * relative)
    }
  }

  @Test(arguments: NormalisationModeTests.kinds.map(\.name), NormalisationPosition.allCases)
  func modesMixAndSwitchAsInPyTorch(kind: String, position: NormalisationPosition) throws {
    let (_, dtype, relative) = try #require(NormalisationModeTests.kinds.first { $0.name == kind })
    let steps: [Step] = [
      (.auto, .auto, true), (.frozen, .batch, true), (.frozen, .running, false), (.auto, .frozen, true),
      (.batch, .auto, false), (.running, .batch, true),
    ]
    try train(try mlp(position, dtype), "\(kind).\(position).switched", steps, 6 * relative)
  }

  @Test(arguments: NormalisationModeTests.kinds.map(\.name), NormalisationPosition.allCases)
  func cumulativeAveragesAreMomentumNone(kind: String, position: NormalisationPosition) throws {
    let (_, dtype, relative) = try #require(NormalisationModeTests.kinds.first { $0.name == kind })
    let net = try mlp(position, dtype, momentum: nil)
    let steps: [Step] = [true, true, true, false].map { (.auto, .auto, $0) }
    try train(net, "\(kind).\(position).cumulative", steps, 4 * relative)
    #expect(try norm(net, 0).batchesSeen == 3)
  }

  @Test(arguments: NormalisationModeTests.kinds.map(\.name), NormalisationPosition.allCases)
  func recalibrationIsUpdateBN(kind: String, position: NormalisationPosition) throws {
    let (_, dtype, relative) = try #require(NormalisationModeTests.kinds.first { $0.name == kind })
    let (net, name) = (try mlp(position, dtype), "\(kind).\(position).recalibrate")
    try net.loadState(try goldens.tensors("\(name)/state/", dtype))
    let x = try goldens.tensor("\(name)/x", dtype)
    net.isTraining = false
    try net.batchnormMode(.frozen, row: 0)
    try net.batchnormMode(.running, row: 1)
    for passes in [1, 2] {
      try net.recalibrate(inputs: x, batch: 6, passes: passes)
      try checkStatistics(net, "\(name)/\(passes)", relative)
    }
    #expect(!net.isTraining)
    #expect(try net.batchnormMode(row: 0) == "frozen")
    #expect(try norm(net, 0).momentum == 0.1)
    assertNear(try numbers(try net.forward(x)), goldens["\(name)/y"], relative: relative, "\(name) y")
    // a cumulative average goes on from there
    try net.batchnorm(.on, options: NormalisationOptions(momentum: .cumulative, mode: .auto))
    net.isTraining = true
    _ = try net.forward(try tensor(Array(try numbers(x).prefix(21)), [7, 3], dtype))
    try checkStatistics(net, "\(name)/more", relative)
  }

  private func checkStatistics(_ net: Network, _ name: String, _ relative: Double) throws {
    for (key, tensor) in net.state where key.contains("running") {
      assertNear(try numbers(tensor), goldens["\(name)/\(key)"], relative: relative, "\(name) \(key)")
    }
    for row in [0, 1] {
      let count = Double(try norm(net, row).batchesSeen)
      #expect(goldens["\(name)/\(row).norm.num_batches_tracked"] == [count], "\(name) \(row)")
    }
  }

  // MARK: Modes and surgery

  @Test func modesAnswerAndAreUndone() throws {
    let net = try mlp()
    #expect(try net.batchnormMode() == "auto")
    try net.batchnormMode(.frozen, row: 1)
    #expect(try net.batchnormMode() == "mixed")
    #expect(try net.batchnormMode(row: 1) == "frozen")
    #expect(net.rows[1].description == "Block(Linear(4 -> 4), BatchNorm(4, mode=frozen), ReLU)")
    try net.batchnormMode(.batch)
    try net.batchnorm(.after, options: NormalisationOptions(momentum: .cumulative, mode: .running))
    #expect(try norm(net, 0).momentum == nil)
    #expect(
      net.history == [
        "[2]:batchnorm_mode(\"frozen\")", "batchnorm_mode(\"batch\")",
        "batchnorm(\"after\", {momentum=\"cumulative\", mode=\"running\"})",
      ])
    try net.undo()
    #expect(try net.batchnormMode() == "batch")
    #expect(try norm(net, 0).momentum == 0.1)
    try net.undo()
    #expect(try net.batchnormMode() == "mixed")
    try net.undo()
    #expect(try net.batchnormMode() == "auto")
  }

  @Test func undoingAModeGivesTheSameBits() throws {
    let net = try mlp()
    let x = try randomTensor([6, 3], seed: 2)
    _ = try net.forward(x)
    net.isTraining = false
    let (state, output) = (try snapshot(net), try numbers(try net.forward(x)))
    for mode in [NormalisationMode.batch, .frozen, .running] { try net.batchnormMode(mode) }
    try net.batchnormMode(.batch, row: 0)
    #expect(try numbers(try net.forward(x)) != output)
    while !net.history.isEmpty { try net.undo() }
    #expect(try snapshot(net) == state)
    #expect(try numbers(try net.forward(x)) == output)
  }

  @Test func aModeStaysWhenOffAndOnMovedAndCloned() throws {
    let net = try mlp()
    try net.batchnormMode(.frozen)
    try net.batchnorm(.off)
    try net.batchnorm(.on)
    #expect(try net.batchnormMode() == "frozen")
    try net.batchnorm(.after)
    #expect(try net.batchnormMode() == "frozen")
    let copy = try net.clone()
    #expect(try copy.batchnormMode() == "frozen")
    try net.batchnormMode(.running)
    #expect(try copy.batchnormMode() == "frozen")
    try net.batchnorm(.before)
    #expect(try net.batchnormMode() == "running")
  }

  @Test func aCloneContinuesTheCumulativeAverage() throws {
    let net = try mlp(momentum: nil)
    for seed in 1...3 { _ = try net.forward(try randomTensor([6, 3], seed: UInt64(seed))) }
    let copy = try net.clone()
    for each in [net, copy] { _ = try each.forward(try randomTensor([6, 3], seed: 4)) }
    #expect(try snapshot(copy) == snapshot(net))
    #expect(copy.batchNormalisations.map(\.batchesSeen) == [4, 4])
  }

  @Test func aPendingBackwardKeepsItsStatisticsWhenTheModeChanges() throws {
    let (net, twin) = (try mlp(), try mlp())
    let (x, dy) = (try randomTensor([6, 3], seed: 1), try randomTensor([6, 2], seed: 2))
    _ = try twin.forward(x)
    let expected = try numbers(try twin.backward(dy))
    _ = try net.forward(x)
    try net.batchnormMode(.frozen)
    #expect(try numbers(try net.backward(dy)) == expected)
    #expect(try norm(net, 0).gamma.gradient == nil)
  }

  @Test func freezingDropsGradientsAndCounts() throws {
    let net = try mlp()
    let all = net.count
    _ = try net.forward(try randomTensor([6, 3], seed: 1))
    _ = try net.backward(try randomTensor([6, 2], seed: 2))
    #expect(try norm(net, 0).gamma.gradient != nil)
    try net.batchnormMode(.frozen, row: 0)
    #expect(try norm(net, 0).gamma.gradient == nil)
    #expect(net.count == all - 8)
    #expect(net.parameters.keys.contains("0.norm.weight"))
    try net.undo()
    #expect(net.count == all)
  }

  @Test func residualBranchesHaveModesAndAreRecalibrated() throws {
    let g = Generator(seed: 1)
    let inner = try Normalisation(.batch, features: 3, dtype: .float64)
    let branch: [Layer] = [
      inner, try Activation(.relu), try Linear(inputs: 3, outputs: 3, dtype: .float64, generator: g),
    ]
    let net = try Network(sequential: [Flatten(), try Residual(branch)], generator: g)
    try inner.setMode(.frozen)
    #expect(try net.batchnormMode(row: 1) == "frozen")
    #expect(net.history == ["[2]:batchnorm_mode(\"frozen\")"])
    #expect(inner.isFrozen && net.count == 12)
    try net.recalibrate(inputs: try tensor([1, 2, 3, 3, 6, 9], [2, 3, 1]))
    assertClose(try state(net, "1.0.running_mean"), [2, 4, 6], relative: 1e-15, absolute: 0, "mean")
    assertClose(try state(net, "1.0.running_var"), [2, 8, 18], relative: 1e-15, absolute: 0, "variance")
    try net.undo()
    #expect(inner.mode == .auto && net.count == 18)
  }

  @Test func theProbeTakesBatchStatisticsInEveryMode() throws {
    let net = try mlp()
    let (x, dy) = (try randomTensor([6, 3], seed: 1), try randomTensor([6, 2], seed: 2))
    net.isTraining = false
    let plain = try net.observe(x) { _ in (dy, nil) }.map { try numbers($0.activation) }
    for mode in NormalisationMode.allCases {
      try net.batchnormMode(mode)
      #expect(try net.observe(x) { _ in (dy, nil) }.map { try numbers($0.activation) } == plain)
    }
  }

  @Test func aBatchOfOneIsRefusedOnlyWhereBatchStatisticsAreTaken() throws {
    let net = try mlp()
    let one = try randomTensor([1, 3], seed: 1)
    for mode in [NormalisationMode.running, .frozen] {
      try net.batchnormMode(mode)
      for isTraining in [true, false] {
        net.isTraining = isTraining
        #expect(try net.forward(one).shape == [1, 2])
      }
    }
    try net.batchnormMode(.batch)
    for isTraining in [true, false] {
      net.isTraining = isTraining
      let error = #expect(throws: NetworkError.self) { try net.forward(one) }
      #expect(
        "\(try #require(error))"
          == "layer 1 BatchNorm(4, mode=batch): expected more than 1 sample in mode \"batch\", got batch of 1: "
          + "its variance is 0; use mode \"running\" or a larger batch")
    }
  }

  @Test func evaluationJoinsALastSampleForBatchStatistics() throws {
    let net = try mlp()
    try net.batchnormMode(.batch)
    let kept = try batchnormSnapshot(net)
    let result = try net.evaluate(
      inputs: try randomTensor([7, 3], seed: 1), targets: try tensor([1, 2, 1, 2, 1, 2, 1], [7], .int64), batch: 3)
    #expect(result.loss.isFinite)
    #expect(try batchnormSnapshot(net) == kept)
  }

  @Test func modesBelongToBatchNormalisationThatStands() throws {
    let net = try mlp()
    func text(_ body: () throws -> Void) throws -> String {
      "\(try #require(#expect(throws: NetworkError.self) { try body() }))"
    }
    #expect(
      try text { try net.batchnormMode(.frozen, row: 2) }
        == "batchnorm_mode: expected a layer with batch normalisation, got layer 3 Linear(4 -> 2)")
    #expect(
      try text { try net.normalize(.layer, options: NormalisationOptions(mode: .frozen)) }
        == "normalize: expected batch normalisation for the mode \"frozen\", got layer normalisation")
    #expect(
      try text { _ = try Normalisation(.rms, features: 3, mode: .batch) }
        == "nn.RMSNorm: expected batch normalisation for the mode \"batch\", got rms normalisation")
    let old = try norm(net, 0)
    try net.batchnorm(.off)
    #expect(
      try text { try net.batchnormMode(.frozen) }
        == "batchnorm_mode: expected a network with batch normalisation, got none in 3 layers; batchnorm(\"before\") puts it in"
    )
    #expect(
      try text { try net.batchnormMode(.frozen, of: old) }
        == "batchnorm_mode: expected a batch normalisation that stands in the network, got BatchNorm(4), which was taken out"
    )
    #expect(net.history == ["batchnorm(\"off\")"])
  }
}
