import TestSupport

/// A directory of a test's own, in which it runs the built program.
struct Workplace {
  /// The program under test.
  static let sonde = Child.built("sonde")
  /// What `lua` 5.4 is called where it is installed.
  static let lua = "/usr/bin/lua5.4"
  /// The line by which the program names itself.
  static let banner = "Sonde 0.1.0, Lua 5.4."

  let directory: TemporaryDirectory

  init() throws {
    guard let directory = TemporaryDirectory() else { throw Child.Failure.unstartable("mkdtemp", 0) }
    self.directory = directory
  }

  /// Nothing of the tester's own: no LUA_PATH, no history, no .inputrc.
  var environment: [String: String] {
    [
      "PATH": "/usr/bin:/bin", "HOME": directory.path, "XDG_STATE_HOME": directory.path, "TERM": "xterm",
      "LANG": "C.UTF-8", "INPUTRC": "/dev/null",
    ]
  }

  /// Writes a file, by its text.
  func write(_ name: String, _ text: String) { directory.write(name, Array(text.utf8)) }

  /// Reads a file back, as text; empty where there is none.
  func read(_ name: String) -> String { String(decoding: directory.read(name) ?? [], as: UTF8.self) }

  /// Runs the program, or another, in the directory.
  func run(
    _ arguments: [String], input: String = "", environment: [String: String] = [:], program: String = Workplace.sonde
  ) throws -> Child.Outcome {
    try Child.run(
      program, arguments, input: input, environment: self.environment.merging(environment) { $1 },
      directory: directory.path)
  }

  /// Opens the prompt in a terminal and waits until it is there.
  func prompt(
    _ arguments: [String] = [], environment: [String: String] = [:], columns: Int = 200, echo: Bool = true
  ) throws -> Terminal {
    let terminal = try Terminal(
      Workplace.sonde, arguments, environment: self.environment.merging(environment) { $1 }, columns: columns,
      echo: echo)
    terminal.retained = directory
    try terminal.expect("\n> ")
    return terminal
  }
}
