import Kernels
import Tensors

/// Sets that are computed: the same for a seed on every machine and for every number of threads.
///
/// Sample `i`, counted from 0, is of class `i % classes + 1`, so that the classes alternate and are of equal size or
/// differ by one sample. Positions are computed in double and rounded once to the dtype. Random numbers are taken in
/// the order in which each set names them.
public struct Generated {
  private let samples: Int
  private let generator: Generator
  private let dtype: DType
  private let operation: String

  /// Says how many samples there are to be, and where random numbers come from.
  ///
  /// - Throws: `DatasetError.generated` for no samples, or other dtypes than float32 and float64.
  public init(samples: Int, generator: Generator, dtype: DType = .float32, operation: String = "data") throws {
    self.samples = samples
    self.generator = generator
    self.dtype = dtype
    self.operation = operation
    try requireAtLeast(1, samples, "samples")
    guard dtype.isFloat else {
      throw DatasetError.generated(operation: operation, expected: "dtype float32 or float64", got: dtype.name)
    }
  }

  // MARK: Sets

  /// Gaussian clouds: `x = center[class] + std z`.
  ///
  /// Without `centers`, `[classes, features]` of them are drawn first, uniform in [-spread, spread); then the standard
  /// normal `z`, `[samples, features]`. It is scikit-learn's `make_blobs` unshuffled.
  ///
  /// - Returns: the set and the centers.
  /// - Throws: `DatasetError.generated` for sizes below 1, fewer samples than classes, a negative `std` or `spread`,
  ///   and centers of another shape; `TensorError.outOfMemory`; `Interrupted`.
  public func blobs(
    classes: Int = 3, features: Int = 2, std: Double = 1, spread: Double = 10, centers given: Tensor? = nil
  ) throws -> (dataset: Dataset, centers: Tensor) {
    try requireClasses(classes)
    try requireAtLeast(1, features, "features")
    try requireNotNegative(std, "std")
    try requireNotNegative(spread, "spread")
    let centers = try given?.to(.float64).contiguous() ?? Tensor(.float64, [classes, features], zeroed: false)
    guard centers.shape == [classes, features] else {
      throw DatasetError.generated(
        operation: operation, expected: "centers [\(classes), \(features)]", got: "\(centers.shape)")
    }
    if given == nil { try generator.fillUniform(centers, low: -spread, high: spread, operation: operation) }
    let means = centers.pointer(Double.self)
    let dataset = try labelled("blobs", features, classes, std) { sample, feature in
      means[sample % classes * features + feature]
    }
    return (dataset, try centers.to(dtype))
  }

  /// Spirals that wind out of the origin: point `j` of the `m` of class `c` (both from 0 here) lies at radius
  /// `r = (j + 1) / m` and angle `2 pi (turns r + c / classes)`, plus `noise z`.
  ///
  /// The standard normal `z`, `[samples, 2]`, is drawn unless `noise` is 0.
  ///
  /// - Throws: `DatasetError.generated` for fewer samples than classes, a negative `noise`, and `turns` that are not
  ///   finite; `TensorError.outOfMemory`; `Interrupted`.
  public func spirals(classes: Int = 2, noise: Double = 0, turns: Double = 1) throws -> Dataset {
    try requireClasses(classes)
    try requireNotNegative(noise, "noise")
    guard turns.isFinite, turns.magnitude <= 1e6 else {
      throw DatasetError.generated(operation: operation, expected: "turns of at most 1e6", got: "\(turns)")
    }
    return try labelled("spirals", 2, classes, noise) { sample, feature in
      let (place, part) = (sample / classes, sample % classes)
      let radius = Double(place + 1) / Double(size(of: part, of: classes))
      let point = Turn.point(turns * radius + Double(part) / Double(classes))
      return radius * (feature == 0 ? point.cosine : point.sine)
    }
  }

  /// Two half circles that reach into each other: point `j` of the `m` of a class has `t = pi j / (m - 1)` and lies at
  /// `(cos t, sin t)` in class 1, at `(1 - cos t, 1/2 - sin t)` in class 2, plus `noise z`.
  ///
  /// A class of one point has `t = 0`. The standard normal `z`, `[samples, 2]`, is drawn unless `noise` is 0. It is
  /// scikit-learn's `make_moons` unshuffled.
  ///
  /// - Throws: `DatasetError.generated` for less than 2 samples and a negative `noise`; `TensorError.outOfMemory`;
  ///   `Interrupted`.
  public func moons(noise: Double = 0) throws -> Dataset {
    try requireClasses(2)
    try requireNotNegative(noise, "noise")
    return try labelled("moons", 2, 2, noise) { sample, feature in
      let steps = Double(max(size(of: sample % 2, of: 2) - 1, 1))
      let point = Turn.point(Double(sample / 2) / (2 * steps))
      if sample % 2 == 0 { return feature == 0 ? point.cosine : point.sine }
      return feature == 0 ? 1 - point.cosine : 0.5 - point.sine
    }
  }

  /// Standard normal inputs, and targets of a random linear teacher: `y = x w' + noise z`.
  ///
  /// Drawn in this order: `x`, `[samples, features]`; `w`, `[outputs, features]`, normal with variance `1 / features`,
  /// so that `x w'` has variance 1; the standard normal `z`, `[samples, outputs]`, unless `noise` is 0. Targets are
  /// `[samples]` for one output, `[samples, outputs]` for several, and there are none for 0 outputs.
  ///
  /// - Returns: the set and `w`.
  /// - Throws: `DatasetError.generated` for sizes below 1 (0 for outputs) and a negative `noise`;
  ///   `TensorError.outOfMemory`; `Interrupted`.
  public func normal(
    features: Int = 2, outputs: Int = 1, noise: Double = 0
  ) throws -> (dataset: Dataset, weights: Tensor) {
    try requireAtLeast(1, features, "features")
    try requireAtLeast(0, outputs, "outputs")
    try requireNotNegative(noise, "noise")
    let inputs = try Tensor(dtype, [samples, features], zeroed: false)
    try generator.fillNormal(inputs)
    let weights = try Tensor(dtype, [outputs, features], zeroed: false)
    try generator.fillNormal(weights, std: 1 / Double(features).squareRoot())
    let targets = try teach(inputs, weights, noise)
    let isVector = outputs == 1
    let dataset = Dataset(
      unchecked: "normal", inputs: inputs, targets: isVector ? try targets.reshape([samples]) : targets,
      labels: outputs == 0 ? .none : .values)
    return (dataset, weights)
  }

  // MARK: Steps

  /// How many samples one of alternating classes, counted from 0, has.
  private func size(of part: Int, of classes: Int) -> Int { (samples - part + classes - 1) / classes }

  /// A set of alternating classes, each coordinate its position plus noise.
  private func labelled(
    _ name: String, _ features: Int, _ classes: Int, _ noise: Double, _ position: (Int, Int) -> Double
  ) throws -> Dataset {
    let inputs = try Tensor(dtype, [samples, features], zeroed: false)
    let targets = try Tensor(.int64, [samples], zeroed: false)
    let normals = noise == 0 ? nil : try Tensor(.float64, [samples, features], zeroed: false)
    if let normals { try generator.fillNormal(normals) }
    for sample in 0..<samples {
      if sample % 64 == 0 { try Interrupt.check() }
      targets.store(Int64(sample % classes + 1), at: sample)
      for feature in 0..<features {
        let index = sample * features + feature
        let drawn = normals.map { noise * $0.load(at: index) } ?? 0
        inputs.store(position(sample, feature) + drawn, at: index)
      }
    }
    if let place = try NotFinite.first(inputs) {
      throw DatasetError.notFinite(operation: operation, value: place.text, sample: place.row, feature: place.column)
    }
    return Dataset(unchecked: name, inputs: inputs, targets: targets, labels: .classes(classes, names: nil))
  }

  /// The teacher's answers, summed in double in the order of the features.
  private func teach(_ inputs: Tensor, _ weights: Tensor, _ noise: Double) throws -> Tensor {
    let (features, outputs) = (inputs.shape[1], weights.shape[0])
    let targets = try Tensor(dtype, [samples, outputs], zeroed: false)
    let normals = noise == 0 ? nil : try Tensor(.float64, [samples, outputs], zeroed: false)
    if let normals { try generator.fillNormal(normals) }
    for sample in 0..<samples {
      if sample % 64 == 0 { try Interrupt.check() }
      for output in 0..<outputs {
        var sum = 0.0
        for feature in 0..<features {
          sum += inputs.load(at: sample * features + feature) * weights.load(at: output * features + feature)
        }
        let index = sample * outputs + output
        targets.store(sum + (normals.map { noise * $0.load(at: index) } ?? 0), at: index)
      }
    }
    return targets
  }

  // MARK: Checks

  private func requireAtLeast(_ least: Int, _ value: Int, _ name: String) throws {
    guard value >= least else {
      throw DatasetError.generated(operation: operation, expected: "\(name) of \(least) or more", got: "\(value)")
    }
  }

  private func requireNotNegative(_ value: Double, _ name: String) throws {
    guard value >= 0, value <= 1e30 else {
      throw DatasetError.generated(
        operation: operation, expected: "\(name) from 0 to 1e30", got: value.isNaN ? "nan" : "\(value)")
    }
  }

  private func requireClasses(_ classes: Int) throws {
    guard 1...Labels.mostClasses ~= classes else {
      throw DatasetError.classCount(operation: operation, count: classes)
    }
    guard samples >= classes else {
      throw DatasetError.generated(
        operation: operation, expected: "at least a sample for each of the \(classes) classes", got: "\(samples)")
    }
  }
}
