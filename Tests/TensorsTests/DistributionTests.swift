import Kernels
import TestSupport
import Tensors
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct DistributionTests {
  /// Kolmogorov and Smirnov's statistic, `sqrt(n) D` of float64 or float32 numbers against a distribution function.
  ///
  /// It stays below `kolmogorovLimit` with probability 0.999.
  private func kolmogorov(_ tensor: Tensor, _ distribution: (Double) -> Double) throws -> Double {
    let sorted = try tensor.sorted(along: 0).values.doubles()
    let count = Double(sorted.count)
    var distance = 0.0
    for (index, value) in sorted.enumerated() {
      let below = distribution(value)
      distance = max(distance, abs(below - Double(index) / count), abs(below - Double(index + 1) / count))
    }
    return distance * count.squareRoot()
  }

  private static let kolmogorovLimit = 1.95
  private static let count = 100_000

  private func check(
    seed: UInt64, _ name: String, _ fill: (Generator, Tensor) throws -> Void, _ distribution: (Double) -> Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for dtype in [DType.float32, .float64] {
      let tensor = try Tensor(dtype, [DistributionTests.count])
      try fill(Generator(seed: seed), tensor)
      let statistic = try kolmogorov(tensor, distribution)
      #expect(
        statistic < DistributionTests.kolmogorovLimit, "\(name) \(dtype), seed \(seed): \(statistic)",
        sourceLocation: sourceLocation)
    }
  }

  private func normal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

  @Test func uniformsFollowTheirLaw() throws {
    try check(seed: 31, "uniform") {
      try $0.fillUniform($1)
    } _: {
      $0
    }
    try check(seed: 32, "uniform(-2, 5)") {
      try $0.fillUniform($1, low: -2, high: 5)
    } _: {
      ($0 + 2) / 7
    }
  }

  @Test func normalsFollowTheirLaw() throws {
    try check(seed: 33, "normal") {
      try $0.fillNormal($1)
    } _: {
      self.normal($0)
    }
    try check(seed: 34, "normal(3, 0.5)") {
      try $0.fillNormal($1, mean: 3, std: 0.5)
    } _: {
      self.normal(($0 - 3) / 0.5)
    }
  }

  @Test func exponentialsFollowTheirLaw() throws {
    try check(seed: 35, "exponential") {
      try $0.fillExponential($1)
    } _: {
      -expm1(-$0)
    }
    try check(seed: 36, "exponential(40)") {
      try $0.fillExponential($1, rate: 40)
    } _: {
      -expm1(-40 * $0)
    }
  }

  private static let laws: [(Double, Double, Double, Double)] = [
    (0, 1, -1, 2), (0, 1, -0.01, 0.01), (0, 1, 0.25, 0.5), (0, 1, 1.5, .infinity), (0, 1, 8, 9),
    (0, 1, -9, -8), (2, 3, -.infinity, 1), (-1, 0.1, -1.05, 5), (0, 1, -.infinity, .infinity), (5, 2, 5, 6),
  ]

  @Test(arguments: laws)
  func truncatedNormalsFollowTheirLaw(mean: Double, std: Double, low: Double, high: Double) throws {
    // mirrored where both bounds are above the mean, so that the differences are those of small numbers
    let sign = low > mean ? -1.0 : 1
    let (first, last) = sign > 0 ? (low, high) : (high, low)
    let probability = { (x: Double) in self.normal(sign * (x - mean) / std) }
    try check(
      seed: 37, "truncated normal \(mean) \(std) from \(low) to \(high)"
    ) {
      try $0.fillTruncatedNormal($1, mean: mean, std: std, low: low, high: high)
    } _: { x in
      let below = (probability(x) - probability(first)) / (probability(last) - probability(first))
      return sign > 0 ? below : 1 - below
    }
  }

  /// Far out the tail is `R(x) e^(-x^2/2)` with `R(x) = (1 - 1/x^2 + 3/x^4 - 15/x^6 + 105/x^8) / x`, here to 1e-13.
  @Test(arguments: [(40.0, 41.0), (45, 45.01), (200, .infinity), (1e9, 1e9 + 1)])
  func truncationFarOutFollowsItsLaw(low: Double, high: Double) throws {
    func tail(_ x: Double) -> Double {
      let s = 1 / (x * x)
      guard x < .infinity else { return 0 }
      return exp(-(x - low) * (x + low) / 2) * (low / x) * (1 - s * (1 - s * (3 - s * (15 - s * 105))))
    }
    let tensor = try Tensor(.float64, [DistributionTests.count])
    try Generator(seed: 38).fillTruncatedNormal(tensor, low: low, high: high)
    let statistic = try kolmogorov(tensor) { (tail(low) - tail($0)) / (tail(low) - tail(high)) }
    // at 1e9 the numbers themselves are multiples of 1.2e-7, a hundred times the scale of the tail
    if low < 1e8 { #expect(statistic < DistributionTests.kolmogorovLimit, "seed 38, \(low): \(statistic)") }
    let (least, most) = (
      try tensor.reduced(.minimum).item().double, try tensor.reduced(.maximum).item().double
    )
    #expect(least >= low && most <= high && most < low + 40 / low + 1e-6)
    try Generator(seed: 38).fillTruncatedNormal(tensor, low: -high, high: -low)
    #expect(try tensor.reduced(.maximum).item().double == -least)
  }

  // from mpmath import *; mp.dps = 60
  // def draw(w, m, s, lo, hi):
  //   lo, hi, u = (lo-m)/s, (hi-m)/s, mpf((w >> 12)*2 + 1)/2**53
  //   sign, lo, hi = (-1, -hi, -lo) if lo > 0 else (1, lo, hi)
  //   p, a, b = ncdf(lo) + u*(ncdf(hi) - ncdf(lo)), max(lo, mpf(-99999)), min(hi, mpf(99))
  //   for _ in range(250): a, b = ((a+b)/2, b) if ncdf((a+b)/2) < p else (a, (a+b)/2)
  //   return m + s*sign*a
  // for row in [(0,1,-1,2), (0,1,8,9), (0,1,-9,-8), (0,1,.5,inf), (3,2,-4,5), (0,1,1,1.0000001), (0,1,-1e-9,2e-9), (0,1,35.5,inf),
  //             (0,1,40,41), (-2,.5,-inf,-60), (0,1,1000,1001)]:
  //   print(row, [nstr(draw(w, *map(mpf, row)), 18) for w in (0xe169c58d6627e8d5, 0x9b00dbd8bc57ac4c)])
  private static let quantiles: [([Double], [Double])] = [
    ([0, 1, -1, 2], [1.17221360157992895, 0.396954351527364009]),
    ([0, 1, 8, 9], [8.01564971432715669, 8.06153473282127022]),
    ([0, 1, -9, -8], [-8.01564971432715669, -8.06153473282127022]),
    ([0, 1, 0.5, .infinity], [0.607759386437746187, 0.889698570357678643]),
    ([3, 2, -4, 5], [4.29192906108632081, 3.04768436204666861]),
    ([0, 1, 1, 1.0000001], [1.00000001194797969, 1.00000003945181344]),
    ([0, 1, -1e-9, 2e-9], [1.64156059366584283e-9, 8.16445561639763834e-10]),
    ([0, 1, 35.5, .infinity], [35.5035812755762338, 35.5141192673227179]),
    ([0, 1, 40, 41], [40.003178949694318, 40.0125334810876437]),
    ([-2, 0.5, -.infinity, -60], [-60.0005484153305624, -60.0021624312757569]),
    ([0, 1, 1000, 1001], [1000.00012724227686, 1000.00050173005766]),
  ]

  @Test(arguments: quantiles)
  func truncatedNormalsAreQuantilesOfTheStreamOfSeedZero(law: [Double], expected: [Double]) throws {
    let tensor = try Tensor(.float64, [2])
    try Generator(seed: 0).fillTruncatedNormal(tensor, mean: law[0], std: law[1], low: law[2], high: law[3])
    // a few units in the last place: the quantile is good to 1e-15, the bounds' probabilities to 2e-15
    assertClose(try tensor.doubles(), expected, relative: 5e-15, "\(law)")
  }

  // python3 -c "from mpmath import *; mp.dps=40
  // for w in (0xe169c58d6627e8d5, 0x9b00dbd8bc57ac4c): print(nstr(-log(mpf((w >> 12)*2 + 1)/2**53), 18))"
  @Test func exponentialsAreLogarithmsOfTheStreamOfSeedZero() throws {
    let tensor = try Tensor(.float64, [2])
    try Generator(seed: 0).fillExponential(tensor, rate: 4)
    assertClose(
      try tensor.doubles().map { 4 * $0 }, [0.127242412196407778, 0.501730685257351906], relative: 5e-16)
  }

  @Test func truncatedFloatsStayWithinBoundsThatTheyCannotHold() throws {
    let tensor = try Tensor(.float32, [10_000])
    // 0.1 and 0.3 round up in float32, so that the largest allowed is the float below 0.3
    try Generator(seed: 3).fillTruncatedNormal(tensor, std: 1000, low: 0.1, high: 0.3)
    #expect(try tensor.reduced(.minimum).item().double >= 0.1 && tensor.reduced(.maximum).item().double <= 0.3)
    // between the neighbours of 1 + 2^-40 lies no float32
    try Generator(seed: 3).fillTruncatedNormal(tensor, low: 1 + 0x1p-40, high: 1 + 0x1p-39)
    #expect(try tensor.reduced(.minimum).item().double == 1 && tensor.reduced(.maximum).item().double == 1)
  }

  @Test func eachPlaceHasItsProbability() throws {
    let chances = try Tensor([0, 0.1, 0.5, 0.9, 1], .float64)
    for dtype in DType.allCases {
      let tensor = try Tensor(dtype, [20_000, 5])
      try Generator(seed: 41).fillBernoulli(tensor, probabilities: chances)
      let means = try tensor.reduced(.mean, along: [0], defaultFloat: .float64).doubles()
      // 5 standard deviations of the mean of 20 000: 5 sqrt(0.25 / n) = 1.8e-2
      for (mean, chance) in zip(means, try chances.doubles()) {
        #expect(abs(mean - chance) < 1.8e-2, "\(dtype), seed 41: \(mean) for \(chance)")
      }
      #expect(means[0] == 0 && means[4] == 1)
    }
    let one = try Tensor(.float32, [1000])
    let other = try Tensor(.float32, [1000])
    try Generator(seed: 42).fillBernoulli(one, probability: 0.25)
    try Generator(seed: 42).fillBernoulli(other, probabilities: Tensor([0.25]))
    #expect(try one.doubles() == other.doubles())
  }

  /// Every way to fill, for what is true of all.
  private static let fills: [@Sendable (Generator, Tensor) throws -> Void] = [
    { try $0.fillUniform($1, low: -1, high: 3) }, { try $0.fillNormal($1) }, { try $0.fillExponential($1, rate: 0.5) },
    { try $0.fillTruncatedNormal($1, low: -1, high: 2) }, { try $0.fillTruncatedNormal($1, low: 50, high: 60) },
    { try $0.fillBernoulli($1, probability: 0.4) }, { try $0.fillBernoulli($1, probabilities: Tensor([0.7])) },
    { try $0.fillIntegers($1, low: -1000, high: 1000) },
  ]

  @Test(arguments: fills.indices) func oneStreamServesEveryDTypeStrideAndCut(_ index: Int) throws {
    let fill = DistributionTests.fills[index]
    let whole = try Tensor(.float64, [31, 7])
    try fill(Generator(seed: 5), whole)
    let reference = try whole.doubles()
    let turned = try Tensor(.float64, [7, 62]).transposed().narrow(0, 3, 31)
    try fill(Generator(seed: 5), turned)
    #expect(try turned.doubles() == reference)
    let single = try Tensor(.float32, [31, 7])
    try fill(Generator(seed: 5), single)
    #expect(try single.doubles() == reference.map { Double(Float($0)) })
    // two calls of 3 and 4 numbers take blocks 0, 1 and 2, 3: numbers 0 to 2 and 4 to 7 of the stream
    let (first, second) = (try Tensor(.float64, [3]), try Tensor(.float64, [4]))
    let generator = Generator(seed: 5)
    try fill(generator, first)
    try fill(generator, second)
    #expect(try first.doubles() + second.doubles() == Array(reference[0..<3] + reference[4..<8]))
    #expect(generator.state.counter == 4)
  }

  @Test(arguments: fills.indices) func nothingTakesNothing(_ index: Int) throws {
    let generator = Generator(seed: 5)
    try DistributionTests.fills[index](generator, Tensor(.float32, [3, 0, 2]))
    #expect(generator.state.counter == 0)
    let expanded = try Tensor(.float32, [1]).broadcast(to: [4])
    #expect(throws: TensorError.self) { try DistributionTests.fills[index](generator, expanded) }
    #expect(generator.state.counter == 0)
  }

  @Test func callsAndSeedsAreIndependent() throws {
    func draw(_ generator: Generator) throws -> [Double] {
      let tensor = try Tensor(.float64, [DistributionTests.count])
      try generator.fillNormal(tensor)
      return try tensor.doubles()
    }
    func correlation(_ a: some Collection<Double>, _ b: some Collection<Double>) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / Double(min(a.count, b.count)).squareRoot()
    }
    let generator = Generator(seed: 51)
    let (first, second, third) = (try draw(generator), try draw(generator), try draw(Generator(seed: 52)))
    // each is standard normal; beyond 4.06 with probability 5e-5
    for (name, value) in [
      ("calls", correlation(first, second)), ("seeds", correlation(first, third)),
      ("neighbours", correlation(first, first.dropFirst())),
      ("squares", correlation(first.map { $0 * $0 - 1 }, second.map { $0 * $0 - 1 }) / 2),
    ] { #expect(abs(value) < 4.06, "\(name), seed 51: \(value)") }
    #expect(Set(first).isDisjoint(with: second) && Set(first).isDisjoint(with: third))
  }

  @Test func errorsNameWhatIsWrong() throws {
    let generator = Generator(seed: 0)
    let tensor = try Tensor.zeros([2])
    let cases: [(String, () throws -> Void)] = [
      ("exponential: expected a finite rate above 0, got 0.0", { try generator.fillExponential(tensor, rate: 0) }),
      (
        "truncated_normal: expected a finite mean and a finite std above 0, got 0.0 and 0.0",
        { try generator.fillTruncatedNormal(tensor, std: 0, low: 0, high: 1) }
      ),
      (
        "truncated_normal: expected bounds in order, got 1.0 and 1.0",
        { try generator.fillTruncatedNormal(tensor, low: 1, high: 1) }
      ),
      (
        "truncated_normal: expected bounds in order, got nan and 1.0",
        { try generator.fillTruncatedNormal(tensor, low: .nan, high: 1) }
      ),
      (
        "truncated_normal: expected bounds within reach of the mean, got 1e+300 and inf for mean 0.0 and std 1e-300",
        { try generator.fillTruncatedNormal(tensor, std: 1e-300, low: 1e300, high: .infinity) }
      ),
      (
        "bernoulli: expected probabilities from 0 to 1, got nan",
        { try generator.fillBernoulli(tensor, probabilities: Tensor([0, .nan])) }
      ),
      (
        "bernoulli: shapes [3] and [2] do not broadcast; extents must be equal or 1, counted from the last",
        { try generator.fillBernoulli(tensor, probabilities: .zeros([3])) }
      ),
    ]
    for (text, fill) in cases { #expect(errorText(fill) == text) }
    #expect(generator.state.counter == 0)
  }
}
