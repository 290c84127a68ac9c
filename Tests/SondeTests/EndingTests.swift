import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Signals that end the process, and a terminal that is closed, in the middle of a run.
struct EndingTests {
  private static let running = [
    "io.write('run', 'ning\\n') while true do end",
    "io.write('run', 'ning\\n') while true do pcall(function() while true do end end) end",
    "io.write('run', 'ning\\n') while true do io.read() end",
    "io.write('run', 'ning\\n') while true do io.write('') io.flush() end",
    "t = sonde.ones(500, 500) io.write('run', 'ning\\n') while true do t:matmul(t) end",
    "io.write('run', 'ning\\n') while true do os.execute('sleep 5') end",
  ]

  private func remove(_ place: Workplace) {
    unlink("\(place.directory.path)/sonde/history")
    rmdir("\(place.directory.path)/sonde")
  }

  /// Runs a chunk at the prompt, ends it, and answers the status; what was typed must be in the history.
  private func status(_ chunk: String, ended: (Terminal) -> Void) throws -> Int32 {
    let place = try Workplace()
    defer { remove(place) }
    let terminal = try place.prompt()
    terminal.type("\(chunk)\r")
    try terminal.expect("\nrunning\n")
    ended(terminal)
    let status = try terminal.end()
    let history = place.directory.read("sonde/history").map { String(decoding: $0, as: UTF8.self) } ?? ""
    #expect(history.contains(chunk.prefix(20)))
    return status
  }

  @Test(arguments: running, [SIGTERM, SIGHUP])
  func aSignalEndsARun(_ chunk: String, _ number: Int32) throws {
    #expect(try status(chunk) { $0.signal(number) } == 128 + number)
  }

  /// The process must not go on reading from and writing to what is no longer there.
  @Test(arguments: running)
  func aClosedTerminalEndsARun(_ chunk: String) throws {
    #expect(try status(chunk) { $0.hangUp() } == 128 + SIGHUP)
  }

  @Test func aClosedTerminalEndsThePrompt() throws {
    let terminal = try Workplace().prompt()
    terminal.hangUp()
    #expect(try terminal.end() == 128 + SIGHUP)
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGKILL])
  func runsOfASweepEndWithIt(_ number: Int32) throws {
    let place = try Workplace()
    defer { remove(place) }
    let terminal = try place.prompt()
    terminal.type("sonde.sweep{grid={a={1}}, workers=1, progress=false, run=function() while true do end end}\r")
    guard let worker = try child(of: terminal) else { return }
    terminal.signal(number)
    #expect(try terminal.end() == 128 + number)
    for _ in 0..<200 where isRunning(worker) { usleep(10_000) }
    #expect(!isRunning(worker))
  }

  /// The process that the program has started, once it has.
  private func child(of terminal: Terminal) throws -> pid_t? {
    for _ in 0..<500 {
      let path = "/proc/\(terminal.identifier)/task/\(terminal.identifier)/children"
      if let text = Project.text(at: path), let child = text.split(separator: " ").first.flatMap({ pid_t($0) }) {
        return child
      }
      usleep(10_000)
    }
    Issue.record("the sweep has started no process")
    return nil
  }

  /// Whether a process is there and no zombie.
  private func isRunning(_ process: pid_t) -> Bool {
    guard let text = Project.text(at: "/proc/\(process)/stat") else { return false }
    return text.split(separator: ")").last?.split(separator: " ").first.map { $0 != "Z" } ?? false
  }
}
