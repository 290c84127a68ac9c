import Gradients
import Kernels
import Tensors

/// What becomes of the losses of the numbers, or of the samples, of a batch.
public enum LossReduction: String, CaseIterable, Sendable {
  /// Their mean; where weights divide it, the sum over the sum of the weights.
  case mean
  /// Their sum.
  case sum
  /// Each by itself.
  case none
  /// The sum over the number of samples; Kullback and Leibler's divergence alone knows it.
  case batchMean = "batchmean"
}

/// The losses: functions of a network's output and a target, tensors on the tape.
///
/// All are summed in float64. Outputs of NaN or infinity give losses of NaN or infinity; targets of that kind are errors.
public enum Losses {
  /// A loss of an output and a target, one number, with the defaults of its options.
  public typealias Function = (_ output: Tensor, _ target: Tensor) throws -> Tensor

  private static let table: [(name: String, function: @Sendable (Tensor, Tensor) throws -> Tensor)] = [
    ("cross_entropy", { try crossEntropy($0, $1) }), ("nll", { try negativeLogLikelihood($0, $1) }),
    ("mse", { try meanSquared($0, $1) }), ("squared_error", { try squaredError($0, $1) }),
    ("l1", { try absolute($0, $1) }), ("huber", { try huber($0, $1) }), ("smooth_l1", { try smoothAbsolute($0, $1) }),
    ("bce", { try binaryCrossEntropy($0, $1) }), ("bce_with_logits", { try binaryCrossEntropy(logits: $0, $1) }),
    ("kl", { try divergence($0, $1) }),
  ]

  /// The names `loss=` takes.
  public static var names: [String] { table.map(\.name) }

  /// The loss of a name, with the defaults of its options.
  ///
  /// - Throws: `NetworkError` for an unknown name, which offers the nearest.
  public static func named(_ name: String, who: String = "loss") throws -> Function {
    guard let match = table.first(where: { $0.name == name }) else {
      throw NetworkError.unknownName(who, what: "loss", name: name, nearest: nearestName(to: name, among: names))
    }
    return match.function
  }

  /// Makes a 0-dim tensor.
  static func scalar<T: FloatElement>(_ value: Double, _ type: T.Type) throws -> Tensor {
    let tensor = try Tensor(T.dtype, [], zeroed: false)
    tensor.pointer(T.self).pointee = T(value)
    return tensor
  }

  /// What a loss passes back, having saved its slope at place 0 and the output at place 1: the slope times its own gradient.
  ///
  /// Where gradients of gradients are wanted, `slope` computes it again, in differentiable operations of the output.
  /// `spread` gives the loss' gradient the output's extents where they differ.
  static func gradient(
    _ step: BackwardStep, spread: (Tensor) throws -> Tensor = { $0 }, _ slope: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    guard NoGradient.isActive else {
      return try Differentiable.apply(.multiply, try slope(try step.saved(1)), try spread(step.gradient))
    }
    let known = try step.saved(0)
    if step.gradient.rank == 0, try step.gradient.item().double == 1 { return known }
    return try Tensor.apply(.multiply, known, try spread(step.gradient))
  }

  /// The place of an element as messages name it, each index from 1.
  static func place(_ index: Int, _ shape: Extents) -> String {
    var rest = index
    var indices: [Int] = []
    for extent in shape.reversed() {
      indices.insert(rest % extent + 1, at: 0)
      rest /= extent
    }
    return "[\(indices.map(String.init).joined(separator: ","))]"
  }

  /// A number as a user would write it: whole ones without a fraction.
  static func text(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    return value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  /// Weights as contiguous float64 numbers of a shape that they are repeated to.
  ///
  /// - Throws: `NetworkError` for weights that want a gradient, are not finite, or do not fit.
  static func weights(_ who: String, _ what: String, _ tensor: Tensor?, _ shape: Extents) throws -> Tensor? {
    guard let tensor else { return nil }
    guard !Tape.records([tensor]) else {
      throw NetworkError.expected(who, "\(what) without gradient", "a tensor on the tape; use its :detach()")
    }
    guard fits(tensor.shape, shape) else {
      throw NetworkError.expected(who, "\(what) that broadcast to \(shape)", "\(tensor.shape)")
    }
    let numbers = try tensor.to(.float64).contiguous()
    for index in 0..<numbers.count where !numbers.pointer(Double.self)[index].isFinite {
      let value = numbers.pointer(Double.self)[index]
      throw NetworkError.expected(who, "finite \(what)", "\(text(value)) at \(place(index, numbers.shape))")
    }
    return try numbers.broadcast(to: shape).contiguous()
  }

  private static func fits(_ shape: Extents, _ target: Extents) -> Bool {
    shape.count <= target.count && zip(shape.reversed(), target.reversed()).allSatisfy { $0 == $1 || $0 == 1 }
  }
}
