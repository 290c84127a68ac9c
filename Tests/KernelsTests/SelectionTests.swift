import Kernels
import TestSupport
import Testing

@Suite struct SelectionTests {
  private func percentiles<T: FloatElement>(_ data: [T], _ wanted: [Double]) throws -> [Double] {
    var scratch = data
    return try Selection.percentiles(data, count: data.count, wanted, scratch: &scratch)
  }

  // numpy.percentile(x, [0, 15, 50, 85, 99.9, 100]) of MomentsTests' data.
  @Test func percentilesAreThoseOfNumPy() throws {
    let wanted = [0, 15, 50, 85, 99.9, 100]
    let floats = try percentiles(skewedLadder(5003).map { Float($0) }, wanted)
    assertClose(
      floats, [-59200, -22940.369140625, 4001.919921875, 77274.1328125, 136326.125, 136775.6875], relative: 1e-15)
    let doubles = try percentiles(skewedLadder(5003), wanted)
    assertClose(doubles, [-59200, -22940.37, 4001.92, 77274.13, 136326.13, 136775.68], relative: 1e-15)
  }

  @Test(arguments: [1, 2, 3, 47, 48, 49, 100, 1024, 1025, 2050, 20_000])
  func everyRankIsWhatASortFinds(count: Int) throws {
    // Magnitudes from 2^-60 to 2^60 of both signs, so that every digit of the keys matters; the seed is fixed.
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    let data = (0..<count).map { _ -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let exponent = Int((state >> 40) % 120) - 60
      return Double(
        sign: state & (1 << 63) == 0 ? .plus : .minus, exponent: exponent,
        significand: 1 + Double(state >> 12 & 0xFFFF) / 65536)
    }
    let ordered = data.sorted()
    let ranks = Array(stride(from: 0, to: count, by: max(1, count / 97)))
    var scratch = data
    #expect(
      try Selection.select(data, count: count, ranks: ranks, scratch: &scratch) == ranks.map { ordered[$0] })
    let floats = data.map { Float($0) }
    var floatScratch = floats
    let sorted = floats.sorted()
    #expect(
      try Selection.select(floats, count: count, ranks: ranks, scratch: &floatScratch)
        == ranks.map { Double(sorted[$0]) })
  }

  @Test func manyEqualElementsAreFound() throws {
    // Half zeros, as after a ReLU, and values that differ in the last bit alone.
    let data = (0..<10_000).map { $0 % 2 == 0 ? Float(0) : Float(bitPattern: 0x3F80_0000 + UInt32($0 % 4 / 2)) }
    let next = Double(Float(1).nextUp)
    #expect(try percentiles(data, [25, 60, 90]) == [0, 1, next])
    #expect(try percentiles([Double](repeating: 7, count: 9000), [0, 50, 100]) == [7, 7, 7])
  }

  // A pivot that many are equal to, sorted data either way, and all of them equal.
  @Test(arguments: [100, 1000]) func fewOfAnyOrderAreFound(count: Int) throws {
    let kinds: [(Int) -> Float] = [
      { Float($0 % 3) }, { Float($0) }, { Float(-$0) }, { _ in 2 }, { Float($0 % 2 == 0 ? $0 : -$0) },
    ]
    for kind in kinds {
      let data = (0..<count).map(kind)
      let sorted = data.sorted().map { Double($0) }
      let ranks = [0, 1, count / 3, count / 2, count / 2 + 1, count - 1]
      var scratch = data
      #expect(try Selection.select(data, count: count, ranks: ranks, scratch: &scratch) == ranks.map { sorted[$0] })
    }
  }

  @Test func zeroComesWithoutASign() throws {
    let middle = try percentiles([-0.0, -0.0, -0.0], [50])
    #expect(middle[0].sign == .plus)
  }

  @Test func infinitiesSort() throws {
    // numpy.percentile([1, 2, inf, 4, -3], [0, 40, 60]); the last is inf by the definition (NumPy gives NaN).
    assertClose(try percentiles([1, 2, .infinity, 4, -3.0], [0, 40, 60, 100]), [-3, 1.6, 2.8, .infinity])
    let ends = try percentiles([-Double.greatestFiniteMagnitude, .greatestFiniteMagnitude], [50])
    #expect(ends == [0])
  }
}
