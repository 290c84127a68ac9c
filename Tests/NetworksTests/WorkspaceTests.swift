import Gradients
import Kernels
import Networks
import Tensors
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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

  /// Large gradients are cleared in parts; of every size around those of a part no number is left.
  @Test(arguments: [8191, 8192, 8193, 16_384, 16_385, 100_003])
  func everyNumberOfALargeGradientIsCleared(count: Int) throws {
    let net = try Network(
      sequential: [try Linear(inputs: count, outputs: 1, generator: Generator(seed: 1))], generator: Generator(seed: 1))
    _ = try net.forward(try randomTensor([2, count], seed: 1, .float32))
    _ = try net.backward(try randomTensor([2, 1], seed: 2, .float32))
    let gradient = try #require(net.parameters["0.weight"]?.gradient)
    #expect(try numbers(gradient).allSatisfy { $0 != 0 })
    let version = gradient.storage.version
    try net.zeroGradients()
    #expect(try numbers(gradient) == Array(repeating: 0, count: count))
    #expect(gradient.storage.version != version)
  }

  @Test func aGradientThatIsAnExpandedViewIsRefusedAndOneOfAnotherLayoutCleared() throws {
    let net = try Network(
      sequential: [try Linear(inputs: 200, outputs: 100, generator: Generator(seed: 1))], generator: Generator(seed: 1))
    let weight = try #require(net.parameters["0.weight"])
    let wide = try Tensor(.float32, [100, 400]).fill(1)
    weight.gradient = try wide.narrow(1, 0, 200)
    try net.zeroGradients()
    #expect(try numbers(wide) == (0..<40_000).map { $0 % 400 < 200 ? 0 : 1 })
    weight.gradient = try Tensor(.float32, [1, 1]).fill(1).broadcast(to: [100, 200])
    #expect(throws: TensorError.self) { try net.zeroGradients() }
  }

  /// A network without numbers of its own computes in whatever it is given, and no memory of another dtype serves it then.
  @Test(arguments: [DType.float32, .float64])
  func memoryOfAnotherDTypeDoesNotServeAgain(first: DType) throws {
    let second: DType = first == .float32 ? .float64 : .float32
    let net = try Network(sequential: [try Activation(.relu), try Activation(.tanh)], generator: Generator(seed: 1))
    for dtype in [first, second, first, second] {
      let (x, dy) = (try randomTensor([4, 200], seed: 1, dtype), try randomTensor([4, 200], seed: 2, dtype))
      try NoGradient.run { _ = try net.forward(x) }
      let y = try net.forward(x)
      #expect(y.dtype == dtype)
      let given = try numbers(x)
      assertNear(try numbers(y), given.map { tanh(max($0, 0)) }, relative: 1e-6, "y")
      let slopes = zip(given, try numbers(dy)).map { $0 > 0 ? $1 * (1 - tanh($0) * tanh($0)) : 0 }
      assertNear(try numbers(try #require(try net.backward(dy))), slopes, relative: 1e-6, "dL/dx")
    }
  }

  @Test func whatFillsABlockIsDenseInAnyOrderOfDimensions() throws {
    let (matrix, cube) = (try Tensor(.float32, [3, 4]), try Tensor(.float32, [2, 1, 3, 4]))
    let turned = try [[2, 1, 0, 3], [3, 0, 2, 1]].map { try cube.permute($0) }
    for dense in [matrix, try matrix.transposed(), cube] + turned {
      #expect(Accumulation.isDense(dense), "\(dense.shape) by \(dense.strides)")
    }
    let row = try Tensor(.float32, [1, 4])
    let twice = Tensor(storage: matrix.storage, shape: [2, 2], strides: [1, 1])
    for other in [try matrix.narrow(1, 0, 2), try cube.narrow(2, 0, 2), try row.broadcast(to: [3, 4]), twice] {
      #expect(!Accumulation.isDense(other), "\(other.shape) by \(other.strides)")
    }
  }
}
