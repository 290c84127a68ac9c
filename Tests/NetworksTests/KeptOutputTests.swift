import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Outputs that a large network computes again in its backward, in place of keeping them.
@Suite struct KeptOutputTests {
  static let (rows, width) = (700, 100)

  private func options(_ position: NormalisationPosition, _ activation: ActivationFunction) -> MLPOptions {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs) = (96, Self.width, 4, 3)
    (options.norm, options.normPosition, options.activation) = (.batch, position, activation)
    (options.dtype, options.seed) = (.float64, 5)
    return options
  }

  /// The gradients of a backward are those of an observed pass, which keeps all that it computes.
  private func check(_ net: Network, inputs: Int = 96, outputs: Int = 3) throws {
    let x = try randomTensor([Self.rows, inputs], seed: 1)
    let dy = try randomTensor([Self.rows, outputs], seed: 2)
    let observed = try net.observe(x) { _ in (dy, nil) }
    for turn in 1...2 {
      try net.zeroGradients()
      _ = try net.forward(x)
      _ = try net.backward(dy)
      for row in observed {
        guard let weight = row.weight else { continue }
        assertNear(
          try numbers(try #require(weight.gradient)), try numbers(try #require(row.weightGradient)), relative: 1e-12,
          "turn \(turn), row \(row.name)")
      }
    }
  }

  @Test(arguments: NormalisationPosition.allCases, [ActivationFunction.relu, .leakyReLU, .hardtanh, .tanh, .linear])
  func gradientsAreThoseOfOutputsThatAreKept(position: NormalisationPosition, activation: ActivationFunction) throws {
    try check(try Network(mlp: options(position, activation), generator: Generator(seed: 1)))
  }

  /// Neighbours that need the output itself: a branch, dropout, a normalisation without a Linear; and widths that grow.
  @Test func neighboursThatReadAnOutputFindIt() throws {
    let g = Generator(seed: 6)
    func linear(_ i: Int, _ o: Int) throws -> Linear {
      try Linear(inputs: i, outputs: o, dtype: .float64, generator: g)
    }
    func norm(_ n: Int) throws -> Normalisation { try Normalisation(.batch, features: n, dtype: .float64) }
    let branch: [Layer] = [
      try linear(104, 104), try norm(104), try Activation(.relu), try linear(104, 104), try norm(104),
      try Activation(.relu), try linear(104, 104),
    ]
    let layers: [Layer] = [
      try linear(96, 96), try norm(96), try Activation(.relu),
      try linear(96, 104), try norm(104), try Activation(.relu),
      try Residual(branch),
      try linear(104, 120), try norm(120), try Activation(.relu), try norm(120), try Activation(.relu),
      try linear(120, 98), try norm(98), try Activation(.relu), try Dropout(0),
      try linear(98, 130), try Activation(.tanh), try norm(130),
      try linear(130, 2),
    ]
    try check(try Network(sequential: layers, generator: g), outputs: 2)
  }

  /// One matrix a block, what batch normalisation reads; outputs and gradients are on their way in two matrices each.
  @Test(arguments: NormalisationPosition.allCases)
  func aWorkspaceKeepsOneMatrixABlock(position: NormalisationPosition) throws {
    let net = try Network(mlp: options(position, .relu), generator: Generator(seed: 1))
    _ = try net.forward(try randomTensor([Self.rows, 96], seed: 1))
    _ = try net.backward(try randomTensor([Self.rows, 3], seed: 2))
    let memory = net.memory()
    let matrix = Self.rows * Self.width * 8
    // beside it numbers a column, and perhaps the transposed weight
    let beside = 20 * Self.width * 8 + Self.width * Self.width * 8
    // the head reads the last block's output: it is computed again as the others
    for row in memory.rows.prefix(4) { #expect((matrix...matrix + beside).contains(row.workspace), "\(row.layer)") }
    let onTheWay = memory.workspaces - memory.rows.reduce(0) { $0 + $1.workspace }
    #expect(onTheWay == 4 * matrix)
  }
}
