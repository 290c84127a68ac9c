import Gradients
import Kernels
import Networks
import Tensors
import Testing

@Suite struct WorkspaceTests {
  private func network() throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.norm) = (64, 64, 4, .batch)
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  @Test func resultsAreNeverReusedBuffers() throws {
    let net = try network()
    let x = try randomTensor([32, 64], seed: 1, .float32)
    let first = try net.forward(x)
    let kept = try numbers(first)
    _ = try net.backward(try randomTensor([32, 64], seed: 2, .float32))
    _ = try net.forward(try randomTensor([32, 64], seed: 3, .float32))
    #expect(try numbers(first) == kept)
  }

  /// Other tests allocate at the same time, so the smallest of many steps counts: nobody can make it smaller.
  @Test func aStepAfterTheFirstTakesMemoryForItsResultsOnly() throws {
    let net = try network()
    let (x, dy) = (try randomTensor([32, 64], seed: 1, .float32), try randomTensor([32, 64], seed: 2, .float32))
    // the output and dL/dx
    let expected = 2 * (32 * 64 * 4 + Storage.overhead)
    var smallest = Int.max
    for _ in 0..<5000 where smallest > expected {
      try net.zeroGradients()
      let before = MemoryAccount.allocated
      _ = try net.forward(x)
      _ = try net.backward(dy)
      smallest = min(smallest, MemoryAccount.allocated - before)
    }
    #expect(smallest == expected)
  }

  @Test func droppedResultsGiveTheirWorkspacesBack() throws {
    let net = try network()
    let x = try randomTensor([32, 64], seed: 1, .float32)
    _ = try net.forward(x)
    _ = try net.forward(x)
    let expected = 32 * 64 * 4 + Storage.overhead
    var smallest = Int.max
    for _ in 0..<5000 where smallest > expected {
      let before = MemoryAccount.allocated
      _ = try net.forward(x)
      smallest = min(smallest, MemoryAccount.allocated - before)
    }
    #expect(smallest == expected)
  }
}
