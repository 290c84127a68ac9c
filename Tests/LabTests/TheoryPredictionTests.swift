import Kernels
@testable import Lab
@testable import Networks
import Tensors
import TestSupport
import Testing

/// What theory takes down of a network, and what it makes of it.
@Suite struct TheoryPredictionTests {
  private func mlp(_ change: (inout MLPOptions) -> Void = { _ in }) throws -> Network {
    var options = MLPOptions()
    options.inputs = 64
    options.width = 64
    options.depth = 3
    change(&options)
    return try Network(mlp: options, generator: Generator(seed: 7))
  }

  /// A network and the model of its options alone tell the same.
  @Test(arguments: NormalisationPosition.allCases) func optionsTellWhatTheNetworkTells(
    _ position: NormalisationPosition
  ) throws {
    for residual in [nil, ResidualForm(), ResidualForm(isActivatedAfter: true, scale: 0.5)] {
      for norm in [nil] + NormalisationKind.allCases.map(Optional.some) {
        var options = MLPOptions()
        (options.inputs, options.width, options.depth, options.outputs) = (48, 64, 3, 10)
        (options.norm, options.normPosition, options.residual) = (norm, position, residual)
        options.activation = .gelu
        let network = try Network(mlp: options, generator: Generator(seed: 3))
        let built = Prediction(try NetworkModel(network), TheoryInput())
        #expect(Prediction(NetworkModel(mlp: options, inputs: 1), TheoryInput()) == built)
        #expect(built.rows.map(\.name) == ["0", "1", "2", "head"])
      }
    }
  }

  /// The variances of the initialisers are those of their papers, on matrices that are not square too.
  @Test func initialisersDeclareTheirVariances() throws {
    let expected: [(String, Double)] = [
      ("normal(0.03)", 0.0009), ("uniform(-0.2,0.2)", 0.04 / 3), ("xavier_normal", 2.0 / 70),
      ("xavier_uniform", 2.0 / 70),
      ("he_normal", 2.0 / 50), ("he_uniform", 2.0 / 50), ("lecun_normal", 1.0 / 50), ("orthogonal", 1.0 / 50),
      ("zeros", 0),
    ]
    for (name, variance) in expected {
      let law = WeightLaw(
        try Initialiser(parsing: name), factor: try Initialiser(parsing: name).factor(.relu, slope: 0), inputs: 50,
        outputs: 20)
      assertClose(law.variance, variance, relative: 1e-12, name)
      #expect(law.reason == nil)
    }
    assertClose(WeightLaw(nil, factor: 1, inputs: 50, outputs: 20).variance, 1.0 / 150, relative: 1e-12)
  }

  /// Fresh weights pass as their init's for 100 seeds of every scheme; those a fifth larger do not.
  @Test(arguments: ["normal(0.1)", "uniform(-0.1,0.1)", "he_normal", "xavier_uniform", "orthogonal"])
  func freshWeightsAreToldFromOthers(_ name: String) throws {
    for seed in 1...100 {
      let linear = try Linear(
        inputs: 40, outputs: 60, initialiser: Initialiser(parsing: name), generator: Generator(seed: UInt64(seed)))
      let network = try Network(sequential: [linear], generator: Generator(seed: 1))
      #expect(Prediction(try NetworkModel(network), TheoryInput()).rows[0].reason == nil, "\(name), seed \(seed)")
      if seed == 1 {
        _ = try linear.weight?.applyInPlace(.multiply, .scalar(.number(1.2)))
        #expect(Prediction(try NetworkModel(network), TheoryInput()).rows[0].reason != nil, "\(name)")
      }
    }
  }

  /// The probe keeps the network as it was, and a copy of the report shares what was computed.
  @Test func reportsPredictTheNetworkThatWasProbed() throws {
    let network = try mlp()
    let x = try Tensor(.float32, [50, 64])
    try Generator(seed: 5).fillNormal(x)
    let report = try Probe.run(network, x, generator: Generator(seed: 6))
    let own = Prediction(try NetworkModel(network), try #require(report.theory).input)
    try network.activation(.tanh)
    let prediction = try #require(try report.prediction())
    // the figures of the weights, which the probe has measured, are those that the network tells
    #expect(prediction == own)
    assertClose(prediction.rows[0].factor ?? 0, 1, relative: 1e-9)
    #expect(prediction.rows[0].law == "he_normal: sigma*sqrt(n/2) = 1")
    #expect(try report.prediction() == prediction)
  }

  /// Logarithms carry signals below double's range: 400 layers of 0.01 randn end at 10^-460.
  @Test func signalsBelowDoubleKeepTheirLogarithm() throws {
    let options = { (options: inout MLPOptions) in
      options.initialiser = try Initialiser(parsing: "normal(0.01)")
      options.depth = 400
      options.width = 100
      options.inputs = 100
      options.outputs = nil
    }
    var settings = MLPOptions()
    try options(&settings)
    let prediction = Prediction(NetworkModel(mlp: settings, inputs: 100), TheoryInput())
    #expect(prediction.rows[399].reason == nil && prediction.rows[399].activation(named: "rms") == 0)
    assertClose(prediction.rows[399].factor ?? 0, 0.005.squareRoot(), relative: 1e-9)
    let zero = prediction.ends.first { $0.quantity == "activation" && $0.dtype == .float64 && $0.kind == .zero }
    // 0.0707107^l below 2^-1074
    #expect(zero?.layers == 282 && zero?.isWithin == true)
  }

  /// At 0.6 a layer: ln 2^-126 / ln 0.6 = 170.97, ln 2^-149 / ln 0.6 = 202.2, ln 2^-1074 / ln 0.6 = 1457.3.
  @Test func endsAreWhereTheDtypesEnd() {
    let logs = (1...250).map { -Double($0) * 0.5108256237659907 }
    let ends = SignalEnd.ends(logs, "activation")
    #expect(ends.first { $0.dtype == .float32 && $0.kind == .subnormal }?.layers == 171)
    #expect(ends.first { $0.dtype == .float32 && $0.kind == .zero }?.layers == 203)
    let beyond = ends.first { $0.dtype == .float64 && $0.kind == .zero }
    #expect(beyond?.layers == 1458 && beyond?.isWithin == false)
    #expect(SignalEnd.ends([0, 0, 0], "activation").isEmpty && SignalEnd.ends([], "gradient").isEmpty)
  }

  /// The mean of 1 / variance of B normal samples is B / (B - 3), and eps takes over where it is larger.
  @Test func batchVarianceHasItsMeans() {
    for batch in [4, 5, 10, 100] {
      let expected = Double(batch) / Double(batch - 3)
      assertClose(BatchVariance.inverse(1, eps: 0, batch: batch), expected, relative: 1e-12)
      // at a batch of 4 the mean is made far below eps' own size, where it falls off as its root
      assertClose(BatchVariance.inverse(1, eps: 1e-12, batch: batch), expected, relative: batch == 4 ? 1e-4 : 1e-6)
      assertClose(BatchVariance.inverse(1e-12, eps: 1, batch: batch), 1, relative: 1e-9)
      assertClose(BatchVariance.share(1e-9, eps: 1, batch: batch), 1e-9 * (1 - 1 / Double(batch)), relative: 1e-6)
    }
    // numpy: v = (rng.normal(size=(4000000, 6)).var(1)); (1 / (v + 0.3)).mean(), (v / (v + 0.3)).mean()
    assertClose(BatchVariance.inverse(1, eps: 0.3, batch: 6), 1.0761, relative: 2e-3)
    assertClose(BatchVariance.share(1, eps: 0.3, batch: 6), 1 - 0.3 * 1.0761, relative: 2e-3)
  }

  /// Kurtosis 6 of ReLU, 3 of linear; normalised, biased, curved and orthogonal nets have no law of drift.
  @Test func driftIsToldWhereItIsKnown() throws {
    func drift(_ change: (inout MLPOptions) -> Void) throws -> Double? {
      Prediction(try NetworkModel(try mlp(change)), TheoryInput()).drift
    }
    assertClose(try drift { _ in } ?? 0, -5 * 3 / 128.0, relative: 1e-12)
    assertClose(try drift { $0.activation = .linear } ?? 0, -2 * 3 / 128.0, relative: 1e-12)
    #expect(try drift { $0.activation = .tanh } == nil)
    #expect(try drift { $0.norm = .batch } == nil)
    #expect(try drift { $0.residual = ResidualForm() } == nil)
    #expect(try drift { $0.initialiser = Initialiser(.orthogonal, name: "orthogonal") } == nil)
  }
}

extension PredictedRow {
  fileprivate func activation(named name: String) -> Double? { figures["activation"]?.value(named: name) }
}
