#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A program in a pseudo-terminal, which a test types to and reads from.
///
/// What it writes is kept twice: as a text without carriage returns and without the escape sequences of terminals, in
/// which waits look for what they wait for, and as the `screen` that a user sees.
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

  /// What a user sees of what has been read so far; a wait reads.
  public private(set) var screen: Screen
  /// Every byte that the program has written so far, its control codes too.
  public private(set) var written: [UInt8] = []

  private var master: Int32
  private let process: RunningChild
  /// What must live as long as the program, such as the directory it works in.
  public var retained: AnyObject?
  private let seconds: Double
  private var shown: [UInt8] = []
  private var parser = ControlSequences()
  private var ended = false

  /// Starts a program whose controlling terminal this is, of 50 lines by 200 columns unless told otherwise.
  ///
  /// Every wait lasts at most `seconds`. Without `echo` what is typed isn't shown, as where another program types.
  ///
  /// - Throws: `Child.Failure` when it can't be started.
  public init(
    _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], directory: String? = nil,
    rows: Int = 50, columns: Int = 200, echo: Bool = true, seconds: Double = 20
  ) throws {
    var (master, other): (Int32, Int32) = (-1, -1)
    var name = [CChar](repeating: 0, count: 128)
    var size = Terminal.size(rows, columns)
    let code = Inheritance.lock.withLock { _ in
      let code = openpty(&master, &other, &name, nil, &size)
      Inheritance.forbid([master, other])
      return code
    }
    guard code == 0 else { throw Child.Failure.unstartable(program, errno) }
    // Kept open until the child has it: a terminal nobody holds has ended.
    defer { close(other) }
    if !echo {
      var mode = termios()
      tcgetattr(other, &mode)
      mode.c_lflag &= ~tcflag_t(ECHO)
      tcsetattr(other, TCSANOW, &mode)
    }
    self.master = master
    self.seconds = seconds
    screen = Screen(rows: rows, columns: columns)
    // The leader of a new session gets the first terminal it opens as its controlling one.
    process = try Spawn(program, arguments, environment, directory).start(newSession: true) { actions in
      posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
      posix_spawn_file_actions_adddup2(&actions, 0, 1)
      posix_spawn_file_actions_adddup2(&actions, 0, 2)
    }
  }

  deinit {
    if !ended { _ = process.wait(until: Deadline(seconds: 0)) }
    if master >= 0 { close(master) }
  }

  private static func size(_ rows: Int, _ columns: Int) -> winsize {
    winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
  }

  /// Types text; `\r` is the Enter key, `\u{3}` Ctrl-C, `\u{4}` Ctrl-D, `\u{1b}[A` the arrow up.
  public func type(_ text: String) { type(Array(text.utf8)) }

  /// Types bytes, which need not be UTF-8.
  ///
  /// What the program writes meanwhile is read, so that neither waits for the other for ever; what a program that no
  /// longer reads leaves unread when the time is over is dropped, as a terminal does.
  public func type(_ bytes: [UInt8]) {
    let deadline = Deadline(seconds: seconds)
    var rest = bytes[...]
    while !rest.isEmpty {
      var ready = pollfd(fd: master, events: Int16(POLLIN | POLLOUT), revents: 0)
      guard poll(&ready, 1, deadline.milliseconds) > 0 else { return }
      if ready.revents & Int16(POLLIN) != 0, !readOnce() { return }
      guard ready.revents & Int16(POLLOUT) != 0 else { continue }
      // a terminal takes 4096 bytes at a time, and few of them at once are sure not to block
      let count = rest.prefix(256).withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
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

  /// Drops what has been shown so far: a prompt that was drawn anew is not to be taken for the next one.
  public func skipShown() { shown = [] }

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

  /// The program's process.
  public var identifier: pid_t { process.identifier }

  // MARK: The terminal itself

  /// Waits until the screen is as `isRight` wants it.
  ///
  /// - Throws: `Failure` when it is not so in time; `what` tells what was expected.
  public func expectScreen(_ what: String, _ isRight: (Screen) -> Bool) throws {
    let deadline = Deadline(seconds: seconds)
    while !isRight(screen) {
      guard read(until: deadline) else { throw Failure(expected: what, shown: screen.text) }
    }
  }

  /// Waits until the screen shows just `text`, its lines without blanks at their ends.
  ///
  /// - Throws: `Failure` when it does not in time.
  public func expectScreen(_ text: String) throws { try expectScreen(text) { $0.text == text } }

  /// Changes the size as a user does who drags the window's corner; the program is told by SIGWINCH.
  public func resize(rows: Int, columns: Int) {
    var size = Terminal.size(rows, columns)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    screen.resize(rows: rows, columns: columns)
  }

  /// Closes the terminal as a user does who closes the window: the program gets SIGHUP and finds no terminal any more.
  public func hangUp() {
    close(master)
    master = -1
  }

  /// Whether lines are edited and echoed by the system, Ctrl-C is a signal and Enter a line's end: the mode in which
  /// programs find a terminal and must leave it.
  public var isInUsualMode: Bool {
    var mode = termios()
    guard tcgetattr(master, &mode) == 0 else { return false }
    let local = tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
    return mode.c_lflag & local == local && mode.c_iflag & tcflag_t(ICRNL) != 0 && mode.c_oflag & tcflag_t(OPOST) != 0
  }

  // MARK: Reading

  /// Waits for output and reads it; false at the deadline or at the end.
  private func read(until deadline: Deadline) -> Bool {
    // nothing comes after hangUp, and poll would wait for it
    guard master >= 0 else { return false }
    var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, deadline.milliseconds) > 0 else { return false }
    return readOnce()
  }

  /// Reads what is there; false at the end.
  private func readOnce() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = systemRead(master, &buffer, buffer.count)
    guard count > 0 else { return false }
    written += buffer[..<count]
    screen.show(buffer[..<count])
    for byte in buffer[..<count] { keep(byte) }
    return true
  }

  /// Keeps text without carriage returns, bells and escape sequences, its bytes as they are.
  private func keep(_ byte: UInt8) {
    let part = parser.take(byte)
    switch part {
    case .control(0x0d), .control(0x07), .escape, .sequence, .string: break
    case nil where !parser.isInText: break
    default: shown.append(byte)
    }
  }
}
