import Kernels
import Tensors

extension Differentiable {
  /// Sums up to every element along a dimension; see `Tensor.cumulativeSum`.
  ///
  /// - Throws: as `Tensor.cumulativeSum`.
  public static func cumulativeSum(_ x: Tensor, along dimension: Int) throws -> Tensor {
    try Tape.record("cumsum", try x.cumulativeSum(along: dimension), [x]) { step in
      [try sumBehind(step.gradient, dimension)]
    }
  }

  /// Computes softmax along a dimension or its logarithm; see `Tensor.softmax`.
  ///
  /// - Throws: as `Tensor.softmax`.
  public static func softmax(
    _ x: Tensor, along dimension: Int, logarithm: Bool = false, defaultFloat: DType = .float32
  ) throws -> Tensor {
    let result = try x.softmax(along: dimension, logarithm: logarithm, defaultFloat: defaultFloat)
    let name = logarithm ? "log_softmax" : "softmax"
    return try Tape.record(name, result, [x], saving: [.result]) { step in
      let (g, y) = (step.gradient, try step.saved(0))
      if logarithm {
        let total = try reduced(.sum, g, along: [dimension], keepDimensions: true)
        return [try apply(.subtract, g, try apply(.multiply, try apply(.exponential, y), total))]
      }
      let product = try apply(.multiply, g, y)
      let total = try reduced(.sum, product, along: [dimension], keepDimensions: true)
      return [try apply(.subtract, product, try apply(.multiply, y, total))]
    }
  }
}
