import CLua
import CProcess
import Files
import Kernels
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The processes of a sweep: starts one a run, as many at once as there are workers, and gathers what comes of them.
///
/// Each is a copy of this process as it is when the sweep begins, so that no run sees what another has done.
struct SweepProcesses {
  /// Why the processes ended.
  enum End {
    case completed
    case interrupted
    /// The system could start only so many at once.
    case fewer(Int)
  }

  let plan: SweepPlan
  let workers: Int
  let timeout: Double?
  /// The file that is the parent's alone, -1 where there is none.
  let file: () -> Int32
  /// What a child does; it gives what is to be sent.
  let work: (_ index: Int) -> [UInt8]
  let progress: SweepProgress

  /// How long to wait between two looks at what no file tells, in milliseconds.
  private static let interval: Int32 = 100

  /// Runs the runs of these numbers; `receive` gets each when it has ended.
  ///
  /// - Throws: what `receive` throws, and `LuaFailure` where not even one process can be started; those that run are ended.
  func run(_ indices: [Int], receive: (SweepRun) throws -> Void) throws -> End {
    var waiting = indices[...]
    var running: [RunProcess] = []
    var room = workers
    defer { for process in running { process.end() } }
    while !waiting.isEmpty || !running.isEmpty {
      if Interrupt.isRequested { return .interrupted }
      while running.count < room, let index = waiting.first {
        guard let process = start(index, beside: running) else {
          if running.isEmpty { throw LuaFailure.message("can't start a process: \(String(cString: strerror(errno)))") }
          room = running.count
          break
        }
        running.append(process)
        waiting.removeFirst()
      }
      wait(for: running)
      try gather(&running, receive)
    }
    return room < min(workers, indices.count) ? .fewer(room) : .completed
  }

  /// Starts a process; nil with errno where the system has none to give.
  private func start(_ index: Int, beside running: [RunProcess]) -> RunProcess? {
    var child = SondeChild()
    let closed = running.flatMap(\.numbers) + [file()].filter { $0 >= 0 }
    switch sonde_child_start(&child, closed, closed.count) {
    case 0: return RunProcess(index: index, child)
    case 1:
      let report = work(index)
      sonde_child_end(&child, report, report.count)
    default: return nil
    }
  }

  private func wait(for running: [RunProcess]) {
    progress.show(running: running.count)
    var requests = running.flatMap(\.requests)
    let now = StatusLine.now()
    let rest = timeout.flatMap { timeout in running.map { $0.start + timeout - now }.min() } ?? 1
    let milliseconds = Int32(max(0, min(rest * 1000, Double(SweepProcesses.interval))).rounded(.up))
    // a signal ends the wait: Ctrl-C is looked for next
    poll(&requests, nfds_t(requests.count), milliseconds)
  }

  private func gather(_ running: inout [RunProcess], _ receive: (SweepRun) throws -> Void) throws {
    for process in running {
      read(process)
      if let timeout, !process.isLate, StatusLine.now() - process.start >= timeout { process.stopLate() }
      guard process.hasEnded() else { continue }
      // what came between the last look and the end
      read(process)
      process.end()
      running.removeAll { $0 === process }
      let run = outcome(of: process)
      try receive(run)
      progress.count(isError: run.error != nil)
    }
  }

  private func read(_ process: RunProcess) {
    process.read { line, isError in
      progress.aside {
        let text = Array("run \(process.index): ".utf8) + line
        text.withUnsafeBytes { bytes in
          guard let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
          sonde_write_to(isError, base, bytes.count)
        }
      }
    }
  }

  private func outcome(of process: RunProcess) -> SweepRun {
    let origin = Origin(operation: "sonde.sweep", path: "run \(process.index)")
    if !process.isLate, let text = String(validating: process.report, as: UTF8.self),
      let report = try? JSONValue(reading: text, named: "result", origin),
      let run = SweepRun(index: process.index, report: report)
    {
      return run
    }
    return SweepRun(
      index: process.index, outcome: .error(process.fate(timeout: timeout)),
      seconds: StatusLine.now() - process.start)
  }
}
