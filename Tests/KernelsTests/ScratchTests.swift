import Kernels
import Testing

@Suite struct ScratchTests {
  private func areZeros(_ numbers: UnsafeMutablePointer<Double>, _ count: Int) -> Bool {
    UnsafeBufferPointer(start: numbers, count: count).allSatisfy { $0 == 0 }
  }

  /// More than is kept, and less: whoever comes while another has it gets memory of its own.
  @Test(arguments: [1, 1000, 200_000])
  func numbersAreZerosAndNobodySharesThem(count: Int) {
    for _ in 0..<3 {
      Scratch.withZeros(count) { outer in
        #expect(areZeros(outer, count))
        outer.update(repeating: 7, count: count)
        Scratch.withZeros(count) { inner in
          #expect(areZeros(inner, count))
          inner.update(repeating: 8, count: count)
        }
        #expect(UnsafeBufferPointer(start: outer, count: count).allSatisfy { $0 == 7 })
      }
    }
  }

  @Test func errorsGiveItBack() throws {
    struct Failure: Error {}
    for _ in 0..<3 {
      #expect(throws: Failure.self) { try Scratch.withZeros(10) { _ in throw Failure() } }
    }
    Scratch.withZeros(10) { #expect(areZeros($0, 10)) }
  }
}
