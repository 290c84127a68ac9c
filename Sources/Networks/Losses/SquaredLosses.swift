import Gradients
import Kernels
import Tensors

extension Losses {
  /// The mean of `(y - t)^2` over all numbers.
  ///
  /// - Throws: `NetworkError` when the shapes differ, `output` is not of a float dtype, or there are no numbers.
  public static func meanSquared(_ output: Tensor, _ target: Tensor) throws -> Tensor {
    guard output.count > 0 else { throw NetworkError.expected("mse", "at least one number", "\(output.shape)") }
    return try squares("mse", output, target, factor: 1 / Double(output.count))
  }

  /// Half the sum of `(y - t)^2` over all numbers.
  ///
  /// - Throws: `NetworkError` when the shapes differ or `output` is not of a float dtype.
  public static func squaredError(_ output: Tensor, _ target: Tensor) throws -> Tensor {
    try squares("squared_error", output, target, factor: 0.5)
  }

  private static func squares(
    _ name: String, _ output: Tensor, _ target: Tensor, factor: Double
  ) throws -> Tensor {
    guard let type = output.dtype.floatType else {
      throw NetworkError.expected(name, "an output of dtype float32 or float64", output.dtype.name)
    }
    guard output.shape == target.shape else {
      throw NetworkError.expected(name, "a target of the output's shape \(output.shape)", "\(target.shape)")
    }
    let target = try Differentiable.to(target, output.dtype)
    if Tape.records([target]) {
      let squares = try Differentiable.apply(.square, try Differentiable.apply(.subtract, output, target))
      return try Differentiable.apply(.multiply, try Differentiable.reduced(.sum, squares), factor)
    }
    return try squares(name, output, try target.contiguous(), factor, type)
  }

  /// Sums `factor (y - t)^2` in float64; the gradient is `2 factor (y - t)`.
  private static func squares<T: FloatElement>(
    _ name: String, _ output: Tensor, _ target: Tensor, _ factor: Double, _ type: T.Type
  ) throws -> Tensor {
    let values = try output.contiguous()
    let (y, t) = (values.pointer(T.self), target.pointer(T.self))
    let gradient = Tape.follows(output) && !NoGradient.isActive ? try Tensor(T.dtype, output.shape, zeroed: false) : nil
    let slope = gradient?.pointer(T.self)
    var total = 0.0
    for index in 0..<output.count {
      let difference = Double(y[index]) - Double(t[index])
      total += difference * difference
      slope?[index] = T(2 * factor * difference)
    }
    let loss = try scalar(total * factor, T.self)
    guard let gradient else { return loss }
    return try Tape.record(name, loss, [output], saving: [.data(gradient), .input(0), .data(target)]) { step in
      [
        try Losses.gradient(step) {
          try Differentiable.apply(.multiply, try Differentiable.apply(.subtract, $0, try step.saved(2)), 2 * factor)
        }
      ]
    }
  }
}
