import Gradients
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct NetworkTests {
  private func mlp(_ change: (inout MLPOptions) -> Void = { _ in }) throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs) = (4, 5, 2, 3)
    (options.dtype, options.seed) = (.float64, 3)
    change(&options)
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  @Test func namesArePyTorchs() throws {
    let net = try mlp { $0.norm = .batch }
    #expect(
      Array(net.state.keys) == [
        "0.linear.weight", "0.linear.bias", "0.norm.weight", "0.norm.bias", "0.norm.running_mean", "0.norm.running_var",
        "1.linear.weight", "1.linear.bias", "1.norm.weight", "1.norm.bias", "1.norm.running_mean", "1.norm.running_var",
        "head.weight", "head.bias",
      ])
    #expect(net.parameters["0.linear.weight"]?.shape == [5, 4])
    #expect(net.count == 4 * 5 + 5 + 5 * 5 + 5 + 4 * 5 + 5 * 3 + 3)
    #expect(net.rows.count == 3)
  }

  @Test func shapeErrorsNameTheLayer() throws {
    let g = Generator(seed: 1)
    let net = try Network(
      sequential: [
        try Activation(.relu), try Dropout(0.1), try Linear(inputs: 30, outputs: 5, generator: g),
      ], generator: g)
    let wrong = #expect(throws: NetworkError.self) { try net.forward(try Tensor(.float32, [4, 20])) }
    #expect("\(try #require(wrong))" == "layer 3 Linear(30 -> 5): expected input [batch, 30], got [4, 20]")
    let flat = #expect(throws: NetworkError.self) { try net.forward(try Tensor(.float32, [30])) }
    #expect("\(try #require(flat))" == "layer 3 Linear(30 -> 5): expected input [batch, 30], got [30]")
    let double = #expect(throws: NetworkError.self) { try net.forward(try Tensor(.float64, [4, 30])) }
    #expect(
      "\(try #require(double))"
        == "layer 1 ReLU: expected float32 input, got float64; convert it with x:to(\"float32\")")
    let misfit = #expect(throws: NetworkError.self) {
      try Network(
        sequential: [
          try Linear(inputs: 10, outputs: 20, generator: g), try Linear(inputs: 30, outputs: 5, generator: g),
        ], generator: g)
    }
    #expect(
      "\(try #require(misfit))"
        == "layer 2 Linear(30 -> 5): expected input [batch, 30], got [batch, 20] from layer 1 Linear(10 -> 20)")
  }

  @Test func aBatchOfOneSaysWhyItCannotTrain() throws {
    let g = Generator(seed: 1)
    let net = try Network(
      sequential: [try Linear(inputs: 3, outputs: 30, generator: g), try Normalisation(.batch, features: 30)],
      generator: g)
    let error = #expect(throws: NetworkError.self) { try net.forward(try Tensor(.float32, [1, 3])) }
    #expect(
      "\(try #require(error))"
        == "layer 2 BatchNorm(30): expected more than 1 sample in training mode, got batch of 1: its variance is 0; "
        + "use eval mode or a larger batch")
    net.isTraining = false
    #expect(try net.forward(try Tensor(.float32, [1, 3])).shape == [1, 30])
  }

  @Test func aLinearInfersItsInput() throws {
    let g = Generator(seed: 1)
    let net = try Network(
      sequential: [try Linear(outputs: 6, generator: g), try Activation(.relu), try Linear(outputs: 2, generator: g)],
      generator: g)
    #expect(net.rows[0].description == "Linear(? -> 6)")
    #expect(net.rows[2].description == "Linear(6 -> 2)")
    #expect(try net.forward(try Tensor(.float32, [3, 9])).shape == [3, 2])
    #expect(net.rows[0].description == "Linear(9 -> 6)")
    #expect(net.count == 9 * 6 + 6 + 6 * 2 + 2)
  }

  @Test func statesThatDoNotFitAreRefusedWhole() throws {
    let net = try mlp()
    let before = try NetworksTests.state(net, "0.linear.weight")
    var state = try net.clone().state
    try state["0.linear.weight"]?.fill(1)
    state["1.num_batches_tracked"] = try tensor([3], [], .int64)
    state["head.bias"] = try tensor([1, 2], [2])
    let shape = #expect(throws: NetworkError.self) { try net.loadState(state) }
    #expect("\(try #require(shape))" == "load_state: expected 'head.bias' [3], got [2]")
    state["head.bias"] = nil
    let missing = #expect(throws: NetworkError.self) { try net.loadState(state) }
    #expect("\(try #require(missing))" == "load_state: expected 'head.bias' [3], got none")
    state["head.bias"] = try tensor([1, 2, 3], [3])
    state["haed.bias"] = state["head.bias"]
    let unknown = #expect(throws: NetworkError.self) { try net.loadState(state) }
    #expect("\(try #require(unknown))" == "load_state: unknown name 'haed.bias', did you mean 'head.bias'?")
    #expect(try NetworksTests.state(net, "0.linear.weight") == before)
    let bias = state["0.linear.bias"]
    state["head.bias"] = nil
    state["0.linear.bias"] = try tensor([1, 2], [2], .int64)
    let several = #expect(throws: NetworkError.self) { try net.loadState(state) }
    #expect(
      "\(try #require(several))"
        == "load_state: expected '0.linear.bias' [5], got [2]; expected 'head.bias' [3], got none; "
        + "unknown name 'haed.bias', did you mean 'head.bias'?")
    let told = try net.loadState(state, strict: false)
    #expect(told.mismatched == ["0.linear.bias"] && told.missing == ["head.bias"] && told.unknown == ["haed.bias"])
    #expect(try NetworksTests.state(net, "0.linear.weight") != before)
    state["0.linear.bias"] = bias
    state["head.bias"] = try tensor([1, 2, 3], [3])
    state["haed.bias"] = nil
    try net.loadState(state)
    #expect(try NetworksTests.state(net, "head.bias") == [1, 2, 3])
  }

  @Test func backwardNeedsAForwardAndRunsOnce() throws {
    let net = try mlp()
    let dy = try Tensor(.float64, [6, 3])
    #expect(throws: NetworkError.noForward) { try net.backward(dy) }
    _ = try net.forward(try randomTensor([6, 4], seed: 1))
    let mismatch = #expect(throws: GradientError.self) { try net.backward(try Tensor(.float64, [5, 3])) }
    #expect(
      "\(try #require(mismatch))"
        == "backward: expected a gradient of shape [6, 3] and dtype float64, got [5, 3] and float64")
    _ = try net.backward(dy)
    let again = #expect(throws: GradientError.self) { try net.backward(dy) }
    #expect("\(try #require(again))" == "backward: this result's tape has been used; run the forward again")
  }

  @Test func whatAUserChangesAfterTheForwardDoesNotReachTheBackward() throws {
    let (net, twin) = (try mlp { $0.outputs = nil }, try mlp { $0.outputs = nil })
    let (x, dy) = (try randomTensor([6, 4], seed: 1), try randomTensor([6, 5], seed: 2))
    _ = try twin.forward(try x.clone())
    let expected = try numbers(try twin.backward(dy))
    let y = try net.forward(x)
    try x.fill(0)
    try y.fill(0)
    #expect(try numbers(try net.backward(dy)) == expected)
    for name in net.parameters.keys { #expect(try gradient(net, name) == gradient(twin, name)) }
  }

  @Test func noGradientLeavesNoTape() throws {
    let net = try mlp()
    let y = try NoGradient.run { try net.forward(try randomTensor([6, 4], seed: 1)) }
    #expect(y.producer == nil && !y.requiresGradient)
    #expect(throws: GradientError.noTape) { try Tape.backward(from: y, gradient: y) }
  }

  @Test func deadUnitsGiveZeroWithoutEps() throws {
    let net = try mlp { ($0.norm, $0.normPosition, $0.eps, $0.outputs) = (.batch, .after, 0, nil) }
    let bias = try #require(net.parameters["0.linear.bias"])
    try bias.fill(-1000)
    let y = try net.forward(try randomTensor([6, 4], seed: 1))
    let dx = try net.backward(try randomTensor([6, 5], seed: 2))
    #expect(try numbers(dx) == Array(repeating: 0, count: 24))
    // all units of block 1 are dead, so block 2 sees constants and is dead too: beta, which is 0
    #expect(try numbers(y) == Array(repeating: 0, count: 30))
    for name in net.parameters.keys { #expect(try gradient(net, name).allSatisfy { $0.isFinite }) }
  }

  @Test func batchNormIsRightAtTheEndsOfFloat32() throws {
    for scale in [1e-30, 1.0, 1e30] {
      let net = try Network(sequential: [try Normalisation(.batch, features: 2, eps: 0)], generator: Generator(seed: 1))
      let x = try tensor([1, 4, 2, 4, 3, 1, 4, 3].map { $0 * scale }, [4, 2], .float32)
      let y = try numbers(try net.forward(x))
      let expected = [-1.5, 1, -0.5, 1, 0.5, -2, 1.5, 0].enumerated().map {
        $1 / ($0 % 2 == 0 ? 1.25 : 1.5).squareRoot()
      }
      assertClose(y, expected, relative: 1e-5, absolute: 1e-6, "scale \(scale)")
      let dx = try numbers(try net.backward(try tensor([1, 0, 0, 1, 0, 0, 0, 0], [4, 2], .float32)))
      #expect(dx.allSatisfy { $0.isFinite })
    }
  }
}
