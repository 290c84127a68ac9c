import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Lines that are typed and pasted, and the chunks they make.
struct ReadingTests {
  private let up = "\u{1b}[A"
  private let down = "\u{1b}[B"

  private func prompt(_ environment: [String: String] = [:]) throws -> Terminal {
    try Workplace().prompt(environment: ["SONDE_HISTORY": "", "SONDE_INDENT": "0"].merging(environment) { $1 })
  }

  private func pasted(_ text: String) -> String { "\u{1b}[200~\(text)\u{1b}[201~" }

  /// Pastes and presses Enter; answers what is shown up to the next prompt.
  private func paste(_ text: String, _ terminal: Terminal) throws -> String {
    terminal.type(pasted(text) + "\r")
    return try terminal.expect("\n> ")
  }

  // MARK: Entries of several lines

  @Test func theArrowUpBringsTheChunkBack() throws {
    let terminal = try prompt()
    _ = try terminal.ask("for i = 1, 2 do", prompt: ">> ")
    _ = try terminal.ask("print(i, 'old')", prompt: ">> ")
    // to the first line's end and over `, 2 do`, then down to the last line
    terminal.type(
      "\(up)\(up)\u{5}" + String(repeating: "\u{7f}", count: 6) + ", 1 do\(down)\u{5} print('new')\(down)end\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n1\told\nnew"))
    // one entry, and the whole of it
    terminal.type("\(up)\r")
    #expect(try terminal.expect("\n> ").hasPrefix("for i = 1, 1 do\nprint(i, 'old') print('new')\nend\n1\told\nnew"))
  }

  @Test func whatIsBroughtBackIsStillContinued() throws {
    let terminal = try prompt()
    _ = try terminal.ask("x = {", prompt: ">> ")
    terminal.type("1,\(up)\r")
    try terminal.expect("\n>> ")
    #expect(try terminal.ask("2}") == "")
    #expect(try terminal.ask("x") == "{1, 2}")
  }

  @Test func aChunkThatIsClearedIsInTheHistory() throws {
    let terminal = try prompt()
    _ = try terminal.ask("x = {", prompt: ">> ")
    terminal.type("1,")
    try terminal.expect("1,")
    terminal.type("\u{3}")
    try terminal.expect("^C\n> ")
    #expect(try terminal.ask("x") == "nil")
    terminal.type("\(up)\(up) 2}\r")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("x") == "{1, 2}")
  }

  @Test func keysOfALineKnowTheLinesOfAnEntry() throws {
    let terminal = try prompt()
    // Ctrl-A, Ctrl-E and Ctrl-K on the first of two lines, then on its newline
    terminal.type(pasted("bb = 1\ncc = 2") + "\(up)\u{1}a\u{5}0\r")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("abb, cc") == "10\t2")
    terminal.type(pasted("dd = 3\nee = 4") + "\(up)\u{1}\u{b}\u{b}\r")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("dd, ee") == "nil\t4")
  }

  @Test func altEnterBeginsALine() throws {
    let terminal = try prompt()
    terminal.type("print(1)\u{1b}\rprint(debug.getinfo(1).currentline)\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n1\n2"))
  }

  @Test func aStringWithoutItsEndIsAnErrorAtOnce() throws {
    let terminal = try prompt()
    #expect(try terminal.ask("print('abc").contains("unfinished string"))
    #expect(try terminal.ask("x = 'a\\", prompt: ">> ") == "")
    #expect(try terminal.ask("b'") == "")
    #expect(try terminal.ask("#x") == "3")
  }

  // MARK: What is open

  @Test func aFaintHintTellsWhatIsOpen() throws {
    let terminal = try prompt()
    terminal.type("f = function()\r")
    try terminal.expectScreen("the hint") { $0.text.contains(">>" + String(repeating: " ", count: 50)) }
    terminal.type("for i = 1, 2 do\r")
    try terminal.expectScreen("the inner one first") { $0.text.hasSuffix("for at line 2, function at line 1") }
    #expect(
      String(decoding: terminal.written, as: UTF8.self).contains("\u{1b}[2mfor at line 2, function at line 1\u{1b}[0m"))
    terminal.type("\u{3}")
    try terminal.expect("\n> ")
  }

  @Test(arguments: [["NO_COLOR": "1"], ["TERM": "dumb"]])
  func thereIsNoHintWithoutControlCodes(_ environment: [String: String]) throws {
    let terminal = try prompt(environment)
    _ = try terminal.ask("f = function()", prompt: ">> ")
    terminal.type("end\r")
    #expect(try terminal.expect("\n> ").hasPrefix("end"))
  }

  // MARK: Pastes

  /// Keys that readline 8.2 would put back, and crash on some of them.
  @Test(arguments: ["\u{1b}[201~f", "\u{1b}[20xfgh", "\u{1b}[5~abcdef", "\u{1b}[2", "\u{18})f"])
  func keysPutBackDoNoHarm(_ keys: String) throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("1 + 1") == "2")
    for first in ["\u{1d}", "\u{1b}\u{1d}", "\u{16}"] { terminal.type(first + keys) }
    terminal.type("\u{3}\u{12}1\(keys)")
    usleep(300_000)
    terminal.type("\u{3}")
    usleep(300_000)
    // of the prompts that both Ctrl-C bring, none is to be taken for the answer's
    terminal.type("io.write('sett', 'led\\n');\r")
    try terminal.expect("\nsettled\n")
    try terminal.expect("> ")
    #expect(try terminal.ask("1 + 2") == "3")
  }

  @Test func aPasteEndsASearch() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("11 + 1") == "12")
    terminal.type("\u{12}11")
    try terminal.expect("11 + 1")
    terminal.type(pasted("2") + "\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n212"))
  }

  @Test func pastesRunOnceAfterEnter() throws {
    let terminal = try prompt()
    #expect(try paste("a = 2\n\tb = '\t'\nprint(a, #b, 'ran')\n", terminal).hasSuffix("\n2\t1\tran"))
    _ = try terminal.ask("for i = 1, 1 do", prompt: ">> ")
    #expect(try paste("print(i,\n 'in')\nend", terminal).hasSuffix("\n1\tin"))
    terminal.type(pasted("for i = 1, 1 do\n print(i, 'half')") + "\r")
    try terminal.expect("\n>> ")
    #expect(try terminal.ask("end") == "1\thalf")
  }

  @Test func lineEndsOfAllKindsAreOne() throws {
    let terminal = try prompt()
    #expect(try paste("a = [[x\r\ny]]\r\nprint(#a,\r debug.getinfo(1).currentline)\r\n", terminal).hasSuffix("\n3\t4"))
  }

  @Test func zerosAndBytesThatAreNoTextDoNoHarm() throws {
    let terminal = try prompt()
    terminal.type(Array("\u{1b}[200~x = '\u{0}a".utf8) + [0xff, 0xc3, 0x28] + Array("'\u{1b}[201~\r".utf8))
    try terminal.expect("\n> ")
    #expect(try terminal.ask("x:byte(1, -1)") == "97\t255\t195\t40")
  }

  @Test func aSessionThatIsPastedRunsWithoutItsPromptsAndAnswers() throws {
    let session = "> x = 5\n> x + 1\n6\n> for i = 1, 2 do\n>> print('t', i)\n>> end\nt\t1\nt\t2\n>\n> 'la' .. 'st'"
    let terminal = try prompt()
    terminal.type(pasted(session) + "\r")
    #expect(
      try terminal.expect("\nlast\n> ").hasSuffix(
        "\n> x = 5\n> x + 1\n6\n> for i = 1, 2 do\n>> print('t', i)\n>> end\nt\t1\nt\t2\n> \n> 'la' .. 'st'"))
    terminal.type("\(up)\(up)\(up)\(up)\(up)\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n6"))
  }

  @Test func controlCEndsAPastedSession() throws {
    let terminal = try prompt()
    terminal.type(pasted("> print('go' .. '!') while true do end\n> print('not', 'this')") + "\r")
    try terminal.expect("\ngo!\n")
    terminal.type("\u{3}")
    #expect(try terminal.expect("\n> ").contains("interrupted!"))
    #expect(try terminal.ask("'free'") == "free")
  }

  @Test func withoutBracketsEachLineOfAPasteIsTyped() throws {
    let terminal = try prompt(["TERM": "dumb"])
    terminal.type("x = 1\rfor i = 1, 3 do\rx = x + i\rend\rprint('x', x)\r")
    try terminal.expect("\nx\t7\n")
  }

  @Test func aWideCharacterIsOneToTheKeys() throws {
    let terminal = try prompt()
    terminal.type("x = 'a中ä\u{7f}\u{7f}b'\r")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("x") == "ab")
  }

  @Test func tenThousandLinesAreOneChunk() throws {
    let terminal = try prompt()
    let lines = (1...10_000).map { "x\($0 % 100) = \($0)\n" }.joined()
    terminal.type(pasted(lines + "print('all', x1)") + "\r")
    try terminal.expect("\nall\t9901\n> ")
  }

  // MARK: Settings

  @Test func inputrcHasTheLastWord() throws {
    let place = try Workplace()
    place.write(
      "inputrc", "$if sonde\n\"\\C-o\": \"1 + 1\"\n\"\\C-a\": \"9\"\n\"\\C-t\": sonde-insert-newline\n$endif\n")
    let terminal = try place.prompt(environment: ["INPUTRC": "\(place.directory.path)/inputrc", "SONDE_HISTORY": ""])
    terminal.type("\u{f}\u{1}\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n20"))
    terminal.type("x = 1\u{14}y = 2\r")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("x, y") == "1\t2")
  }

  @Test func viKeysWork() throws {
    let place = try Workplace()
    place.write("inputrc", "set editing-mode vi\n")
    let terminal = try place.prompt(environment: ["INPUTRC": "\(place.directory.path)/inputrc", "SONDE_HISTORY": ""])
    terminal.type("1 + 12\u{1b}0cw40\u{1b}$x\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n41"))
    terminal.type(pasted("for i = 1, 1 do\nprint(i, 'vi')\nend") + "\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n1\tvi"))
    terminal.type("\u{1b}k\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n1\tvi"))
  }

  @Test func aSizeThatChangedWhileLuaRanIsKnown() throws {
    let terminal = try prompt()
    terminal.type("for i = 1, 1e9 do if io.open('/dev/null') and i == 1 then print('go') end end\r")
    try terminal.expect("\ngo\n")
    terminal.resize(rows: 24, columns: 40)
    terminal.type("\u{3}")
    try terminal.expect("\n> ")
    let line = "x = '" + String(repeating: "y", count: 60) + "'"
    terminal.type(line)
    try terminal.expectScreen("a line that goes on in the next") { $0.text.hasSuffix("\n" + line.dropFirst(38)) }
  }

  // MARK: Ends

  @Test func aTerminalThatIsClosedEndsThePrompt() throws {
    let terminal = try prompt()
    terminal.hangUp()
    #expect(try terminal.end() == 128 + SIGHUP)
  }

  @Test func aTerminalThatIsClosedEndsARun() throws {
    let terminal = try prompt()
    terminal.type("print('run' .. 'ning') while true do end\r")
    try terminal.expect("\nrunning\n")
    terminal.hangUp()
    #expect(try terminal.end() == 128 + SIGHUP)
  }

  @Test(arguments: ["0", "1"])
  func whoIgnoresTheHangUpEndsAtTheNextLine(_ readline: String) throws {
    let place = try Workplace()
    let environment = place.environment.merging(["SONDE_HISTORY": "", "SONDE_READLINE": readline]) { $1 }
    let terminal = try Terminal(
      "/bin/bash", ["-c", "trap '' HUP; exec \(Workplace.sonde)"], environment: environment)
    try terminal.expect("\n> ")
    terminal.type("print('run' .. 'ning') for i = 1, 1e7 do end\r")
    try terminal.expect("\nrunning\n")
    terminal.hangUp()
    #expect(try terminal.end() == 0)
  }
}
