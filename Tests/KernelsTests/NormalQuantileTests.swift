import Kernels
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct NormalQuantileTests {
  @Test func logarithmAgreesWithTheLibraryWithinTwoUlp() {
    var state: UInt64 = 1
    for step in 0..<200_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let mantissa = 1 + Double(state >> 12) * 0x1p-52
      let x = step % 2 == 0 ? mantissa * exp2(Double(-(step % 60))) : 1 + (mantissa - 1.5) * 0.5
      let expected = log(x)
      let error = abs(NormalQuantile.logarithm(x) - expected)
      if error > 2 * expected.ulp {
        Issue.record("log(\(x)) is off by \(error / expected.ulp) ulp")
        return
      }
    }
    #expect(NormalQuantile.logarithm(1) == 0)
  }

  // python3 -c "from mpmath import *; mp.dps=40
  // for q in ['0.001','0.1','-0.25','0.4','0.425','0.4250001','0.45','-0.499','0.49999','0.4999999999','-0.4999999999999']:
  //   print(q, nstr(sqrt(2)*erfinv(2*mpf(float(q))), 20))"
  @Test(arguments: [
    (0.001, 0.0025066308995717640575),
    (0.1, 0.25334710313579981317),
    (-0.25, -0.6744897501960817432),
    (0.4, 1.2815515655446005935),
    (0.425, 1.4395314709384558369),
    (0.4250001, 1.4395321773759004884),
    (0.45, 1.6448536269514728225),
    (-0.499, -3.0902323061678132778),
    (0.49999, 4.2648907939226013312),
    (0.4999999999, 6.3613408896974218642),
    (-0.4999999999999, -7.3488287482023110211),
  ])
  func agreesWithTheInverseErrorFunction(q: Double, expected: Double) {
    assertClose(NormalQuantile.value(q), expected, relative: 1e-15, "q = \(q)")
  }
}
