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
    _ = try first.ask("  print(i)", prompt: ">> ")
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

  @Test(arguments: ["/proc/none", "/dev/null/state", "relative", ""])
  func aStateDirectoryThatCannotBeIsNoNoise(_ state: String) throws {
    let terminal = try Workplace().prompt(environment: ["XDG_STATE_HOME": state, "HOME": "/proc/none"])
    #expect(try terminal.ask("1") == "1")
    terminal.type("\(up)\r")
    #expect(try terminal.expect("\n> ") == "1\n1")
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
    // Readline ends the prompt's line, lua.c adds another.
    #expect(terminal.rest.allSatisfy { $0 == "\n" })
  }
}
