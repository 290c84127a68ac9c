import Kernels
import TestSupport
import Testing

@testable import Lab

@Suite struct UnequalWorkTests {
  @Test(arguments: [[], [7], [3, 3], [1, 9, 2], [5, 0, 8, 8, 1, 40], Array(0..<100)])
  func everyPieceIsDoneOnceAndTheLargestStandAtBothEnds(sizes: [Int]) throws {
    try Threads.varying {
      WorkerPool.threads = 1
      var order: [Int] = []
      try UnequalWork.forEach(sizes: sizes) { order.append($0) }
      #expect(order.sorted() == Array(sizes.indices))
      let (done, falling) = (order.map { sizes[$0] }, sizes.sorted(by: >))
      #expect(done.first == falling.first)
      if sizes.count > 1 { #expect(done.last == falling[1]) }
      // from the ends inwards no piece is larger than the ones before it
      let half = sizes.count / 2
      #expect(done.prefix(half).elementsEqual(done.prefix(half).sorted(by: >)))
      #expect(done.suffix(half).elementsEqual(done.suffix(half).sorted()))
    }
  }

  @Test func whatAPieceThrowsComesThrough() {
    struct Refusal: Error {}
    #expect(throws: Refusal.self) {
      try UnequalWork.forEach(sizes: [1, 2, 3]) { if $0 == 1 { throw Refusal() } }
    }
  }
}
