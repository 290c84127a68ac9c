import Kernels
import Testing

@Suite struct PhiloxTests {
  // Random123's tests/kat_vectors, lines `philox4x32 10`: counter, key, result as 32-bit words.
  @Test(
    arguments: [
      (
        [0, 0, 0, 0], [0, 0], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
      ),
      (
        [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 0xffff_ffff],
        [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
      ),
      (
        [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0],
        [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
      ),
    ] as [([UInt64], [UInt64], [UInt64])])
  func publishedVectors(counter: [UInt64], key: [UInt64], expected: [UInt64]) {
    let block = Philox.block(
      low: counter[0] | counter[1] << 32, high: counter[2] | counter[3] << 32, key: key[0] | key[1] << 32)
    let words = [block.0 & 0xffff_ffff, block.0 >> 32, block.1 & 0xffff_ffff, block.1 >> 32]
    #expect(words == expected)
  }

  @Test func uniformReachesBothEndsOfTheHalfOpenInterval() {
    #expect(Philox.uniform(0) == 0)
    #expect(Philox.uniform(.max) == 1 - 0x1p-53)
  }

  @Test func integersBelowABoundTakeTheHighPartOfTheProduct() {
    // Lemire's method: the first word of the zero vector, 0xe169c58d6627e8d5, times 10, over 2^64
    #expect(Philox.below(10, half: 0, low: 0, key: 0) == 8)
    #expect(Philox.below(0, half: 0, low: 0, key: 0) == 0xe169_c58d_6627_e8d5)
  }

  @Test func integersOfAnAwkwardBoundAreUnbiased() throws {
    // A bound of 3 * 2^62 rejects every fourth draw; without rejection a third of the range would come twice as often.
    let bound: UInt64 = 3 << 62
    var numbers = [Int64](repeating: 0, count: 30_000)
    try Philox.fillIntegers(&numbers, count: 30_000, key: 11, counter: 0, low: 0, bound: bound)
    var counts = [0, 0, 0]
    for number in numbers { counts[Int(UInt64(bitPattern: number) >> 62)] += 1 }
    // standard deviation of each count: sqrt(30000 * 1/3 * 2/3) = 82
    for count in counts { #expect(abs(count - 10_000) < 5 * 82, "seed 11: \(counts)") }
  }
}
