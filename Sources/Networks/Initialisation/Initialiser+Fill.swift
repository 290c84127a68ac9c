import Kernels
import Tensors

extension Initialiser {
  /// Fills a weight `[out, in]`, in row-major order of that shape whatever its strides.
  ///
  /// `activation` is what follows the layer, for gains that depend on it.
  ///
  /// - Throws: `NetworkError` when a custom function gives another shape; what it throws itself.
  public func fill(_ weight: Tensor, activation: Activation?, generator: Generator) throws {
    let (fanOut, fanIn) = (Double(weight.shape[0]), Double(weight.shape[1]))
    let factor = gainFactor(activation)
    switch scheme {
    case .normal(let std): try generator.fillNormal(weight, std: factor * std)
    case .uniform(let low, let high):
      try generator.fillUniform(weight, low: min(factor * low, factor * high), high: max(factor * low, factor * high))
    case .constant(let value): try weight.fill(.number(factor * value))
    case .xavierNormal: try generator.fillNormal(weight, std: abs(factor) * (2 / (fanIn + fanOut)).squareRoot())
    case .xavierUniform: try uniform(weight, abs(factor) * (6 / (fanIn + fanOut)).squareRoot(), generator)
    case .heNormal, .lecunNormal: try generator.fillNormal(weight, std: abs(factor) / fanIn.squareRoot())
    case .heUniform: try uniform(weight, abs(factor) * (3 / fanIn).squareRoot(), generator)
    case .orthogonal, .lsuv: try Orthogonal.fill(weight, gain: factor, generator: generator)
    case .custom(let make):
      let made = try make(weight.shape, weight.shape[1], weight.shape[0], generator)
      guard made.shape == weight.shape else {
        throw NetworkError.expected("init", "a tensor \(weight.shape) from the function", "\(made.shape)")
      }
      try weight.copy(from: made)
    }
  }

  private func uniform(_ weight: Tensor, _ bound: Double, _ generator: Generator) throws {
    try generator.fillUniform(weight, low: -bound, high: bound)
  }

  /// The gain as a number, for the layer's activation; a custom function is not scaled.
  func gainFactor(_ activation: Activation?) -> Double {
    factor(activation?.function, slope: activation?.slope ?? 0)
  }

  /// The gain as a number for a layer that this function follows, none being nil; a custom function is not scaled.
  public func factor(_ function: ActivationFunction?, slope: Double) -> Double {
    let function = function ?? .linear
    switch gain {
    case .number(let number): return number
    case .unit: return Gains.unit(function, slope: slope)
    case .torch: return Gains.torch(function, slope: slope)
    case .standard: break
    }
    switch scheme {
    case .heNormal, .heUniform: return function == .leakyReLU ? Gains.torch(function, slope: slope) : 2.0.squareRoot()
    default: return 1
    }
  }
}
