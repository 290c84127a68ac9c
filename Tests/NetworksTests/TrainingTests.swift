import Gradients
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct TrainingTests {
  /// Three Gaussian clouds far apart.
  private func clouds(_ count: Int) throws -> (inputs: Tensor, targets: Tensor) {
    let inputs = try randomTensor([count, 2], seed: 1, .float32)
    let centres: [(Float, Float)] = [(6, 0), (-6, 0), (0, 6)]
    let classes = (0..<count).map { $0 % 3 }
    for (row, kind) in classes.enumerated() {
      inputs.pointer(Float.self)[2 * row] += centres[kind].0
      inputs.pointer(Float.self)[2 * row + 1] += centres[kind].1
    }
    return (inputs, try tensor(classes.map { Double($0 + 1) }, [count], .int64))
  }

  private func network() throws -> Network {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs, options.norm) = (2, 8, 2, 3, .batch)
    options.seed = 5
    return try Network(mlp: options, generator: Generator(seed: 1))
  }

  @Test func fitLearnsAndTellsHowItWent() throws {
    let data = try clouds(61)
    let net = try network()
    net.isTraining = false
    var (seen, options) = (0, FitOptions())
    (options.batch, options.epochs) = (20, 8)
    options.onStep = { step in
      seen += 1
      return step.steps == 24
    }
    let history = try net.fit(
      inputs: data.inputs, targets: data.targets, test: data, optimiser: try SGD(net, learningRate: 0.1),
      options: options)
    // 61 samples in twenties: the last one joins the batch before it
    #expect(history.stepLosses.count == 24 && seen == 24 && history.epochs.count == 8)
    #expect(history.end == .completed)
    #expect((history.epochs.last?.accuracy ?? 0) > 0.95)
    #expect(!net.isTraining)
    let result = try net.evaluate(inputs: data.inputs, targets: data.targets, batch: 7)
    assertClose(result.loss, try #require(history.epochs.last?.testLoss), relative: 1e-5)
    #expect(result.accuracy == history.epochs.last?.accuracy)
  }

  @Test func callbacksStopATrainingAndStepsLimitIt() throws {
    let data = try clouds(60)
    let net = try network()
    var options = FitOptions()
    (options.batch, options.steps) = (20, 7)
    let limited = try net.fit(
      inputs: data.inputs, targets: data.targets, optimiser: try SGD(net), options: options)
    #expect(limited.stepLosses.count == 7 && limited.epochs.count == 3)
    options.onStep = { $0.step < 2 }
    let stopped = try net.fit(inputs: data.inputs, targets: data.targets, optimiser: try SGD(net), options: options)
    #expect(stopped.stepLosses.count == 2 && stopped.end == .stopped)
  }

  @Test func badDataAndBadLossesAreTold() throws {
    let data = try clouds(6)
    let net = try network()
    data.inputs.pointer(Float.self)[7] = .nan
    let error = #expect(throws: NetworkError.self) {
      try net.fit(inputs: data.inputs, targets: data.targets, optimiser: try SGD(net), options: FitOptions())
    }
    #expect("\(try #require(error))" == "fit: expected finite inputs, got nan at row 4, column 2")
    data.inputs.pointer(Float.self)[7] = 0
    var options = FitOptions()
    options.epochs = 100
    let history = try net.fit(
      inputs: data.inputs, targets: data.targets, optimiser: try SGD(net, learningRate: 1e30), options: options)
    guard case .diverged = history.end else {
      Issue.record("a learning rate of 1e30 should diverge, got \(history.end)")
      return
    }
    #expect(history.warning?.hasPrefix("fit: the loss became") == true)
    let classes = #expect(throws: NetworkError.self) {
      try Losses.crossEntropy(try Tensor(.float32, [2, 3]), try tensor([1, 4], [2]))
    }
    #expect(
      "\(try #require(classes))" == "cross_entropy: expected classes that are whole numbers from 1 to 3, got 4 at row 2"
    )
  }

  @Test func crossEntropyIsSafeForHugeLogits() throws {
    let loss = try Losses.crossEntropy(try tensor([1e4, 0, -1e4, 0], [2, 2], .float32), try tensor([1, 1], [2]))
    #expect(try numbers(loss) == [5000])
  }
}
