import RealModule

/// Where the variance and the correlation of a deep network's signal settle, and how fast.
public struct FixedPoint: Equatable, Sendable {
  /// The variance of preactivations, `q* = sw2 E phi(sqrt(q*) z)^2 + sb2`.
  ///
  /// Poole et al. 2016, eq. 3.
  public let variance: Double
  /// The factor of the gradient's mean square per layer, `chi = sw2 E phi'(sqrt(q*) z)^2`.
  ///
  /// Poole et al. 2016, eq. 6, as the slope of the correlation map at c = 1; that gradients have it too is Schoenholz et al. 2017,
  /// on backpropagation (unnumbered here): `E delta^2 = n var(W) E phi'^2 E delta'^2` for layers of one width.
  public let chi: Double
  /// The correlation of two samples that the map leads to from below 1.
  ///
  /// The fixed point of Poole et al. 2016, eq. 5: 1 where chi is 1 at most, else the one below 1.
  public let correlation: Double
  /// The depth over which the variance forgets where it began, `-1 / ln(dq'/dq)`: infinite where that is 1, nil where the fixed
  /// point is not stable.
  ///
  /// Named xi_q in Schoenholz et al. 2017, section 3: to first order a distance from q* is multiplied by `dq'/dq` a layer, and has
  /// fallen to 1/e after that many. `dq'/dq = sw2 d E phi^2/dq`, as in `ActivationMoments.squareSlope`.
  public let varianceDepth: Double?
  /// The depth over which the correlation does, `-1 / ln(dc'/dc)` at the fixed point; infinite at the edge of chaos.
  ///
  /// Named xi_c in Schoenholz et al. 2017, section 3, with `dc'/dc = sw2 E[phi'(u1) phi'(u2)]`, which is chi where c* is 1.
  public let correlationDepth: Double
  /// Whether the variance returns to the fixed point: `dq'/dq < 1`, or at 1 what is of higher order brings it nearer.
  public let isStable: Bool
  /// Whether every variance is a fixed point; `variance` is 1 then.
  public let isEveryVariance: Bool

  /// How far the variance is searched.
  public static let searched = 1e-12...1e12

  /// Finds the fixed point that the map leads to from a variance of 1.
  ///
  /// Poole et al. 2016, eq. 3. For functions that are linear on either side of 0 it is `q* = sb2 / (1 - chi)`, from `q' = chi q + sb2`.
  ///
  /// - Parameters:
  ///   - law: the nonlinearity.
  ///   - weightVariance: sw2, the variance of a weight times the fan-in, positive.
  ///   - biasVariance: sb2, the variance of a bias, at least 0.
  /// - Throws: `TheoryError` for variances out of range, and where the variance grows without bound.
  public init(_ law: ActivationLaw, weightVariance: Double, biasVariance: Double) throws {
    try Check.positive(weightVariance, "theory.fixed_point", "sigma_w2")
    try Check.nonnegative(biasVariance, "theory.fixed_point", "sigma_b2")
    let diverges = TheoryError.noFixedPoint(
      law.function.name, weightVariance: weightVariance, biasVariance: biasVariance,
      searchedTo: FixedPoint.searched.upperBound)
    if let a = law.rectifierSlope {
      let chi = weightVariance * (1 + a * a) / 2
      // one rounding of sw2 must not tell another story
      let isNeutral = abs(chi - 1) < 1e-14 && biasVariance == 0
      guard isNeutral || chi < 1 - 1e-14 else { throw diverges }
      self.init(
        law, weightVariance, biasVariance, at: isNeutral ? 1 : biasVariance / (1 - chi), isEveryVariance: isNeutral)
      return
    }
    guard let q = FixedPoint.variance(law, weightVariance, biasVariance) else { throw diverges }
    self.init(law, weightVariance, biasVariance, at: q, isEveryVariance: false)
  }

  /// The fixed point that iterating from 1 leads to, nil for none.
  private static func variance(_ law: ActivationLaw, _ weight: Double, _ bias: Double) -> Double? {
    // relative to q, so that the sign is right however small q is
    func excess(_ q: Double) -> Double {
      let moments = law.moments(std: q.squareRoot())
      return weight * moments.square * (moments.scale * moments.scale / q) + bias / q - 1
    }
    let isGrowing = excess(1) > 0
    if let root = Root.first(
      from: 1, to: isGrowing ? searched.upperBound : searched.lowerBound, ratio: 1.25, excess)
    {
      return root
    }
    return isGrowing ? nil : 0
  }

  /// Whether the variance map brings variances on either side of a fixed point nearer to it.
  static func attracts(_ law: ActivationLaw, _ weight: Double, _ bias: Double, _ q: Double) -> Bool {
    let step = q > 0 ? q / 100 : 0.01
    return [q + step, q - step].filter { $0 > 0 }.allSatisfy { start in
      abs(law.variance(start, weightVariance: weight, biasVariance: bias) - q) < step * (1 - 1e-12)
    }
  }

  init(
    _ law: ActivationLaw, _ weightVariance: Double, _ biasVariance: Double, at q: Double, isEveryVariance: Bool
  ) {
    let moments = law.moments(std: q.squareRoot())
    let slope = weightVariance * moments.squareSlope
    variance = q
    let chi = weightVariance * moments.slopeSquare
    // at the edge rounding must not decide
    self.chi = abs(chi - 1) < 1e-12 ? 1 : chi
    // at a slope of 1 what is of higher order decides: tanh with sw2 = 1 still leads to 0, though ever more slowly
    let isNeutral = abs(slope - 1) < 1e-12
    isStable =
      !isEveryVariance
      && (isNeutral ? FixedPoint.attracts(law, weightVariance, biasVariance, q) : slope < 1)
    varianceDepth = !isStable ? nil : isNeutral ? .infinity : slope > 0 ? -1 / Double.log(slope) : 0
    self.isEveryVariance = isEveryVariance
    guard self.chi > 1, q > 0 else {
      correlation = 1
      correlationDepth = self.chi == 1 ? .infinity : -1 / Double.log(self.chi)
      return
    }
    correlation = FixedPoint.correlation(law, weightVariance, biasVariance, q)
    let there = weightVariance * law.pair(std: q.squareRoot(), correlation: correlation).slopeProduct
    correlationDepth = there > 0 ? -1 / Double.log(there) : 0
  }

  /// The fixed point of the correlation below 1, which is there when chi > 1.
  private static func correlation(_ law: ActivationLaw, _ weight: Double, _ bias: Double, _ q: Double) -> Double {
    func excess(_ c: Double) -> Double {
      law.correlation(c, variance: q, weightVariance: weight, biasVariance: bias) - c
    }
    // below 1 by less than the next fixed point, as the slope there is chi
    var (near, distance) = (1.0, 1e-7)
    while distance < 0.5, excess(1 - distance) >= 0 { distance *= 4 }
    near -= distance
    let atZero = excess(0)
    if atZero <= 1e-15 { return 0 }
    return excess(near) < 0 ? Root.between(0, near, excess) : 1
  }
}

extension ActivationLaw {
  /// The variance of the next layer's preactivations, `q' = sw2 E phi(sqrt(q) z)^2 + sb2`.
  ///
  /// Poole et al. 2016, eq. 3.
  public func variance(_ q: Double, weightVariance: Double, biasVariance: Double) -> Double {
    if q == 0 { return weightVariance * value(0) * value(0) + biasVariance }
    let moments = moments(std: q.squareRoot())
    return weightVariance * moments.square * moments.scale * moments.scale + biasVariance
  }

  /// The correlation of the next layer's preactivations, `c' = (sw2 E[phi(u1) phi(u2)] + sb2) / q'`, q' being their variance.
  ///
  /// Poole et al. 2016, eq. 5, where q' is the fixed point q.
  public func correlation(_ c: Double, variance q: Double, weightVariance: Double, biasVariance: Double) -> Double {
    let (std, scale) = (q.squareRoot(), scale(std: q.squareRoot()))
    let shift = biasVariance / (scale * scale)
    let pair = pair(std: std, correlation: c)
    return (weightVariance * pair.product + shift) / (weightVariance * moments(std: std).square + shift)
  }
}

/// Checks of what theory is asked about.
enum Check {
  static func positive(_ value: Double, _ who: String, _ name: String) throws {
    guard value > 0, value.isFinite else {
      throw TheoryError.setting(who, name, expected: "a positive number", got: short(value))
    }
  }

  static func nonnegative(_ value: Double, _ who: String, _ name: String) throws {
    guard value >= 0, value.isFinite else {
      throw TheoryError.setting(who, name, expected: "a number of at least 0", got: short(value))
    }
  }
}
