import Gradients
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Every backward against central differences in float64, 1e-6 relative.
@Suite struct GradientCheckTests {
  /// One stage between two Linears.
  struct Case: CustomTestStringConvertible, Sendable {
    let function: ActivationFunction
    let norm: NormalisationKind?
    let position: NormalisationPosition
    let affine: Bool
    let isTraining: Bool
    var testDescription: String {
      "\(function.name) \(norm.map { "\($0) \(position)" } ?? "plain") affine \(affine) training \(isTraining)"
    }
  }

  static let activations = ActivationFunction.allCases.flatMap { function in
    NormalisationPosition.allCases.map {
      Case(function: function, norm: .batch, position: $0, affine: true, isTraining: true)
    } + [Case(function: function, norm: nil, position: .before, affine: true, isTraining: true)]
  }

  static let norms = NormalisationKind.allCases.flatMap { norm in
    NormalisationPosition.allCases.flatMap { position in
      [ActivationFunction.tanh, .gelu].flatMap { function in
        [true, false].flatMap { affine in
          [true, false].map { Case(function: function, norm: norm, position: position, affine: affine, isTraining: $0) }
        }
      }
    }
  }

  @Test(arguments: GradientCheckTests.activations + GradientCheckTests.norms)
  func stagesAgreeWithDifferences(_ item: Case) throws {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs) = (4, 5, 2, 2)
    (options.activation, options.norm, options.normPosition) = (item.function, item.norm, item.position)
    (options.affine, options.dtype, options.seed) = (item.affine, .float64, 11)
    let net = try Network(mlp: options, generator: Generator(seed: 1))
    try randomise(net, seed: 5)
    net.isTraining = item.isTraining
    try checkGradients(net, x: try randomTensor([6, 4], seed: 3), outputs: 2, item.testDescription)
  }

  @Test(arguments: [NormalisationMode.batch, .running], NormalisationPosition.allCases)
  func modesAgreeWithDifferencesInTrainingAndEvaluation(mode: NormalisationMode, position: NormalisationPosition) throws
  {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs) = (4, 5, 2, 2)
    (options.activation, options.norm, options.normPosition) = (.tanh, .batch, position)
    (options.dtype, options.seed) = (.float64, 11)
    for isTraining in [true, false] {
      let net = try Network(mlp: options, generator: Generator(seed: 1))
      try randomise(net, seed: 5)
      try net.batchnormMode(mode, row: 1)
      net.isTraining = isTraining
      try checkGradients(net, x: try randomTensor([6, 4], seed: 3), outputs: 2, "\(mode) training \(isTraining)")
    }
  }

  @Test func sequentialsOfEveryOrderAgreeWithDifferences() throws {
    let g = Generator(seed: 2)
    func linear(_ i: Int, _ o: Int) throws -> Linear {
      try Linear(inputs: i, outputs: o, dtype: .float64, generator: g)
    }
    func norm(_ type: NormalisationKind, _ n: Int) throws -> Normalisation {
      try Normalisation(type, features: n, dtype: .float64)
    }
    let orders: [[Layer]] = [
      [try norm(.batch, 4), try linear(4, 3)],
      [try Activation(.tanh), try norm(.layer, 4), Identity(), try linear(4, 3), try norm(.batch, 3)],
      [try linear(4, 3), try norm(.batch, 3), try norm(.layer, 3), try Activation(.silu), try norm(.rms, 3)],
      [try linear(4, 4), try linear(4, 3), try Dropout(0.5), try Activation(.elu)],
      // stages of a Linear alone between others, narrowing and widening
      [try linear(4, 5), try linear(5, 2), try linear(2, 6), try linear(6, 3)],
      [try norm(.batch, 4), try linear(4, 5), try Dropout(0), try norm(.layer, 5), try linear(5, 3)],
      [
        try linear(4, 3), try norm(.layer, 3), try Activation(.prelu, dtype: .float64), try norm(.batch, 3),
        try Dropout(0.3),
      ],
    ]
    for (index, layers) in orders.enumerated() {
      let net = try Network(sequential: layers, generator: g)
      try randomise(net, seed: 8)
      // each forward must draw the same dropout mask
      let state = net.generator.state
      try checkGradients(net, x: try randomTensor([6, 4], seed: 4), outputs: 3, "order \(index)") {
        net.generator.state = state
      }
    }
  }

  @Test func lossesAgreeWithDifferences() throws {
    let classes = try tensor([1, 3, 2, 2], [4])
    let target = try randomTensor([4, 3], seed: 2)
    let losses: [(Tensor) throws -> Tensor] = [
      { try Losses.crossEntropy($0, classes) }, { try Losses.meanSquared($0, target) },
      { try Losses.squaredError($0, target) },
    ]
    for (index, loss) in losses.enumerated() {
      let y = try randomTensor([4, 3], seed: 1)
      y.requiresGradient = true
      try Tape.backward(from: try loss(y))
      let gradient = try numbers(try #require(y.gradient))
      try compare(y, gradient, "loss \(index)") { try numbers(try loss(y))[0] }
    }
  }

  /// Moves weights, gammas and running statistics off their starting values.
  private func randomise(_ net: Network, seed: UInt64) throws {
    let g = Generator(seed: seed)
    for (name, tensor) in net.state {
      if name.hasSuffix("running_var") {
        try g.fillUniform(tensor, low: 0.5, high: 2)
      } else {
        try g.fillNormal(tensor, mean: name.hasSuffix("norm.weight") ? 1 : 0.1, std: 0.6)
      }
    }
  }

  /// The weighted sum of the output is the loss; the weights are the upstream gradient.
  private func checkGradients(
    _ net: Network, x: Tensor, outputs: Int, _ what: String, before: () -> Void = {}
  ) throws {
    let dy = try randomTensor([x.shape[0], outputs], seed: 9)
    let weights = try numbers(dy)
    func loss() throws -> Double {
      before()
      return zip(try NoGradient.run { try numbers(try net.forward(x)) }, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    before()
    _ = try net.forward(x)
    let dx = try net.backward(dy)
    try compare(x, try numbers(dx), "\(what) x", loss)
    for (name, parameter) in net.parameters {
      try compare(parameter, try numbers(try #require(parameter.gradient)), "\(what) \(name)", loss)
    }
  }

  /// Compares with differences over steps of 1e-5, whose own error is about 1e-10 of the gradients' scale.
  private func compare(_ tensor: Tensor, _ gradient: [Double], _ what: String, _ loss: () throws -> Double) throws {
    let original = try tensor.clone()
    let values = try numbers(tensor)
    var differences: [Double] = []
    for index in values.indices {
      var shifted = values
      shifted[index] = values[index] + 1e-5
      try tensor.copy(from: try NetworksTests.tensor(shifted, tensor.shape))
      let above = try loss()
      shifted[index] = values[index] - 1e-5
      try tensor.copy(from: try NetworksTests.tensor(shifted, tensor.shape))
      differences.append((above - (try loss())) / 2e-5)
    }
    try tensor.copy(from: original)
    let scale = max(differences.map(abs).max() ?? 0, 1)
    assertClose(gradient, differences, relative: 1e-6, absolute: 1e-6 * scale, what)
  }
}
