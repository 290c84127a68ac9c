import Gradients
import Kernels
import Tensors

/// The losses: functions of a network's output that give one number, a 0-dim tensor on the tape.
public enum Losses {
  /// The names `loss=` takes.
  public static let names = ["cross_entropy", "mse", "squared_error"]

  /// Makes a 0-dim tensor.
  static func scalar<T: FloatElement>(_ value: Double, _ type: T.Type) throws -> Tensor {
    let tensor = try Tensor(T.dtype, [], zeroed: false)
    tensor.pointer(T.self).pointee = T(value)
    return tensor
  }

  /// What a loss passes back, having saved its slope at place 0 and the output at place 1: the slope times its own gradient.
  ///
  /// Where gradients of gradients are wanted, `slope` computes it again, in differentiable operations of the output.
  static func gradient(_ step: BackwardStep, _ slope: (Tensor) throws -> Tensor) throws -> Tensor {
    guard NoGradient.isActive else {
      return try Differentiable.apply(.multiply, try slope(try step.saved(1)), step.gradient)
    }
    let known = try step.saved(0)
    return try step.gradient.item().double == 1 ? known : Tensor.apply(.multiply, known, step.gradient)
  }
}
