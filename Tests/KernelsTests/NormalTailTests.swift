import Kernels
import TestSupport
import Testing

@Suite struct NormalTailTests {
  // python3 -c "from mpmath import *; mp.dps=60
  // for x in ['0.25','1','1.4999','1.5','2','5.5','12.25','37.5']:
  //   q = erfc(mpf(float(x))/sqrt(2))/2; print(x, nstr(q, 18), nstr(mpf(1)/2 - q, 18))"
  @Test(arguments: [
    (0.25, 0.401293674317076276, 0.0987063256829237242),
    (1, 0.158655253931457051, 0.341344746068542949),
    (1.4999, 0.0668201539998336035, 0.433179846000166397),
    (1.5, 0.066807201268858066, 0.433192798731141934),
    (2, 0.0227501319481792072, 0.477249868051820793),
    (5.5, 1.89895624658877194e-8, 0.499999981010437534),
    (12.25, 8.39979606363341766e-35, 0.5),
    (37.5, 4.60535300958195484e-308, 0.5),
  ])
  func agreesWithTheErrorFunction(x: Double, above: Double, upTo: Double) {
    assertClose(NormalTail.probability(above: x), above, relative: 5e-15, "above \(x)")
    assertClose(NormalTail.probability(upTo: x), upTo, relative: 2e-15, "up to \(x)")
  }

  @Test func reachesItsEnds() {
    #expect(NormalTail.probability(above: 0) == 0.5 && NormalTail.probability(upTo: 0) == 0)
    #expect(NormalTail.probability(above: .infinity) == 0 && NormalTail.probability(upTo: .infinity) == 0.5)
  }
}
