import TestSupport
import Testing

@testable import sonde

/// The blanks that the prompt puts before the lines of a block.
struct IndentationTests {
  private func indentation(_ text: String, width: Int = 2) -> [Int] {
    let indentation = Indentation(of: Array(text.utf8), width: width)
    return [indentation.inner, indentation.outer]
  }

  @Test(arguments: [
    ("for i = 1, 2 do", 2, 0), ("if x then\n  f()\nelse", 2, 0), ("f(function()", 2, 0),
    ("f(function()\n  x = {", 4, 2),
    ("repeat", 2, 0), ("while x", 2, 0), ("    do", 6, 4), ("do\n  x = {\n    1,\n  }", 2, 0),
    // nothing is open, or what is open takes its blanks for its own
    ("x =", 0, 0), ("x = [[", 0, 0), ("do --[[", 0, 0), ("x = 'a\\", 0, 0), ("do x = [==[ a", 0, 0),
    // with tabs, whoever wrote them goes on
    ("\tdo", 0, 0),
  ])
  func isOneLevelMoreThanTheInnermost(_ text: String, _ inner: Int, _ outer: Int) {
    #expect(indentation(text) == [inner, outer])
  }

  @Test func hasTheWidthThatIsAskedFor() {
    #expect(indentation("do\n    do", width: 4) == [8, 4])
    #expect(indentation("do", width: 0) == [0, 0])
  }

  // MARK: At the prompt

  private func prompt(_ environment: [String: String] = [:]) throws -> Terminal {
    try Workplace().prompt(environment: ["SONDE_HISTORY": "", "NO_COLOR": "1"].merging(environment) { $1 })
  }

  /// Types keys one by one, as a hand does, line after line of a chunk.
  private func type(_ lines: [String], _ terminal: Terminal, last: String = "> ") throws {
    for (index, line) in lines.enumerated() {
      for key in line { terminal.type(String(key)) }
      terminal.type("\r")
      try terminal.expect("\n" + (index + 1 < lines.count ? ">> " : last))
    }
  }

  private func expectLines(_ lines: [String], _ terminal: Terminal) throws {
    try terminal.expectScreen(lines.joined(separator: "\n")) { $0.text.hasSuffix("\n" + lines.joined(separator: "\n")) }
  }

  @Test func followsWhatIsOpen() throws {
    let terminal = try prompt()
    try type(
      ["for i = 1, 2 do", "if i == 1 then", "endless = {", "1,", "}", "else", "f = function()", "end", "end", "end"],
      terminal)
    try expectLines(
      [
        "> for i = 1, 2 do", ">>   if i == 1 then", ">>     endless = {", ">>       1,", ">>     }", ">>   else",
        ">>     f = function()", ">>     end", ">>   end", ">> end", ">",
      ], terminal)
  }

  @Test func whatOnlyBeginsLikeAnEndIsInside() throws {
    let terminal = try prompt()
    try type(["do", "end"], terminal)
    try type(["do"], terminal, last: ">> ")
    for key in "endpoint" { terminal.type(String(key)) }
    try expectLines([">>   endpoint"], terminal)
    terminal.type("\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}")
    try expectLines([">> end"], terminal)
    terminal.type("\r")
    try terminal.expect("\n> ")
  }

  @Test func keysThatComeAtOnceAreIndentedToo() throws {
    let terminal = try prompt()
    _ = try terminal.ask("do", prompt: ">> ")
    _ = try terminal.ask("x = 1", prompt: ">> ")
    terminal.type("end\r")
    try expectLines(["> do", ">>   x = 1", ">> end", ">"], terminal)
  }

  @Test func linesTypedAheadAreAsTheyAre() throws {
    let terminal = try prompt()
    terminal.type("do\r  x = [[\ra]]\rend\r#x\r")
    try terminal.expect("\n1\n> ")
  }

  @Test func aLineOfBlanksIsEmpty() throws {
    let terminal = try prompt()
    _ = try terminal.ask("do", prompt: ">> ")
    terminal.type("\r")
    try terminal.expect("\n>> ")
    terminal.type("\u{4}")
    let answer = try terminal.expect("\n> ")
    #expect(answer.hasSuffix("stdin:2: 'end' expected (to close 'do' at line 1) near <eof>\n  1 | do\n    | ^^"))
  }

  @Test func whatTheUserTakesAwayStaysAway() throws {
    let terminal = try prompt()
    _ = try terminal.ask("do", prompt: ">> ")
    terminal.type("\u{15}")
    for key in "x = 1" { terminal.type(String(key)) }
    try expectLines([">> x = 1"], terminal)
    terminal.type("\u{3}")
    try terminal.expect("^C\n> ")
    // an undo takes the blanks away
    _ = try terminal.ask("do", prompt: ">> ")
    terminal.type("\u{1f}\u{1f}\u{1f}")
    for key in "end" { terminal.type(String(key)) }
    try expectLines([">> end"], terminal)
    terminal.type("\r")
    try terminal.expect("\n> ")
  }

  @Test func theArrowUpAndViKeysGoOn() throws {
    let place = try Workplace()
    place.write("inputrc", "set editing-mode vi\n")
    let terminal = try place.prompt(
      environment: ["INPUTRC": "\(place.directory.path)/inputrc", "SONDE_HISTORY": "", "NO_COLOR": "1"])
    _ = try terminal.ask("do", prompt: ">> ")
    _ = try terminal.ask("x = 1", prompt: ">> ")
    terminal.type("end\u{1b}krzj\r")
    try expectLines(["> do", "  z = 1", "end", ">"], terminal)
    #expect(try terminal.ask("z") == "1")
  }

  @Test(arguments: [["SONDE_INDENT": "0"], ["TERM": "dumb"]])
  func isOffWhereItIsUnwanted(_ environment: [String: String]) throws {
    let terminal = try prompt(environment)
    try type(["do", "x = 1", "end"], terminal)
    try expectLines(["> do", ">> x = 1", ">> end", ">"], terminal)
  }

  @Test func aPasteIsAsItIs() throws {
    let terminal = try prompt()
    _ = try terminal.ask("do", prompt: ">> ")
    terminal.type("\u{1b}[200~x = 1\nend\u{1b}[201~\r")
    try expectLines(["> do", ">>   x = 1", "end", ">"], terminal)
  }
}
