import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct GeneratorTests {
  private func normals(_ seed: UInt64, _ shape: Extents, _ dtype: DType = .float64) throws -> Tensor {
    let tensor = try Tensor(dtype, shape)
    try Generator(seed: seed).fillNormal(tensor)
    return tensor
  }

  // python3 -c "import scipy.special as s; u=lambda w: ((w>>12)*2+1)/2**53
  // for w in (0xe169c58d6627e8d5, 0x9b00dbd8bc57ac4c): print(s.ndtri(u(w)), (w>>11)/2**53)"
  @Test func theStreamOfSeedZeroIsThatOfThePublishedVector() throws {
    assertClose(try normals(0, [2]).doubles(), [1.1775912390542733, 0.26756224953309987], relative: 1e-14)
    let uniform = try Tensor(.float64, [2])
    try Generator(seed: 0).fillUniform(uniform)
    #expect(try uniform.doubles() == [0.8805201978886142, 0.6054818538799213])
  }

  @Test func oneStreamServesEveryDTypeAndStride() throws {
    let reference = try normals(5, [33, 7]).doubles()
    #expect(try normals(5, [33, 7], .float32).doubles() == reference.map { Double(Float($0)) })
    let turned = try Tensor(.float64, [7, 33]).transposed()
    try Generator(seed: 5).fillNormal(turned)
    #expect(try turned.doubles() == reference)
  }

  @Test func longFillsEqualTheirParts() throws {
    let whole = try normals(9, [5000]).doubles()
    let generator = Generator(seed: 9)
    generator.skip(1000)
    let part = try Tensor(.float64, [1001])
    try generator.fillNormal(part)
    #expect(try part.doubles() == Array(whole[2000..<3001]))
    #expect(generator.state == Generator.State(key: 9, counter: 1501))
  }

  @Test func stateContinuesAStream() throws {
    let first = Generator(seed: 3)
    _ = first.uniform()
    let second = Generator(seed: 77)
    second.state = first.state
    #expect(first.uniform() == second.uniform() && second.seed == 3)
    #expect(Generator(seed: 4).normal() == (try normals(4, [1]).doubles()[0]))
  }

  @Test func normalsHaveTheMomentsOfTheirLaw() throws {
    let count = 200_000
    let z = try normals(2024, [count])
    let mean = try z.reduced(.mean).item().double
    let variance = try z.reduced(.variance).item().double
    let fourth = try Tensor.apply(.power, z, 4).reduced(.mean).item().double
    // standard errors: 1/sqrt(n) = 2.2e-3, sqrt(2/n) = 3.2e-3, sqrt(96/n) = 2.2e-2
    #expect(
      abs(mean) < 9e-3 && abs(variance - 1) < 1.3e-2 && abs(fourth - 3) < 9e-2,
      "seed 2024: \(mean) \(variance) \(fourth)"
    )
  }

  @Test func normalsFollowTheirDistributionFunction() throws {
    // Kolmogorov and Smirnov: sqrt(n) D stays below 1.95 with probability 0.999
    let count = 100_000
    let sorted = try normals(12, [count]).sorted(along: 0).values.doubles()
    let half = try Tensor(sorted.map { $0 / 2.0.squareRoot() }, .float64).applying(.errorFunction).doubles()
    var distance = 0.0
    for (index, value) in half.enumerated() {
      let below = (1 + value) / 2
      distance = max(
        distance, abs(below - Double(index) / Double(count)), abs(below - Double(index + 1) / Double(count)))
    }
    #expect(distance * Double(count).squareRoot() < 1.95, "seed 12: D = \(distance)")
  }

  @Test func uniformsStayBelowTheUpperBound() throws {
    let tensor = try Tensor(.float32, [100_000])
    // between 1 and the next float32 lies nothing: all must be 1
    try Generator(seed: 1).fillUniform(tensor, low: 1, high: Double(Float(1).nextUp))
    #expect(try tensor.reduced(.maximum).item().double == 1)
    try Generator(seed: 1).fillUniform(tensor, low: -2, high: 3)
    let mean = try tensor.reduced(.mean).item().double
    #expect(abs(mean - 0.5) < 5 * 5 / (12.0 * 100_000).squareRoot(), "seed 1: \(mean)")
    #expect(try tensor.reduced(.minimum).item().double >= -2 && tensor.reduced(.maximum).item().double < 3)
  }

  @Test func integersReachBothBounds() throws {
    let tensor = try Tensor(.int64, [1000])
    try Generator(seed: 8).fillIntegers(tensor, low: -1, high: 1)
    #expect(Set(try tensor.integers()) == [-1, 0, 1])
    try Generator(seed: 8).fillIntegers(tensor, low: .min, high: .max)
    #expect(Set(try tensor.integers()).count == 1000)
    let floats = try Tensor(.float32, [1000])
    try Generator(seed: 8).fillIntegers(floats, low: 5, high: 6)
    #expect(Set(try floats.doubles()) == [5, 6])
  }

  @Test func bernoulliKeepsItsProbability() throws {
    for dtype in DType.allCases {
      let tensor = try Tensor(dtype, [100_000])
      try Generator(seed: 21).fillBernoulli(tensor, probability: 0.3)
      let mean = try tensor.reduced(.mean, defaultFloat: .float64).item().double
      // 5 standard deviations: sqrt(0.21 / n) = 1.4e-3
      #expect(abs(mean - 0.3) < 7.3e-3, "seed 21: \(mean)")
    }
    let always = try Tensor(.bool, [100])
    try Generator(seed: 21).fillBernoulli(always, probability: 1)
    #expect(try always.reduced(.all).item().double == 1)
  }

  @Test func permutationsAreComplete() throws {
    let order = Generator(seed: 6).permutation(1000)
    #expect(order.sorted() == Array(0..<1000) && order != Array(0..<1000))
    #expect(Generator(seed: 6).permutation(0).isEmpty)
    let vector = try Tensor(.int64, [1000, 2]).select(1, 1)
    try Generator(seed: 6).fillPermutation(vector)
    #expect(try vector.integers() == order.map { Int64($0) })
    #expect(
      errorText { try Generator(seed: 6).fillPermutation(.zeros([3])) }
        == "randperm: expected an int64 vector, got float32 [3]")
    var counts = [[Int]: Int]()
    let generator = Generator(seed: 13)
    for _ in 0..<6000 { counts[generator.permutation(3), default: 0] += 1 }
    // each of the six: 1000, standard deviation sqrt(6000 * 5 / 36) = 29
    #expect(counts.count == 6 && counts.values.allSatisfy { abs($0 - 1000) < 5 * 29 }, "seed 13: \(counts)")
  }

  @Test func errorsNameWhatIsWrong() throws {
    let generator = Generator(seed: 0)
    let whole = try Tensor(.int64, [2])
    #expect(errorText { try generator.fillNormal(whole) } == "randn: expected dtype float32 or float64, got int64")
    #expect(
      errorText { try generator.fillUniform(Tensor.zeros([2]), low: 2, high: 1) }
        == "rand: expected finite bounds in order, got 2.0 and 1.0")
    #expect(
      errorText { try generator.fillIntegers(whole, low: 2, high: 1) }
        == "randint: expected bounds in order, got 2 and 1")
    #expect(
      errorText { try generator.fillIntegers(Tensor.zeros([2]), low: 0, high: 1 << 25) }
        == "randint: expected bounds that float32 holds exactly (up to 16777216), got 0 and 33554432")
    #expect(
      errorText { try generator.fillBernoulli(whole, probability: .nan) }
        == "bernoulli: expected a probability from 0 to 1, got nan")
    #expect(generator.state.counter == 0)
  }
}
