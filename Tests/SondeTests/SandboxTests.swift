import TestSupport
import Testing

@testable import LuaAPI

/// `--sandbox`: what a script of unknown origin reaches, and what goes on working.
struct SandboxTests {
  private static let sentence = "files are out of reach under --sandbox; run the script without it if you trust it"

  /// Runs a script in the sandbox.
  private func run(_ script: String, _ options: [String] = [], environment: [String: String] = [:]) throws
    -> Child.Outcome
  {
    let place = try Workplace()
    place.write("script.lua", script)
    return try place.run(["--sandbox"] + options + ["script.lua"], environment: environment)
  }

  /// What a script prints that ends well and says nothing else.
  private func output(_ script: String, _ options: [String] = []) throws -> String {
    let outcome = try run(script, options)
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
    return outcome.output
  }

  // MARK: Lua's libraries

  @Test func theLibrariesHoldNothingThatReachesFilesOrPrograms() throws {
    let script = """
      local function names(t)
        local list = {}
        for name in pairs(t) do list[#list + 1] = name end
        table.sort(list)
        return table.concat(list, " ")
      end
      for _, name in ipairs{"io", "os", "debug", "package"} do
        assert(package.loaded[name] == _G[name])
        print(name, names(_G[name]))
      end
      print(dofile, loadfile, package.loaded._G == _G, #package.searchers, package.path == "", package.cpath == "")
      """
    #expect(
      try output(script) == """
        io\twrite
        os\tclock date difftime exit time
        debug\ttraceback
        package\tconfig cpath loaded path preload searchers
        nil\tnil\ttrue\t2\ttrue\ttrue

        """)
  }

  @Test func noFunctionOfTheLibrariesIsLeftUnseen() throws {
    // what a plain session has and the sandbox has not
    let script = """
      local names = {}
      local function list(library, prefix)
        for name, value in pairs(library) do
          if type(value) == "function" then names[#names + 1] = prefix .. name end
        end
      end
      for name, library in pairs(package.loaded) do
        if name ~= "_G" and name ~= "sonde" then list(library, name .. ".") end
      end
      list(_G, "")
      list(getmetatable("").__index, "string.")
      table.sort(names)
      print(table.concat(names, "\\n"))
      """
    let place = try Workplace()
    place.write("script.lua", script)
    let plain = Set(try place.run(["script.lua"]).output.split(separator: "\n").map(String.init))
    let bare = Set(try place.run(["--sandbox", "script.lua"]).output.split(separator: "\n").map(String.init))
    #expect(bare.isSubset(of: plain))
    let gone = plain.subtracting(bare).filter { !$0.hasPrefix("debug.") && !$0.hasPrefix("io.") }
    #expect(
      gone.sorted() == [
        "dofile", "loadfile", "os.execute", "os.getenv", "os.remove", "os.rename", "os.setlocale", "os.tmpname",
        "package.loadlib", "package.searchpath",
      ])
  }

  @Test func whatIsLeftDoesWhatItDoesInLua() throws {
    let script = """
      print(io.write("a", 1, 2.5, "\\n"), pcall(io.write, {}))
      print(type(os.time()), os.date("!%Y", 0), type(os.clock()), os.difftime(2, 1))
      print(load("return ...")(7), load("return x", "=c", "b", {x = 8})(), load("x ="))
      local parts = {"return ", "9"}
      print(load(function() return table.remove(parts, 1) end)())
      print((select(2, pcall(load))), debug.traceback("here"):match("^here\\nstack traceback:"))
      os.exit(3, true)
      """
    let outcome = try run(script)
    #expect(
      outcome.output == """
        a12.5
        true\tfalse\tbad argument #1 to 'io.write' (string expected, got table)
        number\t1970\tnumber\t1.0
        7\t8\tnil\t[string "x ="]:1: unexpected symbol near <eof>
        9
        bad argument #1 to 'load' (function expected, got nil)\there
        stack traceback:

        """)
    #expect(outcome.status == 3)
    #expect(try run("os.exit(false)").status == 1)
    #expect(try run("os.exit(true)").status == 0)
  }

  @Test func callsOfWhatIsLeftOutSaySo() throws {
    let script = """
      print(pcall(function() return io.open("a") end))
      print(pcall(function() return dofile("a") end))
      print(pcall(function() io.stderr:write("a") end))
      print(pcall(function() return os.gettime() end))
      print(pcall(function() return io.write.a.b end))
      os.getenv("HOME")
      """
    let outcome = try run(script)
    #expect(
      outcome.output == """
        false\tscript.lua:1: attempt to call a nil value (field 'open'); --sandbox leaves io.open out
        false\tscript.lua:2: attempt to call a nil value (global 'dofile'); --sandbox leaves dofile out
        false\tscript.lua:3: attempt to index a nil value (field 'stderr'); --sandbox leaves io.stderr out
        false\tscript.lua:4: attempt to call a nil value (field 'gettime')
        false\tscript.lua:5: attempt to index a function value (field 'write')

        """)
    #expect(
      outcome.errors.hasPrefix(
        "\(Workplace.sonde): script.lua:6: attempt to call a nil value (field 'getenv'); --sandbox leaves os.getenv out\n"
      ))
    #expect(outcome.status == 1)
  }

  @Test func ioWriteHandsOutNoFile() throws {
    let script = "for i = 1, select('#', io.write('x')) do print(type((select(i, io.write(''))))) end"
    #expect(try output(script) == "xboolean\n")
  }

  // MARK: Bytecode

  @Test func noBytecodeIsLoaded() throws {
    let script = """
      local code = string.dump(function() return 1 end)
      print(load(code))
      print(load(code, "code", "b"))
      print(load(code, "code", "bt", {}))
      local given = false
      print(load(function() if not given then given = true return code end end, "=reader", "b"))
      local at = 0
      print(load(function() at = at + 1 return at <= #code and code:sub(at, at) or nil end, "=bytes"))
      print(coroutine.wrap(function() return load(code, "=inside", "b") end)())
      print(pcall(load, code, "=called", "b"))
      """
    let refusal = "nil\tattempt to load a binary chunk (mode is 't')\n"
    #expect(try output(script) == String(repeating: refusal, count: 6) + "true\t" + refusal)
  }

  @Test func aScriptOfBytecodeIsNotRun() throws {
    let place = try Workplace()
    let made = try place.run(
      ["-e", "io.open('script.luac', 'wb'):write(string.dump(function() print('ran') end)):close()"])
    #expect(made == Child.Outcome())
    #expect(try place.run(["script.luac"]).output == "ran\n")
    let refusal = "attempt to load a binary chunk (mode is 't')\n"
    let outcome = try place.run(["--sandbox", "script.luac"])
    #expect(outcome.output == "")
    #expect(outcome.errors == "\(Workplace.sonde): \(refusal)")
    #expect(outcome.status == 1)
    for words in ["- < script.luac", "-i < script.luac"] {
      let piped = try place.run(["-c", "'\(Workplace.sonde)' --sandbox \(words)"], program: "/bin/sh")
      #expect(!piped.output.contains("ran\n"), "\(words)")
    }
  }

  // MARK: Modules and the environment

  @Test func requireFindsWhatIsThereAndReadsNoFile() throws {
    let place = try Workplace()
    place.write("module.lua", "print('ran') return 1")
    place.write(
      "script.lua",
      """
      assert(require "sonde" == sonde and require "string" == string)
      package.preload.mine = function(name, from) return {name, from} end
      print(require("mine")[1], require("mine")[2])
      package.path, package.cpath = "./?.lua", "./?.so"
      print(pcall(require, "module"))
      print(pcall(package.searchers[2], "module"))
      """)
    let environment = ["LUA_PATH": "\(place.directory.path)/?.lua", "LUA_INIT": "print('init')"]
    let outcome = try place.run(["--sandbox", "script.lua"], environment: environment)
    #expect(
      outcome.output == """
        mine\t:preload:
        false\tmodule 'module' not found:
        \tno field package.preload['module']
        \tmodules in \(SandboxTests.sentence)
        true\tmodules in \(SandboxTests.sentence)

        """)
    #expect(outcome.errors == "")
    let asked = try place.run(["--sandbox", "-l", "module"])
    #expect(asked.output == "")
    #expect(asked.errors.contains("\n\tmodules in \(SandboxTests.sentence)\n"))
    #expect(asked.status == 1)
    #expect(try place.run(["--sandbox", "-l", "s=sonde", "-e", "print(s == sonde)"]).output == "true\n")
  }

  // MARK: Sonde's own functions

  /// What opens files, by the record it belongs to, in a script in which `net`, `x`, `ds`, `r`, `rec` and `h` are at hand.
  private static let openers: [(record: String, call: String)] = [
    ("sonde.save", "sonde.save('a.npy', x)"), ("sonde.save", "sonde.save('a.npz', {x = x})"),
    ("sonde.save", "sonde.save('a.safetensors', {x = x})"), ("sonde.save", "sonde.save('a.csv', x)"),
    ("sonde.load", "sonde.load('old.npy')"), ("sonde.load", "sonde.load('old.npz')"),
    ("sonde.load", "sonde.load('old.safetensors')"), ("sonde.load", "sonde.load('old.csv')"),
    ("sonde.load", "sonde.load('/etc/passwd.csv')"),
    ("network:save", "net:save('a.safetensors')"), ("nn.load", "nn.load('old.safetensors')"),
    ("network:load_state", "net:load_state('old.safetensors')"),
    ("network:fit", "net:fit{train = ds, optimizer = opt, steps = 1, checkpoint = {path = 'a.safetensors'}}"),
    ("network:fit", "net:fit{train = ds, optimizer = opt, steps = 1, resume = 'old.safetensors'}"),
    ("history:plot", "h:plot('a.svg')"),
    ("report:save", "r:save('a.json')"), ("report:save", "r:save('a.csv')"),
    ("sonde.load_report", "sonde.load_report('old.json')"), ("report:plot", "r:plot('a.png')"),
    ("report:report", "r:report('a.html')"),
    ("recorder:save", "rec:save('a.json')"), ("sonde.load_recorder", "sonde.load_recorder('old.json')"),
    ("recorder:plot", "rec:plot('a.pdf')"),
    ("what-if:save", "net:whatif(x, {batchnorm = {'off', 'after'}}):save('a.csv')"),
    ("what-if:plot", "net:whatif(x, {batchnorm = {'off', 'after'}}):plot('a.svg')"),
    ("plot.lines", "plot.lines({1, 2, 3}, {path = 'a.svg'})"),
    ("plot.scatter", "plot.scatter({1, 2, 3}, {path = 'a.svg'})"),
    ("plot.histogram", "plot.histogram(x, {path = 'a.svg'})"),
    ("plot.ridges", "plot.ridges({a = x}, {path = 'a.svg'})"),
    ("plot.heatmap", "plot.heatmap(x, {path = 'a.svg'})"),
    ("data.mnist", "data.mnist('.')"), ("data.idx", "data.idx('old.idx')"), ("data.csv", "data.csv('old.csv')"),
    ("data.npy", "data.npy('old.npy')"),
  ]

  private static let prelude = """
    sonde.seed(1)
    local x = sonde.randn(20, 4)
    local ds = data.blobs{samples = 40, features = 4, classes = 2}
    local net = nn.mlp{inputs = 4, width = 4, depth = 2, outputs = 2}
    local rec = sonde.recorder{every = 1}
    local opt = optim.SGD(net, {lr = 0.1})
    local h = net:fit{train = ds, optimizer = opt, steps = 2, batch = 20, record = rec, progress = false}
    local r = net:probe(x)

    """

  @Test func eachOfSondesFileFunctionsRefusesInOneSentence() throws {
    let place = try Workplace()
    // what is there could be read
    let made = try place.run(
      [
        "-e",
        SandboxTests.prelude + """
          sonde.save('old.npy', x) sonde.save('old.npz', {x = x}) sonde.save('old.csv', x)
          net:save('old.safetensors') r:save('old.json')
          """,
      ])
    #expect(made == Child.Outcome())
    let before = try place.run(["-c", "ls -la . && md5sum *"], program: "/bin/sh").output
    let calls = SandboxTests.openers.map { "print(pcall(function() return \($0.call) end))\n" }.joined()
    let outcome = try place.run(["--sandbox", "-e", SandboxTests.prelude + calls])
    #expect(outcome.errors == "")
    #expect(outcome.status == 0)
    let lines = outcome.output.split(separator: "\n").map(String.init)
    #expect(lines.count == SandboxTests.openers.count)
    for (opener, line) in zip(SandboxTests.openers, lines) {
      #expect(line.hasPrefix("false\t"), "\(opener.call): \(line)")
      #expect(line.contains(": \(opener.record): '"), "\(opener.call): \(line)")
      #expect(line.hasSuffix("': \(SandboxTests.sentence)"), "\(opener.call): \(line)")
    }
    #expect(try place.run(["-c", "ls -la . && md5sum *"], program: "/bin/sh").output == before)
  }

  @Test func everyRecordThatTakesAPathIsAmongThoseTried() throws {
    let tried = Set(SandboxTests.openers.map(\.record))
    // what only a sweep gives, and there are none
    let unreachable: Set = ["sweep:csv", "sweep:plot", "sonde.sweep"]
    // paths to figures inside reports
    let figures: Set = [
      "what-if:best", "what-if:column", "what-if:table", "what-if:text", "report:column", "prediction:column",
      "comparison:column",
    ]
    let taking = Set(
      FunctionRecord.documented.filter { record in
        (record.parameters + record.options).contains { parameter in
          switch parameter.type {
          case .boolean, .integer, .number: false
          default: parameter.takesPath
          }
        }
      }.map(\.name))
    #expect(taking.subtracting(tried).subtracting(unreachable).subtracting(figures) == [])
    #expect(tried.subtracting(taking) == [])
  }

  @Test func sweepsStartNoProcess() throws {
    let script = "print(pcall(sonde.sweep, {grid = {a = {1}}, progress = false, run = function(c) return c.a end}))"
    #expect(
      try output(script)
        == "false\tscript.lua:1: sonde.sweep: each run is a process of its own, and those are out of reach under "
        + "--sandbox; run the script without it if you trust it\n")
  }

  @Test func helpReadsNoFileThatAChunkNamesItselfAfter() throws {
    let place = try Workplace()
    place.write("secret.txt", "-- the secret\nfunction f() end\n")
    place.write(
      "script.lua",
      """
      f = load("\\nreturn function() end", "@secret.txt")()
      help(f)
      """)
    let input = "?f\n??f\nload('\\nerror()', '@secret.txt')()\n"
    let outcome = try place.run(["--sandbox", "-i", "script.lua"], input: input)
    #expect(outcome.output.contains("secret.txt:2"))
    #expect(!(outcome.output + outcome.errors).contains("the secret"))
    #expect(!(outcome.output + outcome.errors).contains("function f()"))
    let trusted = try place.run(["-i", "script.lua"], input: input)
    #expect(trusted.output.contains("the secret"))
    #expect(trusted.errors.contains("function f()"))
  }

  // MARK: Memory

  @Test func memoryIsBoundedForLuaAndTensorsAlike() throws {
    let script = """
      local function tell(f, ...)
        local ok, message = pcall(f, ...)
        print(ok, (tostring(message):gsub("^[^:]*:%d+: ", ""):gsub(":.*", "")))
      end
      tell(string.rep, "x", 1000000000)
      tell(function() local t = {} for i = 1, math.huge do t[i] = i end end)
      tell(function() local s = "x" while true do s = s .. s end end)
      tell(function() local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end end)
      tell(function() local t = {} while true do t = {t} end end)
      tell(function() local t = {} while true do t[#t + 1] = coroutine.create(print) end end)
      tell(sonde.zeros, 100000, 100000)
      tell(function() local t = {} while true do t[#t + 1] = sonde.zeros(1000) end end)
      tell(string.rep, "x", 10000000000)
      -- without a collector what is left is collected where there is no room
      collectgarbage("stop")
      tell(function() for i = 1, 1000000 do local t = {{}, {}} end end)
      collectgarbage("restart")
      print(sonde.ones(3):sum():item(), sonde.memory().limit)
      """
    #expect(
      try output(script, ["--memory-limit", "64M"])
        == String(repeating: "false\tnot enough memory\n", count: 8)
        + "false\tresulting string too large\ntrue\tnil\n3.0\t67108864\n")
  }

  @Test func luaAndTensorsShareTheLimit() throws {
    let script = """
      local held = ("x"):rep(20 << 20)
      print(pcall(sonde.zeros, 12 << 20))
      held = nil
      collectgarbage()
      print(sonde.zeros(12 << 20):sum():item())
      """
    let lines = try output(script, ["--memory-limit=64M"]).split(separator: "\n")
    #expect(lines.first?.hasPrefix("false\tscript.lua:2: not enough memory") == true, "\(lines)")
    #expect(lines.last == "0.0")
  }

  @Test func objectsThatNobodyCountsAreBoundedByWhatTheProcessTakes() throws {
    // a report holds far more than Lua sees of it
    let script = """
      local net, x, t = nn.mlp{inputs = 4, width = 4, depth = 2}, sonde.randn(8, 4), {}
      print(pcall(function() while true do t[#t + 1] = net:probe(x, {bins = 10000}) end end))
      t = nil
      collectgarbage()
      print(#net:probe(x))
      """
    #expect(try output(script, ["--memory-limit", "32M"]) == "false\tnot enough memory\n2\n")
  }

  @Test func aCallThatTakesFarMoreEndsTheProcessInOrder() throws {
    // a name that Lua has once is kept four thousand times
    let script = """
      io.write("begun\\n")
      local name, names = ("x"):rep(1 << 20), {}
      for i = 1, 4000 do names[i] = name end
      plot.lines({1, 2, 3}, {names = names})
      """
    let outcome = try run(script, ["--memory-limit", "10M"])
    #expect(
      outcome
        == Child.Outcome(
          output: "begun\n",
          errors: "sonde: ended, for it took more memory than the limit of the sandbox; --memory-limit changes it\n",
          status: 1))
  }

  @Test func theLimitIsOneGigabyteUnlessToldOtherwise() throws {
    let limit = Int(try output("print(sonde.memory().limit)").dropLast()) ?? 0
    #expect(limit <= 1 << 30 && limit > 1 << 26)
    #expect(try output("print(sonde.memory().limit)", ["--memory-limit", "2G"]) == "2147483648\n")
  }

  // MARK: What goes on working

  @Test func dataTrainingAndPicturesGoOnWorking() throws {
    let script = """
      local train, test = data.digits()
      local images = data.mnist()
      print(#train, #test, #images)
      local net = nn.mlp{inputs = 64, width = 20, depth = 2, outputs = 10, norm = "batch", seed = 1}
      local h = net:fit{train = train, test = test, optimizer = optim.Adam(net, {lr = 0.01}), steps = 200, batch = 50, progress = false}
      print(net:evaluate(test).accuracy > 0.8)
      plot.lines({1, 4, 2, 3})
      local r = net:probe(test.inputs)
      print(#r == #net, #tostring(r) > 100, r:diagnose() ~= nil)
      print(#net:whatif(test.inputs, {batchnorm = {"off", "after"}}))
      print(sonde.grad(function(t) return (t ^ 2):sum() end)(sonde.tensor{3})[1])
      print(coroutine.wrap(function() return pcall(error, "x", 0) end)())
      """
    let output = try output(script)
    #expect(output.hasPrefix("1437\t360\t4000\ntrue\n"))
    #expect(output.hasSuffix("true\ttrue\ttrue\n3\n6.0\nfalse\tx\n"))
    // the picture in between
    #expect(output.split(separator: "\n").count > 12)
  }

  @Test func theOptionStandsInAnyPlace() throws {
    let place = try Workplace()
    place.write("script.lua", "print(io.open, ...)")
    #expect(try place.run(["--seed", "1", "--sandbox", "script.lua", "a"]).output == "nil\ta\n")
    #expect(try place.run(["script.lua", "--sandbox"]).output.hasPrefix("function"))
    #expect(try place.run(["--sandbox"], input: "print(io.open)").output == "nil\n")
    #expect(try place.run(["--sandbox", "-e", "print(io.open)"]).output == "nil\n")
  }

  // MARK: The prompt

  @Test func aFullMemoryCanBeEmptiedAtThePrompt() throws {
    let input = "t = {} while true do t[#t + 1] = {} end\nt = nil\ncollectgarbage()\n1 + 1\n"
    let outcome = try Workplace().run(["--sandbox", "--memory-limit", "4M", "-i"], input: input)
    #expect(outcome.output.hasSuffix("> collectgarbage()\n0\n> 1 + 1\n2\n> \n"), "\(outcome)")
    #expect(outcome.errors == "not enough memory\n")
    #expect(outcome.status == 0)
    // the session itself takes a part of the limit
    let small = try Workplace().run(["--sandbox", "--memory-limit", "1K", "-e", "t = ('x'):rep(100000)"])
    #expect(small.errors.hasSuffix(": not enough memory\n"))
    #expect(small.status == 1)
  }

  @Test func thePromptWorksInTheSandbox() throws {
    let place = try Workplace()
    place.write(".config/sonde/init.lua", "print('init')")
    place.write("found-by-tab.lua", "")
    let terminal = try place.prompt(["--sandbox"])
    #expect(try terminal.ask("local a = 20; a + 1") == "21")
    #expect(try terminal.ask("a") == "20")
    #expect(try terminal.ask("io.open") == "nil")
    #expect(try terminal.ask("?nn.mlp").contains("nn.mlp{"))
    #expect(try terminal.ask("sonde.load('x.npy')").contains("sonde.load: 'x.npy': \(SandboxTests.sentence)"))
    #expect(try terminal.ask(":load found-by-tab.lua") == ":load: 'found-by-tab.lua': \(SandboxTests.sentence)")
    #expect(
      try terminal.ask(":save session.lua") == ":save: 'session.lua': \(SandboxTests.sentence); nothing was written")
    #expect(
      try terminal.ask(":experiments width")
        == ":experiments: width: other programs are out of reach under --sandbox; start the session without it")
    let doctor = try terminal.ask(":doctor")
    #expect(doctor.contains("  sandbox     on: no files, other programs or environment; "))
    #expect(doctor.contains("  gnuplot     out of reach under --sandbox\n"))
    #expect(doctor.contains("  history     not kept in a file\n"))
    #expect(doctor.contains("  init.lua    left out by --sandbox\n"))
    terminal.type("sonde.load('\(place.directory.path)/found\t")
    terminal.type("')\r")
    #expect(try !terminal.expect("\n> ").contains("found-by-tab"))
    terminal.type("sonde.eye_zer\u{15}sonde.zero\t(1)[1] + 7\r")
    #expect(try terminal.expect("\n> ").hasSuffix("7.0"))
    #expect(try terminal.ask(":reset").hasPrefix("a fresh session"))
    #expect(try terminal.ask("io.open, a, load(string.dump(function() end))").hasPrefix("nil\tnil\tnil\t"))
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
    #expect(place.read("sonde/history") == "")
  }
}
