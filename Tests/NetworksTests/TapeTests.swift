import Gradients
import Kernels
import Tensors
import Testing

/// `y = factor x`, and the sum of two: enough of a tape to test its order and its memory.
private final class Scaled: Node {
  let factor: Double

  init(_ x: Tensor, _ factor: Double) {
    self.factor = factor
    super.init("scaled", inputs: [x])
  }

  override func backward(_ gradient: Tensor) throws -> [Tensor?] {
    [try tensor(try numbers(gradient).map { $0 * factor }, gradient.shape)]
  }
}

private final class Sum: Node {
  override func backward(_ gradient: Tensor) throws -> [Tensor?] { [gradient, gradient] }
}

private func scaled(_ x: Tensor, _ factor: Double) throws -> Tensor {
  let y = try tensor(try numbers(x).map { $0 * factor }, x.shape)
  Tape.record(y, Scaled(x, factor))
  return y
}

private func sum(_ a: Tensor, _ b: Tensor) throws -> Tensor {
  let y = try tensor(zip(try numbers(a), try numbers(b)).map { $0 + $1 }, a.shape)
  Tape.record(y, Sum("sum", inputs: [a, b]))
  return y
}

@Suite struct TapeTests {
  private func leaf(_ values: [Double], _ shape: Extents) throws -> Tensor {
    let x = try tensor(values, shape)
    x.requiresGradient = true
    return x
  }

  @Test func gradientsAddUpOverAllPathsAndPasses() throws {
    let x = try leaf([2], [])
    // 3x + (3x 5 + x): the node 3x has two consumers of different depth
    let a = try scaled(x, 3)
    let y = try sum(a, try sum(try scaled(a, 5), x))
    try Tape.backward(from: y)
    #expect(try x.gradient.map(numbers) == [19])
    try Tape.backward(from: try scaled(x, 2))
    #expect(try x.gradient.map(numbers) == [21])
    #expect(a.gradient == nil)
  }

  @Test func aLeafsGradientHasItsLayoutAndIsItsOwn() throws {
    let stored = try tensor([1, 2, 3, 4, 5, 6], [3, 2])
    let x = Tensor(storage: stored.storage, shape: [2, 3], strides: [1, 2])
    x.requiresGradient = true
    let upstream = try tensor([1, 2, 3, 4, 5, 6], [2, 3])
    try Tape.backward(from: try sum(x, x), gradient: upstream)
    let gradient = try #require(x.gradient)
    #expect(gradient.strides == x.strides)
    #expect(try numbers(gradient) == [2, 4, 6, 8, 10, 12])
    #expect(try numbers(upstream) == [1, 2, 3, 4, 5, 6])
  }

  @Test func deepTapesNeitherRunNorFreeRecursively() throws {
    let x = try leaf([1], [])
    var y = x
    for _ in 0..<50_000 {
      let next = try Tensor(.float64, [])
      Tape.record(next, Sum("sum", inputs: [y, try Tensor(.float64, [])]))
      y = next
    }
    var dropped: Tensor? = y
    for _ in 0..<50_000 {
      let next = try Tensor(.float64, [])
      Tape.record(next, Sum("sum", inputs: [dropped ?? y]))
      dropped = next
    }
    dropped = nil
    try Tape.backward(from: y)
    #expect(try x.gradient.map(numbers) == [1])
  }

  @Test func misuseIsToldInOneSentence() throws {
    let x = try leaf([1, 2], [2])
    let y = try scaled(x, 2)
    let scalar = #expect(throws: GradientError.self) { try Tape.backward(from: y) }
    #expect(
      "\(try #require(scalar))"
        == "backward: expected a result of one element, got shape [2]; pass the gradient to start from")
    try Tape.backward(from: y, gradient: x)
    #expect(throws: GradientError.used) { try Tape.backward(from: y, gradient: x) }
    #expect(throws: GradientError.used) { try Tape.backward(from: try scaled(y, 2), gradient: x) }
    let data = try tensor([1], [])
    let tape = #expect(throws: GradientError.self) { try Tape.backward(from: data) }
    #expect(
      "\(try #require(tape))"
        == "backward: expected a result computed from parameters or from a tensor that requires gradients, got one without a tape"
    )
  }
}
