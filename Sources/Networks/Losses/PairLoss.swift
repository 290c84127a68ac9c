import Gradients
import Kernels
import Tensors

/// A loss of pairs of numbers, an output's `y` and a target's `t`, each pair by itself.
///
/// `p` is what the target's positive part counts, 1 where a loss has no such weights.
protocol PairLoss {
  /// The name in messages and on the tape.
  var name: String { get }
  /// What targets must be, as messages say it.
  var targets: String { get }
  /// Whether a mean is over the sum of the weights, and not over the number of pairs.
  var weightsDivide: Bool { get }

  /// Whether a target is one the loss is defined for.
  func admits(target: Double) -> Bool
  /// What outputs must be, where one is not; nil for all that will do.
  func objection(output: Double) -> String?
  /// The loss of a pair.
  func value(_ y: Double, _ t: Double, _ p: Double) -> Double
  /// Its slope with respect to `y`.
  func slope(_ y: Double, _ t: Double, _ p: Double) -> Double
  /// The same slope in differentiable operations.
  func slope(_ y: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor
  /// The slope with respect to `t`, in differentiable operations.
  func targetSlope(_ y: Tensor, _ t: Tensor, _ p: Tensor?) throws -> Tensor
}

extension PairLoss {
  var targets: String { "finite targets" }
  var weightsDivide: Bool { false }
  func admits(target: Double) -> Bool { target.isFinite }
  func objection(output: Double) -> String? { nil }

  /// The loss of all pairs, reduced, on the tape.
  ///
  /// - Throws: `NetworkError` for shapes, dtypes, targets, outputs and weights that the loss is not defined for, and for a
  ///   mean of nothing; `Interrupted` when a stop is requested; `TensorError.outOfMemory`.
  func reduce(
    _ output: Tensor, _ target: Tensor, weight: Tensor? = nil, positiveWeight: Tensor? = nil,
    by reduction: LossReduction
  ) throws -> Tensor {
    guard let type = output.dtype.floatType else {
      throw NetworkError.expected(name, "an output of dtype float32 or float64", output.dtype.name)
    }
    guard output.shape == target.shape else {
      throw NetworkError.expected(name, "a target of the output's shape \(output.shape)", "\(target.shape)")
    }
    let pairs = PairsOfLoss(
      loss: self, output: output, target: try Differentiable.to(target, output.dtype),
      weight: try Losses.weights(name, "weights", weight, output.shape),
      positiveWeight: try Losses.weights(name, "pos_weight", positiveWeight, output.shape), reduction: reduction)
    return try pairs.loss(type)
  }
}

/// What a pairwise loss is computed from; weights are contiguous float64 tensors of the output's shape.
private struct PairsOfLoss<Loss: PairLoss> {
  let loss: Loss
  let output: Tensor
  let target: Tensor
  let weight: Tensor?
  let positiveWeight: Tensor?
  let reduction: LossReduction

  /// Computes the loss, and records it with what its backward needs.
  func loss<T: FloatElement>(_ type: T.Type) throws -> Tensor {
    let (y, t) = (try output.contiguous(), try target.contiguous())
    try check(y, t, type)
    let factor = try 1 / divisor()
    let gradient = Tape.records([output]) ? try Tensor(T.dtype, output.shape, zeroed: false) : nil
    let values = reduction == .none ? try Tensor(T.dtype, output.shape, zeroed: false) : nil
    let total = try sum(y, t, factor, values: values?.pointer(T.self), slopes: gradient?.pointer(T.self), type)
    let result = try values ?? Losses.scalar(total * factor, type)
    let (loss, weight, positiveWeight) = (loss, weight, try positiveWeight?.to(T.dtype))
    return try Tape.record(
      loss.name, result, [output, target], saving: [gradient.map(Saving.data) ?? .nothing, .input(0), .input(1)]
    ) { step in
      let own =
        !step.wants(0)
        ? nil
        : try Losses.gradient(step) {
          try scaled(try loss.slope($0, try step.saved(2), positiveWeight), weight, factor)
        }
      guard step.wants(1) else { return [own, nil] }
      let slope = try loss.targetSlope(try step.saved(1), try step.saved(2), positiveWeight)
      return [own, try Differentiable.apply(.multiply, try scaled(slope, weight, factor), step.gradient)]
    }
  }

  private func divisor() throws -> Double {
    guard reduction == .mean || reduction == .batchMean else { return 1 }
    guard output.count > 0 else { throw NetworkError.expected(loss.name, "at least one number", "\(output.shape)") }
    if reduction == .batchMean { return Double(output.shape.first ?? 1) }
    guard loss.weightsDivide, let weight else { return Double(output.count) }
    let numbers = weight.pointer(Double.self)
    let total = (0..<weight.count).reduce(0.0) { $0 + numbers[$1] }
    guard total != 0 else {
      throw NetworkError.expected(loss.name, "weights whose sum is not 0, to divide by", "a sum of 0")
    }
    return total
  }

  /// Refuses targets and outputs that the loss is not defined for.
  private func check<T: FloatElement>(_ y: Tensor, _ t: Tensor, _ type: T.Type) throws {
    let (outputs, targets) = (y.pointer(T.self), t.pointer(T.self))
    for index in 0..<y.count {
      if index & 0xFFFF == 0 { try Interrupt.check() }
      if !loss.admits(target: Double(targets[index])) {
        throw NetworkError.expected(
          loss.name, loss.targets, "\(Losses.text(Double(targets[index]))) at \(Losses.place(index, y.shape))")
      }
      if let expected = loss.objection(output: Double(outputs[index])) {
        throw NetworkError.expected(
          loss.name, expected, "\(Losses.text(Double(outputs[index]))) at \(Losses.place(index, y.shape))")
      }
    }
  }

  /// Sums in float64, and writes each pair's loss and its slope times `factor` where they are wanted.
  private func sum<T: FloatElement>(
    _ y: Tensor, _ t: Tensor, _ factor: Double, values: UnsafeMutablePointer<T>?, slopes: UnsafeMutablePointer<T>?,
    _ type: T.Type
  ) throws -> Double {
    let (outputs, targets) = (y.pointer(T.self), t.pointer(T.self))
    let (weights, positive) = (weight?.pointer(Double.self), positiveWeight?.pointer(Double.self))
    var total = 0.0
    for index in 0..<y.count {
      if index & 0xFFFF == 0 { try Interrupt.check() }
      let (output, target) = (Double(outputs[index]), Double(targets[index]))
      let (w, p) = (weights?[index] ?? 1, positive?[index] ?? 1)
      let value = w * loss.value(output, target, p)
      total += value
      values?[index] = T(value)
      slopes?[index] = T(w * factor * loss.slope(output, target, p))
    }
    return total
  }
}

/// The slope of each pair times its weight and the reduction's factor.
private func scaled(_ slope: Tensor, _ weight: Tensor?, _ factor: Double) throws -> Tensor {
  let product = try Differentiable.apply(.multiply, slope, factor)
  return try weight.map { try Differentiable.apply(.multiply, product, try $0.to(slope.dtype)) } ?? product
}
