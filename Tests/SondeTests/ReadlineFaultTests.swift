import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What readline 8.2 does wrong when it is left to itself: the prompt must not hang, end or lose a line by it.
struct ReadlineFaultTests {
  private let up = "\u{1b}[A"

  /// Memory that is freed is overwritten, so that who reads it on fails.
  private func prompt(_ environment: [String: String] = [:], rows: Int = 24, columns: Int = 80) throws -> Terminal {
    let place = try Workplace()
    let usual = ["SONDE_HISTORY": "", "SONDE_INDENT": "0", "MALLOC_PERTURB_": "165"]
    let terminal = try Terminal(
      Workplace.sonde, environment: place.environment.merging(usual.merging(environment) { $1 }) { $1 },
      directory: place.directory.path, rows: rows, columns: columns)
    terminal.retained = place.directory
    try terminal.expect("> ")
    return terminal
  }

  /// Ctrl-C takes what is typed away, and the next line runs.
  private func clearsAndGoesOn(_ terminal: Terminal) throws {
    // the terminal drops with Ctrl-C what has not been read
    usleep(200_000)
    terminal.resize(rows: 24, columns: 80)
    terminal.type("\u{3}")
    try terminal.expect("^C")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("6 * 7") == "42")
  }

  @Test(arguments: ["\u{1b}5", "\u{1b}-", "\u{1b}1\u{1b}2"])
  func enterBehindAnArgumentEndsTheLine(_ keys: String) throws {
    let terminal = try prompt()
    terminal.type("6 * 7\(keys)\r")
    try terminal.expect("\n42\n> ")
    #expect(try terminal.ask("1 + 1") == "2")
  }

  /// An accent on its own has no cells, and what is no character in UTF-8 none either.
  @Test(
    arguments: ["w", "W", "e", "E", "=", "*", "\\", "%", "dw", "cE"],
    [Array("ae\u{301}".utf8), [0xd4, 0xb8, 0x93], [0x61, 0x20, 0xd4, 0xb8, 0x93]])
  func viWalksEndBehindWhatHasNoCells(_ keys: String, _ line: [UInt8]) throws {
    let terminal = try prompt()
    // Ctrl-Alt-J changes to vi's keys
    terminal.type("\u{1b}\n")
    terminal.type(line)
    terminal.type("\u{1b}0\(keys)\(keys)")
    try clearsAndGoesOn(terminal)
  }

  @Test func viMovesByWordsAsVi() throws {
    let terminal = try prompt()
    terminal.type("\u{1b}\nx = 'ab cd ef'\u{1b}0wwex\r")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("x") == "a cd ef")
    terminal.type("x = 'ab cd ef'\u{1b}0WWWdE\r")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("x") == "ab  ef")
    terminal.type("prin\u{1b}\\(6 * 7)\r")
    try terminal.expect("\n42\n> ")
  }

  @Test(arguments: [("xterm", 1, 2), ("dumb", 24, 2), ("dumb", 24, 3), ("xterm", 1, 1)])
  func aTerminalOfFewColumnsWillDo(_ terminal: String, _ rows: Int, _ columns: Int) throws {
    for isSmallAtOnce in [true, false] {
      let terminal = try prompt(
        ["TERM": terminal], rows: isSmallAtOnce ? rows : 24, columns: isSmallAtOnce ? columns : 80)
      terminal.type("abcdefgh\u{1}\u{6}\u{6}")
      terminal.resize(rows: rows, columns: columns)
      terminal.type("ij\u{5}kl")
      terminal.resize(rows: rows + 1, columns: columns)
      terminal.resize(rows: rows, columns: columns)
      try clearsAndGoesOn(terminal)
    }
  }

  /// Behind quotes and brackets that are open the last word reaches to the entry's end, and not beyond.
  @Test(arguments: ["f*(", "a\\", "'\\"]) func altDotBringsTheLastWordOfAnEntry(_ word: String) throws {
    let terminal = try prompt()
    _ = try terminal.ask("-- \(word)")
    terminal.type("[[\u{1b}.]]\r")
    #expect(try terminal.expect("\n> ").hasSuffix("]]\n\(word) "))
    // found again, it is not kept twice
    _ = try terminal.ask("-- \(word)")
    terminal.type("\(up)\(up)\(up)\u{15}1 + 1\r")
    try terminal.expect("\n2\n> ")
  }

  /// What undoes a change is shared by the line that is kept, by entries and by the line that is typed.
  @Test func changesOfEntriesAreForgottenOnce() throws {
    let terminal = try prompt()
    _ = try terminal.ask("1 + 1")
    for keys in [
      "ab\(up)c\(up)d\u{1b}[B", "ab\u{1b}pzz\rcd", "ab\u{12}1", "ab\(up)\u{1b}<c\u{1f}\u{1b}>d", "ab\u{1b}nxx\rc\(up)d",
    ] {
      for _ in 1...3 {
        terminal.type(keys)
        try clearsAndGoesOn(terminal)
      }
    }
  }

  /// A count of a motion is left with the motion.
  @Test func controlCLeavesACountOfAMotion() throws {
    let terminal = try prompt()
    terminal.type("\u{1b}\nabc def\u{1b}d6")
    try clearsAndGoesOn(terminal)
  }
}
