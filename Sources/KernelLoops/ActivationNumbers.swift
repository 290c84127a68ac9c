import KernelBase

/// Activations of one number; `ActivationFunction.value` and `derivative` of the module `Kernels` are what callers see.
public enum ActivationNumbers {
  /// The function's value at one number, by the C library to its last digits; `slope` is that below 0 of the leaky kinds.
  public static func value(_ function: ActivationFunction, _ x: Double, slope: Double) -> Double {
    switch function {
    case .linear: x
    case .relu: Rectifier().value(x)
    case .leakyReLU, .prelu: ParametricRectifier(factor: slope).value(x)
    case .elu: ExponentialUnit(scale: 1, alpha: 1).value(x)
    case .selu: ExponentialUnit(scale: ActivationFunction.seluScale, alpha: ActivationFunction.seluAlpha).value(x)
    case .gelu: GaussianUnit().value(x)
    case .silu: SigmoidLinearUnit().value(x)
    case .tanh: HyperbolicTangent().value(x)
    case .sigmoid: LogisticFunction().value(x)
    case .softplus: SoftRectifier().value(x)
    case .hardtanh: HardTangent().value(x)
    }
  }

  /// The function's derivative at one number, as the backward pass takes it; at a kink that of the side below for the ReLU kinds.
  public static func derivative(_ function: ActivationFunction, _ x: Double, slope: Double) -> Double {
    switch function {
    case .linear: 1
    case .relu: x <= 0 ? 0 : 1
    case .leakyReLU, .prelu: ParametricRectifier(factor: slope).slope(x, x)
    case .elu: derivative(ExponentialUnit(scale: 1, alpha: 1), x)
    case .selu: derivative(ExponentialUnit(scale: ActivationFunction.seluScale, alpha: ActivationFunction.seluAlpha), x)
    case .gelu: GaussianUnit().slope(x, 0)
    case .silu: SigmoidLinearUnit().slope(x, 0)
    case .tanh: derivative(HyperbolicTangent(), x)
    case .sigmoid: derivative(LogisticFunction(), x)
    case .softplus: SoftRectifier().slope(x, 0)
    case .hardtanh: derivative(HardTangent(), x)
    }
  }

  private static func derivative(_ function: some Nonlinearity<Double>, _ x: Double) -> Double {
    function.slope(x, function.value(x))
  }
}
