import Kernels
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite struct WorkerPoolTests {
  private struct Failure: Error, Equatable {
    let chunk: Int
  }

  private func with(threads: Int, _ body: () throws -> Void) rethrows {
    try Threads.varying {
      WorkerPool.threads = threads
      try body()
    }
  }

  /// Runs two chunks until a worker has had one of them while the caller had the other; false when it never does.
  ///
  /// Any run may go without workers, since other tests use the pool too.
  private func meet(_ onWorker: () -> Void = {}) throws -> Bool {
    let caller = pthread_self()
    for _ in 0..<1000 {
      let meeting = Atomic<Int>(0)
      try WorkerPool.run(chunks: 2) { _ in
        meeting.add(1, ordering: .relaxed)
        for _ in 0..<10_000 where meeting.load(ordering: .relaxed) < 2 { sched_yield() }
        if pthread_equal(pthread_self(), caller) == 0 {
          meeting.add(1, ordering: .relaxed)
          onWorker()
        }
      }
      if meeting.load(ordering: .relaxed) == 3 { return true }
    }
    return false
  }

  /// How often each chunk of a run was called.
  private func calls(_ chunks: Int) throws -> [Int] {
    let counts = UnsafeMutablePointer<Int>.allocate(capacity: chunks)
    defer { counts.deallocate() }
    counts.initialize(repeating: 0, count: chunks)
    try WorkerPool.run(chunks: chunks) { counts[$0] += 1 }
    return Array(UnsafeBufferPointer(start: counts, count: chunks))
  }

  @Test(arguments: [1, 2, 3, 8])
  func everyChunkIsCalledOnce(threads: Int) throws {
    try with(threads: threads) { () throws in
      for chunks in [0, 1, 2, 3, 7, 1000] {
        for _ in 0..<50 { #expect(try calls(chunks) == Array(repeating: 1, count: chunks)) }
      }
    }
  }

  @Test func threadsStayWithinTheirLimits() {
    with(threads: 0) { #expect(WorkerPool.threads == 1) }
    with(threads: 65) { #expect(WorkerPool.threads == 64) }
    with(threads: 5) { #expect(WorkerPool.threads == 5) }
  }

  @Test func workersShareARun() throws {
    try with(threads: 2) { () throws in #expect(try meet()) }
  }

  /// Each end of the memory that runs share stays with the same core.
  @Test(arguments: [2, 3, 8])
  func theCallerBeginsAtTheFirstChunkAndWorkersAtTheLast(threads: Int) throws {
    try with(threads: threads) { () throws in
      let caller = pthread_self()
      for _ in 0..<200 {
        let isMine = UnsafeMutablePointer<Bool>.allocate(capacity: 40)
        defer { isMine.deallocate() }
        isMine.initialize(repeating: false, count: 40)
        try WorkerPool.run(chunks: 40) { chunk in
          if pthread_equal(pthread_self(), caller) != 0 { isMine[chunk] = true }
          sched_yield()
        }
        let mine = (0..<40).filter { isMine[$0] }
        #expect(mine == Array(0..<mine.count))
      }
    }
  }

  @Test func oneThreadHasNoWorkers() throws {
    try with(threads: 1) { () throws in
      let caller = pthread_self()
      for _ in 0..<100 {
        try WorkerPool.run(chunks: 8) { _ in #expect(pthread_equal(pthread_self(), caller) != 0) }
      }
    }
  }

  @Test func workersLeaveSignalsToOthers() throws {
    try with(threads: 2) { () throws in
      let blocked = Atomic<Int>(0)
      let met = try meet {
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &mask)
        let signals = [SIGINT, SIGTERM, SIGWINCH].filter { sigismember(&mask, $0) == 1 }
        blocked.store(signals.count, ordering: .relaxed)
      }
      #expect(met && blocked.load(ordering: .relaxed) == 3)
    }
  }

  @Test(arguments: [1, 2, 8])
  func anErrorEndsTheRun(threads: Int) throws {
    try with(threads: threads) { () throws in
      for chunk in [0, 5, 99] {
        let begun = Atomic<Int>(0)
        let ended = Atomic<Int>(0)
        #expect(throws: Failure(chunk: chunk)) {
          try WorkerPool.run(chunks: 100) {
            begun.add(1, ordering: .relaxed)
            defer { ended.add(1, ordering: .relaxed) }
            if $0 == chunk { throw Failure(chunk: chunk) }
          }
        }
        #expect(begun.load(ordering: .relaxed) == ended.load(ordering: .relaxed))
        // in order on one thread, on several from both ends
        #expect(begun.load(ordering: .relaxed) >= (threads == 1 ? chunk + 1 : 1))
      }
      #expect(try calls(100) == Array(repeating: 1, count: 100))
    }
  }

  @Test func runsWithinRunsAreInline() throws {
    try with(threads: 3) { () throws in
      let total = Atomic<Int>(0)
      let strangers = Atomic<Int>(0)
      try WorkerPool.run(chunks: 10) { _ in
        let outer = pthread_self()
        try WorkerPool.run(chunks: 10) { _ in
          total.add(1, ordering: .relaxed)
          if pthread_equal(pthread_self(), outer) == 0 { strangers.add(1, ordering: .relaxed) }
        }
      }
      #expect(total.load(ordering: .relaxed) == 100)
      #expect(strangers.load(ordering: .relaxed) == 0)
    }
  }

  @Test func callersAtOnceGetTheirOwnResults() async throws {
    try await withThrowingTaskGroup(of: [Int].self) { group in
      for _ in 0..<8 {
        group.addTask { try (0..<200).flatMap { _ in try calls(9) } }
      }
      for try await counts in group { #expect(counts == Array(repeating: 1, count: 1800)) }
    }
  }
}
