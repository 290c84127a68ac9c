import Kernels
import TestSupport
import Testing

@Suite struct HistogramTests {
  // numpy.histogram(x, 10) of MomentsTests' data as doubles.
  @Test func binsAreThoseOfNumPy() throws {
    let data = skewedLadder(5003).map { Float($0) }
    let histogram = try Histogram(data, count: 5003, bins: 10, lower: -59200, upper: 136775.6875)
    #expect(histogram.counts == [363, 470, 986, 1294, 476, 367, 308, 268, 243, 228])
    #expect(histogram.edges.first == -59200)
    #expect(histogram.edges.last == 136775.6875)
  }

  // numpy.histogram(x, 7, (-1000, 2000.5)), and of log10(abs(x[x != 0])) with 8 bins over (-1, 5).
  @Test func limitsLeaveTheRestOut() throws {
    let data = skewedLadder(5003).map { Float($0) }
    let inside = try Histogram(data, count: 5003, bins: 7, lower: -1000, upper: 2000.5)
    #expect(inside.counts == [59, 100, 232, 79, 60, 50, 39])
    assertClose(inside.edges[5], 1143.2142857142858, relative: 1e-15)
    let decades = try Histogram(data, count: 5003, quantity: .logMagnitude, bins: 8, lower: -1, upper: 5)
    #expect(decades.counts == [10, 10, 40, 98, 219, 534, 1261, 2385])
  }

  @Test func elementsOnAnEdgeBelongToTheBinAbove() throws {
    // 0.1 * 3 and its like lie on edges that division places a bit too high or too low.
    let data = (0...10).map { Double($0) * 0.1 }
    let histogram = try Histogram(data, count: 11, bins: 10, lower: 0, upper: 1)
    #expect(histogram.counts == [1, 1, 1, 1, 1, 1, 1, 1, 1, 2])
  }

  @Test func whatIsNotFiniteIsInNoBin() throws {
    let data: [Double] = [.nan, .infinity, -.infinity, 0.5, 0.25]
    #expect(try Histogram(data, count: 5, bins: 2, lower: 0, upper: 1).counts == [1, 1])
  }

  @Test func equalLimitsMoveApart() throws {
    // numpy.histogram([3., 3.], 4)
    let histogram = try Histogram([3, 3.0], count: 2, bins: 4, lower: 3, upper: 3)
    #expect(histogram.counts == [0, 0, 2, 0])
    #expect(histogram.edges == [2.5, 2.75, 3, 3.25, 3.5])
  }

  @Test func theEndsOfDoubleHaveBins() throws {
    let large = Double.greatestFiniteMagnitude
    #expect(try Histogram([-large, -1, 1, large], count: 4, bins: 2, lower: -large, upper: large).counts == [2, 2])
    let small = Double.leastNonzeroMagnitude
    #expect(try Histogram([0, small, 2 * small], count: 3, bins: 2, lower: 0, upper: 2 * small).counts == [1, 2])
  }

  @Test(arguments: [1, 3, 50, 4096, 5000])
  func everyElementIsCountedOnce(bins: Int) throws {
    let data = skewedLadder(70_001)
    let histogram = try Histogram(data, count: data.count, bins: bins, lower: -59200, upper: 136775.68)
    #expect(histogram.counts.reduce(0, +) == data.count)
    #expect(histogram.counts.count == bins)
    #expect(histogram.edges.count == bins + 1)
  }
}

@Suite struct HistogramOfMomentsTests {
  /// The plain kernel is the reference: it finds every bin by the edges themselves.
  private func compare<T: FloatElement>(_ data: [T], bins: Int, sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let moments = try Moments.scan(data, count: data.count)
    let range = (moments.finiteMinimum, moments.finiteMaximum)
    let plain = try Histogram(data, count: data.count, bins: bins, lower: range.0, upper: range.1)
    #expect(try Histogram(data, moments: moments, bins: bins) == plain, sourceLocation: sourceLocation)
    let decades = moments.decades ?? (0, 1)
    let log = try Histogram(
      data, count: data.count, quantity: .logMagnitude, bins: bins, lower: decades.lower, upper: decades.upper)
    #expect(
      try Histogram(data, moments: moments, quantity: .logMagnitude, bins: bins) == log, sourceLocation: sourceLocation)
  }

  @Test(arguments: [1, 2, 7, 50, 64, 1000]) func binsAreThoseOfThePlainKernel(bins: Int) throws {
    try compare(skewedLadder(5003), bins: bins)
    try compare(skewedLadder(5003).map { Float($0) }, bins: bins)
    // on the edges: whole numbers, their ReLU, powers of ten and of two
    try compare((0..<1999).map { Double($0 % 101) - 50 }, bins: bins)
    try compare((0..<1999).map { max(Float($0 % 101) - 50, 0) }, bins: bins)
    try compare((0..<600).map { Double("1e\($0 % 60 - 30)") ?? .nan }, bins: bins)
    try compare((0..<600).map { Float(sign: .plus, exponent: $0 % 250 - 149, significand: 1) }, bins: bins)
    try compare((0..<77).map { 1 + Double($0 % 5) * 1e-15 }, bins: bins)
    try compare([Double](repeating: 3, count: 31), bins: bins)
    try compare([Float](repeating: 0, count: 31), bins: bins)
    try compare([5e-324, 1, 0, 1.7e308, -1e-300, 2, 3, 4, 5], bins: bins)
    try compare([Float.nan, 1, 2, 3, .infinity, -4, 5, 6, 7, 8], bins: bins)
  }
}
