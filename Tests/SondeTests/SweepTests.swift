import TestSupport
import Testing

/// Sweeps as programs of their own: killed and gone on with, stopped by Ctrl-C, short of disk and of files.
@Suite struct SweepTests {
  /// Sweeps over trainings, going on where the file stands, and prints every bit of what came.
  ///
  /// Each run notes the number of its process in the file `processes`.
  private static func sweep(workers: Int, path: Bool = true) -> String {
    """
    local s = sonde.sweep{
      grid = {lr = {0.01, 0.1, 0.5}, norm = {"none", "batch"}}, repeats = 4, seed = 3, workers = \(workers),
      progress = false, \(path ? "path = 'results.jsonl'," : "") run = function(c)
        local note <close> = io.open("processes", "a")
        note:write(io.open("/proc/self/stat"):read("n"), "\\n")
        note:flush()
        local start = sonde.time()
        local net = nn.mlp{inputs = 4, width = 16, depth = 2, outputs = 3, norm = c.norm}
        local ds = data.blobs{samples = 60, features = 4, generator = c.generator}
        local h = net:fit{train = ds, optimizer = optim.SGD(net, {lr = c.lr}), steps = 5, batch = 20}
        while sonde.time() < start + \(0.04 * Double(workers)) do end
        return {loss = h.losses[5], draw = math.random(), runs = c.index}
      end}
    for _, row in ipairs(s) do
      print(row.lr, row.norm, row.n.loss, row.errors)
      for _, m in ipairs(s.metrics) do print(m, ("%a %a"):format(row.mean[m], row.sd[m])) end
    end
    """
  }

  /// Runs the sweep until its file has so many lines, and kills it without warning.
  private static func killed(at count: Int) -> String {
    """
    touch results.jsonl
    \(Workplace.sonde) sweep.lua & sweep=$!
    while kill -0 $sweep 2>&- && [ $(wc -l <results.jsonl) -lt \(count) ]; do sleep 0.01; done
    kill -KILL $sweep
    wait
    """
  }

  /// Wherever the kills come, no process is left, nothing is run twice that had ended, and the sweep ends the same.
  @Test(arguments: [1, 4]) func aKilledSweepGoesOn(workers: Int) throws {
    let undisturbed = try Workplace().run(["-e", SweepTests.sweep(workers: 2, path: false)])
    #expect(undisturbed.errors == "" && undisturbed.output.split(separator: "\n").count == 24)
    let place = try Workplace()
    place.write("sweep.lua", SweepTests.sweep(workers: workers))
    for count in [2, 5, 9, 14, 18] {
      let before = lines(place, "results.jsonl")
      _ = try place.run(["-c", SweepTests.killed(at: count)], program: "/bin/sh")
      #expect(try living(place) == [])
      // what was there stays, but for a line that was not whole
      #expect(lines(place, "results.jsonl").starts(with: before))
    }
    let kept = lines(place, "results.jsonl").count
    #expect(kept >= 18 && kept < 25, "the last kill came too late to test anything: \(kept) lines")
    place.directory.write("processes", [])
    #expect(try place.run(["-e", SweepTests.sweep(workers: workers)]) == undisturbed)
    #expect(lines(place, "processes").count == 25 - kept)
  }

  /// However the sweep ends, what its runs have started ends too: shells, and what shells leave in the background.
  @Test(arguments: ["TERM", "KILL", "HUP"]) func whatRunsHaveStartedEndsWithTheSweep(signal: String) throws {
    let place = try Workplace()
    place.write(
      "sweep.lua",
      """
      sonde.sweep{grid={x={1, 2, 3}}, workers=3, progress=false, run=function(c)
        local stay = "trap '' HUP TERM; echo $$ >>processes; exec sleep 1000"
        if c.x == 1 then os.execute(stay)
        elseif c.x == 2 then io.popen(stay, "r"):read()
        else os.execute("(" .. stay:gsub("%$%$", "$(exec sh -c 'echo $PPID')") .. ") & echo $! >>processes") while true do end end
      end}
      """)
    let script = """
      touch processes
      \(Workplace.sonde) sweep.lua & sweep=$!
      while kill -0 $sweep 2>&- && [ $(wc -l <processes) -lt 4 ]; do sleep 0.01; done
      kill -\(signal) $sweep
      wait
      """
    _ = try place.run(["-c", script], program: "/bin/sh")
    #expect(lines(place, "processes").count == 4)
    #expect(try living(place) == [])
  }

  /// Whole lines alone.
  private func lines(_ place: Workplace, _ name: String) -> [String] {
    let text = String(decoding: place.directory.read(name) ?? [], as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// The processes of runs that are still there a moment later.
  private func living(_ place: Workplace) throws -> [String] {
    let numbers = lines(place, "processes")
    // who has ended and was not waited for is a zombie of the system's
    let script =
      "sleep 0.05; for p in \(numbers.joined(separator: " ")); do grep -s '^State:.[^ZX]' /proc/$p/status; done; true"
    return try place.run(["-c", script], program: "/bin/sh").output.split(separator: "\n").map(String.init)
  }

  @Test func controlCEndsASweepAndKeepsWhatThereIs() throws {
    let place = try Workplace()
    let terminal = try place.prompt()
    #expect(try terminal.ask("at = '\(place.directory.path)/'") == "")
    terminal.type(
      "s = sonde.sweep{grid={x={1, 2, 3, 4, 5, 6}}, workers=2, path=at..'results.jsonl', run=function(c) "
        + "io.open(at..'processes', 'a'):write(io.open('/proc/self/stat'):read('n'), '\\n') "
        + "if c.x > 2 then io.write('sl', 'ow\\n') while true do end end return {y=c.x} end}\r")
    // runs 3 and 4, whichever comes first
    try terminal.expect(": slow\n")
    try terminal.expect(": slow\n")
    try terminal.expect("2/6 runs, 2 at work")
    terminal.type("\u{3}")
    try terminal.expect("> ")
    #expect(try terminal.ask("#s.runs, s.interrupted, s.errors, debug.gethook()") == "2\ttrue\t0\tnil")
    #expect(try living(place) == [])
    #expect(lines(place, "results.jsonl").count == 3)
    #expect(try terminal.ask("s:best().x") == "2")
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
  }

  /// As a training, in a script too; the second Ctrl-C ends the script and what it has started.
  @Test func controlCInAScriptGivesTheSweep() throws {
    let script = """
      local s = sonde.sweep{grid={x={1, 2}}, progress=false, run=function(c) print('run' .. 'ning') while true do end end}
      print(#s.runs, s.interrupted)
      """
    let terminal = try Terminal(Workplace.sonde, ["-e", script], environment: Workplace().environment)
    try terminal.expect("run 1: running\n")
    terminal.type("\u{3}")
    try terminal.expect("0\ttrue\n")
    #expect(try terminal.end() == 0)
  }

  @Test func aTerminalShowsABarAndTheTimeLeft() throws {
    let terminal = try Workplace().prompt()
    terminal.type(
      "s = sonde.sweep{grid={x={1, 2, 3, 4}}, workers=1, run=function(c) local t = sonde.time() "
        + "while sonde.time() < t + 0.3 do end assert(c.x ~= 2, 'no 2') return {y=1} end}\r")
    try terminal.expect("end}\n")
    let shown = try terminal.expect("> ")
    #expect(shown.contains("[........................] 0/4 runs, 1 at work"))
    #expect(shown.contains("[############............] 2/4 runs, 1 error, 1 at work, 1 s left"))
    #expect(shown.hasSuffix("sonde.sweep: 1 run ended in an error, run 2: stdin[1]:1: no 2\n"), "\(shown)")
    #expect(try terminal.ask("s:best().x, s.errors") == "1\t1")
  }

  /// What runs write comes whole lines at a time, named, each to where it was written.
  @Test func whatRunsWriteIsToldByRun() throws {
    let script = """
      print("before")
      local s = sonde.sweep{grid={x={1, 2}}, workers=1, progress=false, run=function(c)
        io.write("a", c.x, "\\nno end")
        io.stderr:write("to errors ", c.x, "\\n")
        os.execute("echo from a shell")
        assert(io.read() == nil)
        return {y=1}
      end}
      print("after", s.errors)
      """
    let outcome = try Workplace().run(["-e", script], input: "not for runs\n")
    #expect(
      outcome
        == Child.Outcome(
          output: """
            before
            run 1: a1
            run 1: from a shell
            run 1: no end
            run 2: a2
            run 2: from a shell
            run 2: no end
            after\t0

            """, errors: "run 1: to errors 1\nrun 2: to errors 2\n"))
  }

  /// A run has threads of its own, those of the program being gone with the copy of its process, and the same bits from them.
  @Test func runsShareTheThreads() throws {
    let script = """
      local a = sonde.randn(400, 400, {generator=sonde.generator(1)})
      local before = a:mm(a):exp():sum():item()
      local s = sonde.sweep{grid={x={1, 2, 3, 4, 5, 6}}, seed=1, workers=tonumber(arg[1]), progress=false, run=function(c)
        return {sum=a:mm(a):exp():sum():item(), draw=sonde.randn(400, 400):mm(a):sum():item(), threads=sonde.threads()}
      end}
      for _, run in ipairs(s.runs) do
        assert(run.result.sum == before and run.result.threads == arg[2] + 0, run.error)
        print(("%a"):format(run.result.draw))
      end
      """
    let place = try Workplace()
    place.write("threads.lua", script)
    let alone = try place.run(["--threads", "1", "threads.lua", "1", "1"])
    #expect(alone.errors == "" && alone.output.split(separator: "\n").count == 6)
    #expect(try place.run(["--threads", "4", "threads.lua", "1", "4"]) == alone)
    #expect(try place.run(["--threads", "4", "threads.lua", "2", "2"]) == alone)
    #expect(try place.run(["--threads", "2", "threads.lua", "6", "1"]) == alone)
  }

  /// Who writes without end keeps neither its timeout from coming nor the others' results.
  @Test func aRunThatWritesWithoutEndIsEnded() throws {
    let script = """
      local s = sonde.sweep{grid={x={1, 2}}, workers=2, timeout=0.3, progress=false, run=function(c)
        while c.x == 1 do io.write("no end of a line ") end
        return {y=1}
      end}
      print(s.runs[1].error, s.runs[2].result.y)
      """
    let outcome = try Workplace().run(["-e", script])
    #expect(outcome.output.hasSuffix("\ntook longer than its timeout of 0.3 s and was ended\t1\n"))
    #expect(outcome.output.hasPrefix("run 1: no end of a line no end") && outcome.errors == "")
  }

  /// The standard input of a script stays where the script has read to, whatever runs read and however they end.
  @Test func runsLeaveTheInputAlone() throws {
    let script = """
      print(io.read())
      sonde.sweep{grid={x={1, 2}}, progress=false, run=function(c) io.read() os.exit(0) end}
      print(io.read())
      """
    #expect(try Workplace().run(["-e", script], input: "first\nsecond\n").output == "first\nsecond\n")
  }

  /// A disk that is full after some lines: the shell bounds the size of files to 512 bytes.
  @Test func aFullDiskLosesNothing() throws {
    let place = try Workplace()
    place.write(
      "full.lua",
      """
      local o = {grid={x={1, 2, 3, 4, 5, 6, 7, 8}}, seed=1, workers=1, progress=false, path='results.jsonl'}
      function o.run(c) return {y=c.x} end
      local ok, message = pcall(sonde.sweep, o)
      print(ok, ok and 'whole' or message)
      print(#sonde.last_sweep().runs)
      """)
    let outcome = try place.run(
      ["-c", "trap '' XFSZ; ulimit -f 1; exec \(Workplace.sonde) full.lua"], program: "/bin/sh")
    let kept = lines(place, "results.jsonl")
    let text = String(decoding: place.directory.read("results.jsonl") ?? [], as: UTF8.self)
    #expect(kept.count > 2 && kept.count < 9 && text.hasSuffix("\n"))
    #expect(
      outcome.output
        == "false\tfull.lua:3: sonde.sweep: 'results.jsonl': cannot append to it: File too large; \(kept.count) of 8 runs have ended, "
        + "sonde.last_sweep() has them, and the same call goes on\n\(kept.count)\n")
    #expect(try place.run(["full.lua"]).output == "true\twhole\n8\n")
    #expect(lines(place, "results.jsonl").count == 9)
  }

  /// Without files left for pipes: fewer workers where some can work, else an error.
  @Test func aSystemWithoutFilesIsTold() throws {
    let place = try Workplace()
    place.write(
      "short.lua",
      """
      local files = {}
      repeat local file = io.open("/dev/full") files[#files + 1] = file until not file
      for _ = 1, arg[1] do table.remove(files):close() end
      local options = {grid={x={1, 2, 3, 4, 5, 6}}, workers=4, run=function(c) return {y=c.x} end}
      local ok, s = pcall(sonde.sweep, options)
      print(ok, ok and #s.runs or s)
      """)
    let limited = { (free: Int) in
      try place.run(["-c", "ulimit -n 64; exec \(Workplace.sonde) short.lua \(free)"], program: "/bin/sh")
    }
    // three pipes have two ends each, of which two are moved at a time; one end of each is kept
    let none = try limited(7)
    #expect(
      none.output
        == "false\tshort.lua:5: sonde.sweep: can't start a process: Too many open files; 0 of 6 runs have ended, "
        + "sonde.last_sweep() has them\n")
    let few = try limited(11)
    #expect(few.output == "true\t6\n")
    #expect(few.errors == "sonde.sweep: the system had processes for 2 workers at once, not for more\n")
  }

  @Test func twoProgramsDoNotWriteOneFile() throws {
    let place = try Workplace()
    place.write(
      "outer.lua",
      """
      local o = "{grid={x={1}}, path='results.jsonl', progress=false, run=function() return {y=1} end}"
      sonde.sweep{grid={x={1}}, path='results.jsonl', workers=1, seed=1, progress=false, run=function()
        local inner <close> = io.popen(arg[-1] .. ' -e "print(pcall(sonde.sweep, ' .. o .. '))"')
        print(inner:read("a"))
        return {y=1}
      end}
      """)
    let outcome = try place.run(["outer.lua"])
    #expect(
      outcome.output.hasPrefix(
        "run 1: false\t(command line):1: sonde.sweep: 'results.jsonl': expected a file that nothing else writes to, got one that another process "
          + "writes; wait for its end\n"), "\(outcome.output)\(outcome.errors)")
  }
}
