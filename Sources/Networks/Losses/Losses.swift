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
}

/// A loss on the tape: its gradient with respect to the output was computed with it, and waits to be scaled.
final class LossNode: Node {
  private var gradient: Tensor?

  init(_ operation: String, _ output: Tensor, _ gradient: Tensor) {
    self.gradient = gradient
    super.init(operation, inputs: [output])
  }

  override func backward(_ upstream: Tensor) throws -> [Tensor?] {
    guard let gradient, try upstream.item().double != 1 else { return [gradient] }
    return [try Tensor.apply(.multiply, gradient, upstream)]
  }

  override func release() {
    gradient = nil
  }
}
