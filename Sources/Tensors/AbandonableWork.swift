import Kernels
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Work that looks for no Ctrl-C, as LAPACK's, on a thread of its own, so that whoever waits for it can leave.
///
/// What is left goes on until it is done, and only then gives back the memory it holds.
enum AbandonableWork {
  /// From how many steps on a thread is worth its start: shorter work is done before a user misses an answer.
  private static let worthwhileSteps = 1e7
  /// How long to wait before looking for Ctrl-C, in nanoseconds.
  private static let interval = 10_000_000

  /// The work that goes on though nobody waits for it.
  private static let abandoned = Atomic<Int>(0)

  /// Runs `body`, of about `steps` multiplications, and answers its result.
  ///
  /// All memory that `body` writes must be its own and be kept alive by it: pointers are to be asked for inside.
  ///
  /// - Throws: `Interrupted` when a stop is requested before the end; the result is dropped when it comes.
  static func run<Result>(steps: Double, _ body: @escaping () -> Result) throws -> Result {
    try Interrupt.check()
    guard steps >= worthwhileSteps else { return body() }
    let job = Job(body)
    guard job.start() else { return body() }
    return try job.wait()
  }

  /// One piece of work; unchecked, because everything that changes does so under the lock.
  private final class Job<Result>: @unchecked Sendable {
    private var body: (() -> Result)?
    private var result: Result?
    private var isAbandoned = false
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let end = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(_ body: @escaping () -> Result) {
      self.body = body
      pthread_mutex_init(lock, nil)
      pthread_cond_init(end, nil)
    }

    deinit {
      pthread_cond_destroy(end)
      pthread_mutex_destroy(lock)
      end.deallocate()
      lock.deallocate()
    }

    /// Starts a thread; false when the system has none to give.
    func start() -> Bool { QuietThread.start { self.perform() } }

    private func perform() {
      let result = body?()
      pthread_mutex_lock(lock)
      (self.result, body) = (result, nil)
      if isAbandoned { abandoned.subtract(1, ordering: .relaxed) }
      pthread_cond_signal(end)
      pthread_mutex_unlock(lock)
    }

    func wait() throws -> Result {
      pthread_mutex_lock(lock)
      defer { pthread_mutex_unlock(lock) }
      while true {
        if let result { return result }
        if Interrupt.isRequested {
          isAbandoned = true
          abandoned.add(1, ordering: .relaxed)
          leaveGently()
          throw Interrupted()
        }
        waitALittle()
      }
    }

    private func waitALittle() {
      var moment = timespec()
      clock_gettime(CLOCK_REALTIME, &moment)
      moment.tv_nsec += interval
      if moment.tv_nsec >= 1_000_000_000 {
        moment.tv_nsec -= 1_000_000_000
        moment.tv_sec += 1
      }
      pthread_cond_timedwait(end, lock, &moment)
    }
  }

  #if canImport(Glibc)
    /// OpenBLAS takes its memory away when the process exits, which what still computes would not survive.
    private static let guardsExit: Void = {
      on_exit(
        { status, _ in
          guard AbandonableWork.abandoned.load(ordering: .relaxed) > 0 else { return }
          fflush(nil)
          _exit(status)
        }, nil)
    }()
  #endif

  /// Sees to it that the process can end while abandoned work goes on.
  private static func leaveGently() {
    #if canImport(Glibc)
      _ = guardsExit
    #endif
  }
}
