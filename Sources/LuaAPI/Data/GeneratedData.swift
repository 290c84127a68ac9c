import Datasets
import Kernels
import Tensors

extension Parameter {
  /// The seed of what a function draws.
  static let drawSeed = Parameter(
    "seed", .integer, default: "none: the generator draws", "the seed of a generator for this call alone")
}

extension FunctionRecord {
  /// Sets that are computed.
  static let generatedFunctions: [FunctionRecord] = [blobs, spirals, moons, normalData]

  private static let common: [Parameter] = [.drawSeed, .generator, .dtype]
  private static func samples(_ text: String) -> Parameter { Parameter("samples", .integer, default: text, "how many") }
  private static let noise = Parameter("noise", .number, default: "0", "the std of normal noise on each coordinate")
  private static let classErrors = "fewer samples than classes, sizes below 1, negative noise, both seed and generator"

  private static let blobs = FunctionRecord(
    "data.blobs",
    "Gaussian clouds: sample i is of class (i - 1) % classes + 1 and lies at center[class] + std * randn.",
    options: [
      samples("100"), Parameter("classes", .integer, default: "3, or as many as centers", "how many clouds"),
      Parameter("features", .integer, default: "2, or as centers have", "the dimensions"),
      Parameter("std", .number, default: "1", "the clouds' standard deviation"),
      Parameter("spread", .number, default: "10", "centers are drawn first, uniform from -spread to spread"),
      Parameter("centers", .tensor, default: "drawn", "the centers [classes, features]"),
    ] + common,
    returns: "a dataset, and the centers [classes, features]", errors: classErrors,
    example: "local ds, centers = data.blobs{samples=30, std=0.5, seed=1}; assert(#ds == 30 and #centers == 3)"
  ) { call in
    let centers = call.option("centers").asTensor
    if let centers, centers.rank != 2 {
      throw call.failure("option 'centers' expected [classes, features], got \(centers.shape)")
    }
    let (dataset, used) = try call.generated().blobs(
      classes: call.option("classes").asInteger ?? centers?.shape[0] ?? 3,
      features: call.option("features").asInteger ?? centers?.shape[1] ?? 2,
      std: call.option("std").asNumber ?? 1, spread: call.option("spread").asNumber ?? 10, centers: centers)
    return try call.push(dataset, .dataset) + call.push(used)
  }

  private static let spirals = FunctionRecord(
    "data.spirals",
    "Spirals out of the origin: point j of the m of class c lies at radius r = j / m and angle "
      + "2 pi (turns r + (c - 1) / classes), plus noise * randn.",
    options: [
      samples("200"), Parameter("classes", .integer, default: "2", "how many arms"), noise,
      Parameter("turns", .number, default: "1", "how often an arm goes round"),
    ] + common,
    returns: "a dataset of 2 features, its classes alternating", errors: classErrors,
    example: "local ds = data.spirals{samples=300, classes=3, turns=2}; assert(ds.classes == 3)"
  ) { call in
    let dataset = try call.generated(samples: 200).spirals(
      classes: call.option("classes").asInteger ?? 2, noise: call.option("noise").asNumber ?? 0,
      turns: call.option("turns").asNumber ?? 1)
    return try call.push(dataset, .dataset)
  }

  private static let moons = FunctionRecord(
    "data.moons",
    "Two half circles that reach into each other: with t = pi (j - 1) / (m - 1), point j of the m of a class lies at "
      + "(cos t, sin t) in class 1 and (1 - cos t, 1/2 - sin t) in class 2, plus noise * randn.",
    options: [samples("100"), noise] + common,
    returns: "a dataset of 2 features, its classes alternating", errors: classErrors,
    example: "local ds = data.moons{samples=4}; assert(ds.inputs[1][1] == 1 and ds.inputs[4][1] == 2)"
  ) { call in
    try call.push(try call.generated().moons(noise: call.option("noise").asNumber ?? 0), .dataset)
  }

  private static let normalData = FunctionRecord(
    "data.normal",
    "Standard normal inputs with a random linear teacher: y = x w' + noise * randn, w normal of variance 1 / features.",
    options: [
      samples("100"), Parameter("features", .integer, default: "2", "the dimensions of x"),
      Parameter("outputs", .integer, default: "1", "the targets of a sample; 0 for none"),
      Parameter("noise", .number, default: "0", "the std of normal noise on each target"),
    ] + common,
    returns: "a dataset with targets [n], [n, outputs] or none, and the teacher w [outputs, features]",
    errors: "sizes below 1, negative noise, both seed and generator",
    example: "local ds, w = data.normal{samples=50, features=8, seed=1}; assert(#ds.targets == 50 and w.shape[2] == 8)"
  ) { call in
    let (dataset, weights) = try call.generated().normal(
      features: call.option("features").asInteger ?? 2, outputs: call.option("outputs").asInteger ?? 1,
      noise: call.option("noise").asNumber ?? 0)
    return try call.push(dataset, .dataset) + call.push(weights)
  }
}

extension Call {
  /// What computes a set as the options `samples`, `seed`, `generator` and `dtype` say.
  fileprivate func generated(samples: Int = 100) throws -> Generated {
    try Generated(
      samples: option("samples").asInteger ?? samples, generator: try drawing(.samples),
      dtype: try floatDType(), operation: who
    )
  }

  /// The generator of a seed, the option `generator`, or the session's own.
  func drawing(_ purpose: Generator.Purpose, seed argument: LuaValue = .absent) throws -> Generator {
    let seed = argument.isAbsent ? option("seed") : argument
    guard let number = seed.asInteger else { return generator() }
    guard option("generator").isAbsent else { throw failure("expected seed or generator, got both") }
    guard argument.isAbsent || option("seed").isAbsent else { throw failure("expected one seed, got two") }
    guard number >= 0 else { throw failure("expected a seed of 0 or more, got \(number)") }
    return Generator(seed: UInt64(number), for: purpose)
  }
}
