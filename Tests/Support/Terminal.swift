#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A program in a pseudo-terminal of 200 columns, which a test types to and reads from.
///
/// What it shows is kept without carriage returns and without the escape sequences of terminals.
public final class Terminal {
  /// Why a wait has failed.
  public struct Failure: Error, CustomStringConvertible {
    /// What was waited for.
    public let expected: String
    /// What was shown since the last success.
    public let shown: String

    /// One sentence for the test's report.
    public var description: String { "expected \(expected.debugDescription), the terminal shows:\n\(shown)" }
  }

  private let master: Int32
  private let process: RunningChild
  private let seconds: Double
  private var shown: [UInt8] = []
  private var filter = EscapeFilter()
  private var ended = false

  /// Starts a program whose controlling terminal this is; every wait lasts at most `seconds`.
  ///
  /// - Throws: `Child.Failure` when it can't be started.
  public init(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], seconds: Double = 20
  ) throws {
    var (master, other): (Int32, Int32) = (-1, -1)
    var name = [CChar](repeating: 0, count: 128)
    var size = winsize(ws_row: 50, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0)
    let code = Inheritance.lock.withLock { _ in
      let code = openpty(&master, &other, &name, nil, &size)
      Inheritance.forbid([master, other])
      return code
    }
    guard code == 0 else { throw Child.Failure.unstartable(program, errno) }
    // Kept open until the child has it: a terminal nobody holds has ended.
    defer { close(other) }
    self.master = master
    self.seconds = seconds
    // The leader of a new session gets the first terminal it opens as its controlling one.
    process = try Spawn(program, arguments, environment).start(newSession: true) { actions in
      posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&actions, 0, 1)
      posix_spawn_file_actions_adddup2(&actions, 0, 2)
    }
  }

  deinit {
    if !ended { _ = process.wait(until: Deadline(seconds: 0)) }
    close(master)
  }

  /// Types text; `\r` is the Enter key, `\u{3}` Ctrl-C, `\u{4}` Ctrl-D, `\u{1b}[A` the arrow up.
  public func type(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Waits until `text` is shown and answers what came before it; what follows stays for the next wait.
  ///
  /// - Throws: `Failure` when it is not shown in time.
  @discardableResult
  public func expect(_ text: String) throws -> String {
    let deadline = Deadline(seconds: seconds)
    let wanted = Array(text.utf8)
    while true {
      if let range = shown.firstRange(of: wanted) {
        defer { shown.removeSubrange(..<range.upperBound) }
        return String(decoding: shown[..<range.lowerBound], as: UTF8.self)
      }
      guard read(until: deadline) else {
        throw Failure(expected: text, shown: String(decoding: shown, as: UTF8.self))
      }
    }
  }

  /// Types a line, and answers what is shown between its echo and the next prompt.
  ///
  /// - Throws: `Failure` when there is no echo or no prompt in time.
  public func ask(_ line: String, prompt: String = "> ") throws -> String {
    type(line + "\r")
    try expect(line + "\n")
    // The answer's last line and the prompt, or the prompt at once.
    shown.insert(UInt8(ascii: "\n"), at: 0)
    let answer = try expect("\n" + prompt)
    return String(answer.dropFirst())
  }

  /// Waits for the program's end and answers its exit status, or 128 and the number of the signal.
  ///
  /// - Throws: `Failure` when it does not end in time; it is killed then.
  public func end() throws -> Int32 {
    let deadline = Deadline(seconds: seconds)
    while read(until: deadline) {}
    ended = true
    guard let status = process.wait(until: deadline) else {
      throw Failure(expected: "the end of the program", shown: String(decoding: shown, as: UTF8.self))
    }
    return status
  }

  /// What has been shown since the last wait.
  public var rest: String { String(decoding: shown, as: UTF8.self) }

  /// Sends the program a signal.
  public func signal(_ number: Int32) { kill(process.identifier, number) }

  /// Reads what is there; false at the deadline or at the end.
  private func read(until deadline: Deadline) -> Bool {
    var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, deadline.milliseconds) > 0 else { return false }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = systemRead(master, &buffer, buffer.count)
    guard count > 0 else { return false }
    for byte in buffer[..<count] where filter.passes(byte) { shown.append(byte) }
    return true
  }
}

/// Takes out carriage returns, bells and escape sequences, byte by byte.
private struct EscapeFilter {
  private enum State { case text, escape, sequence }
  private var state = State.text

  mutating func passes(_ byte: UInt8) -> Bool {
    switch (state, byte) {
    case (.text, 0x1b): state = .escape
    case (.text, 0x0d), (.text, 0x07): break
    case (.text, _): return true
    case (.escape, UInt8(ascii: "[")): state = .sequence
    case (.escape, _): state = .text
    case (.sequence, 0x40...0x7e): state = .text
    case (.sequence, _): break
    }
    return false
  }
}
