import Gradients
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct ObservationTests {
  private func network(_ position: NormalisationPosition) throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs, options.norm) = (4, 5, 2, 3, .batch)
    (options.normPosition, options.dropout, options.dtype, options.seed) = (position, 0.5, .float64, 5)
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  @Test(arguments: NormalisationPosition.allCases)
  func observingLeavesTheNetworkAsItWas(position: NormalisationPosition) throws {
    let (net, twin) = (try network(position), try network(position))
    let (x, dy) = (try randomTensor([6, 4], seed: 1), try randomTensor([6, 3], seed: 2))
    for each in [net, twin] { _ = try each.forward(x) }
    net.isTraining = false
    _ = try net.observe(try randomTensor([9, 4], seed: 3)) { (try randomTensor($0.shape, seed: 4), nil) }
    #expect(!net.isTraining)
    #expect(net.parameters.values.allSatisfy { $0.gradient == nil })
    #expect(try numbers(try net.backward(dy)) == numbers(try twin.backward(dy)))
    for (name, tensor) in net.state { #expect(try numbers(tensor) == state(twin, name), "\(name)") }
    #expect(net.generator.state == twin.generator.state)
  }

  /// The probing plan runs every row by itself, the training plan fuses them: both must give the same gradients.
  @Test func aSequentialIsObservedAsItTrains() throws {
    let g = Generator(seed: 6)
    func linear(_ i: Int, _ o: Int) throws -> Linear {
      try Linear(inputs: i, outputs: o, dtype: .float64, generator: g)
    }
    let layers: [Layer] = [
      try linear(4, 7), try Activation(.tanh), try linear(7, 3),
      try Normalisation(.batch, features: 3, dtype: .float64),
      try Activation(.silu), try linear(3, 6), try linear(6, 2),
    ]
    let net = try Network(sequential: layers, generator: g)
    let (x, dy) = (try randomTensor([6, 4], seed: 1), try randomTensor([6, 2], seed: 2))
    let rows = try net.observe(x) { _ in (dy, nil) }
    _ = try net.forward(x)
    _ = try net.backward(dy)
    for row in rows {
      guard let weight = row.weight else { continue }
      let gradient = try #require(weight.gradient)
      let observed = try numbers(try #require(row.weightGradient))
      assertNear(observed, try numbers(gradient), relative: 1e-12, "row \(row.name)")
    }
    #expect(rows.count(where: { $0.weightGradient != nil }) >= 4)
  }

  @Test(arguments: NormalisationPosition.allCases)
  func rowsTellWhatTheForwardAndBackwardDid(position: NormalisationPosition) throws {
    let net = try network(position)
    let (x, dy) = (try randomTensor([6, 4], seed: 1), try randomTensor([6, 3], seed: 2))
    let rows = try net.observe(x) { _ in (dy, nil) }
    #expect(rows.map(\.name) == ["0", "1", "head"])
    #expect(rows.map(\.kind) == ["Block", "Block", "Linear"])
    #expect(try numbers(rows[2].gradient) == numbers(dy))
    #expect(try numbers(rows[2].preactivation) == numbers(rows[2].activation))
    // dL/dh of the last block is dy W of the head
    let (w, g) = (try numbers(try #require(rows[2].weight)), try numbers(dy))
    let expected = product(g, w, inner: 3, columns: 5, transposed: false)
    assertNear(try numbers(rows[1].gradient), expected, relative: 1e-12, "dL/dh")
    let (u, a) = (try numbers(rows[0].preactivation), try numbers(rows[0].activation))
    if position == .before {
      #expect(a == u.map { max($0, 0) })
    } else {
      let means = product(Array(repeating: 1, count: 6), a, inner: 6, columns: 5, transposed: false)
      assertClose(means, Array(repeating: 0, count: 5), absolute: 1e-12, "sum of each unit")
      // what enters the ReLU is x W^T + b
      let (w, h) = (try numbers(try #require(rows[0].weight)), try numbers(x))
      assertNear(u, product(h, w, inner: 4, columns: 5, transposed: true), relative: 1e-12, "preactivation")
    }
  }

  @Test func aSequentialIsObservedComponentByComponent() throws {
    let g = Generator(seed: 1)
    let net = try Network(
      sequential: [
        try Linear(inputs: 4, outputs: 5, dtype: .float64, generator: g), try Activation(.tanh),
        try Normalisation(.batch, features: 5, dtype: .float64),
      ], generator: g)
    let (x, dy) = (try randomTensor([6, 4], seed: 1), try randomTensor([6, 5], seed: 2))
    let rows = try net.observe(x) { _ in (dy, nil) }
    #expect(rows.map(\.kind) == ["Linear", "Tanh", "BatchNorm"])
    #expect(try numbers(rows[1].preactivation) == numbers(rows[0].activation))
    let y = try net.forward(x)
    _ = try net.backward(dy)
    assertNear(try numbers(rows[2].activation), try numbers(y), relative: 1e-12, "output")
    let gradient = try NetworksTests.gradient(net, "0.weight")
    assertNear(try numbers(try #require(rows[0].weightGradient)), gradient, relative: 1e-12, "dL/dW")
    #expect(rows[1].weight == nil)
  }

  /// Gradients of several draws from one forward: each is that of its own upstream, and the last ones are kept apart.
  @Test func everyDrawHasGradientsOfItsOwn() throws {
    let net = try network(.before)
    let x = try randomTensor([6, 4], seed: 1)
    let upstreams = try (2...4).map { try randomTensor([6, 3], seed: $0) }
    var (seen, asked): ([[Tensor]], Int) = ([], 0)
    try net.observe(x, draws: 3) { _ in
      asked += 1
      return (upstreams[asked - 1], nil)
    } visit: {
      seen.append($0.rows.map(\.gradient) + $0.rows.compactMap(\.weightGradient))
    }
    for (upstream, gradients) in zip(upstreams, seen) {
      let alone = try net.observe(x) { _ in (upstream, nil) }
      let expected = alone.map(\.gradient) + alone.compactMap(\.weightGradient)
      #expect(gradients.count == expected.count)
      for (own, other) in zip(gradients, expected) { #expect(try numbers(own) == numbers(other)) }
    }
    #expect(seen.count == 3)
  }

  /// Layers of a branch, of an auxiliary classifier and of the user's own have, in each of several draws, the gradients of that draw
  /// alone.
  @Test func everyDrawReachesBranchesAndClassifiers() throws {
    let g = Generator(seed: 7)
    func linear(_ i: Int, _ o: Int) throws -> Linear {
      try Linear(inputs: i, outputs: o, dtype: .float64, generator: g)
    }
    let product = try CustomLayer("Square") { _, x, _ in try Differentiable.apply(.multiply, x, x) }
    let net = try Network(
      sequential: [
        try linear(4, 5), try Residual([try linear(5, 5), try Activation(.tanh), try linear(5, 5)]), product,
        try linear(5, 3),
      ], dtype: .float64, generator: g)
    try net.addAuxiliary(after: 1, [try linear(5, 6), try Activation(.relu), try linear(6, 2)], weight: 0.5)
    let x = try randomTensor([6, 4], seed: 1)
    let upstreams = try (2...4).map { try randomTensor([6, 3], seed: $0) }
    let asides = try (5...7).map { try randomTensor([6, 2], seed: $0) }
    func gradients(_ rows: [RowObservation]) -> [Tensor] {
      rows.flatMap { [$0.gradient] + [$0.weightGradient].compactMap { $0 } + gradients($0.branch) }
    }
    var (seen, asked, asidesAsked): ([[Tensor]], Int, Int) = ([], 0, 0)
    try net.observe(
      x, draws: 3,
      auxiliary: { _ in
        asidesAsked += 1
        return asides[asidesAsked - 1]
      },
      upstream: { _ in
        asked += 1
        return (upstreams[asked - 1], nil)
      }, visit: { seen.append(gradients($0.rows) + gradients($0.auxiliary)) })
    #expect((seen.count, asked, asidesAsked) == (3, 3, 3))
    for draw in 0..<3 {
      var expected: [Tensor] = []
      try net.observe(
        x, auxiliary: { _ in asides[draw] }, upstream: { _ in (upstreams[draw], nil) },
        visit: { expected = gradients($0.rows) + gradients($0.auxiliary) })
      // four rows, of which three have weights, that of the branch its first layer's; three layers in the branch and three in the
      // classifier, two weights in each
      #expect(expected.count == 17 && seen[draw].count == expected.count)
      for (own, other) in zip(seen[draw], expected) {
        let numbers = try numbers(own)
        #expect(try numbers == NetworksTests.numbers(other))
        #expect(numbers.contains { $0 != 0 })
      }
    }
  }
}
