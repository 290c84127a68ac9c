import RealModule

/// The weights at which a nonlinearity neither forgets nor amplifies: gradients keep their size through any depth.
public struct EdgeOfChaos: Equatable, Sendable {
  /// `sw`, the standard deviation of a weight times the root of the fan-in.
  public let weightStd: Double
  /// The variance of preactivations there.
  public let variance: Double
  /// Whether the variance returns there when it is off: `dq'/dq < 1`, or at 1 what is of higher order brings it nearer.
  public let isStable: Bool

  /// The variances that are searched.
  public static let searched = 1e-8...1e6

  /// Solves `chi = sw2 E phi'^2 = 1` together with `q = sw2 E phi^2 + sb2` by root finding in q.
  ///
  /// `chi = 1` is the boundary of Poole et al. 2016 (eq. 3 and 6), which Hayou et al. 2019 define the edge of chaos by. Both conditions
  /// together leave `E phi^2 / (q E phi'^2) + sb2/q = 1` in q alone, and then `sw2 = 1 / E phi'^2`. Iterating the map would miss the
  /// unstable ones. Of several the one of smallest variance is given.
  ///
  /// Functions that are linear on either side of 0 have one point, at sb = 0, where every variance is fixed: `chi = sw2 (1 + a^2)/2 = 1`
  /// turns the map into `q' = q + sb2` (so too Hayou et al. 2019, on functions like ReLU). Others through 0 have, for sb = 0, one at
  /// variance 0, where phi is as good as its slope.
  ///
  /// - Throws: `TheoryError` for a negative sb, and where there is none.
  public init(_ law: ActivationLaw, biasStd: Double) throws {
    try Check.nonnegative(biasStd, "theory.edge_of_chaos", "sigma_b")
    let none = TheoryError.noEdge(law.function.name, biasStd: biasStd, searched: EdgeOfChaos.searched)
    if law.rectifierSlope != nil, biasStd > 0 { throw none }
    if biasStd == 0, law.passesZero {
      let moments = law.moments(std: 0)
      // every variance of a homogeneous function, none of any other
      let isNeutral = law.rectifierSlope != nil
      let weight = 1 / moments.slopeSquare
      self.init(
        weightStd: weight.squareRoot(), variance: isNeutral ? 1 : 0,
        isStable: !isNeutral && FixedPoint.attracts(law, weight, 0, 0))
      return
    }
    func excess(_ q: Double) -> Double {
      let moments = law.moments(std: q.squareRoot())
      return moments.square * (moments.scale * moments.scale / q) / moments.slopeSquare + biasStd * biasStd / q - 1
    }
    guard
      let q = Root.first(
        from: EdgeOfChaos.searched.lowerBound, to: EdgeOfChaos.searched.upperBound, ratio: 1.25, excess)
    else { throw none }
    let moments = law.moments(std: q.squareRoot())
    self.init(
      weightStd: 1 / moments.slopeSquare.squareRoot(), variance: q,
      isStable: moments.squareSlope / moments.slopeSquare < 1)
  }

  private init(weightStd: Double, variance: Double, isStable: Bool) {
    self.weightStd = weightStd
    self.variance = variance
    self.isStable = isStable
  }
}
