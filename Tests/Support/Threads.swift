import Kernels
import Synchronization

/// The number of threads belongs to the process: one test at a time may set it.
public enum Threads {
  private static let turn = Mutex<Void>(())

  /// Calls `body` where `WorkerPool.threads` may be set, and puts the number back.
  public static func varying(_ body: () throws -> Void) rethrows {
    try turn.withLock { _ in
      let before = WorkerPool.threads
      defer { WorkerPool.threads = before }
      try body()
    }
  }
}
