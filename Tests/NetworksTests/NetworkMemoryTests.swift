import Kernels
import Networks
import Tensors
import Testing

@Suite struct NetworkMemoryTests {
  private func network(_ norm: NormalisationKind?, position: NormalisationPosition = .before) throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs) = (48, 64, 2, 16)
    (options.norm, options.normPosition) = (norm, position)
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  /// A block of so many float32 or float64 numbers.
  private func block(_ count: Int, _ size: Int = 4) -> Int { max((count * size + 63) / 64 * 64, 64) }

  /// A step of SGD with momentum; answers the optimiser.
  private func train(_ net: Network, rows: Int) throws -> SGD {
    let optimiser = try SGD(net, learningRate: 0.1, momentum: 0.9)
    _ = try net.forward(try randomTensor([rows, 48], seed: 1, .float32))
    _ = try net.backward(try randomTensor([rows, 16], seed: 2, .float32))
    try optimiser.step()
    return optimiser
  }

  @Test func aNewNetworkTakesItsParametersAndStatistics() throws {
    let memory = try network(.batch).memory()
    // weight, bias, gamma and beta of two blocks; a head
    let blocks = [block(48 * 64) + 3 * block(64), block(64 * 64) + 3 * block(64)]
    #expect(memory.rows.map(\.parameters) == blocks + [block(64 * 16) + block(16)])
    #expect(memory.rows.map(\.buffers) == [2 * block(64), 2 * block(64), 0])
    #expect(memory.parameters == memory.rows.reduce(0) { $0 + $1.parameters })
    #expect(memory.buffers == 4 * block(64))
    #expect((memory.gradients, memory.workspaces, memory.optimiser) == (0, 0, 0))
    #expect(memory.total == memory.parameters + memory.buffers)
  }

  /// Two matrices a block: what batch normalisation reads, and the output, which the head has outside.
  @Test func aStepTakesWhatTheLayersNeedAndNoMore() throws {
    let (net, rows) = (try network(.batch), 32)
    let memory = try net.memory(optimiser: try train(net, rows: rows))
    let vectors = block(14 * 64) + block(6 * 64, 8)
    let matrix = block(rows * 64)
    // the transposed weight, where that is what the product reads
    let transposed = memory.rows.map(\.workspace)[0] - (2 * matrix + vectors)
    #expect([0, block(48 * 64)].contains(transposed))
    #expect([2 * matrix + vectors, 2 * matrix + vectors + block(64 * 64)].contains(memory.rows[1].workspace))
    let head = block(14 * 16) + block(6 * 16, 8)
    #expect([head, head + block(64 * 16)].contains(memory.rows[2].workspace))
    // two gradients of the widest output; the input is read where it is
    let ends = 2 * matrix
    #expect(memory.workspaces == memory.rows.reduce(ends) { $0 + $1.workspace })
    #expect(memory.gradients == memory.parameters && memory.optimiser == memory.parameters)
    #expect(memory.total == 3 * memory.parameters + memory.buffers + memory.workspaces)
  }

  @Test func twoForwardsBeforeABackwardHaveAWorkspaceEach() throws {
    let net = try network(nil)
    let x = try randomTensor([32, 48], seed: 1, .float32)
    let first = try net.forward(x)
    let alone = net.memory().workspaces
    let second = try net.forward(x)
    // the second copies the input, which the first reads where it is
    #expect(net.memory().workspaces == 2 * alone + block(32 * 48))
    withExtendedLifetime((first, second)) {}
    // a smaller batch finds room
    _ = try net.forward(try randomTensor([8, 48], seed: 1, .float32))
    #expect(net.memory().workspaces >= 2 * alone)
  }

  @Test func surgeryLeavesNoWorkspaceBehind() throws {
    let net = try network(.batch)
    _ = try train(net, rows: 32)
    #expect(net.memory().workspaces > 0)
    try net.remove(at: 1)
    #expect(net.memory().workspaces == 0)
  }
}
