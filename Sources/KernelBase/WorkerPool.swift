import CChunk
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The threads that share the work of large kernels.
///
/// Work is cut into chunks whose size never depends on the number of threads, so that neither do results. Whoever
/// calls `run` works too and takes every chunk that no worker has begun: a worker that the system leaves waiting holds
/// nothing up but the chunk it is in. The caller begins at the first chunk and workers at the last one, so that run after
/// run finds the same memory in the caches of the same cores. Workers sleep between runs, start at the first one that
/// needs them, and leave signals to the other threads of the process.
public enum WorkerPool {
  /// The most threads that may be asked for.
  public static let maximumThreads = 64

  private static let crew = Crew(threads: availableCores)

  /// How many threads work on one run, the caller's included: the cores this process may use, until it is set.
  ///
  /// What is set is brought within 1 and `maximumThreads`; 1 runs everything on the caller's thread.
  public static var threads: Int {
    get { crew.threads.load(ordering: .relaxed) }
    set { crew.resize(Swift.max(1, Swift.min(newValue, maximumThreads))) }
  }

  /// Makes the pool of a child that was forked work again: of the process's threads only the one that forked is there.
  ///
  /// Not while that thread is in `run`.
  public static func restart(threads count: Int) { crew.restart(Swift.max(1, Swift.min(count, maximumThreads))) }

  /// Calls `body` once for each number from 0 up to `chunks`, on several threads at once and in no certain order.
  ///
  /// A run from within a chunk, or while another thread's run is under way, has no workers: it goes through its
  /// chunks in order on the thread that calls.
  ///
  /// - Throws: what a chunk throws, the first of them to do so; no further chunk begins, and those begun have ended.
  public static func run(chunks: Int, _ body: (Int) throws -> Void) throws {
    guard chunks > 1, chunks <= Int(Int32.max), threads > 1, crew.reserve() else {
      for chunk in 0..<Swift.max(chunks, 0) { try body(chunk) }
      return
    }
    defer { crew.free() }
    var kept = sonde_chunk()
    keep(body, &kept)
    try crew.run(chunks, &kept)
  }

  /// The number of cores that the system lets this process use.
  private static var availableCores: Int {
    var cores = Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))
    #if canImport(Glibc)
      // room for 1024 cores
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 16) { mask in
        mask.initialize(repeating: 0)
        guard let base = mask.baseAddress, affinity(0, mask.count * MemoryLayout<UInt64>.size, base) == 0 else {
          return
        }
        cores = mask.reduce(0) { $0 + $1.nonzeroBitCount }
      }
    #endif
    return Swift.max(1, Swift.min(cores, maximumThreads))
  }
}

#if canImport(Glibc)
  // glibc declares it for GNU sources alone, which Swift's import of its headers is not
  @_silgen_name("sched_getaffinity")
  private func affinity(_ process: pid_t, _ size: Int, _ mask: UnsafeMutablePointer<UInt64>) -> CInt
#endif

/// Writes down a closure that doesn't escape; whoever calls it must do so before the caller returns.
@_silgen_name("sonde_chunk_keep")
private func keep(_ body: (Int) throws -> Void, _ chunk: UnsafeMutablePointer<sonde_chunk>)

/// Calls a closure that was written down.
@_silgen_name("sonde_chunk_call")
private func call(_ chunk: UnsafePointer<sonde_chunk>, _ number: Int) throws

/// The workers and the one run they share in.
///
/// Unchecked, because `body` is written before `tickets` opens a run and read only by who has taken a chunk of it, and
/// the two conditions belong to the lock.
private final class Crew: @unchecked Sendable {
  /// How long a thread looks out for work or for an end before it sleeps, giving way to others, in nanoseconds.
  ///
  /// Within a step of a small network there are gaps of more than 20 us.
  private static let lookout = 100_000

  let threads: Atomic<Int>

  /// The first chunk that nobody has taken in the low half and the end of those chunks in the high one.
  ///
  /// A chunk belongs to who raises the low half past it, as the caller does, or lowers the high one to it, as workers do.
  /// A chunk that is taken keeps its run alive, so a number that comes up again in a later run does no harm.
  private let tickets = Atomic<UInt64>(0)
  private let ended = Atomic<Int>(0)
  private let taken = Atomic<Bool>(false)
  private let sleepers = Atomic<Int>(0)
  private let callerSleeps = Atomic<Bool>(false)
  private let failure = Mutex<(any Error)?>(nil)
  private var body: UnsafePointer<sonde_chunk>?

  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let end = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// Changes under the lock.
  private let workers = Atomic<Int>(0)

  init(threads count: Int) {
    threads = Atomic(count)
    pthread_mutex_init(lock, nil)
    pthread_cond_init(work, nil)
    pthread_cond_init(end, nil)
  }

  /// Forgets the workers, and what they held when they went with the rest of the process.
  func restart(_ count: Int) {
    // a worker may have had the lock; nobody is left to wait for it
    pthread_mutex_init(lock, nil)
    pthread_cond_init(work, nil)
    pthread_cond_init(end, nil)
    threads.store(count, ordering: .relaxed)
    workers.store(0, ordering: .relaxed)
    sleepers.store(0, ordering: .relaxed)
    tickets.store(0, ordering: .relaxed)
    callerSleeps.store(false, ordering: .relaxed)
    taken.store(false, ordering: .relaxed)
  }

  /// Takes the crew for one run; false while it has another.
  func reserve() -> Bool {
    taken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
  }

  func free() { taken.store(false, ordering: .releasing) }

  /// Sets how many threads work; workers beyond that leave.
  func resize(_ count: Int) {
    pthread_mutex_lock(lock)
    threads.store(count, ordering: .relaxed)
    pthread_cond_broadcast(work)
    pthread_mutex_unlock(lock)
  }

  func run(_ chunks: Int, _ body: UnsafePointer<sonde_chunk>) throws {
    self.body = body
    ended.store(0, ordering: .relaxed)
    tickets.store(UInt64(chunks) << 32, ordering: .sequentiallyConsistent)
    callWorkers(Swift.min(threads.load(ordering: .relaxed), chunks) - 1)
    while let chunk = takeChunk(fromFront: true) { perform(chunk) }
    waitForEnd(chunks)
    let error = failure.withLock { failure in
      defer { failure = nil }
      return failure
    }
    if let error { throw error }
  }

  /// Wakes or starts workers.
  private func callWorkers(_ wanted: Int) {
    // of the workers that look out nobody sleeps, and all have been started
    if workersAwake(wanted) { return }
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    for _ in 0..<Swift.min(wanted, sleepers.load(ordering: .relaxed)) { pthread_cond_signal(work) }
    while workers.load(ordering: .relaxed) < wanted, QuietThread.start(serve) { workers.add(1, ordering: .relaxed) }
  }

  private func workersAwake(_ wanted: Int) -> Bool {
    sleepers.load(ordering: .sequentiallyConsistent) == 0 && workers.load(ordering: .relaxed) >= wanted
  }

  /// A worker's life.
  private func serve() {
    while true {
      if let chunk = takeChunk(fromFront: false) {
        perform(chunk)
      } else if !(lookOut { hasWork }) {
        pthread_mutex_lock(lock)
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while !hasWork && !isSpare { pthread_cond_wait(work, lock) }
        sleepers.subtract(1, ordering: .relaxed)
        let leaves = isSpare
        if leaves { workers.subtract(1, ordering: .relaxed) }
        pthread_mutex_unlock(lock)
        if leaves { return }
      }
    }
  }

  /// Whether there are more workers than the caller can do with.
  private var isSpare: Bool { workers.load(ordering: .relaxed) >= threads.load(ordering: .relaxed) }

  private var hasWork: Bool {
    let ticket = tickets.load(ordering: .sequentiallyConsistent)
    return ticket & 0xFFFF_FFFF < ticket >> 32
  }

  private func takeChunk(fromFront: Bool) -> Int? {
    var ticket = tickets.load(ordering: .relaxed)
    while ticket & 0xFFFF_FFFF < ticket >> 32 {
      let left = fromFront ? ticket + 1 : ticket - (1 << 32)
      let (exchanged, original) = tickets.weakCompareExchange(
        expected: ticket, desired: left, ordering: .acquiringAndReleasing)
      if exchanged { return Int(fromFront ? ticket & 0xFFFF_FFFF : left >> 32) }
      ticket = original
    }
    return nil
  }

  /// Does a chunk that was taken, and tells the caller if it was the last one to end.
  @inline(never)
  private func perform(_ chunk: Int) {
    do {
      if let body { try call(body, chunk) }
    } catch {
      failure.withLock { $0 = $0 ?? error }
      // what nobody has begun counts as ended
      let ticket = tickets.exchange(0, ordering: .acquiringAndReleasing)
      ended.add(Int(ticket >> 32) - Int(ticket & 0xFFFF_FFFF), ordering: .releasing)
    }
    ended.add(1, ordering: .sequentiallyConsistent)
    // the run may be over from here on
    guard callerSleeps.load(ordering: .sequentiallyConsistent) else { return }
    pthread_mutex_lock(lock)
    pthread_cond_signal(end)
    pthread_mutex_unlock(lock)
  }

  private func waitForEnd(_ chunks: Int) {
    if ended.load(ordering: .acquiring) == chunks || lookOut({ ended.load(ordering: .acquiring) == chunks }) { return }
    pthread_mutex_lock(lock)
    callerSleeps.store(true, ordering: .sequentiallyConsistent)
    while ended.load(ordering: .sequentiallyConsistent) < chunks { pthread_cond_wait(end, lock) }
    callerSleeps.store(false, ordering: .relaxed)
    pthread_mutex_unlock(lock)
  }

  /// Waits a moment for a condition, giving the core to whoever wants it; on a busy core the moment is over at once.
  private func lookOut(_ condition: () -> Bool) -> Bool {
    let start = Crew.now()
    repeat {
      if condition() { return true }
      sched_yield()
    } while Crew.now() - start < Crew.lookout
    return condition()
  }

  /// The monotonic clock in nanoseconds.
  private static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
  }
}
