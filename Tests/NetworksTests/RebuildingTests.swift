import Networks
import Tensors
import TestSupport
import Testing

@Suite struct RebuildingTests {
  private func mlp(depth: Int, norm: NormalisationKind? = nil) throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs) = (4, 8, depth, 2)
    (options.norm, options.dtype, options.seed) = (norm, .float64, 3)
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  private func weight(_ net: Network, _ name: String) throws -> [Double] {
    try numbers(try #require(net.parameters[name]))
  }

  /// The n-th Linear draws from the blocks behind n 2^40 of the seed's stream, which a fill in the open finds too.
  @Test func everyLayerDrawsFromItsOwnPartOfTheStream() throws {
    var options = RebuildOptions()
    (options.depth, options.seed) = (5, 77)
    let net = try mlp(depth: 2).rebuilt(options)
    for layer in 2..<5 {
      let generator = Generator(seed: 77, for: .weights)
      generator.skip(UInt64(layer) << 40)
      let expected = try Tensor(.float64, [8, 8])
      try generator.fillNormal(expected, std: (2.0 / 8).squareRoot())
      #expect(try weight(net, "\(layer).linear.weight") == numbers(expected), "layer \(layer)")
    }
  }

  @Test func keptLayersAndTheOriginalStayAsTheyAre() throws {
    let net = try mlp(depth: 3, norm: .batch)
    let before = try net.state.mapValues { try numbers($0) }
    var options = RebuildOptions()
    options.depth = 6
    let deep = try net.rebuilt(options)
    for (name, values) in before {
      #expect(try numbers(try #require(net.state[name])) == values, "\(name)")
      #expect(try numbers(try #require(deep.state[name])) == values, "\(name)")
    }
    #expect(deep.depth == 6 && net.depth == 3 && deep.width == 8 && deep.history.isEmpty)
  }

  @Test func sizesThatCannotBeAreRefused() throws {
    let net = try mlp(depth: 2)
    var options = RebuildOptions()
    options.depth = 0
    #expect(throws: NetworkError.expected("rebuild", "depth of at least 1", "0")) { try net.rebuilt(options) }
    options = RebuildOptions()
    options.width = -1
    #expect(throws: NetworkError.expected("rebuild", "width of at least 1", "-1")) { try net.rebuilt(options) }
  }

  /// The copy of a network whose weights are yet to be drawn draws the same ones.
  @Test func copiesContinueTheStreamsOfOpenLayers() throws {
    let generator = Generator(seed: 5)
    let net = try Network(
      sequential: [try Linear(outputs: 3, dtype: .float64, generator: generator)], dtype: .float64, generator: generator
    )
    let copy = try net.clone()
    let x = try randomTensor([4, 2], seed: 1)
    #expect(try numbers(try copy.forward(x)) == numbers(try net.forward(x)))
  }
}
