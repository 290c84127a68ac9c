import Gradients
import Kernels
import Tensors

/// What an evaluation has measured.
public struct Evaluation: Sendable {
  /// The mean loss over all samples.
  public let loss: Double
  /// The fraction classified right; NaN where targets are no classes.
  public let accuracy: Double
  /// The fraction of each class's samples classified right, NaN for a class without samples; empty unless asked for.
  public let perClass: [Double]
  /// How often each class (row) was taken for each (column), row by row; empty unless asked for.
  public let confusion: [Int]
}

extension Network {
  /// The mean loss over all samples and the fraction classified right, in evaluation mode; the mode is restored.
  ///
  /// The class of a sample is the largest of its outputs, the first of equals. Each batch's loss counts by its samples;
  /// one that is a sum over samples is divided by their number.
  ///
  /// - Throws: `NetworkError` for data of different lengths, NaN and infinity in it, classes out of range, or no data.
  public func evaluate(
    _ data: FitData, batch: Int = 1000, objective: FitObjective = .crossEntropy, perClass: Bool = false
  ) throws -> Evaluation {
    try NetworkError.require(batch, atLeast: 1, "evaluate", "batch")
    let source = try source(data, "evaluate", "", batch: batch, objective)
    return try evaluate(source, objective, perClass: perClass)
  }

  /// The mean loss and the accuracy on tensors.
  ///
  /// - Throws: as for other data.
  public func evaluate(
    inputs: Tensor, targets: Tensor, batch: Int = 1000, objective: FitObjective = .crossEntropy
  ) throws -> (loss: Double, accuracy: Double) {
    let result = try evaluate(
      .tensors(inputs: inputs, targets: targets), batch: batch, objective: objective)
    return (result.loss, result.accuracy)
  }

  /// Batches for an evaluation: in order, checked.
  func source(
    _ data: FitData, _ who: String, _ part: String, batch: Int, _ objective: FitObjective
  ) throws -> any BatchSource {
    switch data {
    case .tensors(let inputs, let targets):
      let data = try checked(inputs, targets, who, part, objective)
      return TensorViews(data, batch: batch)
    case .mapped(let inputs, let targets, let map):
      let data = try TrainingData(who, part, inputs: inputs, targets: targets, dtype: dtype)
      try data.requireFinite()
      return MappedBatches(TensorViews(data, batch: batch), who, part, dtype: dtype, map)
    case .batches(let begins): return FunctionBatches(who, part, dtype: dtype, begins)
    }
  }

  /// Tensors that the network can be trained or evaluated on: of its features, finite, with classes of its outputs.
  func checked(
    _ inputs: Tensor, _ targets: Tensor, _ who: String, _ part: String, _ objective: FitObjective
  ) throws -> TrainingData {
    let data = try TrainingData(who, part, inputs: inputs, targets: targets, dtype: dtype)
    try data.requireFinite()
    let outputs = LayerList.outputFeatures(rows, Network.features(inputs))
    if objective.takesClasses == true, targets.rank == 1, let outputs { try data.requireClasses(outputs: outputs) }
    try admit(data.inputs)
    return data
  }

  func evaluate(_ source: any BatchSource, _ objective: FitObjective, perClass: Bool = false) throws -> Evaluation {
    let mode = isTraining
    isTraining = false
    defer { isTraining = mode }
    var accuracy = Accuracy(objective, keepsConfusion: perClass)
    var (total, samples) = (0.0, 0)
    try source.begin()
    while let batch = try source.next() {
      try Interrupt.check()
      let output = try computing {
        try admit(batch.inputs)
        return try compute(batch.inputs, currentPass(rows: batch.rows))
      }
      let loss = try objective.value(output, batch.targets)
      guard loss.count == 1 else {
        throw NetworkError.expected("evaluate", "\(objective.name) to give one number", "\(loss.shape)")
      }
      total += loss.number * objective.weight(batch.rows)
      samples += batch.rows
      try accuracy.add(output, batch.targets)
    }
    return Evaluation(
      loss: total / Double(samples), accuracy: accuracy.fraction ?? .nan, perClass: accuracy.perClass,
      confusion: accuracy.confusion)
  }
}

/// Batches of neighbours as views, for passes that change nothing.
private final class TensorViews: BatchSource {
  private let data: TrainingData
  private let ranges: [Range<Int>]
  private var position = 0

  init(_ data: TrainingData, batch: Int) {
    self.data = data
    ranges = TrainingData.cut(data.count, batch)
  }

  var batchesPerEpoch: Int? { ranges.count }

  var outline: String { "\(data.count) samples in order" }

  func begin() { position = 0 }

  func next() -> Batch? {
    guard position < ranges.count else { return nil }
    let samples = ranges[position]
    position += 1
    let (inputs, targets) = data.range(samples.lowerBound, samples.count)
    return Batch(inputs: inputs, targets: targets)
  }

  func skip(_ count: Int) { position += count }
}
