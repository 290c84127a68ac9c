import Kernels
import Testing

/// The search for what isn't finite, in vectors and in what they leave.
@Suite struct FiniteTests {
  private func find<T: FloatElement>(_ numbers: [T]) throws -> Int? {
    try numbers.withUnsafeBufferPointer { numbers in
      try numbers.baseAddress.flatMap { try MatrixKernels.firstNotFinite($0, count: numbers.count) }
    }
  }

  private func check<T: FloatElement>(_ type: T.Type) throws {
    // the largest and the smallest there are, and zeros of both signs
    let fine: [T] = [0, -0.0, 1, -2, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude]
    for count in 1...100 {
      let numbers = (0..<count).map { fine[$0 % fine.count] }
      #expect(try find(numbers) == nil, "\(count)")
      for place in 0..<count {
        for bad in [T.nan, .infinity, -.infinity, .signalingNaN] {
          var spoilt = numbers
          spoilt[place] = bad
          spoilt[count - 1] = place == count - 1 ? bad : .nan
          #expect(try find(spoilt) == place, "\(bad) at \(place) of \(count)")
        }
      }
    }
  }

  @Test func theFirstIsFoundWhereverItStands() throws {
    try check(Float.self)
    try check(Double.self)
  }

  @Test func theFirstOfManyIsFoundBeyondAPoll() throws {
    var numbers = [Float](repeating: 1, count: 3_000_001)
    #expect(try find(numbers) == nil)
    for place in [3_000_000, 2_000_003, 70_000] {
      numbers[place] = .infinity
      #expect(try find(numbers) == place)
    }
  }
}
