import TestSupport
import Testing

/// What is typed or pasted at once and is several inputs, or statements with an expression behind them.
struct BlockTests {
  private func prompt() throws -> Terminal { try Workplace().prompt(environment: ["SONDE_HISTORY": ""]) }

  /// Pastes a block and presses Enter; answers what is shown behind its last line.
  private func paste(_ text: String, _ terminal: Terminal, prompt: String = "> ") throws -> String {
    terminal.type("\u{1b}[200~\(text)\u{1b}[201~")
    // blanks at a line's start may be shown by moving the cursor
    for line in text.split(separator: "\n") { try terminal.expect(String(line.drop { $0 == " " })) }
    return try terminal.ask("", prompt: prompt)
  }

  private func answers(_ blocks: [(text: String, answer: String)]) throws {
    let terminal = try prompt()
    for block in blocks {
      let answer = try paste(block.text, terminal)
      #expect(answer == block.answer, "of \(block.text)")
    }
  }

  @Test func anExpressionMayStandBehindStatements() throws {
    try answers([
      ("x = {1, 2}; x", "{1, 2}"), ("x = 5\nx", "5"), ("for i = 1, 3 do x = x + i end x", "11"), ("local a = 1 a", "1"),
      ("a = a + 1; a, a * 2", "2\t4"), ("function f(n) return n end f(3) f(4)", "4"), ("x = 1 x", "1"),
      ("x = 2;\nx + 1 -- so", "3"),
      ("x = 3\n\n#'abc'", "3"), ("x = {}\n{1}", "{1}"), ("x = 7\nnot x", "false"), ("x = 8; (x)", "8"),
      ("if x then x = 9 end {x}", "{9}"), ("x = 10; x;", ""), ("x = function() end; x == nil", "false"),
      ("::top:: x = 11 x", "11"), ("x = 12; function() return 1 end == nil", "false"), ("x = 'a'; -1", "-1"),
    ])
  }

  @Test func expressionsOfAPastePrintOneByOne() throws {
    try answers([
      ("1+1\n2+2", "2\n4"), ("1; 2", "2"), ("1\n2;\n3", "1\n3"), ("x = 1\nx\nx = x + 1\nx", "1\n2"),
      ("{1}\n{2}", "{1}\n{2}"),
      ("'a'\n'b'\n_ .. _1", "a\nb\nba"), ("{3,\n4}\nmath.max(\n1,\n2)\n5", "{3, 4}\n2\n5"),
    ])
  }

  @Test func callsOfAPastePrintAsIfTypedAlone() throws {
    try answers([
      ("function g(x)\n  return x * 2\nend", ""),
      // Lua as a whole: one input, which the last statement gives its values
      ("g(4)\ng(5)", "10"),
      // a bare expression or a command in it: a line is as if typed alone
      ("c = 1\nc + 1\ng(4)\ng(5)", "2\n8\n10"), ("g(4)\ng(5)\nc + 1", "8\n10\n2"),
      ("g(1)\nc = 2\ng(c); g(3)\ng(5);\nc", "2\n6\n2"), ("c\nlocal d = 3\ng(d)\nc = g(d)\nd", "2\n6\n3"),
      (":type c\ng(4)\ng(5)", "number (integer)\n8\n10"),
      (
        ":type c\nc = 3\n?:quit\nc + 1\nfunction h(x)\n  return x * 2\nend\nh(4)",
        "number (integer)\n:quit\n  leaves, as Ctrl-D does; also :exit\nSee also\n  :help, prompt\n4\n8"
      ),
      (
        "net = nn.mlp{inputs=8, width=8, depth=2}\n#net\nnet:count()\nnet:batchnorm()\nnet\n  :count()",
        "2\n144\noff\n144"
      ),
      // one call on several lines, and what is on lines of a block
      ("c\ng(\n4\n)\nif c then\n  g(1)\n  g(2)\nend\nc = g\n(5)\nc", "3\n8\n10"),
      // statements that jump or close something stay one
      ("c = 1\n::top::\ng(c)\nc = c + 1\nif c < 3 then goto top end\ng(c)\nc", "6\n3"),
      (
        "c\nlocal e <close> = setmetatable({}, {__close = function() print('closed') end})\ng(1)\ng(2)",
        "3\nclosed\n4"
      ),
    ])
  }

  @Test func whatLuaTakesKeepsItsMeaning() throws {
    try answers([
      // one expression, one call, one assignment
      ("1\n-2", "-1"), ("x = math.abs\n(-3)\ny = x", ""), ("y", "3"), ("f = function(...) return #{...} end", ""),
      ("f\n{1}", "1"), ("x = 1\nmath.max(2, 3)", "3"), ("x = 5 y = 6", ""), ("return 7;", ""), ("x = 1 return x", "1"),
    ])
  }

  @Test func mistakesAreStillToldAtOnce() throws {
    let terminal = try prompt()
    for (text, message) in [
      ("x x", "1: syntax error near 'x'"), ("x = 3 4", "1: unexpected symbol near '4'"),
      ("1 + 1 x", "1: unexpected symbol near '1'"),
      ("1 +* 2", "1: unexpected symbol near '*'"), ("return 1 x", "1: <eof> expected near 'x'"),
      ("x = 1\ny +* 2", "2: unexpected symbol near '*'"),
      ("x = 1\ngoto no", "2: no visible label 'no' for <goto> at line 2"),
      ("x = 1; nil.a = 2", "1: unexpected symbol near 'nil'"), ("1\n2\n3 = x", "3: unexpected symbol near '3'"),
    ] {
      let answer = try paste(text, terminal)
      #expect(answer.hasPrefix("stdin:\(message)\n"), "\(text): \(answer)")
    }
    #expect(try terminal.ask("x") == "nil")
  }

  @Test func whatIsUnfinishedGoesOn() throws {
    let terminal = try prompt()
    #expect(try paste("x = 1; {x,", terminal, prompt: ">> ") == "")
    #expect(try terminal.ask("2}") == "{1, 2}")
    #expect(try paste(":type x\nfor i = 1, 2 do\n", terminal, prompt: ">> ") == "")
    #expect(try terminal.ask("print(i) end") == "number (integer)\n1\n2")
    #expect(try paste("x = 2\n:type x +", terminal, prompt: ">> ") == "")
    #expect(try terminal.ask("1") == "number (integer)")
  }

  // MARK: Commands

  @Test func ctrlCInACommandEndsTheBlock() throws {
    let terminal = try prompt()
    let endless = "(function() io.write('run', 'ning\\n') while true do end end)()"
    terminal.type("\u{1b}[200~:type \(endless)\nx = 99\u{1b}[201~\r")
    try terminal.expect("\nrunning\n")
    terminal.type("\u{3}")
    #expect(try terminal.expect("\n> ").contains("interrupted!"))
    #expect(try terminal.ask("x") == "nil")
  }

  @Test func commandsAndQuestionsRunBetweenLua() throws {
    try answers([
      (":vars\nx = 4\n:vars", "no variables yet\nx  number (integer)  4"),
      ("x = 5\n:type x\nx\n:type {\nx}\nx + 1", "number (integer)\n5\ntable of 1\n6"),
      ("-- two\n  :type x, 'a'", "number (integer)\nstring of 1 byte"),
      (":tpye x\nx", ":tpye: no such command, did you mean ':type'?\n5"),
      ("?:quit\nx;", ":quit\n  leaves, as Ctrl-D does; also :exit\nSee also\n  :help, prompt"),
      // what looks like one
      ("s = [[\n:vars\n?x\n]]\n#s", "9"), ("s = 'abc'\ns\n  :upper()\n  :rep(2)", "ABCABC"),
      ("s\n  :upper()\n  :rep(2)", "ABCABC"), ("s\n  :rep (2)\n:type s", "abcabc\nstring of 3 bytes"),
      ("do\n::again::\nend\n:type s", "string of 3 bytes"),
    ])
  }

  @Test func blanksMayStandBeforeThem() throws {
    let terminal = try prompt()
    _ = try terminal.ask("x = 5")
    #expect(try terminal.ask("  :type x") == "number (integer)")
    #expect(try terminal.ask("   ?:quit").hasPrefix(":quit\n"))
    #expect(try terminal.ask("  = x") == "5")
    #expect(try terminal.ask("  :type {", prompt: ">> ") == "")
    #expect(try terminal.ask("x}") == "table of 1")
  }

  @Test func errorsTellTheLineOfTheBlock() throws {
    let terminal = try prompt()
    let failed = try paste(":type 1\nx = 1\n:type 2\ny = 2; y.z.w = 3\nx = 2", terminal)
    #expect(
      failed
        == "number (integer)\nnumber (integer)\nstdin:4: attempt to index a number value (global 'y')\n"
        + "  4 | y = 2; y.z.w = 3\n    |        ^")
    // the rest has not run
    #expect(try terminal.ask("x") == "1")
    // nothing runs of what is no Lua
    let refused = try paste("x = 3\n:type 1\ny = ) 2", terminal)
    #expect(refused == "stdin:3: unexpected symbol near ')'\n  3 | y = ) 2\n    |     ^")
    #expect(try terminal.ask("x") == "1")
    #expect(
      try paste("5\nfunction f(a)\n  return a.b.c\nend\nf({})", terminal).hasPrefix(
        "5\nstdin[1]:3: attempt to index a nil value (field 'b')\n  3 |   return a.b.c\n"))
  }

  @Test func quitEndsTheBlock() throws {
    let terminal = try prompt()
    terminal.type("\u{1b}[200~print('a')\n:quit\nprint('b' .. 'c')\u{1b}[201~\r")
    #expect(try terminal.end() == 0)
    #expect(terminal.rest.hasSuffix("\na\n"))
  }

  @Test func controlCEndsTheBlock() throws {
    let terminal = try prompt()
    terminal.type(
      "\u{1b}[200~:type 1\nprint('go' .. '!') while true do end\nprint('not', 'this')\n:type 2\u{1b}[201~\r")
    try terminal.expect("\ngo!\n")
    terminal.type("\u{3}")
    #expect(try terminal.expect("\n> ").contains("stdin:2: interrupted!"))
    #expect(try terminal.ask("'free'") == "free")
  }

  /// Pasted, as the rest of a transcript, and behind a command: what is shown when Ctrl-C comes is not the last of it.
  @Test(arguments: ["z\nx = 1", "z\nx = 1\n2", "> z\n> x = 1", ":time z\nx = 1"])
  func controlCWhileResultsAreShownEndsTheBlock(_ block: String) throws {
    let terminal = try prompt()
    let endless = "function() io.write('show', 'ing\\n') while true do end end"
    #expect(try terminal.ask("z = setmetatable({}, {__tostring = \(endless)})") == "")
    terminal.type("\u{1b}[200~\(block)\u{1b}[201~\r")
    try terminal.expect("\nshowing\n")
    terminal.type("\u{3}")
    #expect(try terminal.expect("\n> ").contains("interrupted!"))
    #expect(try terminal.ask("x") == "nil")
  }

  @Test func isOneEntryOfTheHistory() throws {
    let terminal = try prompt()
    #expect(try paste("x = 1\n:type x\nx + 1", terminal) == "number (integer)\n2")
    terminal.type("\u{1b}[A\r")
    #expect(try terminal.expect("\n> ") == "x = 1\n:type x\nx + 1\nnumber (integer)\n2")
  }

  // MARK: Pieces of a session

  @Test(arguments: [
    "> x = 6\n> x + 1\n7\n", "\n\n  > x = 6\n  > x + 1\n  7\n",
    "$ sonde --seed 1\nSonde 0.1.0, Lua 5.4.6  Copyright\n> x = 6\n> x + 1",
    "    > x = 6\n    > x +\n    >> 1",
  ])
  func theirPromptsAreTakenAway(_ session: String) throws {
    let terminal = try prompt()
    terminal.type("\u{1b}[200~\(session)\u{1b}[201~\r")
    try terminal.expect("\n7\n> ")
    #expect(try terminal.ask("x") == "6")
  }

  @Test func aComparisonIsNoPrompt() throws {
    try answers([("5\n> 3", "true"), ("x = 5\n  > 3\nx", "true")])
  }
}
