import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Ctrl-C: at the prompt it brings the prompt back and keeps the session, in scripts it is as in lua.c.
struct InterruptTests {
  /// Chunks that never end by themselves; each says that it runs before it does.
  private static let endless = [
    "io.write('run', 'ning\\n') while true do end",
    "io.write('run', 'ning\\n') while true do pcall(error) end",
    "io.write('run', 'ning\\n') while true do pcall(function() while true do end end) end",
    "io.write('run', 'ning\\n') coroutine.wrap(function() while true do end end)()",
    "io.write('run', 'ning\\n') while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    """
    io.write('run', 'ning\\n') coroutine.wrap(function() coroutine.wrap(function() while true do pcall(error) end end)() \
    end)()
    """,
    "io.write('run', 'ning\\n') table.sort({1, 2, 3}, function() while true do end end)",
    "io.write('run', 'ning\\n') local t = setmetatable({}, {__index = function() while true do end end}) print(t.x)",
    "io.write('run', 'ning\\n') io.read()",
    // Children, which get the Ctrl-C of a terminal too.
    // These say so themselves, and are no shell between two commands: dash forgets a Ctrl-C that comes there.
    "os.execute('echo run\"\"ning; exec sleep 100')",
    """
    while true do os.execute([[sh -c 'echo run""ning; exec sleep 100'; true]]) end
    """,
    "io.popen('echo run\"\"ning >&2; exec sleep 100'):read()",
    """
    local co = coroutine.create(function() \
    local x <close> = setmetatable({}, {__close = function() io.write('run', 'ning\\n') while true do end end}) \
    coroutine.yield() end) coroutine.resume(co) coroutine.close(co)
    """,
    // Native calls, one long and many short ones.
    "io.write('run', 'ning\\n') local t = sonde.randn(8000, 8000)",
    "local t = sonde.ones(100, 100) io.write('run', 'ning\\n') while true do local u = (t + t):exp():sum() end",
    "io.write('run', 'ning\\n') while true do pcall(sonde.randn, 1000, 1000) end",
    """
    local net = nn.mlp{inputs=64, width=8, depth=2, outputs=10} io.write('run', 'ning\\n') \
    local x = sonde.randn(500, 64) while true do net:probe(x) end
    """,
    // Trainings and sweeps, which give back what they have, in a loop.
    """
    local net = nn.mlp{inputs=8, width=8, depth=2} local x = sonde.randn(64, 8) \
    local options = {train={x, x}, loss="mse", optimizer=optim.SGD(net, {lr=1e-3}), epochs=1e9, progress=false, \
    on_epoch=function(e) if e.epoch == 2 then io.write('run', 'ning\\n') end end} \
    while true do pcall(net.fit, net, options) end
    """,
    """
    io.write('run', 'ning\\n') while true do \
    sonde.sweep{grid={a={1, 2}}, progress=false, run=function() while true do end end} end
    """,
    """
    local net = nn.mlp{inputs=8, width=8, depth=2} \
    net:whatif(sonde.randn(9, 8), {apply=function() io.write('run', 'ning\\n') while true do end end})
    """,
    """
    local net, depths = nn.mlp{inputs=8, width=8, depth=2}, {} for i = 1, 5000 do depths[i] = i end \
    io.write('run', 'ning\\n') net:whatif(sonde.randn(9, 8), {depth=depths})
    """,
    "return setmetatable({}, {__tostring = function() io.write('run', 'ning\\n') while true do end end})",
    // Lua's own libraries of C, where no hook is called.
    "io.write('run', 'ning\\n') \(unlucky)",
    "io.write('run', 'ning\\n') while true do pcall(function() \(unlucky) end) end",
    "coroutine.wrap(function() io.write('run', 'ning\\n') \(unlucky) end)()",
    "io.write('run', 'ning\\n') for word in (('a'):rep(30000)):gmatch('.-.-.-.-b') do end",
    "local s = ('a'):rep(30000) io.write('run', 'ning\\n') s:gsub('.-.-.-.-b', '')",
    "local t = {} for i = 1, 3e6 do t[i] = -i end io.write('run', 'ning\\n') while true do table.sort(t) t[1] = 0 end",
    "local t = {} for i = 1, 1e6 do t[i] = 'a' end io.write('run', 'ning\\n') while true do table.concat(t, ', ') end",
    "io.write('run', 'ning\\n') table.move({}, 1, 1e15, 2)",
    "io.write('run', 'ning\\n') local t = {} while true do table.insert(t, 1, 1) end",
    "local s = ('a'):rep(1e8) io.write('run', 'ning\\n') while true do utf8.len(s) end",
    "io.write('run', 'ning\\n') while true do local s = ('a'):rep(1e8) end",
    // Where Lua has switched hooks off, and where they are taken away.
    """
    setmetatable({}, {__gc = function() io.write('run', 'ning\\n') while true do end end}) collectgarbage() \
    while true do end
    """,
    "xpcall(error, function() io.write('run', 'ning\\n') while true do end end) while true do end",
    "local function f() while true do end end io.write('run', 'ning\\n') xpcall(f, f) while true do end",
    "debug.sethook(function() io.write('run', 'ning\\n') while true do end end, 'c') type(1)",
    "io.write('run', 'ning\\n') while true do debug.sethook() end",
  ]

  /// Backtracks for longer than anybody waits.
  private static let unlucky = "local s = ('a'):rep(40) s:find(('a?'):rep(40) .. s .. 'b')"

  /// Options of a training that tells once it runs, and goes on for ever.
  private static let trainings = [
    "on_epoch=function(e) if e.epoch == 1 then io.write('run', 'ning\\n') end end",
    "on_step=function(s) if s.step == 3 then io.write('run', 'ning\\n') end end",
    "on_step=function(s) if s.step == 3 then io.write('run', 'ning\\n') while true do end end end",
  ]

  @Test(arguments: trainings)
  func endsATrainingAndGivesItsHistory(_ option: String) throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("net = nn.mlp{inputs=64, width=8, depth=2, outputs=10}") == "")
    #expect(try terminal.ask("opt = optim.SGD(net, {lr=0.1})") == "")
    terminal.type("h = net:fit{train=data.digits(), optimizer=opt, epochs=99999, progress=false, \(option)}\r")
    try terminal.expect("\nrunning\n")
    terminal.type("\u{3}")
    try terminal.expect("> ")
    #expect(try terminal.ask("h.stopped, debug.gethook()") == "interrupted\tnil")
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
  }

  @Test(arguments: endless)
  func stopsWhatRunsAndKeepsTheSession(_ chunk: String) throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("kept = 'kept'") == "")
    terminal.type("\(chunk)\r")
    try terminal.expect("\nrunning\n")
    terminal.type("\u{3}")
    #expect(try terminal.expect("\n> ").contains("interrupted!"))
    #expect(try terminal.ask("kept, coroutine.wrap(function() return 1 end)()") == "kept\t1")
    // No hook is left behind, on this thread or a fresh coroutine.
    #expect(try terminal.ask("debug.gethook()") == "nil")
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
  }

  /// At whatever step it comes: a library is left as it was, and all that was made in it is collected.
  @Test func leavesALibraryWhole() throws {
    let terminal = try Workplace().prompt()
    let chunks = [
      "s:find('.-.-.-.-b')", "s:gsub('(.-)(.-).-.-b', '%1%2')", "t[1] = 0 while true do table.sort(t) t[9999] = 0 end",
      "while true do table.concat(t, ',') end", "while true do select('#', table.unpack(t)) end",
      "while true do s:rep(99):upper() end", "while true do string.format('%-99s', s) end",
    ]
    #expect(try terminal.ask("s, t = ('a'):rep(30000), {} for i = 1, 99999 do t[i] = i % 977 end") == "")
    for round in 0..<210 {
      terminal.type("io.write('run', 'ning\\n') \(chunks[round % chunks.count])\r")
      try terminal.expect("\nrunning\n")
      usleep(UInt32(round * 37 % 5000))
      terminal.type("\u{3}")
      #expect(try terminal.expect("\n> ").contains("interrupted!"))
    }
    #expect(try terminal.ask("collectgarbage() collectgarbage() return collectgarbage('count') < 20000") == "true")
    #expect(try terminal.ask("table.sort(t) return table.concat({t[1], t[2], t[99999]}, ',')") == "0,0,976")
    #expect(try terminal.ask("select(2, s:gsub('a', 'b')), debug.gethook()") == "30000\tnil")
  }

  /// LAPACK polls nothing: it is left to itself, and neither holds up the prompt nor the end.
  @Test func leavesWhatCannotBeStopped() throws {
    let terminal = try Workplace().prompt()
    terminal.type("t = sonde.ones(5000, 5000) io.write('run', 'ning\\n') sonde.linalg.svdvals(t)\r")
    try terminal.expect("\nrunning\n")
    terminal.type("\u{3}")
    #expect(try terminal.expect("\n> ").contains("interrupted!"))
    #expect(try terminal.ask("sonde.linalg.svdvals(sonde.eye(2))").contains("1"))
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
  }

  /// A gnuplot that hangs, and one that takes no notice of signals besides.
  @Test(arguments: ["", "trap '' INT TERM HUP"])
  func stopsAGnuplotThatHangs(_ trap: String) throws {
    let place = try Workplace()
    place.write("gnuplot", "#!/bin/sh\n\(trap)\necho run''ning > /dev/tty\nwhile :; do sleep 1; done\n")
    chmod("\(place.directory.path)/gnuplot", 0o755)
    let terminal = try place.prompt(environment: ["PATH": "\(place.directory.path):/usr/bin:/bin"])
    terminal.type("kept = 1 plot.lines({{1, 2, 3}}, {path='\(place.directory.path)/a.png'})\r")
    try terminal.expect("\nrunning\n")
    let start = ContinuousClock.now
    terminal.type("\u{3}")
    #expect(try terminal.expect("\n> ").contains("interrupted!"))
    #expect(ContinuousClock.now - start < .seconds(5))
    #expect(try terminal.ask("kept") == "1")
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
  }

  /// Ctrl-Z in the instant in which a child leaves the group: it would stop the child for good, and the parent would wait for it.
  @Test(arguments: [
    "pcall(plot.lines, {{1, 2, 3}}, {path='a.png'})",
    "sonde.sweep{grid={a={1, 2, 3}}, workers=2, progress=false, run=function() return {b = 1} end}",
  ])
  func controlZStopsNoChildThatBegins(_ call: String) throws {
    let place = try Workplace()
    place.write("gnuplot", "#!/bin/sh\nexit 1\n")
    chmod("\(place.directory.path)/gnuplot", 0o755)
    let terminal = try place.prompt(environment: ["PATH": "\(place.directory.path):/usr/bin:/bin"])
    let group = -terminal.identifier
    let keys = Task.detached { while !Task.isCancelled { kill(group, SIGTSTP) } }
    defer { keys.cancel() }
    terminal.type("for i = 1, 20 do \(call) end print('do' .. 'ne')\r")
    try terminal.expect("\ndone\n")
  }

  /// The signal alone, without a terminal that sends it to children too.
  @Test func aSignalOfTheProcessReachesItsChild() throws {
    let terminal = try Workplace().prompt()
    terminal.type("io.write('run', 'ning\\n') os.execute('exec sleep 100')\r")
    try terminal.expect("\nrunning\n")
    usleep(200_000)
    terminal.signal(SIGINT)
    #expect(try terminal.expect("\n> ").contains("interrupted!"))
  }

  @Test func aChildThatTakesNoNoticeIsKeptUnlessOneInsists() throws {
    let terminal = try Workplace().prompt()
    terminal.type("os.execute(\"trap : INT; echo run''ning; sleep 1; sleep 1; echo do''ne\")\r")
    try terminal.expect("\nrunning\n")
    terminal.type("\u{3}")
    #expect(try terminal.expect("\n> ").hasSuffix("done\n\ntrue\texit\t0"))
    terminal.type("os.execute(\"trap '' INT TERM; echo run''ning; while :; do :; done\")\r")
    try terminal.expect("\nrunning\n")
    for _ in 1...12 {
      terminal.type("\u{3}")
      usleep(200_000)
    }
    #expect(try terminal.expect("\n> ").contains("interrupted!"))
  }

  /// A module of C that looks for nothing: who waits is told, and only who goes on ends the session.
  @Test(.enabled(if: ModuleTests.isInstalled("lpeg")))
  func saysWhatDoesNotLookForIt() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("lpeg = require 'lpeg'") == "")
    #expect(try terminal.ask("a, S = lpeg.P'a', lpeg.V'S'") == "")
    terminal.type("io.write('run', 'ning\\n') lpeg.P{'S', S = a * S * 'b' + a * S * 'c' + a}:match(('a'):rep(60))\r")
    try terminal.expect("\nrunning\n")
    // the grammar is made, in Lua's own code, before the module begins
    usleep(500_000)
    for _ in 1...3 { terminal.type("\u{3}") }
    usleep(1_100_000)
    terminal.type("\u{3}")
    try terminal.expect("\nsonde: what runs here does not look for Ctrl-C; wait for its end, or press Ctrl-C again to")
    usleep(600_000)
    terminal.type("\u{3}")
    #expect(try terminal.end() == 128 + SIGINT)
    #expect(terminal.isInUsualMode)
  }

  /// The system drops what is typed before Ctrl-C and not read, the mark at the end of a paste too.
  @Test func clearsAPasteWithoutItsEnd() throws {
    let terminal = try Workplace().prompt()
    terminal.type("\u{1b}[200~x = 1\ry = 2")
    usleep(100_000)
    terminal.type("\u{3}")
    // what is typed before the prompt is back the terminal shows too
    try terminal.expect("^C\n")
    try terminal.expect("> ")
    #expect(try terminal.ask("x, y") == "nil\tnil")
  }

  /// Keys that would read on by themselves for the end of the paste.
  @Test(arguments: ["\u{12}", "\u{12}a", "\u{1d}", "\u{16}"])
  func clearsAPasteWithoutItsEndBehindOtherKeys(_ keys: String) throws {
    let terminal = try Workplace().prompt()
    terminal.type("\(keys)\u{1b}[200~y = 2")
    usleep(100_000)
    terminal.type("\u{3}\rio.write('al', 'ive\\n');\r")
    try terminal.expect("\nalive\n")
    try terminal.expect("> ")
    #expect(try terminal.ask("y") == "nil")
  }

  /// Between Enter and the chunk's first step nothing of Lua runs that could be stopped.
  @Test func stopsWhatHasHardlyBegun() throws {
    let terminal = try Workplace().prompt()
    for pause in 0..<60 {
      terminal.type("repeat until false\r")
      try terminal.expect("false\n")
      usleep(UInt32(pause * 100))
      terminal.type("\u{3}")
      terminal.type("io.write('al', 'ive \(pause)\\n');\r")
      try terminal.expect("\nalive \(pause)\n")
      try terminal.expect("> ")
    }
  }

  /// The text of the prompt is Lua's too, and what stops it clears the chunk that goes on behind it.
  @Test func clearsAChunkWhileItsPromptIsMade() throws {
    let terminal = try Workplace().prompt()
    terminal.type(
      "_PROMPT2 = setmetatable({}, {__tostring = function() io.write('run', 'ning\\n') while true do end end})\r")
    try terminal.expect("\n> ")
    terminal.type("x = {\r")
    try terminal.expect("\nrunning\n")
    terminal.type("\u{3}")
    try terminal.expect("^C\n> ")
    #expect(try terminal.ask("1 + 1") == "2")
  }

  @Test func clearsALineWhileTabLists() throws {
    let terminal = try Workplace().prompt()
    terminal.type("sonde.\t\t\t")
    try terminal.expect("randn")
    terminal.type("\u{3}")
    // what is typed before the prompt is back the terminal shows too
    try terminal.expect("^C\n")
    try terminal.expect("> ")
    #expect(try terminal.ask("1 + 1") == "2")
  }

  @Test func stopsAnEndlessPromptText() throws {
    let terminal = try Workplace().prompt()
    terminal.type(
      "_PROMPT = setmetatable({}, {__tostring = function() io.write('run', 'ning\\n') while true do end end})\r")
    try terminal.expect("\nrunning\n")
    terminal.type("\u{3}")
    try terminal.expect("> ")
  }

  @Test func clearsALineAndNeverQuits() throws {
    let terminal = try Workplace().prompt()
    for _ in 1...100 {
      terminal.type("\u{3}")
      #expect(try terminal.expect("\n> ") == "^C")
    }
    terminal.type("garbage(")
    try terminal.expect("garbage(")
    terminal.type("\u{3}")
    #expect(try terminal.expect("\n> ") == "^C")
    #expect(try terminal.ask("1 + 1") == "2")
  }

  @Test func clearsAnUnfinishedChunk() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("x = {", prompt: ">> ") == "")
    terminal.type("1,\u{3}")
    try terminal.expect("^C\n> ")
    #expect(try terminal.ask("x") == "nil")
  }

  @Test func controlZKeepsTheLine() throws {
    // Nobody could wake the leader of a session, so the kernel does not let it stop; the line must be there still.
    let terminal = try Workplace().prompt()
    terminal.type("'al' .. ")
    try terminal.expect("'al' .. ")
    terminal.type("\u{1a}")
    try terminal.expect("'al' .. ")
    terminal.type("'ive'\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\nalive"))
  }

  @Test(arguments: [SIGTERM, SIGHUP])
  func otherSignalsEndThePrompt(_ number: Int32) throws {
    let terminal = try Workplace().prompt()
    terminal.signal(number)
    #expect(try terminal.end() == 128 + number)
  }

  @Test func survivesABurstOfSignals() throws {
    let terminal = try Workplace().prompt()
    for round in 1...20 {
      terminal.type("io.write('run', 'ning\\n') while true do end\r")
      try terminal.expect("\nrunning\n")
      for _ in 0..<round { terminal.signal(SIGINT) }
      try terminal.expect("interrupted!")
      for _ in 0..<round { terminal.signal(SIGINT) }
      terminal.type("'al' .. 'ive \(round)'\r")
      try terminal.expect("alive \(round)\n")
    }
  }

  /// As in lua.c the message names a line only when the signal came inside a function that Lua code had called.
  private func withoutPosition(_ text: String) -> String { text.replacing("(command line):1: ", with: "") }

  @Test func aScriptMayCatchIt() throws {
    let place = try Workplace()
    let script = "print(pcall(function() io.write('run', 'ning\\n') io.flush() while true do end end)) print(42)"
    let terminal = try Terminal(Workplace.sonde, ["-e", script], environment: place.environment)
    try terminal.expect("running\n")
    terminal.type("\u{3}")
    #expect(try terminal.end() == 0)
    #expect(withoutPosition(terminal.rest) == "^Cfalse\tinterrupted!\n42\n")
  }

  @Test func aScriptThatDoesNotCatchItFails() throws {
    let place = try Workplace()
    let terminal = try Terminal(
      Workplace.sonde, ["-e", "io.write('run', 'ning\\n') io.flush() while true do end"],
      environment: place.environment)
    try terminal.expect("running\n")
    terminal.type("\u{3}")
    #expect(try terminal.end() == 1)
    #expect(withoutPosition(terminal.rest).hasPrefix("^C\(Workplace.sonde): interrupted!\nstack traceback:\n"))
  }

  /// As in lua.c: a long string.find, say, polls nothing and could not be stopped otherwise.
  @Test func theSecondOneEndsAScript() throws {
    let place = try Workplace()
    let script = """
      pcall(function() print('run' .. 'ning') io.flush() while true do end end)
      print('cau' .. 'ght') io.flush() while true do end
      """
    let terminal = try Terminal(Workplace.sonde, ["-e", script], environment: place.environment)
    try terminal.expect("running\n")
    terminal.type("\u{3}")
    try terminal.expect("caught\n")
    terminal.type("\u{3}")
    #expect(try terminal.end() == 128 + SIGINT)
  }

  /// A shell lets its background jobs ignore SIGINT; a script takes it up again while it runs, as in lua.c.
  @Test func reachesAScriptInTheBackground() throws {
    let line = """
      '\(Workplace.sonde)' -e "pcall(function() print(12) io.flush() while true do end end) print(42)" >told & job=$!
      until grep -qs 12 told; do sleep 0.01; done
      sleep 0.2
      kill -INT $job
      wait $job
      echo $?; cat told
      """
    #expect(try Workplace().run(["-c", line], program: "/bin/sh") == Child.Outcome(output: "0\n12\n42\n"))
  }
}
