import Gradients
import Kernels
import Tensors

extension Network {
  /// The mean loss over all samples and the fraction classified right, in evaluation mode; the mode is restored.
  ///
  /// `inputs` is `[samples, features]`; `targets` are classes `[samples]` from 1 for cross-entropy. The class of a sample is the
  /// largest of its outputs, the first of equals. `accuracy` is NaN for losses that have no classes.
  ///
  /// - Throws: `NetworkError` for data of different lengths or no data.
  public func evaluate(
    inputs: Tensor, targets: Tensor, batch: Int = 1000, loss: FitOptions.Loss = .crossEntropy
  ) throws -> (loss: Double, accuracy: Double) {
    let data = try TrainingData("evaluate", inputs: inputs, targets: targets, dtype: dtype)
    try NetworkError.require(batch, atLeast: 1, "evaluate", "batch")
    let mode = isTraining
    isTraining = false
    defer { isTraining = mode }
    var (total, right) = (0.0, 0)
    for samples in TrainingData.cut(data.count, batch) {
      let rows = samples.count
      let (x, t) = try data.range(samples.lowerBound, rows)
      let output = try computing {
        try admit(x)
        return try compute(x, currentPass(rows: rows))
      }
      // squared_error is a sum over samples, the others are means
      let share = loss == .squaredError ? 1 : Double(rows)
      total += try loss.value(output, t).number * share
      if loss == .crossEntropy { right += try countRight(output, t) }
    }
    let mean = total / (loss == .squaredError ? 1 : Double(data.count))
    return (mean, loss == .crossEntropy ? Double(right) / Double(data.count) : .nan)
  }

  private func countRight(_ output: Tensor, _ classes: Tensor) throws -> Int {
    let wanted = try Losses.classIndices(classes, rows: output.shape[0], classes: output.shape[1])
    guard let type = output.dtype.floatType else { return 0 }
    return countRight(output, wanted, type)
  }

  private func countRight<T: FloatElement>(_ output: Tensor, _ wanted: [Int], _ type: T.Type) -> Int {
    var found = Array(repeating: 0, count: wanted.count)
    found.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      SoftmaxCrossEntropy.largest(
        UnsafePointer(output.pointer(T.self)), into: base, rows: output.shape[0], columns: output.shape[1])
    }
    return zip(found, wanted).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
  }
}

extension FitOptions.Loss {
  /// The loss of an output, a 0-dim tensor on the tape.
  ///
  /// - Throws: `NetworkError` for shapes or classes that do not fit.
  public func value(_ output: Tensor, _ target: Tensor) throws -> Tensor {
    try Losses.named(rawValue)(output, target)
  }
}

extension Tensor {
  /// The first number of a float tensor.
  var number: Double {
    dtype == .float64 ? pointer(Double.self).pointee : Double(pointer(Float.self).pointee)
  }
}
