import Gradients
import Kernels
import Networks
import TestSupport
import Tensors
import Testing

/// A forward reads its input where the user has it, and copies what the backward needs when it is about to change.
@Suite struct InputTests {
  /// A net whose every gradient depends on the input.
  private func network() throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs, options.norm) = (6, 8, 2, 3, .batch)
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  private func input() throws -> Tensor { try randomTensor([5, 6], seed: 3, .float32) }

  /// The gradients with respect to the input and the first weight.
  private func backward(_ net: Network) throws -> [[Double]] {
    let entering = try net.backward(try randomTensor([5, 3], seed: 2, .float32))
    let weight = try #require(net.parameters.keys.first)
    return [try numbers(entering), try gradient(net, weight)]
  }

  /// The same when `change` comes between the forward and the backward.
  private func gradients(_ x: Tensor, _ change: () throws -> Void = {}) throws -> [[Double]] {
    let net = try network()
    _ = try net.forward(x)
    try change()
    return try backward(net)
  }

  @Test func aChangeOfTheInputComesTooLateForTheBackward() throws {
    let expected = try gradients(try input())
    #expect(expected.allSatisfy { $0.contains { abs($0) > 1e-4 } })
    let x = try input()
    #expect(try gradients(x) { _ = try x.fill(3.0) } == expected)
    #expect(try numbers(x) == Array(repeating: 3, count: 30))
    // through a view, and again
    let y = try input()
    let got = try gradients(y) {
      _ = try y.select(0, 1).fill(7.0)
      _ = try y.fill(0.0)
    }
    #expect(got == expected)
  }

  @Test func anInputWithGapsIsCopied() throws {
    let wide = try randomTensor([5, 12], seed: 4, .float32)
    let x = try wide.narrow(1, 3, 6)
    let expected = try gradients(try tensor(try numbers(x), [5, 6], .float32))
    #expect(try gradients(x) { _ = try wide.fill(1.0) } == expected)
  }

  @Test func twoPassesOverOneInputKeepIt() throws {
    let expected = try gradients(try input())
    let (first, second, x) = (try network(), try network(), try input())
    _ = try first.forward(x)
    _ = try second.forward(x)
    _ = try x.fill(2.0)
    #expect(try backward(second) == expected)
    #expect(try backward(first) == expected)
  }

  @Test func aPassThatIsOverNeedsNothingOfItsInput() throws {
    let (net, x) = (try network(), try input())
    _ = try net.forward(x)
    #expect(x.storage.reader != nil)
    _ = try backward(net)
    #expect(x.storage.reader == nil)
    let before = net.memory().workspaces
    _ = try x.fill(1.0)
    #expect(net.memory().workspaces == before)
    // a forward that nobody keeps
    func forget() throws { _ = try network().forward(x) }
    try forget()
    #expect(x.storage.reader == nil)
  }
}
