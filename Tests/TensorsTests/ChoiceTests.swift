import Kernels
import Tensors
import Testing

@Suite struct ChoiceTests {
  /// Pearson's sum over the cells of (observed - expected)^2 / expected.
  private func chiSquared(_ counts: [Int], _ probabilities: [Double]) -> Double {
    let total = Double(counts.reduce(0, +))
    return zip(counts, probabilities).reduce(0) { sum, cell in
      let expected = total * cell.1
      return sum + (Double(cell.0) - expected) * (Double(cell.0) - expected) / expected
    }
  }

  /// What the sum exceeds with probability 0.001, by the degrees of freedom.
  private static let limits = [2: 13.816, 5: 20.515, 9: 27.877, 11: 31.264, 23: 49.728]

  private func check(
    _ counts: [Int], _ probabilities: [Double], _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let sum = chiSquared(counts, probabilities)
    let limit = try #require(ChoiceTests.limits[probabilities.count - 1])
    #expect(counts.count == probabilities.count && sum < limit, "\(what): \(sum)", sourceLocation: sourceLocation)
  }

  @Test func integersAreAllEquallyLikely() throws {
    for dtype in [DType.int64, .float32, .float64] {
      let tensor = try Tensor(dtype, [100_000])
      try Generator(seed: 61).fillIntegers(tensor, low: -4, high: 5)
      var counts = [Int](repeating: 0, count: 10)
      for value in try tensor.doubles() { counts[Int(value) + 4] += 1 }
      try check(counts, [Double](repeating: 0.1, count: 10), "\(dtype), seed 61")
    }
  }

  @Test func ordersAreAllEquallyLikely() throws {
    let generator = Generator(seed: 62)
    var counts: [[Int64]: Int] = [:]
    let tensor = try Tensor(.int64, [4])
    for _ in 0..<24_000 {
      try generator.fillPermutation(tensor)
      counts[try tensor.integers(), default: 0] += 1
    }
    try check(Array(counts.values), [Double](repeating: 1 / 24, count: 24), "seed 62")
  }

  @Test func samplesAreAllEquallyLikely() throws {
    let generator = Generator(seed: 63)
    var counts: [[Int64]: Int] = [:]
    for _ in 0..<12_000 { counts[try generator.sample(2, below: 4).integers(), default: 0] += 1 }
    try check(Array(counts.values), [Double](repeating: 1 / 12, count: 12), "seed 63")
  }

  @Test func samplesAreDifferentNumbersWithinTheBound() throws {
    for (count, bound) in [(0, 0), (0, 5), (1, 1), (1000, 1000), (1000, 1500), (5000, 1 << 62), (3, Int.max)] {
      let drawn = try Generator(seed: 64).sample(count, below: bound).integers()
      #expect(drawn.count == count && Set(drawn).count == count && drawn.allSatisfy { $0 >= 0 && $0 < bound })
    }
    let all = try Generator(seed: 64).sample(1000, below: 1000).integers()
    #expect(all.sorted() == Array(0..<1000) && all != Array(0..<1000))
    // a part of a sample is the start of the longer one
    #expect(try Generator(seed: 64).sample(10, below: 1000).integers() == Array(all[0..<10]))
  }

  @Test func weightsAreKept() throws {
    let weights = try Tensor([0, 1, 0, 2, 5, 0], .float64)
    let drawn = try Generator(seed: 65).choices(80_000, weights: weights, replacing: true).integers()
    var counts = [Int](repeating: 0, count: 6)
    for index in drawn { counts[Int(index)] += 1 }
    #expect(counts[0] == 0 && counts[2] == 0 && counts[5] == 0)
    try check([counts[1], counts[3], counts[4]], [1.0 / 8, 2.0 / 8, 5.0 / 8], "seed 65")
    // the same proportions at the ends of the scale
    for scale in [1e-308, 1e307] {
      let scaled = try Tensor([0, scale, 0, 2 * scale, 5 * scale, 0], .float64)
      let again = try Generator(seed: 65).choices(80_000, weights: scaled, replacing: true).integers()
      // a rounded weight may move a border past a number, no more
      #expect(zip(drawn, again).count { $0 != $1 } < 3)
    }
  }

  @Test func drawsWithoutReplacementScaleUpTheOtherWeights() throws {
    let weights: [Double] = [1, 2, 3]
    let generator = Generator(seed: 66)
    let rows = try Tensor(weights, .float64).broadcast(to: [30_000, 3])
    let drawn = try generator.choices(2, weights: rows, replacing: false)
    #expect(drawn.shape == [30_000, 2] && generator.state.counter == 45_000)
    var counts = [Int](repeating: 0, count: 9)
    let indices = try drawn.integers().map { Int($0) }
    for row in 0..<30_000 { counts[3 * indices[2 * row] + indices[2 * row + 1]] += 1 }
    #expect(counts[0] == 0 && counts[4] == 0 && counts[8] == 0)
    let pairs = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    try check(
      pairs.map { counts[3 * $0 + $1] }, pairs.map { weights[$0] / 6 * weights[$1] / (6 - weights[$0]) }, "seed 66")
  }

  @Test func zeroWeightsAreNeverDrawn() throws {
    // the weight that is lost beside the largest is drawn last, but before those of 0
    let weights = try Tensor([0, 1e-300, 0, 1e300, 0], .float64)
    #expect(try Generator(seed: 67).choices(2, weights: weights, replacing: false).integers() == [3, 1])
    let matrix = try Tensor([0, 1, 2, 0], shape: [2, 2])
    #expect(try Generator(seed: 67).choices(3, weights: matrix, replacing: true).integers() == [1, 1, 1, 0, 0, 0])
  }

  @Test func nothingToDrawTakesNothing() throws {
    let generator = Generator(seed: 68)
    for replacing in [true, false] {
      #expect(try generator.choices(0, weights: .zeros([3]), replacing: replacing).shape == [0])
      #expect(try generator.choices(0, weights: .zeros([1 << 40, 0]), replacing: replacing).shape == [1 << 40, 0])
      #expect(try generator.choices(2, weights: .zeros([0, 3]), replacing: replacing).shape == [0, 2])
    }
    #expect(try generator.sample(0, below: 0).shape == [0])
    #expect(generator.state.counter == 0)
  }

  @Test func errorsNameWhatIsWrong() throws {
    let generator = Generator(seed: 0)
    func choose(_ weights: [Double], _ count: Int = 1, replacing: Bool = true) -> String {
      errorText { _ = try generator.choices(count, weights: Tensor(weights), replacing: replacing) }
    }
    #expect(choose([1, -1]) == "choice: expected finite weights of at least 0, got -1.0")
    #expect(choose([1, .nan]) == "choice: expected finite weights of at least 0, got nan")
    #expect(choose([1, .infinity]) == "choice: expected finite weights of at least 0, got inf")
    #expect(choose([0, 0]) == "choice: expected at least 1 weights above 0 to draw from, got 0")
    #expect(choose([]) == "choice: expected at least 1 weights above 0 to draw from, got 0")
    #expect(
      choose([1, 0, 3], 3, replacing: false) == "choice: expected at least 3 weights above 0 to draw from, got 2")
    #expect(choose([1], -1) == "choice: expected to draw at least 0, got -1")
    #expect(
      errorText { _ = try generator.choices(1, weights: .zeros([2, 2, 2]), replacing: true) }
        == "choice: expected a vector of weights, or a matrix with a row of them for each draw, got shape [2, 2, 2]")
    #expect(
      errorText { _ = try generator.sample(4, below: 3) }
        == "choice: expected to draw 0 to 3 without replacement, got 4")
    #expect(generator.state.counter == 0)
  }
}
