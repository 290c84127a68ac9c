import Kernels
import TestSupport
import Testing

@testable import Lab

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The maps of every activation agree with `scipy.integrate.quad` and closed forms, at any scale.
@Suite struct TheoryMapTests {
  /// The lines of a fixture of one kind, with what follows the name as numbers.
  private func fixture(_ kind: String, of file: String = "theory") throws -> [(name: String, numbers: [Double])] {
    let stream = try #require(fopen(Project.path("Tests/LabTests/Fixtures/\(file).txt"), "r"))
    defer { fclose(stream) }
    var lines: [(String, [Double])] = []
    var buffer = [CChar](repeating: 0, count: 1024)
    while fgets(&buffer, Int32(buffer.count), stream) != nil {
      let words = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        .split(whereSeparator: \.isWhitespace).map(String.init)
      guard words.first == kind else { continue }
      lines.append((words[1], words.dropFirst(2).compactMap(Double.init)))
    }
    return lines
  }

  /// quad's own tolerance is 1e-11 a piece; means near 0 are compared with the root of the square.
  @Test func momentsAgreeWithSciPy() throws {
    let lines = try fixture("moments")
    #expect(lines.count == 12 * 7)
    for (name, numbers) in lines {
      let law = ActivationLaw(try #require(ActivationFunction(name: name)))
      let moments = law.moments(std: numbers[0])
      let what = "\(name) at \(numbers[0])"
      // the fixture has what doesn't pass 0 as it is
      let unit = law.passesZero ? 1 : moments.scale
      assertClose(moments.square * unit * unit, numbers[1], relative: 1e-10, "\(what): square")
      let root = numbers[1].squareRoot()
      assertClose(moments.mean * unit, numbers[2], relative: 1e-10, absolute: 1e-10 * root, "\(what): mean")
      assertClose(moments.slopeSquare, numbers[3], relative: 1e-10, "\(what): slope square")
      assertClose(moments.slopeMean, numbers[4], relative: 1e-10, "\(what): slope mean")
    }
  }

  @Test func pairsAgreeWithSciPy() throws {
    let lines = try fixture("pair")
    #expect(lines.count == 12 * 4)
    for (name, numbers) in lines {
      let law = ActivationLaw(try #require(ActivationFunction(name: name)))
      let pair = law.pair(std: numbers[0], correlation: numbers[1])
      let what = "\(name) at \(numbers[0]), c = \(numbers[1])"
      let unit = law.passesZero ? 1 : law.scale(std: numbers[0])
      assertClose(pair.product * unit * unit, numbers[2], relative: 1e-9, absolute: 1e-10, "\(what): product")
      assertClose(pair.slopeProduct, numbers[3], relative: 1e-9, "\(what): slope product")
    }
  }

  /// quad's own tolerance is 1e-12 a piece.
  @Test func pairsKeepTheirDigitsAtLargeScales() throws {
    let lines = try fixture("large", of: "theory_large")
    #expect(lines.count == 3 * 3 * 2)
    for (name, numbers) in lines {
      let law = ActivationLaw(try #require(ActivationFunction(name: name)))
      let pair = law.pair(std: numbers[0], correlation: numbers[1])
      let what = "\(name) at \(numbers[0]), c = \(numbers[1])"
      // hardtanh has a scale of its own: its numbers don't grow
      assertClose(pair.product, numbers[2], relative: 1e-11, "\(what): product")
      assertClose(pair.slopeProduct, numbers[3], relative: 1e-11, "\(what): slope product")
    }
  }

  /// The places of a mean are counted, not timed: twice as far is not twice the work.
  @Test(arguments: ActivationFunction.allCases) func largeScalesTakeNoMorePlaces(_ function: ActivationFunction) {
    let law = ActivationLaw(function)
    for exponent in stride(from: -200, through: 200, by: 25) {
      let std = Double.pow(10, Double(exponent))
      #expect(law.mean(std: std).points.count <= 16 * 40, "\(function) at \(std)")
      let far = NormalMean(mean: 3 * std, std: std, kinks: law.kinks, resolution: 1)
      #expect(far.points.count <= 16 * 40, "\(function) at \(std)")
      #expect(abs(far.points.reduce(0) { $0 + $1.share } - 1) < 1e-13, "\(function) at \(std)")
    }
  }

  /// Far from 0 softplus is the relu, whose arc-cosine kernel at c = 0.5 is `(sin 60 + 2 pi/3 cos 60) / (2 pi)`.
  @Test func softplusGoesOnBeyondDoublesSquares() {
    for std in [1e20, 1e100, 1e160, 1e200] {
      let pair = ActivationLaw(.softplus).pair(std: std, correlation: 0.5)
      let expected = (0.75.squareRoot() + 2 * Double.pi / 3 * 0.5) / (2 * Double.pi)
      assertClose(pair.product, expected, relative: 1e-12)
      assertClose(ActivationLaw(.softplus).moments(std: std).square, 0.5, relative: 1e-12)
    }
  }

  /// At c = 1 the product is the square, at c = 0 that of means; near the ends the map is continuous.
  @Test(arguments: ActivationFunction.allCases) func pairsAreRightAtTheEnds(_ function: ActivationFunction) {
    let law = ActivationLaw(function)
    for std in [1e-30, 0.5, 3, 1e8] {
      let moments = law.moments(std: std)
      let (whole, near) = (law.pair(std: std, correlation: 1), law.pair(std: std, correlation: 1 - 1e-13))
      assertClose(whole.product, moments.square, relative: 1e-12, "\(function) at \(std)")
      assertClose(whole.slopeProduct, moments.slopeSquare, relative: 1e-12, "\(function) at \(std)")
      #expect(whole.spread == 0)
      assertClose(near.product, moments.square, relative: 1e-6, "\(function) at \(std), near 1")
      let none = law.pair(std: std, correlation: 0)
      assertClose(none.product, moments.mean * moments.mean, relative: 1e-9, absolute: 1e-14, "\(function) at \(std)")
      let mirrored = law.pair(std: std, correlation: -1)
      let close = law.pair(std: std, correlation: -1 + 1e-13)
      assertClose(
        close.product, mirrored.product, relative: 1e-6, absolute: 1e-6 * moments.square, "\(function) at \(std)")
    }
  }

  /// `sigmoid(x) = 1/2 + odd`: its mean is 1/2 whatever goes in, and that of its slope follows from Stein's lemma.
  @Test func sigmoidKeepsItsMean() {
    for std in [1e-200, 1e-3, 1, 1e5, 1e100] {
      assertClose(ActivationLaw(.sigmoid).moments(std: std).mean, 0.5, relative: 1e-13)
    }
  }

  /// E gelu(s z) = s^2 / sqrt(2 pi (1 + s^2)), by parts.
  @Test func geluHasItsMeanInClosedForm() {
    for std in [1e-100, 0.01, 1, 7, 1e6] {
      // over the scale; below the rounding of 1 it is lost beside the odd part
      let expected = std / (2 * Double.pi).squareRoot() / (1 + std * std).squareRoot()
      assertClose(ActivationLaw(.gelu).moments(std: std).mean, expected, relative: 1e-12, absolute: 1e-16)
    }
  }

  /// The slope of `E phi^2` in q is its difference quotient.
  @Test(arguments: ActivationFunction.allCases) func slopesAreThoseOfTheVarianceMap(_ function: ActivationFunction) {
    let law = ActivationLaw(function)
    for q in [0.25, 1, 9] {
      let step = 1e-5 * q
      let (above, below) = (law.moments(std: (q + step).squareRoot()), law.moments(std: (q - step).squareRoot()))
      let quotient = (above.fullSquare - below.fullSquare) / (2 * step)
      assertClose(law.moments(std: q.squareRoot()).squareSlope, quotient, relative: 1e-7, "\(function) at \(q)")
    }
  }

  /// Far from 1 nothing is lost: small signals meet the slope at 0, large ones the line.
  @Test func scalesBeyondReachKeepTheirDigits() {
    for std in [1e-280, 1e-150, 1e-40] {
      assertClose(ActivationLaw(.tanh).moments(std: std).square, 1, relative: 1e-12)
      assertClose(ActivationLaw(.gelu).moments(std: std).slopeSquare, 0.25, relative: 1e-12)
    }
    assertClose(ActivationLaw(.softplus).moments(std: 1e100).fullSquare / 1e200, 0.5, relative: 1e-10)
    assertClose(ActivationLaw(.tanh).moments(std: 1e100).fullSquare, 1, relative: 1e-10)
  }

  /// The spread over samples agrees with drawn numbers: 20000 units of 1000 samples, to 0.5 %.
  @Test func spreadIsThatOfDrawnUnits() throws {
    for (function, c, expected) in [(ActivationFunction.relu, 0.6, 0.35594), (.tanh, 0.6, 0.39930)] {
      // numpy: g, z = rng.normal(size=(20000, 1)), rng.normal(size=(20000, 1000)); phi(sqrt(c) g + sqrt(1 - c) z).std(1).mean()
      let pair = ActivationLaw(function).pair(std: 1, correlation: c)
      assertClose(pair.spread, expected, relative: 0.005, "\(function)")
    }
  }
}
