import CLua
import CProcess
import Files
import Kernels
import Tensors

extension FunctionRecord {
  /// `sonde.sweep` and `sonde.last_sweep`.
  static let sweepFunctions: [FunctionRecord] = [sweep, lastSweep]

  private static let sweep = FunctionRecord(
    "sonde.sweep",
    "Runs a function for every cell of a grid, or for random draws of its settings, each `repeats` times, in processes beside this "
      + "one: each run is a copy of the session as it is now, so the function sees all that is around it and changes none of "
      + "it. run(c) gets the settings by name, c.seed, c.repetition, c.index and c.cell (numbers from 1), and c.generator; "
      + "any other name of c is an error. c.seed, sonde.seed and math.randomseed, each another, follow from the sweep's seed, the cell and "
      + "the repetition alone, so results are the same for any number of workers. An error, a crash or os.exit in a run is a row. Ctrl-C ends the sweep and "
      + "gives what there is. With a path each result is appended as it comes, and the same call goes on where it "
      + "was ended, however that was; the function is not compared.",
    options: spaceOptions + runOptions,
    returns: "a sweep",
    errors:
      "an empty grid, settings that are no plain data, a file of another sweep, which stays as it was, a full disk, a system "
      + "without processes to give, --sandbox; sonde.last_sweep() has what had come until then",
    example: """
      local s = sonde.sweep{grid={lr={0.1, 0.2}}, repeats=2, workers=2, progress=false, run=function(c)
        return {accuracy = 1 - c.lr}
      end}
      assert(#s == 2 and s:best('accuracy').lr == 0.1)
      """
  ) { call in try call.sweep() }

  private static let spaceOptions = [
    Parameter(
      "grid", .table, default: "nil",
      "the values of each setting, {lr={0.01, 0.1}, norm={\"none\", \"batch\"}}: numbers, strings, booleans, tables of them"
    ),
    Parameter(
      "random", .table, default: "nil",
      "what each setting is drawn from: {\"uniform\", low, high}, {\"log_uniform\", low, high}, {\"normal\", mean, sd}, "
        + "{\"integer\", low, high} (both included), {\"choice\", a, b, ...}, a function of a generator, or one value"),
    Parameter("samples", .integer, default: "nil", "how many cells random draws"),
    Parameter("repeats", .integer, default: "1", "how often each cell is run"),
    Parameter("seed", .integer, default: "the file's, or from the session's generator", "what all seeds come from"),
  ]

  private static let runOptions = [
    Parameter(
      "run", .function,
      "a function of c that returns results by name: numbers, strings, booleans, tables of them; a number alone is 'value'"
    ),
    Parameter(
      "workers", .integer, default: "sonde.threads()",
      "how many runs at once, 1 to 64; they share the threads, and what memory the limit leaves"),
    Parameter("path", .string, default: "nil", "the file of JSON lines that keeps the results"),
    Parameter("timeout", .number, default: "nil", "the seconds after which a run is ended, which is an error"),
    Parameter("retry", .boolean, default: "false", "whether runs that the file has an error of are made again"),
    Parameter("progress", .boolean, default: "true", "whether a terminal shows a progress bar, and errors are told"),
  ]

  private static let lastSweep = FunctionRecord(
    "sonde.last_sweep", "What the last sweep has brought, also where an error ended it.",
    returns: "a sweep; nil where there was none",
    example: "assert(sonde.last_sweep() == nil)"
  ) { call in
    guard let results = call.session.lastSweep else { return call.pushNil() }
    return try call.push(results, .sweep)
  }
}

extension Call {
  /// Runs `sonde.sweep`.
  fileprivate func sweep() throws -> Int32 {
    guard !session.isSweepWorker else {
      throw failure("a run of a sweep can't begin another; put the settings of both into one")
    }
    guard !sonde_sandbox_is_on() else {
      throw failure(
        "each run is a process of its own, and those are out of reach under --sandbox; "
          + "run the script without it if you trust it")
    }
    try session.endAfterInterrupt()
    let options = try sweepOptions()
    let path = option("path").asString
    let file = try path.map { try SweepFile(Origin(operation: who, path: $0)) }
    let seed = options.seed ?? file?.header.flatMap(SweepPlan.seed) ?? session.generator.next(below: 1 << 53)
    let plan = try sweepPlan(options, seed: seed)
    let results = SweepResults(plan: plan, path: path)
    for run in try file?.runs(of: plan).values.map({ $0 }) ?? [] { results.add(run) }
    try file?.begin(plan)
    session.lastSweep = results
    try perform(options, results, file)
    return try push(results, .sweep)
  }

  private func perform(_ options: SweepOptions, _ results: SweepResults, _ file: SweepFile?) throws {
    let missing = results.missing(withErrors: flag("retry", default: false))
    guard !missing.isEmpty, case .function(let function) = option("run") else { return }
    let (plan, isShown) = (results.plan, flag("progress", default: true))
    let workers = min(options.workers, missing.count)
    let work = SweepWork(
      call: self, plan: plan, function: function, threads: max(1, WorkerPool.threads / workers),
      memoryLimit: memoryShare(workers))
    let ended = plan.runCount - missing.count
    let progress = SweepProgress(isShown: isShown, runs: plan.runCount, ended: ended, errors: results.errors)
    defer { progress.erase() }
    let processes = SweepProcesses(
      plan: plan, workers: workers, timeout: options.timeout, file: { file?.number ?? -1 }, work: work.report,
      progress: progress)
    do {
      let end = try processes.run(missing) { run in
        results.add(run)
        try file?.append(run, of: plan)
      }
      progress.erase()
      finish(results, end, isShown)
    } catch {
      throw LuaFailure.message(
        "\(error is LuaFailure ? "\(who): " : "")\(text(of: error)); \(results.runs.count) of \(plan.runCount) runs have "
          + "ended, sonde.last_sweep() has them" + (file == nil ? "" : ", and the same call goes on"))
    }
  }

  private func text(of error: any Error) -> String {
    if case LuaFailure.message(let text) = error { return text }
    return "\(error)"
  }

  /// The most bytes that each of so many processes may hold: all of them together no more than this one might.
  private func memoryShare(_ workers: Int) -> Int {
    let (limit, live) = (MemoryAccount.limit, MemoryAccount.live)
    return limit == .max ? limit : live + max(0, limit - live) / workers
  }

  /// Tells what the caller has to know of the end.
  private func finish(_ results: SweepResults, _ end: SweepProcesses.End, _ isShown: Bool) {
    switch end {
    case .completed: break
    case .interrupted:
      // Ctrl-C has been answered: the script goes on with what there is
      sonde_interrupt_end(session.runtime)
      results.isInterrupted = true
    case .fewer(let count):
      results.warning =
        "the system had processes for \(count) \(count == 1 ? "worker" : "workers") at once, not for more"
    }
    guard isShown else { return }
    if let warning = results.warning { sonde_complain("\(who): \(warning)\n") }
    guard let first = results.runs.first(where: { $0.error != nil }), let error = first.error else { return }
    let count = results.errors == 1 ? "1 run" : "\(results.errors) of \(results.plan.runCount) runs"
    sonde_complain("\(who): \(count) ended in an error, run \(first.index): \(SweepText.line(error))\n")
  }
}
