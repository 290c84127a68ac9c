import Networks
import RealModule

/// How the weights of a layer are distributed, by what their initialiser declares.
///
/// Sources of the variances: Glorot & Bengio 2010, eq. 12 and 16 (xavier); He et al. 2015, eq. 10, and 15 for a leaky slope (he); LeCun et
/// al. 1998, section 4.6 (lecun); Saxe et al. 2014, whose orthogonal weights have `W^T W = gain^2` or its transpose: the squares' sum
/// `gain^2 min(in, out)` over all `in out` entries is a variance of `gain^2 / max(in, out)` (derived here). A uniform distribution of
/// width w has the variance `w^2 / 12`.
public struct WeightLaw: Equatable, Sendable {
  /// The shape of the distribution.
  public enum Family: String, CaseIterable, Sendable {
    /// Independent normal numbers.
    case normal
    /// Independent uniform numbers about 0.
    case uniform
    /// A matrix with orthonormal rows or columns, times a factor.
    case orthogonal
    /// All numbers 0.
    case zero
    /// Nothing that theory has a law for.
    case unknown
  }

  /// The shape of the distribution.
  public let family: Family
  /// The variance of the entries; their mean is 0.
  public let variance: Double
  /// The initialiser as a user wrote it.
  public let text: String
  /// Why there is no law; nil where there is.
  public var reason: String?

  /// The kurtosis of the entries less that of the normal distribution.
  var excessKurtosis: Double { family == .uniform ? -1.2 : 0 }

  /// Makes the law of entries of mean 0; `text` is the initialiser as a user wrote it.
  public init(_ family: Family, variance: Double, text: String, reason: String? = nil) {
    self.family = family
    self.variance = variance
    self.text = text
    self.reason = reason
  }

  /// The law of a weight `[outputs, inputs]`; without an initialiser that of PyTorch, uniform within `+-1/sqrt(inputs)`.
  ///
  /// `factor` is the initialiser's gain for the activation that follows.
  init(_ initialiser: Initialiser?, factor: Double, inputs: Int, outputs: Int) {
    let (fanIn, fanOut, square) = (Double(inputs), Double(outputs), factor * factor)
    guard let initialiser else {
      self.init(.uniform, variance: 1 / (3 * fanIn), text: "PyTorch's default")
      return
    }
    let text = initialiser.text
    switch initialiser.scheme {
    case .normal(let std): self.init(std == 0 ? .zero : .normal, variance: square * std * std, text: text)
    case .uniform(let low, let high): self.init(uniform: factor * low, factor * high, text)
    case .constant(let value): self.init(constant: factor * value, text)
    case .xavierNormal: self.init(.normal, variance: 2 * square / (fanIn + fanOut), text: text)
    case .xavierUniform: self.init(.uniform, variance: 2 * square / (fanIn + fanOut), text: text)
    case .heNormal, .lecunNormal: self.init(.normal, variance: square / fanIn, text: text)
    case .heUniform: self.init(.uniform, variance: square / fanIn, text: text)
    case .orthogonal, .lsuv: self.init(.orthogonal, variance: square / max(fanIn, fanOut), text: text)
    case .custom:
      self.init(
        .unknown, variance: .nan, text: text,
        reason:
          "a function draws its weights, and declares no variance; a named init would, as in init=\"normal(0.01)\"")
    }
    if square == 0, reason == nil { self = WeightLaw(.zero, variance: 0, text: text) }
  }

  private init(uniform low: Double, _ high: Double, _ text: String) {
    if low == high {
      self.init(constant: low, text)
    } else if abs(low + high) > 1e-12 * abs(high - low) {
      self.init(
        .unknown, variance: .nan, text: text,
        reason: "the weights of \(text) have a mean other than 0, which all units share; theory needs a mean of 0")
    } else {
      self.init(.uniform, variance: (high - low) * (high - low) / 12, text: text)
    }
  }

  private init(constant value: Double, _ text: String) {
    if value == 0 {
      self.init(.zero, variance: 0, text: text)
    } else {
      self.init(
        .unknown, variance: .nan, text: text,
        reason: "all weights of \(text) are equal, and so are all units; theory needs independent weights")
    }
  }

  /// The largest magnitude an entry may have.
  private var bound: Double { family == .uniform ? (3 * variance).squareRoot() : .infinity }

  /// The law with what a look at the weights says: the reason where they can't be those that were drawn.
  ///
  /// The weights are taken to have changed when, of n entries, the mean is more than 5 standard errors `std / sqrt(n)` from 0, or
  /// the variance more than 5 of its own, `sqrt((excess kurtosis + 2) / n)`, from the declared one, or an entry lies outside a
  /// uniform distribution: chance does that to one of a million layers. LSUV scales by data: there the variance is measured.
  func checked(_ figures: WeightFigures) -> WeightLaw {
    guard reason == nil, figures.count > 0 else { return self }
    guard figures.variance.isFinite else { return changed("its weights are not finite") }
    if family == .orthogonal, text == "lsuv" {
      return WeightLaw(.orthogonal, variance: figures.variance, text: "lsuv, its scale measured")
    }
    let count = Double(figures.count)
    // rounding to float32 moves the figures too
    let allowance = 5 * ((excessKurtosis + 2) / count).squareRoot() + 1e-5
    let isOff =
      family == .zero
      ? figures.magnitude > 0
      : abs(figures.variance / variance - 1) > allowance
        || abs(figures.mean) > 5 * (variance / count).squareRoot() + 1e-7 * variance.squareRoot()
        || figures.magnitude > bound * (1 + 1e-6)
    if !isOff { return self }
    return changed(
      "its weights, of std \(short(figures.variance.squareRoot())), are no longer those of \(text), of std "
        + "\(short(variance.squareRoot())): trained, loaded or copied in; net:init(...) draws anew")
  }

  private func changed(_ reason: String) -> WeightLaw {
    WeightLaw(.unknown, variance: .nan, text: text, reason: reason)
  }
}

/// What a look at a weight finds.
struct WeightFigures {
  let count: Int
  let mean: Double
  let variance: Double
  /// The smallest number.
  let minimum: Double
  /// The largest magnitude.
  let magnitude: Double
  /// The same and more, for who tells of a vector of parameters.
  var ofParameter: ParameterFigures

  /// The root of the mean square.
  var rms: Double { (variance + mean * mean).squareRoot() }
}

/// A number with four significant digits, for reasons and laws.
func short(_ value: Double) -> String {
  guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
  let exponent = Int(Double.log10(value.magnitude).rounded(.down))
  let digits = (value / Double.pow(10, exponent) * 1000).rounded() / 1000
  if !(-4..<6).contains(exponent) { return "\(trimmed(digits))e\(exponent)" }
  // the shortest decimal of the rounded number
  let scale = Double.pow(10, 3 - exponent)
  return trimmed(exponent >= 3 ? value.rounded() : (value * scale).rounded() / scale)
}
