import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Random keys at the prompt: no crash, no lost session, and the terminal as it was.
///
/// `SONDE_LONG` is the time in seconds, 10 for each of both seeds unless set; `SONDE_SEED` takes up a run that failed.
struct FuzzTests {
  private static func variable(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

  /// Two that never change, or the one that is asked for; a long run without one has a seed of its own.
  private static let seeds: [UInt64] =
    variable("SONDE_SEED").map { [$0] }
    ?? (variable("SONDE_LONG") == nil ? [1, 910_011] : [UInt64.random(in: 2...999_999_999)])

  private static let seconds = Double(variable("SONDE_LONG") ?? 20) / Double(seeds.count)

  @Test(arguments: seeds)
  func survivesRandomKeys(_ seed: UInt64) throws {
    var fuzzer = try PromptFuzzer(seed: seed)
    try fuzzer.run(seconds: FuzzTests.seconds)
  }
}

/// Types at one prompt after the other.
struct PromptFuzzer {
  /// What went wrong, and all that it takes to see it again.
  struct Failure: Error, CustomStringConvertible {
    let seed: UInt64
    let reason: String
    let typed: [UInt8]
    let screen: String

    var description: String {
      let text = String(decoding: typed, as: UTF8.self).debugDescription
      return "seed \(seed): \(reason)\nafter these keys: \(text)\nin bytes: \(typed)\nthe screen shows:\n\(screen)"
    }
  }

  /// Memory that is freed is overwritten, so that who reads it on fails.
  private static let settings = ["MALLOC_PERTURB_": "165"]
  /// How many bursts a session lasts.
  private static let burstsPerSession = 12

  private let seed: UInt64
  private let place: Workplace
  private var keys: RandomKeys
  private var typed: [UInt8] = []
  private var checks = 0

  init(seed: UInt64) throws {
    self.seed = seed
    keys = RandomKeys(seed: seed)
    place = try Workplace()
  }

  mutating func run(seconds: Double) throws {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end { try runSession(until: end) }
  }

  private mutating func runSession(until end: ContinuousClock.Instant) throws {
    typed = []
    let terminal = try Terminal(
      Workplace.sonde, ["--memory-limit", "512M", "--seed", "1", "-i", "-e", "kept = 42"],
      environment: place.environment.merging(PromptFuzzer.settings) { $1 }, directory: place.directory.path, rows: 24,
      columns: 80, seconds: 15)
    try terminal.expect("> ")
    for _ in 0..<PromptFuzzer.burstsPerSession where ContinuousClock.now < end {
      for action in keys.burst() { perform(action, on: terminal) }
      try check(terminal)
    }
    try leave(terminal)
  }

  private mutating func perform(_ action: RandomKeys.Action, on terminal: Terminal) {
    switch action {
    case .type(let bytes):
      typed += bytes
      terminal.type(bytes)
    case .resize(let rows, let columns):
      typed += "<\(rows)x\(columns)>".utf8
      terminal.resize(rows: rows, columns: columns)
    case .interrupt:
      typed += "<SIGINT>".utf8
      terminal.signal(SIGINT)
    }
  }

  /// Whether the prompt comes back, and the session with it.
  private mutating func check(_ terminal: Terminal) throws {
    checks += 1
    terminal.resize(rows: 24, columns: 80)
    // a blank is what Ctrl-V quotes, if it is the last key: Ctrl-C must not be, for while Lua runs the terminal itself quotes
    let asked = " \u{3}\rio.write('al', 'ive\\t', kept, '\\t', \(checks), '\\n');\r"
    terminal.type(asked)
    do {
      try terminal.expect("\nalive\t42\t\(checks)\n")
      // what is typed before it, Ctrl-C above all, would be for the print that has not quite ended
      try terminal.expect("> ")
    } catch {
      let end = (try? terminal.end()).map { "it ended with status \($0)" } ?? "it goes on"
      throw failure("the session is lost, \(end)", terminal)
    }
    typed += asked.utf8
  }

  private func leave(_ terminal: Terminal) throws {
    terminal.type("\u{4}")
    guard let status = try? terminal.end() else { throw failure("Ctrl-D does not end it", terminal) }
    if status != 0 { throw failure("it ended with status \(status)", terminal) }
    if !terminal.isInUsualMode { throw failure("the terminal's mode is not what it was", terminal) }
  }

  private func failure(_ reason: String, _ terminal: Terminal) -> Failure {
    Failure(seed: seed, reason: reason, typed: typed, screen: terminal.screen.text)
  }
}
