import Kernels
import Testing

@testable import Tensors

/// Blocks of memory that large tensors gave up; those of other tests are too small to come by.
@Suite(.serialized) struct SpareBlockTests {
  // elements of float64 in a block that is kept
  private static let count = SpareBlocks.least / 8

  private func make(_ count: Int = count, zeroed: Bool = false) throws -> Tensor {
    try Tensor(.float64, [count], zeroed: zeroed)
  }

  /// Where a tensor that is dropped at once had its elements, which are all 7.
  private func drop(_ count: Int = count) throws -> UnsafeMutableRawPointer {
    let tensor = try make(count)
    tensor.pointer(Double.self).update(repeating: 7, count: count)
    return tensor.address
  }

  @Test func aBlockServesTheNextTensorOfItsSize() throws {
    SpareBlocks.clear()
    let address = try drop()
    let kept = SpareBlocks.bytes
    #expect(kept >= SpareBlocks.least && kept < SpareBlocks.least + 128)
    let other = try make(Self.count + 100)
    #expect(other.address != address && SpareBlocks.bytes == kept)
    let next = try make()
    #expect(next.address == address && next.pointer(Double.self)[Self.count - 1] == 7)
    #expect(SpareBlocks.bytes == 0)
  }

  @Test func zerosAreZeros() throws {
    let address = try drop()
    let zeros = try make(zeroed: true)
    #expect(zeros.address == address)
    #expect(UnsafeBufferPointer(start: zeros.pointer(Double.self), count: Self.count).allSatisfy { $0 == 0 })
  }

  @Test func noMoreAreKeptThanTheMost() throws {
    SpareBlocks.clear()
    for step in 0..<12 {
      _ = try make(Self.count + 8 * step)
      #expect(SpareBlocks.bytes <= SpareBlocks.most)
    }
    #expect(SpareBlocks.bytes > SpareBlocks.most - 2 * SpareBlocks.least)
    SpareBlocks.clear()
    #expect(SpareBlocks.bytes == 0)
  }

  /// What is kept is not live, and is let go before it would stand in a tensor's way.
  @Test func theMemoryLimitIsForTensorsAlone() throws {
    SpareBlocks.clear()
    _ = try drop()
    let before = MemoryAccount.limit
    defer { MemoryAccount.limit = before }
    // room for one block beside what other tests hold, with the one that is kept for none
    MemoryAccount.limit = MemoryAccount.live + SpareBlocks.least * 3 / 2
    let tensor = try make(Self.count + 100)
    #expect(tensor.count == Self.count + 100 && SpareBlocks.bytes == 0)
  }
}
