import Kernels
@testable import Lab
@testable import Networks
import RealModule
import Tensors
import TestSupport
import Testing

/// The measure of a scale through layers, by series whose slopes are known.
@Suite struct ScaleRunTests {
  private func run(_ series: [Double], width: Int = 1000, _ direction: ScaleRun.Direction) -> ScaleRun? {
    ScaleRun(series, widths: series.map { _ in width }, direction)
  }

  @Test func theFactorIsTheSlopeOfTheLogarithms() throws {
    let series = (0..<12).map { Double($0) * Double.log(0.5) }
    let found = try #require(run(series, .falling))
    #expect(found.places == 0...11 && !found.isJump)
    assertClose(found.factor, 0.5, relative: 1e-12)
    assertClose(found.change, 11 * Double.log(0.5), relative: 1e-12)
    #expect(run(series, .growing) == nil)
  }

  @Test func aRunBeginsWhereTheFallDoes() throws {
    let series = (0..<6).map { _ in 0.0 } + (1...8).map { Double($0) * Double.log(0.3) }
    let found = try #require(run(series, .falling))
    #expect(found.places == 5...13)
    assertClose(found.factor, 0.3, relative: 1e-9)
  }

  @Test func aRunIsFittedOverThePlacesThatFallAlone() throws {
    // a slow drift of any sign at either end is no part of a fall by 20 a place
    for drift in [0.05, 0, -0.05] {
      let flat = (0..<9).map { -drift * Double($0) }
      let fall = (1...8).map { flat[8] - Double($0) * Double.log(20) }
      let series = flat + fall + (1...4).map { fall[7] - drift * Double($0) }
      let found = try #require(run(series, width: 100, .falling))
      #expect(found.places == 8...16)
      assertClose(found.factor, 0.05, relative: 1e-9)
      assertClose(found.change, -8 * Double.log(20), relative: 1e-9)
      let mirrored = try #require(run(series.map { -$0 }, width: 100, .growing))
      #expect(mirrored.places == 8...16)
      assertClose(mirrored.factor, 20, relative: 1e-9)
    }
    // what chance explains at the ends of a slow run stays part of it: steps of 0.19 with noise as of 100 units
    let steps = [0.19, 0.05, 0.26, 0.16, 0.24, 0.3, 0.01, 0.24, 0.25, 0.08]
    let slow = (steps + steps).reduce(into: [0.0]) { $0.append($0[$0.count - 1] + $1) }
    #expect(try #require(run(slow, width: 100, .growing)).places == 0...20)
  }

  @Test func oneStepIsAJump() throws {
    let series = [0, 0, 0, -10, -10, -10.0]
    let found = try #require(run(series, .falling))
    #expect(found.isJump && found.places == 2...3 && found.change == -10)
    let inside = try #require(run([0, -0.1, -0.2, -10.2, -10.3, -10.4], .falling))
    #expect(inside.isJump && inside.places == 2...3)
  }

  @Test func aStepAmongStandstillsIsAJump() throws {
    let found = try #require(run([0, -0.1, -0.2, -3.8, -3.8, -3.8], .falling))
    #expect(found.isJump && found.places == 2...3)
  }

  @Test func whatIsWithinTheLimitOrTheDriftOfItsWidthIsNone() {
    #expect(run((0..<4).map { Double($0) * Double.log(0.4) }, .falling) == nil)
    // the expected fall of a He net of width 5: 5/(4n) a layer
    let narrow = (0..<20).map { -0.25 * Double($0) }
    #expect(run(narrow, width: 5, .falling) == nil && run(narrow, width: 500, .falling) != nil)
    // 1/sqrt(l), the law of tanh on the edge of chaos, at any depth
    #expect(run((1...2000).map { -0.5 * Double.log(Double($0)) }, .falling) == nil)
    #expect(run([], .falling) == nil && run([1], .growing) == nil && run([0, 0], .falling) == nil)
  }

  @Test func dtypesEndWhereTheirNumbersDo() {
    // 2^-149 is float32's least number, 2^-1074 float64's: 149 and 1074 halvings from 1
    #expect(FloatRange.steps(from: 0, factor: 0.5, .float32) == 149)
    #expect(FloatRange.steps(from: 0, factor: 0.5, .float64) == 1074)
    // four times it beyond 2^128
    #expect(FloatRange.steps(from: 0, factor: 2, .float32) == 126)
    #expect(FloatRange.steps(from: 0, factor: 2, .float64) == 1022)
  }
}

/// A report of two unlike samples whose activations and gradients are given row by row.
private func varied(activations: [[Double]], gradients: [[Double]]? = nil) throws -> Report {
  let rows = try report(activations: activations, gradients: gradients).rows
  let unlike = try report(activations: [[1, -1]]).rows[0].activation
  return Report(rows: rows, dtype: .float32, inputShape: [2, 1], input: unlike, upstream: unlike, loss: nil)
}

/// How alike the units of a weight are, by weights whose rank is known.
@Suite struct RowLikenessTests {
  private func likeness(_ rows: [[Double]], _ dtype: DType = .float64) throws -> RowLikeness? {
    try RowLikeness(of: Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count], dtype))
  }

  @Test func multiplesOfOneRowLieInItsDirection() throws {
    for dtype in [DType.float32, .float64] {
      let found = try #require(try likeness([[1, 2, 3], [-2, -4, -6], [0, 0, 0], [0.5, 1, 1.5]], dtype))
      #expect(found.outside < 1e-12)
      // the mean row is -1/8 of the first: of 14 (1 + 4 + 1/4) it takes 4 * 14/64 away
      assertClose(found.differing, 1 - 4.0 / 64 / 5.25, relative: 1e-12)
    }
  }

  @Test func equalRowsDoNotDiffer() throws {
    let found = try #require(try likeness([[1, -2, 3], [1, -2, 3], [1, -2, 3]]))
    #expect(found.rank == 1 && found.outside < 1e-15 && found.differing < 1e-30)
  }

  @Test func whatIsOutsideIsItsShareOfTheSquares() throws {
    // 0.1 at right angles to three rows of norm 1
    let found = try #require(try likeness([[1, 0, 0], [1, 0, 0], [1, 0.1, 0]]))
    // the largest row is the third, 1.01 long in squares: of each other one 1 - 1/1.01 lies outside
    assertClose(found.outside, 2 * (1 - 1 / 1.01) / 3.01, relative: 1e-12)
  }

  @Test func combinationsOfSomeRowsHaveTheirRank() throws {
    // rows of 3 numbers, each at 3 places: 9 rows in 3 directions at right angles
    let rows: [[Double]] = (1...9).map { row in
      let numbers = [Double(row), Double(row * row % 7), Double(row * row * row % 5)]
      return numbers.flatMap { [$0, $0, $0] }
    }
    for dtype in [DType.float32, .float64] {
      let found = try #require(try likeness(rows, dtype))
      #expect(found.rank == 3 && found.outside < 1e-12)
    }
    // of 8 rows 3 directions may be chance
    #expect(try likeness(Array(rows.prefix(8))) == nil)
  }

  @Test func unlikeFewAndBrokenRowsHaveNone() throws {
    #expect(try likeness([[1, 0, 0], [0, 1, 0], [0, 0, 1]]) == nil)
    #expect(try likeness([[1, 2, 3], [1, 2, 3]]) == nil && likeness([[1, 2], [1, 2], [1, 2]]) == nil)
    #expect(try likeness([[0, 0, 0], [0, 0, 0], [0, 0, 0]]) == nil)
    #expect(try likeness([[1, 2, 3], [1, 2, 3], [.nan, 2, 3]]) == nil)
  }
}

@Suite struct DiagnosisTests {
  @Test func deadUnitsOfLikeSamplesAreExpected() throws {
    let report = try varied(activations: [[1, 2]])
    let examination = Examination(report)
    // a batch of 2: unlike samples leave 1/4, equal ones 1/2; between them the orthant probability 1/4 + asin(c)/(2 pi)
    assertClose(examination.expectedDead(0), 0.25, relative: 1e-12)
    assertClose(examination.expectedDead(1), 0.5, relative: 1e-12)
    for cosine in [0.1, 0.5, 0.9, 0.99] {
      assertClose(examination.expectedDead(cosine), 0.25 + Double.asin(cosine) / (2 * .pi), relative: 1e-6)
    }
  }

  @Test func numbersThatAreNoneAreToldAtTheirRoot() throws {
    let report = try varied(
      activations: [[1, 2], [1, .infinity], [.nan, .infinity]], gradients: [[.nan, .nan], [.nan, 1], [1, 1]])
    let found = report.diagnosis()
    #expect(found.map(\.kind) == [.inf] && found.map(\.layer) == [2])
    #expect(
      found.first?.text
        == "infinity first at layer 2 (activations): 50 % of its values; what else is NaN or infinite follows from it")
    #expect(found.first?.evidence("share") == 0.5)
  }

  @Test func gradientsThatEndAreOneDiagnosis() throws {
    let report = try varied(
      activations: [[1, 2], [1, 2], [1, 2], [1, 2]], gradients: [[0, 0], [0, 0], [1e-44, 0], [1, 1]])
    #expect(report.diagnosis().map(\.kind) == [.zero])
    #expect(report.diagnosis().first?.text == "dL/dh is exactly 0 from layer 2 down: float32 has ended")
  }

  @Test func aHealthyReportHasNoDiagnosis() throws {
    #expect(try varied(activations: [[1, 2], [0, 3]]).diagnosis().isEmpty)
  }

  @Test func numbersAreReadWithThreeDigits() {
    #expect(Reading.number(0.07071) == "0.0707" && Reading.number(1.2e-5) == "1.20e-05" && Reading.number(0) == "0")
    #expect(
      Reading.factor(0.14142) == "0.1414" && Reading.factor(1.46694) == "1.467" && Reading.factor(0.0707) == "0.0707")
    #expect(Reading.percent(0.4971) == "49.7 %" && Reading.percent(1e-5) == "<0.1 %" && Reading.percent(1) == "100.0 %")
    #expect(Reading.number(-.infinity) == "-inf" && Reading.percent(0.99999) == ">99.9 %")
    // printf's %.3g and %.2e, where they don't end in a tie
    let texts = [1: "1", 2.3025: "2.3", 12.34: "12.3", 100: "100", 999.4: "999", 999.6: "1.00e+03", 1000: "1.00e+03"]
    for (value, text) in texts { #expect(Reading.number(value) == text && Reading.number(-value) == "-" + text) }
    #expect(Reading.number(0.000999) == "9.99e-04" && Reading.number(5e-324) == "5.00e-324")
    #expect(Reading.number(0.0099996) == "0.01" && Reading.number(.nan) == "nan" && Reading.factor(.nan) == "nan")
    #expect(Reading.factor(9.99996) == "10" && Reading.factor(20) == "20" && Reading.percent(.nan) == "nan")
  }
}
