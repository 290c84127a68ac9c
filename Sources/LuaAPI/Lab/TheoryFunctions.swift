import CLua
import Kernels
import Lab
import Networks
import Tensors

extension Parameter {
  fileprivate static let law = Parameter("activation", .activation, "the nonlinearity")
  fileprivate static let weightVariance = Parameter(
    "sigma_w2", .number, default: "1", "the variance of a weight times the fan-in")
  fileprivate static let biasVariance = Parameter("sigma_b2", .number, default: "0", "the variance of a bias")
}

extension FunctionRecord {
  /// What mean-field theory says of a nonlinearity, and of a network that need not exist.
  static let theoryFunctions: [FunctionRecord] = [
    variance, correlation, gain, fixedPoint, edgeOfChaos, growth, predict,
  ]

  private static let variance = FunctionRecord(
    "theory.variance",
    "The variance map: sigma_w2 E phi(sqrt(q) z)^2 + sigma_b2, z standard normal (Poole et al. 2016, eq. 3).",
    [.law, Parameter("q", .number, "the variance of a layer's preactivations, 0 or more")],
    options: [.weightVariance, .biasVariance, .slope],
    returns: "the next layer's variance, and chi, by which the gradient's mean square is multiplied on its way back",
    errors: "variances below 0",
    example: "local q, chi = theory.variance('relu', 3, {sigma_w2=2}); assert(math.abs(q - 3) < 1e-12 and chi == 1)"
  ) { call in
    let q = try call.number(1)
    guard q >= 0, q.isFinite else {
      throw call.failure("expected a variance of at least 0 as q, got \(LuaValue.text(of: q))")
    }
    let (weight, bias) = try call.variances()
    let law = try call.law()
    _ = call.push(law.variance(q, weightVariance: weight, biasVariance: bias))
    _ = call.push(weight * law.moments(std: q.squareRoot()).slopeSquare)
    return 2
  }

  private static let correlation = FunctionRecord(
    "theory.correlation",
    "The correlation map: that of two samples' preactivations a layer on (Poole et al. 2016, eq. 5; relu: J1 of Cho & Saul"
      + " 2009).",
    [.law, Parameter("c", .number, "the correlation, from -1 to 1")],
    options: [
      Parameter("q", .number, default: "the fixed point", "the variance of the preactivations"), .weightVariance,
      .biasVariance, .slope,
    ],
    returns: "the next layer's correlation",
    errors: "a correlation outside -1 to 1, no fixed point where q is not given",
    example: "local c = theory.correlation('relu', 0, {sigma_w2=2}); assert(math.abs(c - 1 / math.pi) < 1e-12)"
  ) { call in
    let c = try call.number(1)
    guard c >= -1, c <= 1 else {
      throw call.failure("expected a correlation from -1 to 1, got \(LuaValue.text(of: c))")
    }
    let (weight, bias) = try call.variances()
    let law = try call.law()
    if let q = call.option("q").asNumber {
      guard q > 0, q.isFinite else {
        throw call.failure("option 'q' expected a positive number, got \(LuaValue.text(of: q))")
      }
      return call.push(law.correlation(c, variance: q, weightVariance: weight, biasVariance: bias))
    }
    let q: Double
    do {
      q = try FixedPoint(law, weightVariance: weight, biasVariance: bias).variance
    } catch TheoryError.noFixedPoint {
      throw call.failure(
        "the variance of \(law.function.name) has no fixed point at these sigmas; give q=, the variance of the preactivations"
      )
    }
    return call.push(law.correlation(c, variance: max(q, 1e-300), weightVariance: weight, biasVariance: bias))
  }

  private static let gain = FunctionRecord(
    "theory.gain", "The gain that keeps the second moment of a unit normal signal: 1 / sqrt(E phi(z)^2).",
    [.law], options: [.slope], returns: "a number", errors: "a slope that is not finite",
    example: "assert(math.abs(theory.gain('tanh') - 1.59254) < 1e-5)"
  ) { call in call.push(try call.law().unitGain) }

  private static let fixedPoint = FunctionRecord(
    "theory.fixed_point", "Where variance and correlation settle in a deep net, and how fast (Schoenholz et al. 2017).",
    [.law], options: [.weightVariance, .biasVariance, .slope],
    returns:
      "a table: q (variance of preactivations), chi (factor of the gradient's mean square), c (correlation), xi_q and xi_c (depth scales in layers; xi_q nil where q is unstable), stable, and any_q where every q is fixed",
    errors: "a variance that grows without bound",
    example:
      "local p = theory.fixed_point('tanh', {sigma_w2=1.76095, sigma_b2=0.05}); assert(math.abs(p.q - 0.57005) < 1e-4)"
  ) { call in
    let (weight, bias) = try call.variances()
    let point = try FixedPoint(try call.law(), weightVariance: weight, biasVariance: bias)
    try check(sonde_try_table(call.lua, 0, 7))
    try call.set("q") { call.push(point.variance) }
    try call.set("chi") { call.push(point.chi) }
    try call.set("c") { call.push(point.correlation) }
    if let depth = point.varianceDepth { try call.set("xi_q") { call.push(depth) } }
    try call.set("xi_c") { call.push(point.correlationDepth) }
    try call.set("stable") { call.push(point.isStable) }
    if point.isEveryVariance { try call.set("any_q") { call.push(true) } }
    return 1
  }

  private static let edgeOfChaos = FunctionRecord(
    "theory.edge_of_chaos",
    "The weights at which gradients keep their size: chi = 1 at the fixed point of q (Hayou et al. 2019).",
    [.law],
    options: [Parameter("sigma_b", .number, default: "0", "the standard deviation of a bias"), .slope],
    returns: "a table: sigma_w (the std of a weight times the root of the fan-in), q, stable (whether q returns there)",
    errors: "none found, telling what was searched",
    example: "assert(math.abs(theory.edge_of_chaos('tanh', {sigma_b=0.2}).sigma_w - 1.3041) < 1e-4)"
  ) { call in
    let edge = try EdgeOfChaos(try call.law(), biasStd: call.option("sigma_b").asNumber ?? 0)
    try check(sonde_try_table(call.lua, 0, 3))
    try call.set("sigma_w") { call.push(edge.weightStd) }
    try call.set("q") { call.push(edge.variance) }
    try call.set("stable") { call.push(edge.isStable) }
    return 1
  }

  private static let growth = FunctionRecord(
    "theory.growth",
    "The factor of |dL/dh|^2 per layer towards the input that normalisation brings (Yang et al. 2019, theorems 7 and 8). With a small "
      + "batch= it is that of the mean over many draws, and a single net grows by less: 10 % at 4 samples, 3 % at 6, nothing from 8 on "
      + "(measured at width 100).",
    [.law],
    options: [
      Parameter("batch", .integer, default: "infinite", "the number of samples; relu and linear, norm before"),
      Parameter(
        "norm_position", .choice(["before", "after"]), default: "\"before\"", "before or after the activation"),
      Parameter("norm", .choice(["batch", "layer", "rms"]), default: "\"batch\"", "the normalisation"),
      .weightVariance, .slope,
    ],
    returns: "a factor", errors: "a batch of 3 or less, a finite batch without a closed form",
    example: "assert(math.abs(theory.growth('relu') - math.pi / (math.pi - 1)) < 1e-12)"
  ) { call in
    let norm = call.option("norm").asString.flatMap(NormalisationKind.init(rawValue:)) ?? .batch
    let position = call.option("norm_position").asString.flatMap(NormalisationPosition.init(rawValue:)) ?? .before
    return call.push(
      try GradientGrowth.factor(
        try call.law(), norm: norm, position: position, weightVariance: call.option("sigma_w2").asNumber ?? 1,
        batch: call.option("batch").asInteger))
  }
}

extension Call {
  /// The nonlinearity of argument 1 with the option `slope`.
  fileprivate func law() throws -> ActivationLaw {
    let function = try activation(try string(0))
    return ActivationLaw(function, slope: try slope(of: function))
  }

  /// The options `sigma_w2` and `sigma_b2`.
  fileprivate func variances() throws -> (weight: Double, bias: Double) {
    let (weight, bias) = (option("sigma_w2").asNumber ?? 1, option("sigma_b2").asNumber ?? 0)
    for (name, value) in [("sigma_w2", weight), ("sigma_b2", bias)] {
      guard value >= 0, value.isFinite else {
        throw failure("option '\(name)' expected a variance of at least 0, got \(LuaValue.text(of: value))")
      }
    }
    return (weight, bias)
  }
}
