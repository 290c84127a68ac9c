import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The history of the prompt, across sessions.
struct HistoryTests {
  private let up = "\u{1b}[A"

  private func end(_ terminal: Terminal) throws {
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
  }

  /// `sonde` below the state directory has a file of its own, which the directory's own clean-up does not reach.
  private func remove(_ state: String) {
    unlink("\(state)/sonde/history")
    rmdir("\(state)/sonde")
  }

  @Test func arrowUpRecallsAnEarlierSession() throws {
    let place = try Workplace()
    defer { remove(place.directory.path) }
    let first = try place.prompt()
    _ = try first.ask("6 * 7")
    _ = try first.ask("for i = 1, 2 do", prompt: ">> ")
    _ = try first.ask("print(i)", prompt: ">> ")
    _ = try first.ask("end")
    try end(first)
    let second = try place.prompt()
    second.type("\(up)\r")
    #expect(try second.expect("\n> ") == "for i = 1, 2 do\n  print(i)\nend\n1\n2")
    // through the block line by line, then to the entry before it
    second.type("\(up)\(up)\(up)\(up)\r")
    #expect(try second.expect("\n> ").hasSuffix("\n42"))
  }

  @Test func keepsEntriesOfASessionThatEndsByExit() throws {
    let place = try Workplace()
    defer { remove(place.directory.path) }
    let first = try place.prompt()
    first.type("os.exit()\r")
    #expect(try first.end() == 0)
    let second = try place.prompt()
    second.type(up)
    try second.expect("os.exit()")
  }

  @Test func twoSessionsKeepEachOthersEntries() throws {
    let place = try Workplace()
    defer { remove(place.directory.path) }
    let first = try place.prompt()
    let second = try place.prompt()
    _ = try first.ask("111")
    _ = try second.ask("222")
    try end(first)
    try end(second)
    let third = try place.prompt()
    third.type("\(up)\r")
    #expect(try third.expect("\n> ") == "222\n222")
    third.type("\(up)\(up)\r")
    #expect(try third.expect("\n> ").hasSuffix("111\n111"))
  }

  @Test func repeatsAreOneEntry() throws {
    let place = try Workplace()
    defer { remove(place.directory.path) }
    let terminal = try place.prompt()
    for line in ["1", "2", "2", "2"] { _ = try terminal.ask(line) }
    terminal.type("\(up)\(up)\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n1"))
  }

  @Test func aRepeatOfAnEarlierEntryMovesToTheEnd() throws {
    let place = try Workplace()
    defer { remove(place.directory.path) }
    let first = try place.prompt()
    for line in ["1", "2", "1"] { _ = try first.ask(line) }
    first.type("\(up)\(up)\(up)\r")
    #expect(try first.expect("\n> ").hasSuffix("\n2"))
    let second = try place.prompt()
    second.type("\(up)\(up)\(up)\r")
    #expect(try second.expect("\n> ").hasSuffix("\n1"))
  }

  @Test func whatStandsBehindASpaceIsNotKept() throws {
    let terminal = try Workplace().prompt(environment: ["SONDE_HISTORY": ""])
    _ = try terminal.ask("1")
    _ = try terminal.ask(" 2")
    terminal.type("\(up)\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n1"))
  }

  @Test func theSearchFindsEntriesOfSeveralLines() throws {
    let terminal = try Workplace().prompt(environment: ["SONDE_HISTORY": ""])
    _ = try terminal.ask("for i = 1, 2 do", prompt: ">> ")
    _ = try terminal.ask("print(7 * i) end")
    _ = try terminal.ask("1")
    terminal.type("\u{12}7 *\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n7\n14"))
  }

  @Test(arguments: [SIGTERM, SIGHUP, SIGKILL])
  func aSignalLosesNoEntry(_ number: Int32) throws {
    let place = try Workplace()
    let history = ["SONDE_HISTORY": "\(place.directory.path)/kept"]
    let first = try place.prompt(environment: history)
    _ = try first.ask("'kept'")
    first.signal(number)
    #expect(try first.end() == 128 + number)
    let second = try place.prompt(environment: history)
    second.type("\(up)\r")
    #expect(try second.expect("\n> ") == "'kept'\nkept")
  }

  @Test(arguments: [
    (["XDG_STATE_HOME": "/proc/none"], "/proc/none/sonde/history: No such file or directory"),
    (["XDG_STATE_HOME": "/dev/null/state"], "/dev/null/state/sonde/history: Not a directory"),
    (["XDG_STATE_HOME": "relative", "HOME": ""], "a file: neither XDG_STATE_HOME nor HOME is the path of a directory"),
    (["SONDE_HISTORY": "/dev"], "/dev: Is a directory"),
  ])
  func whatKeepsItFromAFileIsToldOnce(_ environment: [String: String], _ reason: String) throws {
    let place = try Workplace()
    let terminal = try Terminal(Workplace.sonde, environment: place.environment.merging(environment) { $1 })
    let greeting = try terminal.expect("\n> ")
    #expect(
      greeting.hasSuffix(
        "\nsonde: the history is not kept in \(reason); SONDE_HISTORY names another file, or none where it is empty"))
    #expect(try terminal.ask("1") == "1")
    terminal.type("\(up)\r")
    #expect(try terminal.expect("\n> ") == "1\n1")
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
    // Readline ends the prompt's line, lua.c adds another.
    #expect(terminal.rest.allSatisfy { $0 == "\n" })
  }

  @Test func aFullDiskIsToldOnceAndCutsNoEntry() throws {
    let place = try Workplace()
    let file = "\(place.directory.path)/kept"
    place.write("kept", "#1\n\(String(repeating: "x", count: 1000))\n")
    // a limit of one block of 1024 bytes stands for a full disk
    let script = "trap '' XFSZ; ulimit -f 1; exec \(Workplace.sonde)"
    let terminal = try Terminal(
      "/bin/bash", ["-c", script], environment: place.environment.merging(["SONDE_HISTORY": file]) { $1 })
    try terminal.expect("\n> ")
    #expect(try terminal.ask("'first entry'").contains("the history is not kept in \(file): File too large;"))
    #expect(try terminal.ask("'second entry'") == "second entry")
    #expect(place.directory.read("kept")?.count == 1004)
  }
}
