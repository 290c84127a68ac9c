import Kernels
import TestSupport
import Testing

// Golden numbers: NumPy 2.4 and scipy 1.17 by
//   python3 -c "import numpy as np; from scipy import stats; i = np.arange(5003); v = ((i*7919 + 13) % 1009 - 400.)
//   x = (v*abs(v)*0.37).astype(np.float32).astype(float)  # big64: 1e8 + v/1009; big32: (1000 + v/1009) as float32
//   print(x.mean(), x.var(), x.std(), (x*x).mean()**.5, (x*x).sum()**.5, x.min(), x.max(), stats.skew(x), stats.kurtosis(x))"
@Suite struct MomentsTests {
  @Test func momentsAreThoseOfNumPyAndSciPy() throws {
    let moments = try Moments.scan(skewedLadder(5003).map { Float($0) }, count: 5003)
    #expect(moments.count == 5003)
    assertClose(moments.mean, 19700.951086957382, "mean")
    assertClose(moments.variance, 2156611376.327758, "variance")
    assertClose(moments.standardDeviation, 46439.33005898941, "std")
    assertClose(moments.rms, 50445.404647583564, "rms")
    assertClose(moments.norm, 3568098.718763594, "norm")
    assertClose(moments.skewness, 0.745769119149286, "skewness")
    assertClose(moments.kurtosis, -0.18106944572592187, "kurtosis")
    #expect(moments.minimum == -59200)
    #expect(moments.maximum == 136775.6875)
  }

  @Test func doublesAreMeasuredAsFloatsAre() throws {
    let moments = try Moments.scan(skewedLadder(5003), count: 5003)
    assertClose(moments.mean, 19700.951073355987, "mean")
    assertClose(moments.variance, 2156611372.475945, "variance")
    assertClose(moments.skewness, 0.7457691152100181, "skewness")
    assertClose(moments.kurtosis, -0.18106945774045702, "kurtosis")
  }

  // Exact, since scipy's own skewness of this has 6 digits: from fractions import Fraction as F;
  // x = [F(float(a)) for a in 1e8 + v/1009]; n = len(x); m = sum(x)/n; p = [sum((a - m)**k for a in x)/n for k in (2, 3, 4)]
  // float(p[0]), float(p[1])/float(p[0])**1.5, float(p[2]/p[0]**2) - 3
  @Test func aLargeMeanCostsNoDigitsOfTheSpread() throws {
    let doubles = try Moments.scan(ladder(5003).map { 1e8 + $0 / 1009 }, count: 5003)
    assertClose(doubles.variance, 0.0833475672626742, "variance")
    assertClose(doubles.skewness, -0.0007795185061109133, "skewness")
    assertClose(doubles.kurtosis, -1.1999042930105939, "kurtosis")
    let floats = try Moments.scan(ladder(5003).map { Float(1000 + $0 / 1009) }, count: 5003)
    assertClose(floats.standardDeviation, 0.2886996416993009, relative: 1e-12)
  }

  @Test func aFirstElementFarOffIsMeasuredAsAnyOther() throws {
    // NumPy:
    // x = np.concatenate([[1e9], v[:4096]/1009]); x.std(), stats.skew(x), stats.kurtosis(x)
    let moments = try Moments.scan([1e9] + ladder(4096).map { $0 / 1009 }, count: 4097)
    assertClose(moments.standardDeviation, 15621186.232221777)
    assertClose(moments.skewness, 63.984374999999986)
    assertClose(moments.kurtosis, 4092.0002441406227)
  }

  // Exact, by the fractions of above.
  @Test func aBeginningFarFromTheRestCostsNoDigits() throws {
    // x = [(1e8 if i < 300 else 0) + v[i]/1009 for i in range(3000)]
    let jump = try Moments.scan(ladder(3000).enumerated().map { ($0 < 300 ? 1e8 : 0) + $1 / 1009 }, count: 3000)
    assertClose(jump.mean, 10000000.103012554, relative: 1e-15, "mean")
    assertClose(jump.variance, 900000000012626.5, relative: 1e-14, "variance")
    assertClose(jump.skewness, 2.666666666666666, relative: 1e-13, "skewness")
    assertClose(jump.kurtosis, 5.111111111111111, relative: 1e-13, "kurtosis")
    // x = [1e4 + i*i/7 for i in range(5000)]
    let slope = try Moments.scan((0..<5000).map { 1e4 + Double($0 * $0) / 7 }, count: 5000)
    assertClose(slope.mean, 1200119.0714285714, relative: 1e-14, "mean")
    assertClose(slope.variance, 1133361663849.205, relative: 1e-14, "variance")
    assertClose(slope.skewness, 0.6389843053320097, relative: 1e-13, "skewness")
    assertClose(slope.kurtosis, -0.8570225484866985, relative: 1e-13, "kurtosis")
  }

  @Test func withoutTheShapeAllElseIsTheSame() throws {
    let data = skewedLadder(5003).map { Float($0) }
    let (all, some) = (
      try Moments.scan(data, count: 5003), try Moments.scan(data, count: 5003, shape: false)
    )
    #expect(some.skewness.isNaN && some.kurtosis.isNaN)
    #expect(
      [some.mean, some.variance, some.norm, some.rms, some.minimum, some.maximum, Double(some.zeros)]
        == [all.mean, all.variance, all.norm, all.rms, all.minimum, all.maximum, Double(all.zeros)])
  }

  @Test(arguments: [1e-300, 1e-200, 1e-100, 1e-30, 1e-23, 1e30, 1e100, 1e200, 1e300])
  func standardDeviationsScaleWithTheData(scale: Double) throws {
    let unit = try Moments.scan(ladder(3001).map { $0 / 1009 }, count: 3001)
    let moments = try Moments.scan(ladder(3001).map { $0 / 1009 * scale }, count: 3001)
    assertClose(moments.standardDeviation, unit.standardDeviation * scale, "std")
    assertClose(moments.mean, unit.mean * scale, "mean")
    assertClose(moments.norm, unit.norm * scale, "norm")
    assertClose(moments.rms, unit.rms * scale, "rms")
    assertClose(moments.skewness, unit.skewness, relative: 1e-10, "skewness")
    assertClose(moments.kurtosis, unit.kurtosis, relative: 1e-12, "kurtosis")
  }

  @Test func floatsAt1eMinus23HaveThatStandardDeviation() throws {
    let moments = try Moments.scan((0..<4000).map { Float($0 % 2 == 0 ? 1e-23 : -1e-23) }, count: 4000)
    assertClose(moments.standardDeviation, Double(Float(1e-23)), relative: 1e-13)
    assertClose(moments.variance, Double(Float(1e-23)) * Double(Float(1e-23)), relative: 1e-13)
    #expect(moments.subnormals == 0)
  }

  @Test func theEndsOfDoubleHaveMoments() throws {
    let large = Double.greatestFiniteMagnitude
    let high = try Moments.scan([large, -large, large, -large], count: 4)
    #expect(high.standardDeviation == large)
    #expect(high.mean == 0)
    #expect(high.variance == .infinity)
    let small = Double.leastNonzeroMagnitude
    let low = try Moments.scan([small, 3 * small], count: 2)
    #expect(low.mean == 2 * small)
    #expect(low.standardDeviation == small)
    #expect(low.subnormals == 2)
  }

  @Test(arguments: [0, 1, 2, 5, 7, 8, 9, 2047, 2048, 2049, 4100])
  func zerosAndSubnormalsAreCountedAtEveryLength(count: Int) throws {
    // Element i: 0, -0, a subnormal, the smallest normal number, 1 in turn.
    let kinds: [Float] = [0, -0.0, .leastNormalMagnitude / 117, .leastNormalMagnitude, 1]
    let moments = try Moments.scan((0..<count).map { kinds[$0 % 5] }, count: count)
    #expect(moments.zeros == count / 5 * 2 + min(count % 5, 2))
    #expect(moments.subnormals == (count + 2) / 5)
    let doubles: [Double] = [0, -0.0, -.leastNormalMagnitude / 222, .leastNormalMagnitude, 1]
    let wide = try Moments.scan((0..<count).map { doubles[$0 % 5] }, count: count)
    #expect(wide.zeros == moments.zeros)
    #expect(wide.subnormals == moments.subnormals)
  }

  @Test(arguments: [0, 1, 2047, 2999])
  func oneNaNMakesEveryMomentNaN(place: Int) throws {
    var data = ladder(3000).map { Float($0) }
    data[place] = .nan
    let moments = try Moments.scan(data, count: 3000)
    #expect(moments.nans == 1)
    #expect(moments.finiteCount == 2999)
    for value in [moments.mean, moments.variance, moments.minimum, moments.maximum, moments.norm, moments.skewness] {
      #expect(value.isNaN)
    }
    #expect(moments.finiteMinimum == -400)
  }

  @Test func infinitiesGoWhereTheyMust() throws {
    let one = try Moments.scan([1, Double.infinity, -3], count: 3)
    #expect(one.mean == .infinity)
    #expect(one.minimum == -3)
    #expect(one.maximum == .infinity)
    #expect(one.norm == .infinity)
    #expect(one.standardDeviation.isNaN)
    let both = try Moments.scan([1, Float.infinity, -Float.infinity], count: 3)
    #expect(both.mean.isNaN)
    #expect(both.infinities == 2)
    #expect(both.minimum == -.infinity)
  }

  @Test func equalElementsHaveNoSpread() throws {
    let moments = try Moments.scan([Float](repeating: 0.1, count: 5000), count: 5000)
    #expect(moments.mean == Double(Float(0.1)))
    #expect(moments.variance == 0)
    #expect(moments.standardDeviation == 0)
    #expect(moments.skewness.isNaN)
    #expect(moments.kurtosis.isNaN)
  }

  @Test func nothingHasNoMoments() throws {
    let moments = try Moments.scan([Double](), count: 0)
    #expect(moments.count == 0)
    #expect(moments.mean.isNaN && moments.norm.isNaN && moments.rms.isNaN && moments.minimum.isNaN)
  }
}
