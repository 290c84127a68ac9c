import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The commands of the prompt, behind a colon.
struct CommandTests {
  private func answers(_ lines: [String]) throws -> [String] {
    let terminal = try Workplace().prompt()
    return try lines.map { try terminal.ask($0) }
  }

  // MARK: Names

  @Test func aBeginningOfANameWillDo() throws {
    #expect(try answers([":undo", ":un", ":u"]).allSatisfy { $0.hasPrefix(":undo: nothing to take back; ") })
    #expect(
      try answers([":ty 1", ":sa", ":save"]) == [
        "number (integer)", ":save: nothing stands behind it; it is typed as :save file.lua",
        ":save: nothing stands behind it; it is typed as :save file.lua",
      ])
  }

  @Test func wrongNamesOfferTheNearest() throws {
    #expect(
      try answers([":tpye 1", ":zzzzzz", ":", ":t", ":undo it", "::label:: goto_label = 1", "goto_label"]) == [
        ":tpye: no such command, did you mean ':type'?", ":zzzzzz: no such command; :help lists them",
        "expected a command behind the colon; :help lists them", ":t can be \(ambiguous)",
        ":undo: expected nothing behind it, got 'it'", "", "1",
      ])
  }

  /// Whatever begins with a t, in the order of `:help`.
  private var ambiguous: String {
    get throws {
      let help = try answers([":help"])[0]
      let names = help.split(separator: "\n").filter { $0.hasPrefix("  :t") }.map { $0.split(separator: " ")[0] }
      return names.joined(separator: ", ")
    }
  }

  @Test func helpNamesEveryCommandAndTheKeys() throws {
    let help = try answers([":help"])[0]
    for command in [
      "time", "bench", "type", "vars", "load", "save", "save!", "undo", "experiments", "doctor", "reset", "quit",
    ] {
      #expect(help.contains("\n  :\(command)"), "\(command)")
    }
    for key in ["Tab", "Ctrl-R", "Alt-Enter", "Ctrl-C", "Ctrl-D"] { #expect(help.contains(key), "\(key)") }
  }

  @Test(arguments: [":quit", ":q", ":exit"])
  func quitLeaves(_ line: String) throws {
    let terminal = try Workplace().prompt()
    terminal.type(line + "\r")
    #expect(try terminal.end() == 0)
  }

  @Test func whatOthersTypeToLeaveIsAnswered() throws {
    let hint = ":quit or Ctrl-D leaves"
    #expect(
      try answers(["exit", "quit", "exit()", " quit() ", "quit = 5", "quit", "exited"])
        == [hint, hint, hint, hint, "", "5", "nil"])
  }

  // MARK: Times

  @Test func timeShowsResultsAndWhatTheyCost() throws {
    let terminal = try Workplace().prompt()
    let lines = try terminal.ask(":time sonde.zeros(1024, 1024):sum():item() + 1").split(separator: "\n")
    #expect(lines.count == 2 && lines[0] == "1.0")
    let pattern =
      /[0-9.]+ (s|ms|us|ns), [0-9.]+ (s|ms|us|ns) of processor; tensors: 4\.01 MB made, 4\.01 MB at most above before; Lua: [+-][0-9.]+ (B|KB), [0-9]+ collector steps for tensors/
    #expect(try pattern.wholeMatch(in: lines[1]) != nil, "\(lines)")
    #expect(try terminal.ask("_") == "1.0")
  }

  @Test func timeTellsErrorsAndTheTimeUntilThen() throws {
    let terminal = try Workplace().prompt()
    let answer = try terminal.ask(":time error('boom')")
    #expect(answer.hasPrefix("stdin:1: boom\n") && answer.contains(" of processor; tensors: 0 B made"))
    #expect(try terminal.ask(":time x x").hasPrefix("stdin:1: syntax error near 'x'"))
  }

  @Test func codeBehindACommandGoesOnOverLines() throws {
    let place = try Workplace()
    let outcome = try place.run(["-i"], input: ":time for i = 1, 2 do\nprint(i)\nend\n:type {\n}\n")
    #expect(outcome.output.contains(">> end\n1\n2\n") && outcome.output.contains(">> }\ntable of 0\n"), "\(outcome)")
  }

  @Test func benchRunsBatches() throws {
    let terminal = try Workplace().prompt()
    let answer = try terminal.ask(":bench runs = (runs or 0) + 1")
    let pattern = /[0-9.]+ (us|ns) a run at best, [0-9.]+ (us|ns) at the median; 7 batches of ([0-9]+) runs/
    let match = try #require(try pattern.wholeMatch(in: answer), "\(answer)")
    let runs = try #require(Int(try terminal.ask("runs")))
    #expect(runs >= 7 * (Int(match.3) ?? 0))
    let stopped = try terminal.ask(":bench error('no', 0)")
    #expect(stopped.hasPrefix("no\n") && stopped.hasSuffix("\n:bench: stopped after 0 runs"), "\(stopped)")
  }

  @Test func ctrlCEndsABench() throws {
    let terminal = try Workplace().prompt()
    terminal.type(":bench while true do end\r")
    try terminal.expect("while true do end\n")
    usleep(200_000)
    terminal.type("\u{3}")
    try terminal.expect(":bench: stopped after 0 runs\n> ")
    #expect(try terminal.ask("1") == "1")
  }

  // MARK: Values

  @Test func typeTellsTheTypeOfEachValue() throws {
    let lines = [
      ":type sonde.zeros(1000, 100)", ":type nn.mlp{inputs=100, width=100, depth=20}",
      ":type nn.Sequential{nn.Linear(2, 3)}", ":type nn.mlp", ":type print, string.format",
      ":type {1, 2, 3}, {}, {a = 1, 5}",
      ":type 1, 1.5, 'word', nil, true", ":type f()", ":type setmetatable({}, {__name = 'Thing', __tostring = error})",
      ":type coroutine.create(print), io.stdout", ":type f", ":type (sonde.ones(2):requires_grad_())",
      ":type print() return",
    ]
    #expect(
      try answers(["function f() end"] + lines).dropFirst() == [
        "tensor float32 [1000, 100]", "net of 20 layers (nn.mlp)", "net of 1 layer (nn.Sequential)", "function nn.mlp",
        "function print\nfunction string.format", "table of 3\ntable of 0\ntable of 1 and 1 field",
        "number (integer)\nnumber (float)\nstring of 4 bytes\nnil\nboolean", "nothing", "table of 0 (Thing)",
        "coroutine\nFILE*", "function of stdin[1]:1", "tensor float32 [2], with gradient", "\nnothing",
      ])
  }

  @Test func varsListsWhatIsTheUsersOwn() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask(":vars") == "no variables yet")
    _ = try terminal.ask("x = sonde.zeros(256, 4); row = x[1]; n = 5; word = 'hello'; t = {1, a = 2}")
    _ = try terminal.ask(
      "odd = setmetatable({}, {__tostring = function() called = true end}); print, tostring = print, type")
    #expect(
      try terminal.ask(":vars") == """
        n         number (integer)         5
        odd       table of 0
        row       tensor float32 [4]       4.00 KB
        t         table of 1 and 1 field
        tostring  function type
        word      string of 5 bytes        "hello"  5 B
        x         tensor float32 [256, 4]  4.00 KB
        tensors: 4.00 KB
        """)
    #expect(try terminal.ask("called") == "nil")
    #expect(
      try terminal.ask(":vars *o*") == """
        odd       table of 0
        row       tensor float32 [4]  4.00 KB
        tostring  function type
        word      string of 5 bytes   "hello"  5 B
        tensors: 4.00 KB
        """)
    #expect(try terminal.ask(":vars n") == "n  number (integer)  5")
    #expect(try terminal.ask(":vars q*") == "no variables whose names fit 'q*'")
  }

  @Test func varsShowsKeptLocalsBesideTheGlobalsTheyHide() throws {
    let terminal = try Workplace().prompt()
    _ = try terminal.ask("a = 1")
    _ = try terminal.ask("local a, b = 'x'")
    #expect(
      try terminal.ask(":vars") == """
        local a  string of 1 byte  "x"  1 B
        a        number (integer)  1
        local b  nil
        """)
  }

  // MARK: Files

  @Test func loadRunsAFileInTheSession() throws {
    let place = try Workplace()
    place.write("f.lua", "#!/usr/bin/sonde\nlocal a = 20\nb = a + 1\nfunction g() return a end\n")
    place.write("bad.lua", "c = 1\nerror('boom')\nc = 2\n")
    place.write("wrong.lua", "d = 1\nd d\n")
    place.write("code.lua", "\u{1b}Lua")
    let path = place.directory.path
    let terminal = try place.prompt()
    #expect(try terminal.ask(":load \(path)/f.lua") == "")
    #expect(try terminal.ask("a, b, g()") == "20\t21\t20")
    #expect(try terminal.ask("a = 7; print(g())") == "7")
    let raised = try terminal.ask(":load '\(path)/bad.lua'")
    #expect(raised.hasPrefix("\(path)/bad.lua:2: boom\n") && raised.contains("error('boom')"), "\(raised)")
    #expect(try terminal.ask("c") == "1")
    #expect(try terminal.ask(":load ~/wrong.lua").hasPrefix("\(path)/wrong.lua:2: syntax error near 'd'"))
    #expect(
      try terminal.ask(":load \(path)/code.lua")
        == ":load: expected Lua text, got bytecode in \(path)/code.lua; dofile runs it")
    #expect(
      try terminal.ask(":load nowhere.lua") == ":load: 'nowhere.lua': cannot open it: No such file or directory")
    #expect(try terminal.ask(":load \(path)").hasPrefix(":load: '\(path)': "))
  }

  @Test func initFileRunsAtTheStartOfAPromptAlone() throws {
    let place = try Workplace()
    place.write("config/sonde/init.lua", "greeting = 'hello'\nprint('begun')\n")
    let environment = ["XDG_CONFIG_HOME": place.directory.path + "/config"]
    let terminal = try Terminal(Workplace.sonde, environment: place.environment.merging(environment) { $1 })
    try terminal.expect("begun\n> ")
    #expect(try terminal.ask("greeting") == "hello")
    #expect(try place.run(["-e", "print(greeting)"], environment: environment).output == "nil\n")
    let ignoring = try place.prompt(["-E"], environment: environment)
    #expect(try ignoring.ask("greeting") == "nil")
  }

  @Test func aBrokenInitFileIsToldAndThePromptComes() throws {
    let place = try Workplace()
    let path = place.directory.path + "/.config/sonde/init.lua"
    for (text, message) in [("x = = 1", "init.lua:1: unexpected symbol near '='"), ("y = 1 error('no', 0)", "no")] {
      place.write(".config/sonde/init.lua", text)
      let terminal = try Terminal(Workplace.sonde, environment: place.environment)
      let told = try terminal.expect("the prompt goes on without the rest of \(path)\n> ")
      #expect(told.contains(message), "\(told)")
      #expect(try terminal.ask("6 * 7") == "42")
    }
  }

  // MARK: Surgery

  @Test func undoTakesBackTheLastSurgeryOfAnyNet() throws {
    let terminal = try Workplace().prompt()
    _ = try terminal.ask("a = nn.mlp{inputs=4, width=4, depth=2}; b = a:clone()")
    _ = try terminal.ask("a:batchnorm('after'); b:activation('tanh'); b[2]:batchnorm('before'); a:init('zeros');")
    _ = try terminal.ask("a:whatif(sonde.randn(8, 4), {batchnorm={'off', 'before'}});")
    #expect(try terminal.ask(":undo") == "took back a:init(\"zeros\")")
    #expect(try terminal.ask(":undo") == "took back b[2]:batchnorm(\"before\")")
    #expect(try terminal.ask("b:batchnorm(), b:activation(), a:batchnorm()") == "off\ttanh\tafter")
    #expect(try terminal.ask(":undo") == "took back b:activation(\"tanh\")")
    #expect(try terminal.ask(":undo") == "took back a:batchnorm(\"after\")")
    #expect(
      try terminal.ask(":undo")
        == ":undo: nothing to take back; net:batchnorm, net:init and their like are surgeries")
    _ = try terminal.ask("local c = nn.mlp{inputs=4, width=4, depth=2}; c:batchnorm(true)")
    #expect(try terminal.ask(":undo") == "took back c:batchnorm(true)")
  }

  // MARK: Fresh sessions

  @Test func resetForgetsAllButTheHistory() throws {
    let terminal = try Workplace().prompt(["--seed", "7", "--dtype", "float64"])
    let first = try terminal.ask("sonde.rand(2)")
    _ = try terminal.ask("x = 1; string.x = 2; getmetatable('').__add = 3; sonde.default_dtype('float32')")
    _ = try terminal.ask("local y = 2")
    #expect(
      try terminal.ask(":reset")
        == "a fresh session; the history is still there, and what was typed can be recalled from it")
    #expect(try terminal.ask("x, y, string.x, getmetatable('').__add == 3") == "nil\tnil\tnil\tfalse")
    #expect(try terminal.ask("sonde.rand(2)") == first)
    #expect(try terminal.ask(":vars") == "no variables yet")
    terminal.type("\u{1b}[A\u{1b}[A\u{1b}[A\u{1b}[A\u{1b}[A")
    try terminal.expect("local y = 2")
  }

  @Test func resetRunsOptionsAgainButNoScript() throws {
    let place = try Workplace()
    place.write("m.lua", "return {n = 3}")
    place.write("s.lua", "ran = true")
    place.write(".config/sonde/init.lua", "begun = true")
    let input = "ran, e, m.n, begun\n:reset\nran, e, m.n, begun, arg[0]\n"
    let outcome = try place.run(
      ["-l", "m", "-e", "e = 1", "-i", "s.lua"], input: input, environment: ["LUA_PATH": "./?.lua"])
    #expect(outcome.output.contains("true\t1\t3\ttrue\n"))
    #expect(outcome.output.contains("a fresh session; -e and the script were not run again; "))
    #expect(outcome.output.contains("nil\tnil\t3\ttrue\ts.lua\n"), "\(outcome)")
  }

  // MARK: Experiments

  @Test func experimentsAreThoseOfTheProject() throws {
    let listed = try answers([":experiments"])[0].split(separator: "\n").dropFirst().map {
      $0.split(separator: " ", maxSplits: 1)
    }
    let files = try Child.run("/bin/ls", [Project.path("scripts/experiments")]).output.split(separator: "\n")
    #expect(listed.map { "\($0[0]).lua" } == files.map(String.init))
    let first = try Child.run("/usr/bin/head", ["-n1", Project.path("scripts/experiments/width.lua")]).output
    let width = try #require(listed.last)
    #expect("-- " + width[1].drop { $0 == " " } + "\n" == first)
  }

  @Test func experimentsAreListedWithinNarrowTerminals() throws {
    let terminal = try Workplace().prompt(columns: 40)
    for line in [":experiments", ":exp founding --help", ":exp founding --sead 1"] {
      let shown = try terminal.ask(line).split(separator: "\n")
      #expect(shown.count > 5)
      // what is wrong stands on one line, as all errors do
      let broken = shown.drop { $0.hasPrefix(":experiments: ") }
      #expect(broken.allSatisfy { $0.count <= 40 }, "\(shown)")
    }
    #expect(try terminal.ask(":exp founding --help").contains("\n  --seed n    the first seed (1)\n"))
  }

  @Test func anExperimentRunsInAProcessOfItsOwn() throws {
    let terminal = try Workplace().prompt()
    let usage = """
        :experiments width          widths 25 to 400, 10 and 20 layers, 400 draws each
        :experiments width --short  fewer; status 1 where drift or scatter differ from the law
      """
    #expect(
      try terminal.ask(":exp wid --shrot")
        == ":experiments: width: unknown option '--shrot', did you mean '--short'?\n\(usage)")
    #expect(try terminal.ask(":exp width --help").hasSuffix("(Hanin & Rolnick 2018).\n\(usage)"))
    #expect(
      try terminal.ask(":exp founding --seeds none")
        == "founding.lua: --seeds expected a whole number from 1, got none\nfounding: ended with status 1")
    #expect(try terminal.ask(":exp wdith") == ":experiments: no experiment 'wdith', did you mean 'width'?")
    #expect(try terminal.ask(":exp i") == ":experiments: 'i' can be init-zoo, ioffe-szegedy")
    terminal.type(":exp founding --seeds 1000\r")
    try terminal.expect("founding --seeds 1000\n")
    usleep(500_000)
    terminal.type("\u{3}")
    try terminal.expect("founding: ended by Ctrl-C\n> ")
    #expect(try terminal.ask("1") == "1")
  }

  /// Ctrl-C ends a training alone where a script goes on with what it has; of an experiment it ends the whole.
  @Test func oneControlCEndsAnExperimentThatTrains() throws {
    let terminal = try Workplace().prompt()
    terminal.type(":exp depth\r")
    try terminal.expect("accuracy\n")
    usleep(300_000)
    terminal.type("\u{3}")
    let shown = try terminal.expect("> ")
    #expect(shown.hasSuffix("depth: ended by Ctrl-C\n"), "\(shown)")
    #expect(try terminal.ask("1") == "1")
  }

  // MARK: The doctor

  @Test func theDoctorFindsTheMachineInOrder() throws {
    let place = try Workplace()
    let terminal = try place.prompt(["--seed", "5", "--threads", "1", "--memory-limit", "1G"])
    let lines = try terminal.ask(":doctor").split(separator: "\n").map(String.init)
    for expected in [
      "  Sonde       0.1.0, compiled by Swift ", "  Lua         5.4.", "  OpenBLAS    OpenBLAS ", "  BLAS pins   none",
      "  threads     1 of ", "  dtype       float32", "  seed        5, 0 blocks drawn",
      "  terminal    xterm, 200 columns x 50 lines, Unicode with braille, 16 colours, bracketed paste on",
      "  history     \(place.directory.path)/sonde/history",
      "  init.lua    \(place.directory.path)/.config/sonde/init.lua, which does not exist",
    ] {
      #expect(lines.contains { $0.hasPrefix(expected) }, "\(expected) in \(lines)")
    }
    #expect(lines.contains { $0.hasPrefix("  tensors     ") && $0.hasSuffix("limit 1.00 GB") })
    let core =
      /\s+OpenBLAS\s+OpenBLAS .*, core [A-Za-z0-9]+(, in place of (Prescott|Nehalem|Sandybridge|Barcelona), which it took this processor for)?/
    #expect(lines.contains { (try? core.wholeMatch(in: $0)) != nil }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("  kernels     instructions of level v") && $0.contains("SONDE_ISA") })
  }

  @Test func theDoctorMarksProblems() throws {
    let place = try Workplace()
    place.write(".config/sonde/init.lua", "x = = 1")
    let environment = [
      "OPENBLAS_CORETYPE": "Haswell", "SONDE_GNUPLOT": "no-such-plotter", "XDG_STATE_HOME": "/proc", "TERM": "xterm",
    ]
    let outcome = try place.run(["-i"], input: ":doctor\n", environment: environment)
    let marked = outcome.output.split(separator: "\n").filter { $0.hasPrefix("! ") }.map(String.init)
    #expect(marked.count == 4, "\(outcome)")
    #expect(marked[0].hasPrefix("! gnuplot     expected the program 'no-such-plotter'"))
    #expect(marked[1].hasPrefix("! BLAS pins   OPENBLAS_CORETYPE=Haswell in the environment "))
    #expect(marked[2].hasPrefix("! history     /proc/sonde/history: "))
    #expect(marked[3].hasSuffix("init.lua:1: unexpected symbol near '='"))
    #expect(outcome.output.contains("4 problems, marked with !\n"))
  }

  @Test func aPlotterThatHangsDoesNotHangTheDoctor() throws {
    let place = try Workplace()
    place.write("sleeper", "#!/bin/sh\nsleep 60\n")
    _ = try Child.run("/bin/chmod", ["+x", place.directory.path + "/sleeper"])
    let outcome = try place.run(
      ["-i"], input: ":doctor\n", environment: ["SONDE_GNUPLOT": place.directory.path + "/sleeper"])
    #expect(outcome.output.contains("sleeper' within 2 seconds, got none; it was stopped\n"), "\(outcome)")
  }

  @Test func theEnvironmentChoosesTheInstructionsOfKernels() throws {
    let place = try Workplace()
    let lowest = try place.run(["-i"], input: ":doctor\n", environment: ["SONDE_ISA": "v1"])
    #expect(lowest.output.contains("\n  kernels     instructions of level v1"), "\(lowest)")
    let unknown = try place.run(["-e", "print(1)"], environment: ["SONDE_ISA": "v9"])
    #expect(
      unknown.errors.hasSuffix(
        ": SONDE_ISA: expected v1, v2, v3 or v4, got 'v9'; without it the highest that runs here is taken\n"))
    #expect(unknown.status == 1 && unknown.output.isEmpty)
    #expect(try place.run(["--help"], environment: ["SONDE_ISA": "v9"]).status == 0)
  }

  @Test func theVersionTellsOfPins() throws {
    let pinned = try Workplace().run(["--version"], environment: ["OPENBLAS_CORETYPE": "Haswell"])
    #expect(
      pinned.output.hasSuffix(
        "\nOPENBLAS_CORETYPE=Haswell in the environment may halve the speed of OpenBLAS; unset them\n"))
    #expect(try Workplace().run(["-v"], environment: ["OPENBLAS_CORETYPE": "Haswell"]).output.hasSuffix("PUC-Rio\n"))
  }
}
