import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// A loss that is NaN or infinite ends a training, and the network is as it last was in order.
@Suite struct FitDivergenceTests {
  private func network(_ norm: NormalisationKind? = .batch) throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs, options.norm) = (2, 8, 2, 3, norm)
    options.seed = 5
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  private func data(_ count: Int) throws -> (inputs: Tensor, targets: Tensor) {
    let classes = try tensor((0..<count).map { Double($0 % 3 + 1) }, [count], .int64)
    return (try randomTensor([count, 2], seed: 1, .float32), classes)
  }

  private func fit(_ net: Network, rate: Double, _ change: (inout FitOptions) -> Void) throws -> FitDivergence {
    let data = try data(60)
    var options = FitOptions()
    (options.batch, options.steps) = (10, 200)
    change(&options)
    let history = try net.fit(
      inputs: data.inputs, targets: data.targets, optimiser: try SGD(net, learningRate: rate, momentum: 0.9),
      options: options)
    guard case .diverged(let divergence) = history.end else {
      throw NetworkError.state("expected a training that diverges, got \(history.end)")
    }
    #expect(history.stepLosses.count == divergence.step - 1 && history.stepLosses.allSatisfy(\.isFinite))
    #expect(history.warning == "fit: \(divergence)")
    return divergence
  }

  @Test func parametersThatLeaveTheirRangeGoBack() throws {
    let net = try network(nil)
    let before = try net.state.mapValues { try numbers($0) }
    let divergence = try fit(net, rate: 1e30) { _ in }
    #expect(divergence.step == 2 && divergence.keptStep == 1 && divergence.cause == .output)
    #expect(
      "\(divergence)"
        == "the loss became NaN at step 2: the output of layer 2 Block(Linear(8 -> 8), ReLU) was the first that was not "
        + "finite; the network is as it was before step 1; lower the learning rate, clip gradients or normalise")
    #expect(try net.state.mapValues { try numbers($0) } == before)
  }

  @Test func anUpdateBeyondTheDtypeNamesItsLayer() throws {
    let net = try network(nil)
    let divergence = try fit(net, rate: 3e38) { options in
      options.schedule = Late(rate: 3e38, from: 9)
    }
    #expect(divergence.keptStep == 1 && divergence.step > 9)
    #expect(net.state.values.allSatisfy { tensor in (try? numbers(tensor))?.allSatisfy(\.isFinite) == true })
  }

  /// A loss of its own that breaks once: neither weights nor running statistics nor the generator have moved.
  @Test func aLossThatBreaksLeavesTheStepBefore() throws {
    let net = try network()
    var kept: [[Double]] = []
    var calls = 0
    let divergence = try fit(net, rate: 0.1) { options in
      options.objective = FitObjective(name: "mine") { output, target in
        calls += 1
        let loss = try Losses.crossEntropy(output, target)
        if calls >= 60 { loss.pointer(Float.self).pointee = .infinity }
        return loss
      }
      options.onStep = { step in
        if step.step == 59 { kept = try net.state.values.map { try numbers($0) } }
        return true
      }
    }
    #expect(divergence.step == 60 && divergence.keptStep == 60 && divergence.cause == .loss && divergence.layer == nil)
    #expect(
      "\(divergence)"
        == "the loss became inf at step 60: the output was finite, so look at the loss and the targets; the network is as "
        + "it was before step 60; lower the learning rate, clip gradients or normalise")
    #expect(try net.state.values.map { try numbers($0) } == kept)
  }

  /// Every 50 steps a copy is made: the one before the parameters went wrong comes back.
  @Test func theLastCopyComesBack() throws {
    let net = try network(nil)
    var kept: [[Double]] = []
    let divergence = try fit(net, rate: 0.01) { options in
      options.schedule = Late(rate: 1e30, from: 70)
      options.onStep = { step in
        if step.step == 50 { kept = try net.state.values.map { try numbers($0) } }
        return true
      }
    }
    #expect(divergence.keptStep == 51 && (71...73).contains(divergence.step))
    #expect(try net.state.values.map { try numbers($0) } == kept)
  }

  /// A rate that jumps after so many steps.
  private struct Late: Schedule {
    let rate: Double
    let from: Int

    func rate(step: Int, base: Double) -> Double { step < from ? 0.01 : rate }
  }
}
