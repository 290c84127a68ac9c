import Kernels
import TestSupport
import Testing

/// Against the definitions, two passes in double; strips of eight columns and blocks of eight rows begin and end anywhere.
@Suite struct MomentsOfBatchTests {
  private func scan<T: FloatElement>(_ x: [T], _ samples: Int, _ units: Int) throws -> MomentsOfBatch {
    var scratch = [Double](repeating: 0, count: MomentsOfBatch.scratchCount(samples: samples, units: units))
    return try MomentsOfBatch.scan(x, samples: samples, units: units, scale: 1, scratch: &scratch)
  }

  private func deviation<T: FloatElement>(_ x: [T], _ samples: Int, _ units: Int) -> Double {
    let deviations = (0..<units).map { unit -> Double in
      let column = (0..<samples).map { Double(x[$0 * units + unit]) }
      let mean = column.reduce(0, +) / Double(samples)
      return (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(samples)).squareRoot()
    }
    return deviations.reduce(0, +) / Double(units)
  }

  private func check<T: FloatElement>(_ samples: Int, _ units: Int, _ number: (Int, Int) -> T) throws {
    let x = (0..<samples * units).map { number($0 / units, $0 % units) }
    let found = try scan(x, samples, units)
    assertClose(found.standardDeviation, deviation(x, samples, units), relative: 1e-12, "\(samples)x\(units)")
    let dead = (0..<units).count { unit in (0..<samples).allSatisfy { x[$0 * units + unit] == 0 } }
    #expect(found.deadUnits == dead, "\(samples)x\(units)")
    if T.self == Float.self {
      let turned = (0..<samples * units).map { Float(x[$0 % samples * units + $0 / samples]) }
      var scratch = [Double](repeating: 0, count: samples)
      let other = try MomentsOfBatch.scan(transposed: turned, samples: samples, units: units, scratch: &scratch)
      assertClose(other.standardDeviation, found.standardDeviation, relative: 1e-12, "turned \(samples)x\(units)")
      // far from 1, it is a difference of sums of as many terms as there are pairs
      assertClose(other.cosine, found.cosine, relative: 1e-12, absolute: 1e-12, "turned \(samples)x\(units)")
      #expect(other.deadUnits == dead, "turned \(samples)x\(units)")
    }
  }

  @Test func everyShapeHasItsSpreadAndItsDeadUnits() throws {
    for samples in [1, 2, 7, 8, 9, 20] {
      for units in [1, 7, 8, 9, 15, 16, 23] {
        let number = { (sample: Int, unit: Int) in unit % 5 == 4 ? 0 : Float((sample * 31 + unit * 17) % 23 - 9) / 4 }
        try check(samples, units, number)
        try check(samples, units) { Double(number($0, $1)) }
      }
    }
  }

  @Test func aFirstSampleFarOffCostsNoDigits() throws {
    try check(1000, 11) { $0 == 0 ? Float(1e7) : Float(($0 * 37 + $1) % 101) / 101 }
    try check(1000, 11) { $0 == 0 ? 1e10 : Double(($0 * 37 + $1) % 101) / 101 }
  }

  @Test func aLevelFarFrom0CostsNoDigits() throws {
    try check(100, 9) { 1e9 + Double(($0 * 37 + $1) % 101) / 128 }
  }

  @Test func aUnitThatNeverVariesHasNoSpread() throws {
    let x = (0..<50 * 11).map { Float(0.1) + Float($0 % 11) }
    #expect(try scan(x, 50, 11).standardDeviation == 0)
    let turned = (0..<50 * 11).map { Float(0.1) + Float($0 / 50) }
    var scratch = [Double](repeating: 0, count: 50)
    #expect(
      try MomentsOfBatch.scan(transposed: turned, samples: 50, units: 11, scratch: &scratch).standardDeviation == 0)
  }
}
