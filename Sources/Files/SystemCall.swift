import CProcess
import Kernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// POSIX calls that are tried again when a signal interrupts them.
enum SystemCall {
  /// What the system says about an errno, for example `No such file or directory`.
  static func message(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress else { return "error \(code)" }
      base.initialize(repeating: 0, count: buffer.count)
      guard strerror_r(code, base, buffer.count) == 0 else { return "error \(code)" }
      return String(cString: base)
    }
  }

  /// Runs a call until no signal interrupts it; its result, or -1 with errno set.
  ///
  /// - Throws: `Interrupted` when the signal was a request to stop.
  static func retrying<Result: SignedInteger>(_ call: () -> Result) throws -> Result {
    while true {
      let result = call()
      if result != -1 || errno != EINTR { return result }
      try Interrupt.check()
    }
  }

  /// Refuses every path in the sandbox, and one that the system would cut at a zero byte: all that opens a file asks here first.
  ///
  /// - Throws: `FileError` with `outOfReach` or `zeroByteInPath`.
  static func checkPath(_ origin: Origin) throws {
    if sonde_sandbox_is_on() { throw FileError(origin, .outOfReach) }
    if origin.path.utf8.contains(0) { throw FileError(origin, .zeroByteInPath) }
  }

  /// The error of the call that has just failed.
  static func failure(_ action: String, _ origin: Origin) -> FileError {
    FileError(origin, .system(action: action, code: errno))
  }
}
