import Kernels
import RealModule

/// Gains of activations: what weights are multiplied by so that signals keep their size.
public enum Gains {
  /// `1 / sqrt(E phi(z)^2)` over standard normal `z`, by Simpson's rule to about 12 digits.
  ///
  /// Derived from Poole et al. 2016, eq. 3: with biases of 0 a weight variance of `1 / (n E phi(z)^2)` keeps a mean square of 1.
  public static func unit(_ function: ActivationFunction, slope: Double) -> Double {
    // 0, 1 and -1, where slopes jump, are ends of panels
    let (panels, width) = (4800, 0.005)
    var total = 0.0
    for panel in -(panels / 2)..<(panels / 2) {
      let left = Double(panel) * width
      let middle = weighed(function, slope, left + width / 2)
      total += weighed(function, slope, left) + 4 * middle + weighed(function, slope, left + width)
    }
    return 1 / (total * width / 6).squareRoot()
  }

  /// PyTorch's `calculate_gain`: linear and sigmoid 1, tanh 5/3, relu sqrt 2, leaky_relu sqrt(2/(1 + slope^2)), selu 3/4.
  ///
  /// Functions that PyTorch's table lacks get 1.
  public static func torch(_ function: ActivationFunction, slope: Double) -> Double {
    switch function {
    case .tanh: 5.0 / 3
    case .relu: 2.0.squareRoot()
    case .leakyReLU: (2 / (1 + slope * slope)).squareRoot()
    case .selu: 0.75
    case .linear, .sigmoid, .prelu, .elu, .gelu, .silu, .softplus, .hardtanh: 1
    }
  }

  private static func weighed(_ function: ActivationFunction, _ slope: Double, _ z: Double) -> Double {
    let value = ActivationPasses<Double>(function, slope: slope).value(z)
    return value * value * Double.exp(-z * z / 2) * 0.3989422804014327
  }
}
