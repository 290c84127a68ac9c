import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// A training takes the steps of a PyTorch loop: 1e-9 in float64, over 30 steps in the order of the data.
@Suite struct FitGoldenTests {
  private let goldens = Goldens.training

  private func network(_ name: String, outputs: Int) throws -> Network {
    let g = Generator(seed: 1)
    let layers: [Layer] = [
      try Linear(inputs: 5, outputs: 8, dtype: .float64, generator: g),
      try Normalisation(.batch, features: 8, dtype: .float64), try Activation(.relu),
      try Linear(outputs: 6, dtype: .float64, generator: g), try Activation(.tanh),
      try Linear(outputs: outputs, dtype: .float64, generator: g),
    ]
    let net = try Network(sequential: layers, generator: g)
    try net.loadState(try goldens.tensors("\(name)/start/", .float64))
    return net
  }

  private func check(_ net: Network, _ name: String, _ history: FitHistory) throws {
    #expect(history.end == .completed && history.stepLosses.count == 30)
    assertNear(history.stepLosses, goldens["\(name)/losses"], relative: 1e-9, "\(name) losses")
    assertNear(history.epochs.map(\.loss), goldens["\(name)/epochs"], relative: 1e-9, "\(name) epochs")
    for (key, tensor) in net.state {
      assertNear(try numbers(tensor), goldens["\(name)/end/\(key)"], relative: 1e-9, "\(name) \(key)")
    }
  }

  @Test func classes() throws {
    let net = try network("classes", outputs: 3)
    var options = FitOptions()
    (options.batch, options.steps, options.shuffle) = (10, 30, false)
    let data = (inputs: try goldens.tensor("x", .float64), targets: try goldens.tensor("classes", .int64))
    let history = try net.fit(
      inputs: data.inputs, targets: data.targets, test: data,
      optimiser: try SGD(net, learningRate: 0.1, momentum: 0.9), options: options)
    try check(net, "classes", history)
    let last = try #require(history.epochs.last)
    assertNear([last.testLoss ?? 0], goldens["classes/test_loss"], relative: 1e-9, "test loss")
    assertNear([last.testAccuracy ?? 0], goldens["classes/accuracy"], relative: 1e-12, "accuracy")
  }

  /// The last step of an epoch has one batch of 3 instead of two of 10: samples count alike.
  @Test func valuesWithGatheredAndClippedGradients() throws {
    let net = try network("values", outputs: 2)
    var options = FitOptions()
    (options.batch, options.steps, options.shuffle) = (10, 30, false)
    (options.accumulate, options.clipNorm) = (2, 0.5)
    options.objective = try FitObjective("mse")
    let (inputs, targets) = (try goldens.tensor("x", .float64), try goldens.tensor("values", .float64))
    let history = try net.fit(
      inputs: inputs, targets: targets,
      optimiser: try SGD(net, learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01), options: options)
    try check(net, "values", history)
    assertNear(history.stepNorms, goldens["values/norms"], relative: 1e-9, "norms")
    #expect(history.epochs.allSatisfy { $0.accuracy == nil })
    let result = try net.evaluate(inputs: inputs, targets: targets, batch: 7, objective: options.objective)
    assertNear([result.loss], goldens["values/test_loss"], relative: 1e-9, "test loss")
    #expect(result.accuracy.isNaN)
  }
}
