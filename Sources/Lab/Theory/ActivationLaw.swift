import Kernels
import RealModule

/// A nonlinearity as mean-field theory sees it: what it makes of a normal variable of mean 0.
///
/// `phi` is the function and `z` standard normal. Results are relative to the scale of what goes in, so that neither 1e-290 nor
/// 1e+290 costs a digit.
public struct ActivationLaw: Equatable, Sendable {
  /// Which function.
  public let function: ActivationFunction
  /// The slope below 0 of the leaky kinds.
  public let slope: Double

  /// Makes the law of a function; nil takes its default slope.
  public init(_ function: ActivationFunction, slope: Double? = nil) {
    self.function = function
    self.slope = slope ?? function.defaultSlope
  }

  /// The slope below 0 where the function is linear on either side of 0 (and 1 above), nil where it isn't.
  ///
  /// These have closed forms: `E phi^2 = q (1 + a^2)/2`, `E phi'^2 = (1 + a^2)/2`, since half of a normal variable lies on either side
  /// of 0 (He et al. 2015, eq. 8 for a = 0, eq. 15 for a PReLU).
  var rectifierSlope: Double? {
    switch function {
    case .linear: 1
    case .relu: 0
    case .leakyReLU, .prelu: slope
    default: nil
    }
  }

  /// Whether the function passes through 0, so that small signals stay small.
  var passesZero: Bool { function != .sigmoid && function != .softplus }

  /// Where the function or its derivative jumps.
  var kinks: [Double] {
    switch function {
    case .relu, .leakyReLU, .prelu, .elu, .selu: [0]
    case .hardtanh: [-1, 1]
    case .softplus: [0, ActivationFunction.softplusThreshold]
    case .linear, .gelu, .silu, .tanh, .sigmoid: []
    }
  }

  /// What moments of a signal of this standard deviation are relative to: its size where the function keeps it, else 1.
  func scale(std: Double) -> Double {
    if passesZero { return std }
    return function == .softplus ? max(1, std) : 1
  }

  /// The logarithm of the square of `scale`, of a signal whose mean square has this logarithm.
  func logSquareScale(_ logSquare: Double) -> Double {
    if passesZero { return logSquare }
    return function == .softplus ? max(0, logSquare) : 0
  }

  /// The function's value.
  func value(_ x: Double) -> Double { function.value(x, slope: slope) }

  /// The function's derivative.
  func derivative(_ x: Double) -> Double { function.derivative(x, slope: slope) }

  /// The scales that the maps are computed at; beyond, every function is as good as homogeneous or constant.
  static let scales = 1e-290...1e290

  static func clamped(_ std: Double) -> Double { min(max(std, scales.lowerBound), scales.upperBound) }

  /// The places for a mean over a normal variable of mean 0.
  func mean(std: Double) -> NormalMean { NormalMean(mean: 0, std: std, kinks: kinks, resolution: 1) }
}

/// What a nonlinearity makes of a normal variable of mean 0 and standard deviation `std`.
public struct ActivationMoments: Sendable {
  /// `E phi^2` over `scale^2`.
  public let square: Double
  /// `E phi` over `scale`.
  public let mean: Double
  /// `E phi'^2`, known as chi for a weight variance of 1 / fan-in.
  ///
  /// Poole et al. 2016, eq. 6.
  public let slopeSquare: Double
  /// `E phi'`; by parts also `E[phi z] / sqrt(q)`, and the slope of the correlation map at c = 0 is `sw2` times its square.
  public let slopeMean: Double
  /// `d E phi^2 / dq`, q being the variance of what goes in: `E[phi phi' z] / sqrt(q)`, by parts `E[phi'^2 + phi phi'']`.
  ///
  /// Derived here: `d/dq phi(sqrt(q) z)^2 = phi phi' z / sqrt(q)`, and `E[z g(z)] = E g'(z)`. The second form is what Schoenholz et
  /// al. 2017, section 3, find by expanding the variance map about its fixed point; it needs a phi'', the first doesn't.
  public let squareSlope: Double
  /// What `square` and `mean` are relative to: the input's standard deviation where the function passes through 0, and for a
  /// softplus where it is above 1; else 1.
  public let scale: Double

  /// `E phi^2`; may round to 0 or infinity where its parts don't.
  public var fullSquare: Double { square * scale * scale }
}

extension ActivationLaw {
  /// The moments of `phi(std z)`: the variance map `E phi^2` and its kin.
  ///
  /// Poole et al. 2016, eq. 3.
  /// A std of 0 gives those of the constant `phi(0)`, the derivative being that of a very small one.
  public func moments(std: Double) -> ActivationMoments {
    let std = ActivationLaw.clamped(std)
    if let a = rectifierSlope {
      let half = (1 + a * a) / 2
      return ActivationMoments(
        square: half, mean: (1 - a) * 0.3989422804014327, slopeSquare: half, slopeMean: (1 + a) / 2, squareSlope: half,
        scale: std)
    }
    let scale = scale(std: std)
    var (square, mean, slopeSquare, slopeMean, cross) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for point in self.mean(std: std).points {
      let value = value(point.x) / scale
      let slope = derivative(point.x)
      square += point.share * value * value
      mean += point.share * value
      slopeSquare += point.share * slope * slope
      slopeMean += point.share * slope
      cross += point.share * value * slope * (point.x / std)
    }
    // beside phi(0) the change of phi^2 has no digits left at tiny q, where its slope has long been constant
    let leastWithDigits = 1e-4
    let squareSlope =
      !passesZero && std < leastWithDigits ? moments(std: leastWithDigits).squareSlope : cross * (scale / std)
    return ActivationMoments(
      square: square, mean: mean, slopeSquare: slopeSquare, slopeMean: slopeMean, squareSlope: squareSlope, scale: scale
    )
  }

  /// `E phi(z)^4 / (E phi(z)^2)^2` of a function that is linear on either side of 0; nil for all others.
  ///
  /// Derived here: `E z^4 = 3`, half of it on either side, gives `3 (1 + a^4)/2` over `((1 + a^2)/2)^2`: 6 for ReLU, 3 for none.
  public var kurtosis: Double? {
    rectifierSlope.map { a in 6 * (1 + a * a * a * a) / ((1 + a * a) * (1 + a * a)) }
  }

  /// The gain that keeps the second moment of a unit normal signal: `1 / sqrt(E phi(z)^2)`.
  ///
  /// Derived from Poole et al. 2016, eq. 3: with biases of 0, `q' = q = 1` asks for `sw2 = 1 / E phi(z)^2`. For ReLU it is He's root
  /// of 2 (He et al. 2015, eq. 10).
  public var unitGain: Double { 1 / moments(std: 1).fullSquare.squareRoot() }
}
