import CProcess
import Kernels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A moment by the monotonic clock, after which nobody waits any longer.
struct Moment {
  let seconds: Double
  private let end: Double

  init(seconds: Double) {
    self.seconds = seconds
    end = Moment.now + seconds
  }

  var hasPassed: Bool { Moment.now >= end }

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// A running gnuplot: a script goes in, a picture comes out.
///
/// It is a process group of its own, so that Ctrl-C at the terminal reaches us alone and we stop it with whatever it has started; where
/// we are killed the system ends it, and what a script in its place has started sees the end of its files at best.
/// The script goes through a socket, because writing to a pipe whose reader is gone raises SIGPIPE in the whole process.
final class GnuplotProcess {
  private static let largestPicture = 64 << 20
  private static let longestMessage = 16 << 10
  /// How long to wait for something to happen before looking for Ctrl-C.
  private static let interval: Int32 = 20

  private let program: String
  private let input: FileEnd
  private let output: FileEnd
  private let errors: FileEnd
  private var identifier: pid_t
  private var picture: [UInt8] = []
  private var message: [UInt8] = []
  private var status: Int32?

  /// Starts the program, without a shell; a name without a slash is looked for in PATH.
  ///
  /// - Throws: `GnuplotError.missing` or `.unstartable`.
  init(_ program: String) throws {
    self.program = program
    guard !program.utf8.contains(0) else { throw GnuplotError.unstartable(program: program, code: ENOENT) }
    let script = try FilePair(.socket, program)
    let picture = try FilePair(.pipe, program)
    let message = try FilePair(.pipe, program)
    identifier = try GnuplotProcess.start(program, [script.child, picture.child, message.child].map(\.descriptor))
    (input, output, errors) = (script.own, picture.own, message.own)
  }

  deinit { stop() }

  /// Feeds the script and collects the picture until the program has ended.
  ///
  /// - Throws: `GnuplotError`, `Interrupted`; the program is gone then too.
  func run(_ script: String, until moment: Moment) throws -> [UInt8] {
    var rest = Array(script.utf8)[...]
    while status == nil {
      try Interrupt.check()
      if moment.hasPassed { throw GnuplotError.late(program: program, seconds: moment.seconds) }
      // asked before the last reading, so that nothing written before the end is missed
      status = ended()
      try exchange(&rest)
    }
    guard status == 0 else {
      throw GnuplotError.failed(program: program, status: status ?? 0, message: firstLine)
    }
    return picture
  }

  /// Waits a little until something can be read or written, and does all of it.
  private func exchange(_ rest: inout ArraySlice<UInt8>) throws {
    if status == nil {
      var ready = [(input, rest.isEmpty ? 0 : POLLOUT), (output, POLLIN), (errors, POLLIN)].map { end, events in
        pollfd(fd: end.descriptor, events: Int16(events), revents: 0)
      }
      poll(&ready, nfds_t(ready.count), GnuplotProcess.interval)
    }
    if !rest.isEmpty { rest = input.send(rest) }
    if rest.isEmpty { input.close() }
    output.receive(into: &picture)
    errors.receive(into: &message)
    if picture.count > GnuplotProcess.largestPicture {
      throw GnuplotError.tooLarge(program: program, limit: GnuplotProcess.largestPicture)
    }
    if message.count > GnuplotProcess.longestMessage {
      message.removeLast(message.count - GnuplotProcess.longestMessage)
    }
  }

  /// The exit status as a shell tells it, nil while the program runs.
  private func ended() -> Int32? {
    var raw: Int32 = 0
    let found = waitpid(identifier, &raw, WNOHANG)
    if found == 0 || (found < 0 && errno == EINTR) { return nil }
    // Where children are not waited for, the picture alone tells how it ended.
    let status = found < 0 ? 0 : raw & 0x7F == 0 ? raw >> 8 & 0xFF : 128 + raw & 0x7F
    kill(-identifier, SIGKILL)
    identifier = 0
    return status
  }

  private func stop() {
    guard identifier > 0 else { return }
    kill(-identifier, SIGKILL)
    kill(identifier, SIGKILL)
    while waitpid(identifier, nil, 0) < 0 && errno == EINTR {}
    identifier = 0
  }

  /// What gnuplot complains about: the line with its words where it has printed the command before, else the first with text.
  private var firstLine: String {
    let lines = String(decoding: message, as: UTF8.self).split(whereSeparator: \.isNewline)
      .map { line in String(line.drop { $0 == " " || $0 == "\t" }.prefix(300)) }
      .filter { !$0.isEmpty }
    return lines.first { $0.hasPrefix("line ") } ?? lines.first ?? ""
  }
}

extension GnuplotProcess {
  /// Starts a program on three files.
  private static func start(_ program: String, _ files: [Int32]) throws -> pid_t {
    // -d: without the settings of the user and the system
    let words: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup("-d"), nil]
    defer { for word in words { free(word) } }
    var identifier: pid_t = 0
    let code = words.withUnsafeBufferPointer { words in
      var started = SondeProgram()
      started.path = words[0].map { UnsafePointer($0) }
      started.words = words.baseAddress
      started.files = (files[0], files[1], files[2])
      // Ctrl-C at the terminal reaches us alone; where we are killed, it is too
      started.leads_group = true
      started.ends_with_parent = true
      return sonde_program_start(&started, &identifier)
    }
    if code == ENOENT { throw GnuplotError.missing(program: program) }
    guard code == 0 else { throw GnuplotError.unstartable(program: program, code: code) }
    return identifier
  }
}
