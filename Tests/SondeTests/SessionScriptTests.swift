import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `:save`: the script of a session gives the session's results when it runs.
struct SessionScriptTests {
  /// Types lines into a prompt, saves, asks for `question`, and answers what the prompt and the script say to it.
  private func both(
    _ lines: [String], _ question: String, arguments: [String] = [], place: Workplace
  ) throws -> (prompt: String, script: String, text: String) {
    let terminal = try place.prompt(arguments)
    for line in lines { _ = try terminal.ask(line) }
    let path = place.directory.path + "/saved.lua"
    #expect(try terminal.ask(":save! \(path)").hasPrefix("saved "))
    let prompt = try terminal.ask("print('answer', \(question))")
    let text = place.read("saved.lua")
    // inside the functions that hold its locals
    let ends = text.components("end)(...)\n")
    place.write("asked.lua", ends.body + "print('answer', \(question))\n" + ends.tail)
    let outcome = try place.run(["asked.lua"])
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
    let script = outcome.output.split(separator: "\n").last { $0.hasPrefix("answer\t") }.map(String.init) ?? ""
    return (prompt, script, text)
  }

  private func expectSame(_ lines: [String], _ question: String, arguments: [String] = []) throws {
    let place = try Workplace()
    let (prompt, script, text) = try both(lines, question, arguments: arguments, place: place)
    #expect(prompt.hasPrefix("answer\t") && prompt == script, "\(text)")
  }

  @Test func aTrainingGivesTheSameNumbersBitForBit() throws {
    try expectSame(
      [
        "local all = data.blobs{samples=200, classes=3, features=4}", "local train, test = all:split(0.8)",
        "net = nn.mlp{inputs=4, width=16, depth=3, outputs=3, dropout=0.2}", "sonde.randn(3)",
        "error(sonde.rand(5))", "net:batchnorm('after')", "net[1]:batchnorm('off')", ":undo",
        "local h = net:fit{train=train, epochs=3, batch=20, optimizer=optim.SGD(net, {lr=0.1}), progress=false}",
        ":time sonde.rand(7)", ":type sonde.rand(2)", "_1, _2", "math.random()",
      ],
      "('%a %a %a %a'):format(h.loss[3], net.parameters['0.linear.weight']:sum():item(), math.random(), sonde.rand(1):item())"
    )
  }

  @Test func localsAreAsTheyWereAtThePrompt() throws {
    try expectSame(
      [
        "local x = 1", "function f() x = x + 1 return x end", "local x = 10", "f()", "local y <const> = x + f()",
        "(function() x = x + 1 end)()", "do local z = 5 x = x + z end", "local a, b = 1 -- two", "b = {f}",
        "local function g(n) return n == 0 and 0 or n + g(n - 1) end", "return x, y", "if x then return 5 end",
        "for i = 1, 3 do if i == 2 then goto next end a = a + i ::next:: end", "::top:: a = a + 1", "::top:: a = a + 1",
      ], "x, y, f(), a, #b, g(4), _, _1, _2")
  }

  @Test func resultsAreKeptAsAtThePrompt() throws {
    try expectSame(
      [
        "5", "= _ + 1", "_ * 2;", "'a -- b' -- c", "nil", "print('no result')", "7 --[[ x ]]", "{1, 2}; -- silent",
        "return 9;", "print = print", "function show() end", "keep = 3",
      ], "_, _1[1], _2, type(show), keep")
  }

  @Test func callsBehindStatementsGiveTheirResultsToo() throws {
    try expectSame(
      [
        "function g(...) return ... end", "x = 1; g(4)", "local q = 3; g(q); -- silenced", "::top:: x = 2 g({x})",
        "if x == 3 then return 5 end g(7)",
        "local r = 6 if q == 2 then return 5 end (g)(r, q)", "print('none'); print()",
      ], "x, q, r, _, _1, _2[1]")
  }

  @Test func whatRaisedAnErrorKeepsWhatItHadDone() throws {
    try expectSame(
      [
        "local p = 1", "local p, q = p + 1, sonde.rand(3) error('stop')", "n = 5 error() n = 6",
        "local r = 8 local s = nil + 1",
        "x x", "error(setmetatable({}, {__tostring = error}))",
      ], "p, q:sum():item(), n, r, s")
  }

  @Test func filesAndOptionsArePartOfIt() throws {
    let place = try Workplace()
    place.write("part.lua", "#!/usr/bin/sonde\nlocal inner = sonde.rand(2)\ntotal = inner:sum():item() -- last")
    place.write("script.lua", "started = ... .. arg[1] .. sonde.rand(1):item()")
    place.write(".config/sonde/init.lua", "local hidden = sonde.rand(1):item()\nbegun = hidden")
    let path = place.directory.path
    let arguments = ["--dtype", "float64", "-e", "e = 'it\\'s \"e\"' -- end", "-i", "\(path)/script.lua", "w"]
    let (prompt, script, text) = try both(
      [":load \(path)/part.lua", "inner[1] = 3"],
      "begun, total, inner:sum():item(), started, e, hidden, sonde.default_dtype()",
      arguments: arguments, place: place)
    #expect(prompt == script && prompt.hasPrefix("answer\t0."), "\(prompt) \(script) \(text)")
  }

  @Test func functionsShareTheLocalsOfAChunkThatReturned() throws {
    let counter = "local n = 0 local function inc() n = n + 1 return n end"
    // at its end, early, and with something to close
    for end in ["return inc", "return", "if n == 0 then return 'early' end local m = 5", "local c <close> = nil"] {
      try expectSame(
        [
          "local n = 7", "\(counter) \(end)", "inc()", "n = n + 10", "inc()", "function get() return n, m end",
          "n = n * 2",
        ],
        "n, inc(), m, get()")
    }
  }

  @Test func aFileThatReturnsItsModuleIsAsItWasLoaded() throws {
    let place = try Workplace()
    place.write(
      "module.lua",
      "local M = {count = 0}\nlocal calls = 0\nfunction M.hit() calls = calls + 1 return calls end\nreturn M;\n-- end")
    let (prompt, script, text) = try both(
      [":load \(place.directory.path)/module.lua", "M.hit()", "calls = calls + 5"], "M.hit(), calls, _", place: place)
    #expect(prompt == script && prompt == "answer\t7\t7\t1", "\(prompt) \(script) \(text)")
  }

  @Test func manyChunksThatReturnedEarly() throws {
    let lines = (1...20).map {
      "local v\($0) = \($0) function f\($0)() v\($0) = v\($0) + 1 return v\($0) end if v1 then return v\($0) end"
    }
    try expectSame(lines + ["v3 = 30", "v20 = v20 * 2", "f3()", "f20()"], "v1, v3, v20, f1(), f3(), f20(), v20")
  }

  @Test func whatCannotBeSharedIsTold() throws {
    let place = try Workplace()
    let terminal = try place.prompt()
    for _ in 1...42 { _ = try terminal.ask("local n = 0 function f() n = n + 1 end if n then return end") }
    let path = place.directory.path + "/s.lua"
    let warning =
      "warning: so many chunks returned early that the functions of one have copies of its locals; results may differ"
    #expect(try terminal.ask(":save \(path)") == "saved 42 steps to \(path); run it with: sonde \(path)\n\(warning)")
    #expect(place.read("s.lua").contains("\n-- W\(warning.dropFirst())\n"))
    #expect(try place.run([path]) == Child.Outcome())
  }

  @Test func theEnvironmentIsThatOfItsChunk() throws {
    let change = "_ENV = setmetatable({}, {__index = _G})"
    try expectSame(
      [
        change, "a = 1", "\(change) b = 2", "\(change) local c = 3 function inner() return c, d end c = 4 d = 5",
        ":time \(change)", "\(change) e = 6 error('stop')", "(function() \(change) f = 7 end)()",
        "\(change) g = 8 return 9", "function h(_ENV) return x end",
      ], "a, b, c, d, e, f, g, inner, h({x = 10})")
    try expectSame(["local x = 1", "local _ENV = {x = 5, print = print}", "y = x"], "x, y")
  }

  @Test func aBlockOfSeveralInputsIsSavedAsThose() throws {
    try expectSame(["local a = 1; a", "a = a + 1; a; a * 2", "for i = 1, 3 do a = a + i end a"], "a, _, _1, _2")
  }

  @Test func moreLocalsThanAFunctionHolds() throws {
    let lines = (1...170).map { "local v\($0) = \($0)" }
    let place = try Workplace()
    let outcome = try place.run(
      ["-i"], input: (lines + [":save many.lua"]).joined(separator: "\n") + "\n")
    #expect(outcome.output.contains("saved 170 steps to many.lua; run it with: sonde many.lua\n"))
    let ends = place.read("many.lua").components("end)(...)\n")
    #expect(ends.tail == "end)(...)\n")
    place.write("asked.lua", ends.body + "print(v1 + v149 + v170)\n" + ends.tail)
    #expect(try place.run(["asked.lua"]) == Child.Outcome(output: "320\n"))
  }

  @Test func resetBeginsTheScriptAnew() throws {
    let place = try Workplace()
    let (prompt, script, text) = try both(
      ["secret = 1", ":reset", "t = sonde.rand(2)"], "t[1], secret", place: place)
    #expect(prompt == script)
    #expect(!text.contains("secret = 1"))
  }

  @Test func whatCtrlCStoppedIsLeftOutAndTold() throws {
    let place = try Workplace()
    let terminal = try place.prompt()
    terminal.type("while true do\nend\r")
    try terminal.expect("end\n")
    usleep(300_000)
    terminal.type("\u{3}")
    try terminal.expect("interrupted!")
    try terminal.expect("\n> ")
    let path = place.directory.path + "/s.lua"
    let warning = "warning: Ctrl-C stopped a chunk, which is left out of the script; results after it may differ"
    #expect(try terminal.ask(":save \(path)") == "saved 1 step to \(path); run it with: sonde \(path)\n\(warning)")
    #expect(place.read("s.lua").hasSuffix("may differ:\n-- while true do\n-- end\n"))
    #expect(try place.run(["s.lua"]) == Child.Outcome())
  }

  @Test func nothingIsWrittenOverOrLost() throws {
    let place = try Workplace()
    place.write("mine.lua", "-- mine")
    let path = place.directory.path + "/mine.lua"
    let terminal = try place.prompt()
    #expect(try terminal.ask(":save \(path)") == ":save: \(path) exists; :save! \(path) writes over it")
    #expect(place.read("mine.lua") == "-- mine")
    #expect(
      try terminal.ask(":save /no/such/place.lua")
        == ":save: '/no/such/place.lua': cannot create it: No such file or directory; nothing was written")
    #expect(try terminal.ask(":save! \(place.directory.path)").hasSuffix("; nothing was written"))
    #expect(try terminal.ask(":save! \(path)") == "saved 0 steps to \(path); run it with: sonde \(path)")
    #expect(place.read("mine.lua").hasPrefix("-- A session of Sonde "))
  }
}

extension String {
  /// The text before the lines at its end that all are `line`, and those.
  fileprivate func components(_ line: String) -> (body: String, tail: String) {
    var (body, tail) = (self, "")
    while body.hasSuffix(line) {
      body.removeLast(line.count)
      tail += line
    }
    return (body, tail)
  }
}
