import CLua
import CProcess

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One run of a sweep in a process of its own, seen from the process that waits for it.
final class RunProcess {
  /// The run's number.
  let index: Int
  /// When it was begun, by the clock of `StatusLine.now`.
  let start = StatusLine.now()
  /// Whether it was stopped because it took too long.
  private(set) var isLate = false

  private let identifier: pid_t
  private var result: ChildPipe
  private var output: ChildPipe
  private var errors: ChildPipe
  /// How it ended as `waitpid` tells, once it has.
  private var status: Int32?

  init(index: Int, _ child: SondeChild) {
    self.index = index
    identifier = child.identifier
    result = ChildPipe(child.result)
    output = ChildPipe(child.output)
    errors = ChildPipe(child.errors)
  }

  deinit { end() }

  /// The files at which this process reads, the parent's alone.
  var numbers: [Int32] { [result.number, output.number, errors.number].filter { $0 >= 0 } }

  /// What `poll` is to watch.
  var requests: [pollfd] { numbers.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) } }

  /// Takes what has come; `show` gets whole lines, and whether they were written to standard error.
  func read(_ show: (ArraySlice<UInt8>, _ isError: Bool) -> Void) {
    result.read()
    output.read()
    errors.read()
    output.takeLines { show($0, false) }
    errors.takeLines { show($0, true) }
  }

  /// Whether the process has ended, and with it what it has started and left; what it has sent until then can be read.
  func hasEnded() -> Bool {
    if status != nil { return true }
    var code: Int32 = 0
    let isAtEnd = result.number < 0
    // the end of its result is that of the process; its number stays its own until it is waited for
    if isAtEnd { kill(-identifier, SIGKILL) }
    let answer = waitpid(identifier, &code, isAtEnd ? 0 : WNOHANG)
    if answer == 0 || (answer < 0 && errno == EINTR) { return false }
    // where signals of ended children are ignored the system does not tell how they ended
    status = answer < 0 ? 0 : code
    return true
  }

  /// Ends the process, what it has started too, because it took too long.
  func stopLate() {
    isLate = true
    kill(-identifier, SIGKILL)
  }

  /// Ends the process if it runs, and closes everything.
  func end() {
    if status == nil {
      kill(-identifier, SIGKILL)
      var code: Int32 = 0
      while waitpid(identifier, &code, 0) < 0, errno == EINTR {}
      status = code
    }
    result.close()
    output.close()
    errors.close()
  }

  /// The bytes of its result; empty where it was ended before it had sent one.
  var report: [UInt8] { result.bytes }

  /// What became of a process that has sent no result.
  func fate(timeout: Double?) -> String {
    if isLate, let timeout {
      return "took longer than its timeout of \(PlainData.text(.number(timeout))) s and was ended"
    }
    let signal = (status ?? 0) & 0x7f
    guard signal != 0 else {
      return "ended its process with status \((status ?? 0) >> 8 & 0xff) instead of returning; os.exit does so"
    }
    let cause = signal == SIGKILL ? "; the system does so when memory is short" : ""
    return "its process was ended by signal \(signal) (\(String(cString: strsignal(signal))))\(cause)"
  }
}

/// The reading end of a pipe and what has come through it.
private struct ChildPipe {
  /// Its number, -1 once it is closed.
  private(set) var number: Int32
  private(set) var bytes: [UInt8] = []
  /// The longest line that is waited for.
  private static let longestLine = 1 << 16
  /// The most that is read at a time, more than a pipe holds: who writes without end must not keep the reader from all else.
  private static let most = 1 << 20

  init(_ number: Int32) { self.number = number }

  /// Reads what is there, and closes at the end.
  mutating func read() {
    var room = [UInt8](repeating: 0, count: 1 << 16)
    var rest = ChildPipe.most
    while number >= 0, rest > 0 {
      let count = readBytes(number, &room, room.count)
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else { return close() }
      bytes += room[..<count]
      rest -= count
    }
  }

  /// Takes the whole lines off, with their ends; at the end of the pipe also one without.
  mutating func takeLines(_ body: (ArraySlice<UInt8>) -> Void) {
    var rest = bytes[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      body(rest[...end])
      rest = rest[(end + 1)...]
    }
    if !rest.isEmpty, number < 0 || rest.count > ChildPipe.longestLine {
      body(rest + [UInt8(ascii: "\n")])
      rest = []
    }
    bytes = Array(rest)
  }

  mutating func close() {
    if number >= 0 { closeFile(number) }
    number = -1
  }
}

/// The system's `read` and `close`, under names that methods don't hide.
private let readBytes: @Sendable (Int32, UnsafeMutableRawPointer?, Int) -> Int = { read($0, $1, $2) }
private let closeFile: @Sendable (Int32) -> Void = { close($0) }
