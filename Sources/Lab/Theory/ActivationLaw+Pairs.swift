import RealModule

/// What a nonlinearity makes of two normal variables of one standard deviation and a correlation.
public struct PairMoments: Sendable {
  /// `E[phi(u1) phi(u2)]` over the square of `ActivationMoments.scale`.
  public let product: Double
  /// `E[phi'(u1) phi'(u2)]`; `sw2` times it is the slope of the correlation map, `dc'/dc`.
  ///
  /// Schoenholz et al. 2017, section 3; it is `d E[phi phi]/dc = q E[phi' phi']` for normal variables, by parts in each of them.
  public let slopeProduct: Double
  /// The mean over units of the standard deviation over samples of `phi`, over `scale`, for many samples: units share the common
  /// part of the correlation, `E_g sqrt(Var_z phi(sqrt(c) g + sqrt(1 - c) z))`.
  ///
  /// Derived here: a unit's preactivations of many samples are `sqrt(c) g + sqrt(1 - c) z`, with one `g` for the unit.
  public let spread: Double
}

extension ActivationLaw {
  /// The moments of `phi(std u1)` and `phi(std u2)` for normal `u1`, `u2` of correlation `c`: the correlation map.
  ///
  /// Poole et al. 2016, eq. 5; for ReLU it is half the arc-cosine kernel of degree 1, its slopes' product that of degree 0 (Cho & Saul
  /// 2009, section 2), which Yang et al. 2019, theorem 5, write as a function of c.
  /// Both variables are split into a common part `g` and parts of their own, `u = sqrt(|c|) g + sqrt(1 - |c|) z`, so that the mean
  /// over g of the square of a mean over z is left, at the ends `c = 1` and `c = -1` a single mean. `c` outside [-1, 1] is cut off.
  public func pair(std: Double, correlation: Double) -> PairMoments {
    let std = ActivationLaw.clamped(std)
    let c = min(max(correlation, -1), 1)
    if let a = rectifierSlope { return rectifierPair(a, c) }
    if abs(c) > 1 - 1e-15 { return boundary(std, sign: c < 0 ? -1 : 1) }
    if c == 0 { return independent(std) }
    return split(std, c)
  }

  /// `phi` of the positively homogeneous kinds, by the closed forms: with `theta = acos c`,
  /// `E relu relu = (sin theta + (pi - theta) cos theta) / (2 pi)` and `E relu' relu' = (pi - theta) / (2 pi)`.
  ///
  /// Cho & Saul 2009, section 2: `J_1(theta) / (2 pi)` and `J_0(theta) / (2 pi)`, for ReLU. Here, with `phi(x) = relu(x) - a relu(-x)`,
  /// products of a leaky one follow from those at c and -c.
  private func rectifierPair(_ a: Double, _ c: Double) -> PairMoments {
    let (same, opposite) = (ActivationLaw.arcCosine(c), ActivationLaw.arcCosine(-c))
    let share = (1 + a * a) / 2
    let product = (1 + a * a) * same.product - 2 * a * opposite.product
    return PairMoments(
      product: c == 1 ? share : product,
      slopeProduct: c == 1 ? share : (1 + a * a) * same.slopeProduct + 2 * a * opposite.slopeProduct,
      spread: c > 0 ? rectifierSpread(a, c) : max(0, share - product).squareRoot())
  }

  private static func arcCosine(_ c: Double) -> (product: Double, slopeProduct: Double) {
    let theta = Double.acos(c)
    let sine = ((1 - c) * (1 + c)).squareRoot()
    return ((sine + (.pi - theta) * c) / (2 * .pi), (.pi - theta) / (2 * .pi))
  }

  /// `spread` for a > 0 correlation, with the moments of a rectified normal variable of mean m and standard deviation s:
  /// `E relu = m Phi(m/s) + s phi(m/s)`, `E relu^2 = (m^2 + s^2) Phi(m/s) + m s phi(m/s)`, phi being the normal density here.
  private func rectifierSpread(_ a: Double, _ c: Double) -> Double {
    if c >= 1 { return 0 }
    let own = (1 - c).squareRoot()
    let common = NormalMean(mean: 0, std: c.squareRoot(), kinks: [0], resolution: min(1, own))
    return common { mean in
      // E and E of the square of relu(mean + own z)
      let ratio = mean / own
      let below = 0.5 * Double.erfc(ratio * -0.7071067811865476)
      let density = own * 0.3989422804014327 * Double.exp(-ratio * ratio / 2)
      let first = mean * below + density
      let second = (mean * mean + own * own) * below + mean * density
      let (level, power) = (a * mean + (1 - a) * first, a * a * (mean * mean + own * own) + (1 - a * a) * second)
      return max(0, power - level * level).squareRoot()
    }
  }

  private func boundary(_ std: Double, sign: Double) -> PairMoments {
    let scale = scale(std: std)
    let mean = self.mean(std: std)
    let product = mean { value($0) / scale * (value(sign * $0) / scale) }
    return PairMoments(
      product: product, slopeProduct: mean { derivative($0) * derivative(sign * $0) },
      spread: sign > 0 ? 0 : max(0, moments(std: std).square - product).squareRoot())
  }

  private func independent(_ std: Double) -> PairMoments {
    let moments = moments(std: std)
    let product = moments.mean * moments.mean
    return PairMoments(
      product: product, slopeProduct: moments.slopeMean * moments.slopeMean,
      spread: max(0, moments.square - product).squareRoot())
  }

  private func split(_ std: Double, _ c: Double) -> PairMoments {
    let scale = scale(std: std)
    let own = std * (1 - abs(c)).squareRoot()
    // a mean over the own part changes over its distance, or the function's where there are no kinks
    let smooth = kinks.isEmpty ? max(1, own) : own
    // symmetric, for a negative correlation's common part turned over
    let mirrored = Set(kinks + kinks.map { -$0 }).sorted()
    let common = NormalMean(mean: 0, std: std * abs(c).squareRoot(), kinks: mirrored, resolution: smooth)
    let means = common.points.map { conditional($0.x, own, scale) }
    var (product, slopeProduct, spread) = (0.0, 0.0, 0.0)
    for (index, point) in common.points.enumerated() {
      let (here, there) = (means[index], means[c < 0 ? means.count - 1 - index : index])
      product += point.share * here.value * there.value
      slopeProduct += point.share * here.slope * there.slope
      spread += point.share * max(0, here.square - here.value * here.value).squareRoot()
    }
    // without a common part all units are alike
    if c < 0 { spread = max(0, moments(std: std).square - product).squareRoot() }
    return PairMoments(product: product, slopeProduct: slopeProduct, spread: spread)
  }

  /// The means of `phi`, `phi^2` and `phi'` given the common part.
  private func conditional(_ center: Double, _ own: Double, _ scale: Double) -> (
    value: Double, square: Double, slope: Double
  ) {
    var (value, square, slope) = (0.0, 0.0, 0.0)
    for point in NormalMean(mean: center, std: own, kinks: kinks, resolution: 1).points {
      let phi = self.value(point.x) / scale
      value += point.share * phi
      square += point.share * phi * phi
      slope += point.share * derivative(point.x)
    }
    return (value, square, slope)
  }
}
