import Gradients
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct SurgeryTests {
  private func mlp(norm: NormalisationKind? = nil, depth: Int = 2, outputs: Int? = 3) throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs) = (4, 5, depth, outputs)
    (options.norm, options.dtype, options.seed) = (norm, .float64, 3)
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  private func snapshot(_ net: Network) throws -> [String: [Double]] {
    var result: [String: [Double]] = [:]
    for (name, tensor) in net.state { result[name] = try numbers(tensor) }
    return result
  }

  private func train(_ net: Network, steps: Int = 3) throws {
    let optimiser = try SGD(net, learningRate: 0.1, momentum: 0.9)
    for step in 0..<steps {
      try net.zeroGradients()
      let y = try net.forward(try randomTensor([6, 4], seed: UInt64(step)))
      _ = try net.backward(try randomTensor(y.shape, seed: 77))
      try optimiser.step()
    }
  }

  @Test func batchnormAnswersWhereItStands() throws {
    let net = try mlp()
    #expect(try net.batchnorm() == "off")
    try net.batchnorm(.on)
    #expect(try net.batchnorm() == "before")
    try net.batchnorm(.after)
    #expect(try net.batchnorm() == "after")
    try net.batchnorm(.off, row: 1)
    #expect(try net.batchnorm() == "mixed")
    #expect(try net.batchnorm(row: 0) == "after")
    #expect(try net.batchnorm(row: 1) == "off")
    try net.batchnorm(.off)
    try net.batchnorm(.on)
    #expect(try net.batchnorm() == "after")
    #expect(
      net.history == [
        "batchnorm(true)", "batchnorm(\"after\")", "[2]:batchnorm(\"off\")", "batchnorm(\"off\")", "batchnorm(true)",
      ])
  }

  @Test func weightsStayAndNormsComeBackAsTheyWere() throws {
    let net = try mlp(norm: .batch)
    try train(net)
    let trained = try snapshot(net)
    try net.batchnorm(.off)
    let off = try snapshot(net)
    #expect(off.keys.allSatisfy { !$0.contains("norm") })
    for (name, values) in off { #expect(values == trained[name]) }
    try net.batchnorm(.on)
    #expect(try snapshot(net) == trained)
  }

  @Test func movingKeepsGammaAndHasRunningStatisticsOfItsOwn() throws {
    let net = try mlp(norm: .batch)
    try train(net)
    let before = try snapshot(net)
    try net.batchnorm(.after)
    var moved = try snapshot(net)
    #expect(moved["0.norm.weight"] == before["0.norm.weight"])
    #expect(moved["0.norm.running_mean"] == Array(repeating: 0, count: 5))
    #expect(moved["0.norm.running_var"] == Array(repeating: 1, count: 5))
    _ = try net.forward(try randomTensor([6, 4], seed: 5))
    moved = try snapshot(net)
    try net.batchnorm(.before)
    #expect(try snapshot(net) == before)
    try net.batchnorm(.after)
    #expect(try snapshot(net) == moved)
  }

  @Test func undoTakesEverySurgeryBackBitForBit() throws {
    let net = try mlp(norm: .batch)
    try train(net)
    let x = try randomTensor([6, 4], seed: 6)
    net.isTraining = false
    let (state, output) = (try snapshot(net), try numbers(try net.forward(x)))
    try net.batchnorm(.after, options: NormalisationOptions(eps: 0, affine: false))
    try net.activation(.tanh)
    try net.initialise(try Initialiser(parsing: "orthogonal"))
    try net.normalize(.layer, place: .after)
    try net.batchnorm(.off, row: 0)
    #expect(net.history.count == 5)
    #expect(try numbers(try net.forward(x)) != output)
    while !net.history.isEmpty { try net.undo() }
    #expect(try snapshot(net) == state)
    #expect(try numbers(try net.forward(x)) == output)
    #expect(try net.batchnorm() == "before")
    #expect(try net.activation() == "relu")
    #expect(throws: NetworkError.noSurgery) { try net.undo() }
  }

  @Test func optionsOfASurgeryApply() throws {
    let net = try mlp()
    try net.batchnorm(.before, options: NormalisationOptions(eps: 0, affine: false))
    let block = try #require(net.rows[0] as? Block)
    #expect(block.norm?.eps == 0)
    #expect(block.norm?.isAffine == false)
    #expect(!net.parameters.keys.contains("0.norm.weight"))
    #expect(net.state.keys.contains("0.norm.running_mean"))
    try net.batchnorm(.after)
    #expect(block.norm?.eps == 0)
    #expect(throws: NetworkError.expected("batchnorm", "eps of 0 or more", "-1.0")) {
      try net.batchnorm(.after, options: NormalisationOptions(eps: -1))
    }
    #expect(net.history.count == 2)
  }

  @Test func aSequentialGetsAndLosesItsNorms() throws {
    let g = Generator(seed: 1)
    let net = try Network(
      sequential: [
        try Linear(inputs: 4, outputs: 5, generator: g), try Activation(.relu),
        try Linear(inputs: 5, outputs: 6, generator: g), try Normalisation(.batch, features: 6), try Activation(.tanh),
        try Linear(inputs: 6, outputs: 2, generator: g),
      ], generator: g)
    #expect(try net.batchnorm() == "mixed")
    try net.batchnorm(.after)
    #expect(net.rows.map(\.kind) == ["Linear", "ReLU", "BatchNorm", "Linear", "Tanh", "BatchNorm", "Linear"])
    #expect(try net.batchnorm() == "after")
    try net.batchnorm(.off)
    #expect(net.rows.map(\.kind) == ["Linear", "ReLU", "Linear", "Tanh", "Linear"])
    try net.undo()
    try net.undo()
    #expect(net.rows.map(\.kind) == ["Linear", "ReLU", "Linear", "BatchNorm", "Tanh", "Linear"])
  }

  @Test func anOptimiserFollowsSurgery() throws {
    let (net, twin) = (try mlp(norm: .batch, depth: 1, outputs: nil), try mlp(norm: .batch, depth: 1, outputs: nil))
    let (optimiser, other) = (
      try SGD(net, learningRate: 0.1, momentum: 0.9), try SGD(twin, learningRate: 0.1, momentum: 0.9)
    )
    func step(_ net: Network, _ optimiser: SGD, _ seed: UInt64) throws {
      try net.zeroGradients()
      _ = try net.forward(try randomTensor([6, 4], seed: seed))
      _ = try net.backward(try randomTensor([6, 5], seed: 9))
      try optimiser.step()
    }
    try step(net, optimiser, 1)
    try step(twin, other, 1)
    let gamma = try #require(net.parameters["0.norm.weight"])
    let value = try numbers(gamma)
    try net.batchnorm(.off)
    try step(net, optimiser, 2)
    #expect(try numbers(gamma) == value)
    try net.batchnorm(.on)
    // the momentum of gamma is what it was: the next step moves it as it does the twin's, whose weights are made equal
    try twin.loadState(net.state)
    try step(net, optimiser, 3)
    let before = try state(twin, "0.norm.weight")
    try step(twin, other, 3)
    #expect(before == value)
    #expect(try numbers(gamma) == state(twin, "0.norm.weight"))
  }

  @Test func aPendingBackwardSurvivesSurgery() throws {
    let (net, twin) = (try mlp(norm: .batch), try mlp(norm: .batch))
    let x = try randomTensor([6, 4], seed: 1)
    let dy = try randomTensor([6, 3], seed: 2)
    _ = try twin.forward(x)
    let expected = try numbers(try twin.backward(dy))
    _ = try net.forward(x)
    try net.batchnorm(.after, options: NormalisationOptions(eps: 0.5, affine: false))
    #expect(try numbers(try net.backward(dy)) == expected)
  }

  @Test func cloneIsDeepAndEqual() throws {
    let net = try mlp(norm: .batch)
    try train(net)
    try net.batchnorm(.after)
    let copy = try net.clone()
    #expect(try snapshot(copy) == snapshot(net))
    try copy.batchnorm(.before)
    try net.batchnorm(.before)
    #expect(try snapshot(copy) == snapshot(net))
    let kept = try snapshot(net)
    try train(copy)
    #expect(try snapshot(net) == kept)
    #expect(copy.history == ["batchnorm(\"before\")"])
  }
}
