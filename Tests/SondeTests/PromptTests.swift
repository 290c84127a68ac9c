import TestSupport
import Testing

/// The prompt in a pseudo-terminal.
struct PromptTests {
  private func answers(_ lines: [String]) throws -> [String] {
    let terminal = try Workplace().prompt()
    return try lines.map { try terminal.ask($0) }
  }

  @Test func namesItselfFirst() throws {
    let place = try Workplace()
    let terminal = try Terminal(Workplace.sonde, environment: place.environment)
    let greeting = try terminal.expect("\n> ")
    #expect(greeting.hasPrefix(Workplace.banner) && greeting.hasSuffix(" Lua.org, PUC-Rio"))
  }

  @Test func printsExpressions() throws {
    #expect(
      try answers(["1 + 1", "= 6 * 7", "'a', nil, 2", "x = 5", "x", "nil", "return x, x", "print(x)", "  x  "])
        == ["2", "42", "a\tnil\t2", "", "5", "nil", "5\t5", "5", "5"])
  }

  @Test func showsWhatTablesHold() throws {
    let long = "  \"" + String(repeating: "x", count: 60) + "\""
    #expect(
      try answers([
        "{1, 'a', n = {2}}, 5, {}", "_.n", "t = {sonde.ones(2)}; t.t = t; x = ('x'):rep(60)", "t", "{x, x, x, x}",
        "setmetatable({}, {__tostring = function() return 'told' end})", "{1};", "x = {}",
        "x[1] = setmetatable({}, {__tostring = error})", "x", "type(_)",
      ]) == [
        "{1, \"a\", n = {2}}\t5\t{}", "{2}", "", "{tensor float32 [2] (1, 1), t = <cycle>}",
        "{\n\([long, long, long, long].joined(separator: ",\n"))\n}", "told", "", "", "", "{<error in __tostring>}",
        "table",
      ])
  }

  @Test func severalTensorsStandOnLinesOfTheirOwn() throws {
    #expect(
      try answers(["sonde.tensor{2, 1}:sort()", "5, sonde.ones(1)"])
        == ["float32 [2]\n  1  2\nint64 [2]\n  2  1", "5\nfloat32 [1]\n  1"])
  }

  @Test func aPrintOfTheUsersOwnGetsTables() throws {
    #expect(
      try answers(["p, print = print, function(t) p(type(t)) end", "{1}", "print = nil", "{}"])
        == ["", "table", "", "error calling 'print' (attempt to call a nil value)"])
  }

  @Test func aSemicolonSilences() throws {
    #expect(try answers(["7;", "_", "= 8 ; ", "_", "print(9);"]) == ["", "7", "", "8", "9"])
  }

  @Test func underscoreIsTheLastResult() throws {
    #expect(
      try answers(["41, 1", "_ + 1", "x = 3", "_", "print()", "_"]) == ["41\t1", "42", "", "42", "", "42"])
  }

  @Test func aStrictGlobalTableDoesNotDisturb() throws {
    let strict =
      "setmetatable(_G, {__index = function() error 'no such' end, __newindex = function() error 'no' end});"
    #expect(try answers([strict, "8", "_"]) == ["", "8", "8"])
  }

  @Test func errorsKeepTheSession() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("x = 3") == "")
    #expect(try terminal.ask("error('boom')") == "stdin:1: boom\n  1 | error('boom')")
    #expect(try terminal.ask("x x") == "stdin:1: syntax error near 'x'\n  1 | x x\n    |   ^")
    let speaker = "error(setmetatable({}, {__tostring = function() return 'told' end}))"
    #expect(try terminal.ask(speaker) == "told\n  1 | \(speaker)")
    #expect(try terminal.ask("error(nil)") == "(error object is a nil value)\n  1 | error(nil)")
    #expect(try terminal.ask("x") == "3")
  }

  @Test func tellsErrorsOfPrint() throws {
    let answers = try answers(["p, print = print, nil", "10", "print = function() error('bad', 0) end", "10", "p(1)"])
    #expect(
      answers == ["", "error calling 'print' (attempt to call a nil value)", "", "error calling 'print' (bad)", "1"])
  }

  @Test func continuesUnfinishedChunks() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("for i = 1, 2 do", prompt: ">> ") == "")
    #expect(try terminal.ask("print(i)", prompt: ">> ") == "")
    #expect(try terminal.ask("end") == "1\n2")
    #expect(try terminal.ask("= math.max(", prompt: ">> ") == "")
    #expect(try terminal.ask("3, 4)") == "4")
    #expect(try terminal.ask("1 +", prompt: ">> ") == "")
    #expect(try terminal.ask("2") == "3")
    #expect(try terminal.ask("#{1,", prompt: ">> ") == "")
    #expect(try terminal.ask("2}") == "2")
  }

  @Test func takesLongLines() throws {
    let text = String(repeating: "x", count: 20_000)
    let terminal = try Workplace().prompt()
    terminal.type("a = '\(text)'\r")
    try terminal.expect("xxx'")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("#a, a:find('[^x]')") == "20000\tnil")
  }

  @Test func promptsCanBeSet() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("_PROMPT, _PROMPT2 = 'lua: ', 'more: '", prompt: "lua: ") == "")
    #expect(try terminal.ask("x = (", prompt: "more: ") == "")
    #expect(try terminal.ask("1)", prompt: "lua: ") == "")
    let count = "n = 0 _PROMPT = setmetatable({}, {__tostring = function() n = n + 1 return 'p' .. n .. ' ' end})"
    #expect(try terminal.ask(count, prompt: "p1 ") == "")
    #expect(try terminal.ask("n", prompt: "p2 ") == "1")
    #expect(try terminal.ask("_PROMPT = setmetatable({}, {__tostring = error})") == "")
  }

  @Test func controlDEndsIt() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("1") == "1")
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
  }

  @Test func controlDTellsWhatIsUnfinished() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("x = {", prompt: ">> ") == "")
    terminal.type("\u{4}")
    #expect(try terminal.expect("\n> ").hasSuffix("stdin:1: unexpected symbol near <eof>\n  1 | x = {\n    |     ^"))
    #expect(try terminal.ask("3") == "3")
  }

  @Test func exitsWithTheStatusOfExit() throws {
    let terminal = try Workplace().prompt()
    terminal.type("os.exit(4, true)\r")
    #expect(try terminal.end() == 4)
  }

  @Test func opensAfterAScriptOnRequest() throws {
    let place = try Workplace()
    place.write("script.lua", "x = ... print('ran')")
    let terminal = try place.prompt(["-i", "\(place.directory.path)/script.lua", "left"])
    #expect(try terminal.ask("x") == "left")
  }

  @Test func aPastedBlockIsOneChunk() throws {
    let terminal = try Workplace().prompt()
    terminal.type("\u{1b}[200~local a = 2\nlocal b = 3\nprint(a * b)\n\u{1b}[201~\r")
    let shown = try terminal.expect("\n> ")
    #expect(shown.hasSuffix("\n6"))
    #expect(!shown.contains("nil"))
    // One entry: the arrow up brings the whole block back.
    terminal.type("\u{1b}[A\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n6"))
  }

  @Test func echoesWhatIsPipedIn() throws {
    let input = "1 + 1\nx = {\n5}\n\n#x\nerror('e', 0)\n7 +"
    let outcome = try Workplace().run(["-i"], input: input)
    let transcript = "> 1 + 1\n2\n> x = {\n>> 5}\n> \n> #x\n1\n> error('e', 0)\n> 7 +\n>> > \n"
    #expect(outcome.output.drop { $0 != "\n" } == "\n" + transcript)
    #expect(
      outcome.errors
        == "e\n  1 | error('e', 0)\nstdin:1: unexpected symbol near <eof>\n  1 | 7 +\n")
    #expect(outcome.status == 0)
  }
}
