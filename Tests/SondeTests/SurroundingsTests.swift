import TestSupport
import Testing

/// Where there is no terminal, a poor one or a narrow one: no colours, no control codes, no letters beyond ASCII.
struct SurroundingsTests {
  /// What prints pictures, tables and reports.
  private static let pictures = """
    net = nn.mlp{inputs=4, width=6, depth=3, outputs=3, norm="batch", seed=1}
    net
    x = sonde.randn(60, 4)
    r = net:probe(x)
    r
    r:plot()
    rec = sonde.recorder{every=1}
    net = nn.mlp{inputs=64, width=6, depth=2, outputs=10}
    h = net:fit{train=data.digits(), optimizer=optim.SGD(net, {lr=0.01}), steps=3, record=rec, progress=true}
    h
    h:plot()
    rec
    rec:plot()
    sonde.sweep{grid={a={1, 2}}, repeats=2, workers=1, run=function(c) return {accuracy=c.a + c.repetition} end}
    _:plot()
    nn.mlp{inputs=4, width=4, depth=2}:whatif(x, {depth={2, 4}})
    _:plot()
    theory.predict{activation="relu", init="he_normal", width=100, depth=5}
    plot.lines{{1, 3, 2}, {2, 2, 5}}
    plot.histogram(x)
    plot.heatmap(x)
    x:describe()
    x:stats()
    help()
    ? nn.mlp
    nn.mlp{imputs=3}
    """

  private func show(_ environment: [String: String]) throws -> Child.Outcome {
    try Workplace().run(["-i", "--seed", "1"], input: SurroundingsTests.pictures + "\n", environment: environment)
  }

  @Test func withoutUnicodeThereIsOnlyASCII() throws {
    let outcome = try show(["LC_ALL": "C"])
    for line in (outcome.output + outcome.errors).split(separator: "\n") where !line.allSatisfy(\.isASCII) {
      Issue.record("beyond ASCII: \(line)")
    }
    #expect(outcome.output.contains("+-") && outcome.status == 0)
  }

  @Test func aPipeGetsNoControlCodes() throws {
    let outcome = try show(["TERM": "xterm-256color", "COLORTERM": "truecolor"])
    let codes = (outcome.output + outcome.errors).unicodeScalars.filter { $0.value < 32 && $0 != "\n" && $0 != "\t" }
    #expect(codes.isEmpty, "\(codes)")
    #expect(outcome.output.contains("\u{2588}"))
  }

  /// A terminal that knows no codes, or whose abilities nobody tells, gets none, of readline's neither.
  @Test(arguments: ["dumb", ""])
  func aPoorTerminalGetsNoControlCodes(_ name: String) throws {
    let place = try Workplace()
    var environment = place.environment
    environment["TERM"] = name.isEmpty ? nil : name
    let terminal = try Terminal(Workplace.sonde, environment: environment)
    try terminal.expect("\n> ")
    for line in ["1 + 1", "{1, 'a'}", "plot.lines{{1, 2, 3}}", "error('no')", "for i = 1, 2 do"] {
      terminal.type(line + "\r")
      try terminal.expect("> ")
    }
    terminal.type("\u{3}")
    try terminal.expect("^C\n")
    try terminal.expect("> ")
    #expect(!terminal.written.contains(0x1b))
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
  }

  @Test func noColorMeansNoColours() throws {
    let place = try Workplace()
    let terminal = try place.prompt(environment: ["NO_COLOR": "1", "TERM": "xterm-256color"])
    for line in ["{1, 'a', n = {2}}", "plot.lines{{1, 2, 3}}", "error('no')"] {
      terminal.type(line + "\r")
      try terminal.expect("\n> ")
    }
    #expect(terminal.written.contains(0x1b), "readline moves the cursor with codes")
    let text = String(decoding: terminal.written, as: UTF8.self)
    #expect(text.firstMatch(of: /\u{1b}\[[0-9;:]*m/) == nil, "a colour is set")
  }

  /// What is shown keeps to the width that the terminal has by then.
  @Test func reportsKeepToANarrowTerminal() throws {
    let place = try Workplace()
    let terminal = try Terminal(
      Workplace.sonde, ["--seed", "1"], environment: place.environment, rows: 40, columns: 100)
    try terminal.expect("> ")
    terminal.resize(rows: 40, columns: 40)
    let before = terminal.written.count
    for line in ["r = nn.mlp{inputs=4, width=4, depth=3}", "r = r:probe(sonde.randn(9, 4))", "r", "r:plot()"] {
      terminal.type(line + "\r")
      try terminal.expect("\n> ")
    }
    let text = String(decoding: terminal.written[before...], as: UTF8.self)
      .replacing(/\u{1b}\[[?0-9;]*[a-zA-Z]/, with: "")
    for line in text.split(whereSeparator: \.isNewline) where line.count > 40 && !line.contains("nn.mlp") {
      Issue.record("\(line.count) columns: \(line)")
    }
  }

  @Test func aSizeThatChangesWhileLuaRunsIsTheNextLines() throws {
    let terminal = try Workplace().prompt()
    terminal.type("io.write('run', 'ning\\n') io.read()\r")
    try terminal.expect("\nrunning\n")
    terminal.resize(rows: 24, columns: 40)
    terminal.type("\r")
    try terminal.expect("> ")
    terminal.type("'" + String(repeating: "x", count: 50) + "'")
    try terminal.expectScreen("the line wrapped at 40 columns") { screen in
      screen.lines.suffix(2) == ["> '" + String(repeating: "x", count: 37), String(repeating: "x", count: 13) + "'"]
    }
  }

  // MARK: Streams

  @Test func aClosedPipeEndsAScriptAsItEndsOthers() throws {
    let place = try Workplace()
    place.write("run.sh", "{ \"$0\" -e 'while true do print(1) end'; echo $? > status; } | head -n 1\n")
    let outcome = try place.run(["-c", ". ./run.sh", Workplace.sonde], program: "/bin/sh")
    #expect(outcome == Child.Outcome(output: "1\n"))
    #expect(place.directory.read("status") == Array("\(128 + 13)\n".utf8))
  }

  @Test func closedStreamsAreNoCrash() throws {
    let place = try Workplace()
    for (redirection, status) in [
      ("-i <&-", 0), ("-e 'print(1)' >&-", 0), ("-i >&- </dev/null", 0), ("-e 'x()' 2>&-", 1),
    ] {
      let outcome = try place.run(["-c", "exec \"$0\" \(redirection)", Workplace.sonde], program: "/bin/sh")
      #expect(outcome.status == status, "\(redirection)")
    }
  }

  @Test func aHereDocumentIsReadToItsEnd() throws {
    let place = try Workplace()
    place.write("run.sh", "exec \"$0\" -i <<'END'\nfor i = 1, 2 do\nprint(i)\nend\nEND\n")
    let outcome = try place.run(["-c", ". ./run.sh", Workplace.sonde], program: "/bin/sh")
    #expect(outcome.output.hasSuffix("\n> for i = 1, 2 do\n>> print(i)\n>> end\n1\n2\n> \n"))
  }
}
