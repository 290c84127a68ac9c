import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The prompt on a terminal without readline.
struct PlainLinesTests {
  private func prompt(history: String = "") throws -> Terminal {
    try Workplace().prompt(environment: ["SONDE_READLINE": "0", "SONDE_HISTORY": history, "TERM": "dumb"])
  }

  @Test func readsChunksWithoutAControlCode() throws {
    let terminal = try prompt()
    #expect(try terminal.ask("1 + 1") == "2")
    #expect(try terminal.ask("for i = 1, 2 do", prompt: ">> ") == "")
    #expect(try terminal.ask("print(i) end") == "1\n2")
    #expect(try terminal.ask("error('e', 0)").hasPrefix("e\n"))
    #expect(!terminal.written.contains(0x1b))
  }

  @Test func linesThatAreTypedAheadAreNotLost() throws {
    let terminal = try prompt()
    terminal.type("x = 1\nx = x + 1\nprint('x', x)\n")
    // what is typed early stands before the prompts
    try terminal.expect("x\t2\n")
  }

  /// 4095 bytes are what Linux keeps of a line.
  @Test func aLineThatTheTerminalCutsDoesNotRun() throws {
    let terminal = try prompt()
    let whole = "a = '" + String(repeating: "x", count: 4000) + "'"
    terminal.type(whole + "\n")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("#a") == "4000")
    // what is left of it would be an assignment
    terminal.type("a = 1 --" + String(repeating: "x", count: 5000) + "\n")
    #expect(
      try terminal.expect("\n> ").hasSuffix(
        "\na terminal without readline takes 4095 bytes a line and has cut this one, so nothing of it has run; "
          + ":load runs a file with longer ones"))
    #expect(try terminal.ask("#a") == "4000")
  }

  @Test func controlCClearsTheChunkAndNeverQuits() throws {
    let terminal = try prompt()
    for _ in 1...20 {
      terminal.type("\u{3}")
      try terminal.expect("^C\n> ")
    }
    #expect(try terminal.ask("x = {", prompt: ">> ") == "")
    terminal.type("1,\u{3}")
    try terminal.expect("^C\n> ")
    #expect(try terminal.ask("x") == "nil")
    terminal.type("print('run' .. 'ning') while true do end\r")
    try terminal.expect("\nrunning\n")
    terminal.type("\u{3}")
    #expect(try terminal.expect("\n> ").contains("interrupted!"))
    #expect(try terminal.ask("2") == "2")
  }

  @Test func controlDEndsIt() throws {
    let terminal = try prompt()
    #expect(try terminal.ask("x = {", prompt: ">> ") == "")
    terminal.type("\u{4}")
    #expect(try terminal.expect("\n> ").contains("near <eof>"))
    #expect(try terminal.ask("3") == "3")
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
  }

  @Test func theNextSessionWithReadlineHasItsEntries() throws {
    let place = try Workplace()
    let history = "\(place.directory.path)/kept"
    let first = try prompt(history: history)
    _ = try first.ask("6 * 7")
    first.type("\u{4}")
    #expect(try first.end() == 0)
    let second = try place.prompt(environment: ["SONDE_HISTORY": history])
    second.type("\u{1b}[A\r")
    #expect(try second.expect("\n> ") == "6 * 7\n42")
  }
}
