import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A moment after which a test stops waiting.
struct Deadline {
  private let end: Double

  init(seconds: Double) { end = Deadline.now + seconds }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// What is left, for `poll`; 0 when the moment has passed.
  var milliseconds: Int32 { Int32(max(0, (end - Deadline.now) * 1000).rounded(.up)) }
}

/// Which files children get: none but those they are given.
///
/// A child of another test that held the end of a pipe would keep that pipe from ending.
enum Inheritance {
  /// Held from a file's opening to its marking, and while a child starts.
  static let lock = Mutex(())

  /// Marks files to be closed in children.
  static func forbid(_ files: [Int32]) {
    for file in files { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
  }
}

/// What is to be started.
struct Spawn {
  /// POSIX_SPAWN_SETSID of glibc 2.26 and later, which its header shows to GNU programs only.
  private static let newSession: Int32 = 0x80

  private let program: String
  private let arguments: [String]
  private let environment: [String: String]

  init(_ program: String, _ arguments: [String], _ environment: [String: String], _ directory: String? = nil) {
    // posix_spawn has no portable way to another directory; env becomes the program it starts there.
    self.program = directory == nil ? program : "/usr/bin/env"
    self.arguments = directory.map { ["-C", $0, program] + arguments } ?? arguments
    self.environment = environment
  }

  /// Starts the program with the files that `prepare` opens, in a session of its own if asked for.
  func start(newSession: Bool = false, prepare: (inout posix_spawn_file_actions_t) -> Void) throws -> RunningChild {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    prepare(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Whatever the test runner ignores or, in the threads that run tests, blocks, the child does not.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (newSession ? Spawn.newSession : 0)
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var identifier: pid_t = 0
    let code = withCStrings([program] + arguments) { words in
      withCStrings(environment.map { "\($0)=\($1)" }) { variables in
        Inheritance.lock.withLock { _ in
          posix_spawn(&identifier, program, &actions, &attributes, words, variables)
        }
      }
    }
    guard code == 0 else { throw Child.Failure.unstartable(program, code) }
    return RunningChild(identifier: identifier)
  }

  /// Lends a list of C strings with nil at its end.
  private func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers = texts.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
      guard let first = buffer.baseAddress else { preconditionFailure("a list that ends in nil is not empty") }
      return body(first)
    }
  }
}

/// A process that has been started and must be waited for.
struct RunningChild {
  let identifier: pid_t

  /// The exit status as a shell tells it; nil when the deadline came first and the process was killed.
  func wait(until deadline: Deadline) -> Int32? {
    var status: Int32 = 0
    while true {
      if waitpid(identifier, &status, WNOHANG) == identifier { break }
      guard deadline.milliseconds > 0 else {
        kill(identifier, SIGKILL)
        waitpid(identifier, &status, 0)
        return nil
      }
      poll(nil, 0, 2)
    }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }
}

/// The system's `read`, under a name that methods called `read` don't hide.
func systemRead(_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int { read(file, buffer, count) }
