import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A step after the first asks for no memory but that of its results: `AllocationCount` counts the blocks.
@Suite struct AllocationTests {
  /// What the program found of a kind of step.
  private struct Count: Equatable {
    let net: String
    let threads: String
    let step: String
    let blocks: Int
  }

  /// Without optimisation closures are blocks of memory, so it is the release build that counts.
  private func counts() throws -> [Count] {
    let program = Project.path(".build/release/AllocationCount")
    try #require(
      access(program, X_OK) == 0,
      "expected \(program), which scripts/test builds: swift build -c release --product AllocationCount")
    let outcome = try Child.run(program, seconds: 120)
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
    return outcome.output.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 5, let blocks = Int(words[3]) else { return nil }
      return Count(net: words[0], threads: words[1], step: words[2], blocks: blocks)
    }
  }

  @Test func aStepAfterTheFirstAsksForNoMemory() throws {
    let counts = try counts()
    // three nets by 1 and by 2 threads
    #expect(counts.filter { $0.step == "engine" }.count == 6)
    #expect(counts.filter { $0.step == "engine" && $0.blocks != 0 } == [])
    // the tape's nodes, the output, the loss, and the gradients between them
    #expect(counts.filter { $0.step == "tape" && !(1...45).contains($0.blocks) } == [])
  }
}
