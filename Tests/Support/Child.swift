#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A program that runs beside the test.
public enum Child {
  /// What a program left when it ended.
  public struct Outcome: Equatable, Sendable {
    /// What it wrote to standard output, bytes that are no UTF-8 repaired.
    public var output: String
    /// What it wrote to standard error.
    public var errors: String
    /// Its exit status, or 128 and the number of the signal that ended it, as a shell tells it.
    public var status: Int32

    /// The outcome that a test expects; unless told otherwise it is silence and success.
    public init(output: String = "", errors: String = "", status: Int32 = 0) {
      self.output = output
      self.errors = errors
      self.status = status
    }
  }

  /// Why a program gave no outcome.
  public enum Failure: Error, CustomStringConvertible {
    case unstartable(String, Int32)
    case late(seconds: Double, output: String)

    /// One sentence for the test's report.
    public var description: String {
      switch self {
      case .unstartable(let program, let code): "\(program): can't be started: \(String(cString: strerror(code)))"
      case .late(let seconds, let output): "no end within \(seconds) s; output so far:\n\(output)"
      }
    }
  }

  /// The built program `name`, which lies in the directory of the test bundle.
  public static func built(_ name: String) -> String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &path, path.count)
    let bytes = path.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }
    let directory = String(decoding: bytes, as: UTF8.self).split(separator: "/").dropLast()
    return "/" + (directory + [name[...]]).joined(separator: "/")
  }

  /// Runs a program to its end, with `input` as standard input, in an environment of just `environment`.
  ///
  /// - Throws: `Failure` when it can't be started, or has not ended in time and was killed.
  public static func run(
    _ program: String, _ arguments: [String] = [], input: String = "", environment: [String: String] = [:],
    directory: String? = nil, seconds: Double = 30
  ) throws -> Outcome {
    guard let file = tmpfile() else { throw Failure.unstartable(program, errno) }
    defer { fclose(file) }
    fwrite(Array(input.utf8), 1, input.utf8.count, file)
    rewind(file)
    var output = try Pipe(program)
    var errors = try Pipe(program)
    let process = try Spawn(program, arguments, environment, directory).start { actions in
      posix_spawn_file_actions_adddup2(&actions, fileno(file), 0)
      posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
      posix_spawn_file_actions_adddup2(&actions, errors.writing, 2)
    }
    output.closeWriting()
    errors.closeWriting()
    let deadline = Deadline(seconds: seconds)
    while !output.isAtEnd || !errors.isAtEnd {
      var ready = [output.request, errors.request]
      if poll(&ready, 2, deadline.milliseconds) == 0 { break }
      output.read(ready[0])
      errors.read(ready[1])
    }
    guard let status = process.wait(until: deadline) else { throw Failure.late(seconds: seconds, output: output.text) }
    return Outcome(output: output.text, errors: errors.text, status: status)
  }
}

/// A pipe whose reading end is collected.
private struct Pipe: ~Copyable {
  private var reading: Int32 = -1
  private(set) var writing: Int32 = -1
  private var bytes: [UInt8] = []
  private(set) var isAtEnd = false

  init(_ program: String) throws {
    var ends: [Int32] = [-1, -1]
    let code = Inheritance.lock.withLock { _ in
      let code = pipe(&ends)
      Inheritance.forbid(ends)
      return code
    }
    guard code == 0 else { throw Child.Failure.unstartable(program, errno) }
    (reading, writing) = (ends[0], ends[1])
  }

  deinit {
    close(reading)
    if writing >= 0 { close(writing) }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// What `poll` is to watch; nothing once the pipe has ended.
  var request: pollfd { pollfd(fd: isAtEnd ? -1 : reading, events: Int16(POLLIN), revents: 0) }

  mutating func closeWriting() {
    close(writing)
    writing = -1
  }

  mutating func read(_ ready: pollfd) {
    guard ready.revents != 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = systemRead(reading, &buffer, buffer.count)
    if count > 0 { bytes += buffer[..<count] } else { isAtEnd = true }
  }
}
