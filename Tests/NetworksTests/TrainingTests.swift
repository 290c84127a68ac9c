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
    (options.batch, options.epochs) = (20, 20)
    options.onStep = { step in
      seen += 1
      return step.steps == 60
    }
    let history = try net.fit(
      inputs: data.inputs, targets: data.targets, test: data, optimiser: try SGD(net, learningRate: 0.1),
      options: options)
    // 61 samples in twenties: the last one joins the batch before it
    #expect(history.stepLosses.count == 60 && seen == 60 && history.epochs.count == 20)
    #expect(history.end == .completed)
    #expect((history.epochs.last?.accuracy ?? 0) > 0.95)
    #expect(!net.isTraining)
    let result = try net.evaluate(inputs: data.inputs, targets: data.targets, batch: 7)
    assertClose(result.loss, try #require(history.epochs.last?.testLoss), relative: 1e-5)
    #expect(result.accuracy == history.epochs.last?.accuracy)
  }

  /// Large batches are copied by two threads: a training in order takes the same steps, to the bit, as one on views of the data.
  @Test(arguments: [43, 60, 61])
  func largeBatchesAreTheRowsTheyStandFor(batch: Int) throws {
    let count = 3 * batch
    let inputs = try randomTensor([count, 784], seed: 1, .float32)
    let targets = try tensor((0..<count).map { Double($0 % 3 + 1) }, [count], .int64)
    var mlp = MLPOptions()
    (mlp.inputs, mlp.width, mlp.depth, mlp.outputs, mlp.norm, mlp.seed) = (784, 8, 1, 3, .batch, 5)
    let (net, twin) = (
      try Network(mlp: mlp, generator: Generator(seed: 1)), try Network(mlp: mlp, generator: Generator(seed: 1))
    )
    var options = FitOptions()
    (options.batch, options.epochs, options.shuffle) = (batch, 2, false)
    let history = try net.fit(
      inputs: inputs, targets: targets, optimiser: try SGD(net, learningRate: 0.1), options: options)
    let optimiser = try SGD(twin, learningRate: 0.1)
    var losses: [Double] = []
    for step in 0..<6 {
      try twin.zeroGradients()
      let first = step % 3 * batch
      let output = try twin.forward(try inputs.narrow(0, first, batch))
      let loss = try Losses.crossEntropy(output, try targets.narrow(0, first, batch))
      try Tape.backward(from: loss)
      try optimiser.step()
      losses.append(try numbers(loss)[0])
    }
    #expect(history.stepLosses == losses)
    for (name, tensor) in net.state {
      #expect(try numbers(tensor) == numbers(try #require(twin.state[name])), "\(name)")
    }
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

  /// What a training on these data and options says.
  private func failure(
    _ net: Network, _ inputs: Tensor, _ targets: Tensor, _ change: (inout FitOptions) -> Void = { _ in }
  ) throws -> String {
    var options = FitOptions()
    options.epochs = 1
    change(&options)
    let before = try net.state.values.map { try numbers($0) }
    do {
      _ = try net.fit(inputs: inputs, targets: targets, optimiser: try SGD(net, learningRate: 0.1), options: options)
      return "no error"
    } catch {
      #expect(try net.state.values.map { try numbers($0) } == before)
      return "\(error)"
    }
  }

  @Test func badDataAreToldBeforeTheFirstStep() throws {
    let data = try clouds(6)
    let net = try network()
    data.inputs.pointer(Float.self)[7] = .nan
    #expect(
      try failure(net, data.inputs, data.targets) == "fit: expected finite inputs, got nan at row 4, column 2")
    data.inputs.pointer(Float.self)[7] = 0
    let targets = try tensor([1, 2, 3, 4, 1, 1], [6])
    #expect(
      try failure(net, data.inputs, targets)
        == "fit: expected targets that are classes from 1 to 3, the network's outputs, got 4 at row 4")
    let values = try Tensor(.float32, [6, 3])
    values.pointer(Float.self)[16] = .infinity
    #expect(
      try failure(net, data.inputs, values) { $0.objective = FitObjective(name: "mine") { output, _ in output } }
        == "fit: expected finite targets, got inf at row 6, column 2")
    #expect(
      try failure(net, try Tensor(.float32, [4, 20]), try tensor([1, 1, 1, 1], [4]))
        == "layer 1 Block(Linear(2 -> 8), BatchNorm(8), ReLU): expected input [batch, 2], got [4, 20]")
    #expect(
      try failure(net, try Tensor(.float32, [0, 2]), try tensor([], [0]))
        == "fit: expected inputs [samples, features], got [0, 2], which is an empty set")
    #expect(
      try failure(net, data.inputs, try tensor([1], [1])) == "fit: expected 6 targets, one a sample, got [1]")
  }

  @Test func badOptionsAreToldBeforeTheFirstStep() throws {
    let data = try clouds(6)
    let net = try network()
    let told: [(String, (inout FitOptions) -> Void)] = [
      ("epochs or steps, got neither; say how long to train", { $0.epochs = nil }),
      ("epochs or steps, got both; one of them decides", { $0.steps = 3 }),
      ("epochs of at least 1, got 0", { $0.epochs = 0 }),
      ("batch of at least 1, got 0", { $0.batch = 0 }),
      ("a batch of at most 6, the number of samples, got 7", { $0.batch = 7 }),
      (
        "batches of at least 2 samples for layer 1 Block(Linear(2 -> 8), BatchNorm(8), ReLU), got 1: its variance is 0; "
          + "use a larger batch or normalize(\"layer\")", { $0.batch = 1 }
      ),
      ("accumulate of at least 1, got 0", { $0.accumulate = 0 }),
      ("a finite clip_norm above 0, got -1.0", { $0.clipNorm = -1 }),
      ("a finite clip_value above 0, got nan", { $0.clipValue = .nan }),
      ("test data to watch 'test.loss', got none; give test=", { $0.earlyStopping = .init(.testLoss) }),
    ]
    for (text, change) in told {
      #expect(try failure(net, data.inputs, data.targets, change) == "fit: expected \(text)")
    }
  }

  @Test func aBatchOfOneIsNoTroubleWithoutBatchNormalisation() throws {
    var options = MLPOptions()
    (options.inputs, options.width, options.depth, options.outputs, options.seed) = (2, 4, 1, 3, 1)
    let net = try Network(mlp: options, generator: Generator(seed: 1))
    let data = try clouds(7)
    var fit = FitOptions()
    (fit.batch, fit.epochs) = (3, 1)
    let sgd = try SGD(net, learningRate: 0.1)
    #expect(
      try net.fit(inputs: data.inputs, targets: data.targets, optimiser: sgd, options: fit).stepLosses.count == 3)
    fit.dropLast = true
    #expect(
      try net.fit(inputs: data.inputs, targets: data.targets, optimiser: sgd, options: fit).stepLosses.count == 2)
  }

  @Test func crossEntropyIsSafeForHugeLogits() throws {
    let loss = try Losses.crossEntropy(try tensor([1e4, 0, -1e4, 0], [2, 2], .float32), try tensor([1, 1], [2]))
    #expect(try numbers(loss) == [5000])
  }
}
