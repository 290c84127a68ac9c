import Gradients
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// The identities of batch normalisation, homogeneity, and gains.
@Suite struct ScienceTests {
  private func block(_ scale: Double) throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.norm, options.eps) = (6, 5, 1, .batch, 0)
    (options.dtype, options.seed, options.activation, options.bias) = (.float64, 3, .tanh, false)
    let net = try Network(mlp: options, generator: Generator(seed: 1))
    let weight = try #require(net.parameters["0.linear.weight"])
    try weight.copy(from: try tensor(try numbers(weight).map { $0 * scale }, weight.shape))
    return net
  }

  @Test func batchNormTakesTheScaleOfWeightsOut() throws {
    let (x, dy) = (try randomTensor([8, 6], seed: 1), try randomTensor([8, 5], seed: 2))
    let (plain, scaled) = (try block(1), try block(7.5))
    assertNear(
      try numbers(try scaled.forward(x)), try numbers(try plain.forward(x)), relative: 1e-12, "BN(aWx) = BN(Wx)")
    _ = try plain.backward(dy)
    _ = try scaled.backward(dy)
    let gradients = try [plain, scaled].map { try gradient($0, "0.linear.weight") }
    assertNear(gradients[1].map { $0 * 7.5 }, gradients[0], relative: 1e-11, "dL/d(aW) = (1/a) dL/dW")
  }

  /// Santurkar 2018 with eps: `|dx|^2 = (gamma/sigma)^2 (|g|^2 - (sum g)^2/m - (2 - s)(g.xhat)^2/m)`, `s = var/(var + eps)`.
  @Test func gradientNormsOfBatchNormAreAnEquality() throws {
    let (rows, eps, gamma) = (9, 0.3, 1.7)
    let net = try Network(
      sequential: [try Normalisation(.batch, features: 1, eps: eps, dtype: .float64)], generator: Generator(seed: 1))
    try net.parameters["0.weight"]?.fill(gamma)
    let (x, dy) = (try randomTensor([rows, 1], seed: 1), try randomTensor([rows, 1], seed: 2))
    _ = try net.forward(x)
    let dx = try numbers(try net.backward(dy))
    let (values, g, m) = (try numbers(x), try numbers(dy), Double(rows))
    let mean = values.reduce(0, +) / m
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / m
    let sigma = (variance + eps).squareRoot()
    let along = zip(g, values).reduce(0) { $0 + $1.0 * ($1.1 - mean) / sigma }
    let (total, square) = (g.reduce(0, +), g.reduce(0) { $0 + $1 * $1 })
    let s = variance / (variance + eps)
    let expected = gamma * gamma / (sigma * sigma) * (square - total * total / m - (2 - s) * along * along / m)
    assertClose(dx.reduce(0) { $0 + $1 * $1 }, expected, relative: 1e-12, "|dx|^2")
  }

  /// `W -> cW`: log10 variance of activation k shifts by 2k log10 c, of every weight gradient by 2(L - 1) log10 c.
  @Test func reluNetworksAreHomogeneous() throws {
    let (depth, factor) = (5, 0.125)
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.bias) = (8, 8, depth, false)
    (options.dtype, options.seed) = (.float64, 3)
    let net = try Network(mlp: options, generator: Generator(seed: 1))
    let (x, dy) = (try randomTensor([10, 8], seed: 1), try randomTensor([10, 8], seed: 2))
    let before = try net.observe(x) { _ in (dy, nil) }
    for weight in net.parameters.values {
      try weight.copy(from: try tensor(try numbers(weight).map { $0 * factor }, weight.shape))
    }
    let after = try net.observe(x) { _ in (dy, nil) }
    for (index, pair) in zip(before, after).enumerated() {
      var power = 1.0
      for _ in 0...index { power *= factor }
      #expect(try numbers(pair.1.activation) == numbers(pair.0.activation).map { $0 * power })
      var gradientPower = 1.0
      for _ in 1..<depth { gradientPower *= factor }
      let gradients = [
        try numbers(try #require(pair.0.weightGradient)), try numbers(try #require(pair.1.weightGradient)),
      ]
      #expect(gradients[1] == gradients[0].map { $0 * gradientPower })
    }
  }

  /// SCIENCE's table of unit-second-moment gains, five digits.
  @Test(arguments: [
    (ActivationFunction.relu, 1.41421), (.tanh, 1.59254), (.sigmoid, 1.84623), (.elu, 1.24520), (.silu, 1.67653),
    (.gelu, 1.53353), (.softplus, 1.04187), (.linear, 1),
  ])
  func unitGainsKeepTheSecondMoment(function: ActivationFunction, gain: Double) {
    assertClose(Gains.unit(function, slope: 0), gain, relative: 0, absolute: 5.1e-6, function.name)
  }

  @Test func initialisersHaveTheirVariance() throws {
    let (fanIn, fanOut) = (300.0, 200.0)
    let expected: [(String, Initialiser.Gain, Double)] = [
      ("normal(0.01)", .standard, 1e-4), ("uniform(-0.06,0.06)", .standard, 0.0012), ("constant(2)", .standard, 4),
      ("xavier_normal", .standard, 2 / (fanIn + fanOut)), ("glorot_uniform", .standard, 2 / (fanIn + fanOut)),
      ("he_normal", .standard, 2 / fanIn), ("kaiming_uniform", .standard, 2 / fanIn),
      ("lecun_normal", .standard, 1 / fanIn),
      ("xavier_normal", .number(1.5), 2.25 * 2 / (fanIn + fanOut)), ("lecun_normal", .torch, 25.0 / 9 / fanIn),
      ("he_normal", .unit, 1.59254 * 1.59254 / fanIn), ("orthogonal", .number(2), 4 / fanIn),
    ]
    let activation = try Activation(.tanh)
    for (name, gain, variance) in expected {
      let weight = try Tensor(.float64, [200, 300])
      try Initialiser(parsing: name, gain: gain).fill(weight, activation: activation, generator: Generator(seed: 4))
      let square = try numbers(weight).reduce(0) { $0 + $1 * $1 } / 60_000
      // 60 000 numbers: the square's mean is within 1 % at 1.7 standard deviations of a normal's, 3 % at five
      assertClose(square, variance, relative: 0.03, "\(name) \(gain)")
    }
  }

  @Test func orthogonalRowsAreOrthonormal() throws {
    for (rows, columns) in [(4, 7), (7, 4), (5, 5)] {
      let weight = try Tensor(.float64, [rows, columns])
      try Initialiser(parsing: "orthogonal").fill(weight, activation: nil, generator: Generator(seed: 2))
      let w = try numbers(weight)
      let short = min(rows, columns)
      for i in 0..<short {
        for j in 0..<short {
          let product = (0..<max(rows, columns)).reduce(0.0) { sum, k in
            sum + (rows <= columns ? w[i * columns + k] * w[j * columns + k] : w[k * columns + i] * w[k * columns + j])
          }
          assertClose(product, i == j ? 1 : 0, relative: 1e-13, absolute: 1e-13, "\(rows)x\(columns) \(i),\(j)")
        }
      }
    }
  }

  @Test func unknownInitialisersOfferTheNearest() throws {
    let unknown = #expect(throws: NetworkError.self) { try Initialiser(parsing: "he_norml") }
    #expect("\(try #require(unknown))" == "init: unknown initialiser 'he_norml', did you mean 'he_normal'?")
    let negative = #expect(throws: NetworkError.self) { try Initialiser(parsing: "normal(-1)") }
    #expect("\(try #require(negative))" == "init: expected normal(std) with a std of at least 0, got normal(-1)")
    let open = #expect(throws: NetworkError.self) { try Initialiser(parsing: "uniform(0,1") }
    #expect("\(try #require(open))" == "init: expected a closing parenthesis, got uniform(0,1")
  }
}
