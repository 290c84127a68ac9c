import CLua
import LuaAPI
import Plots
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension PromptCommand {
  static let time = PromptCommand(
    name: "time", argument: "code", summary: "runs Lua once and tells its time and memory", runsLua: true
  ) { prompt, argument in
    let before = Usage(prompt.interpreter)
    MemoryAccount.restartPeak()
    guard prompt.evaluate(Chunk(argument)) != .refused else { return }
    let text = Usage(prompt.interpreter).text(since: before)
    print(TerminalText.paragraph(text, to: Screen.output.columns).joined(separator: "\n"))
  }

  static let bench = PromptCommand(
    name: "bench", argument: "code", summary: "runs Lua many times for about a second and tells the time of one run",
    runsLua: true
  ) { prompt, argument in Bench(prompt, Chunk(argument)).run() }
}

extension Chunk {
  /// A chunk of text that stands behind a command.
  init(_ text: String) { self.init(Array(text.utf8)) }
}

/// What the process has used so far.
private struct Usage {
  let wall: Double
  let processor: Double
  let allocated: Int
  let live: Int
  let luaBytes: Int
  let steps: Int
  let collections: Int

  init(_ interpreter: Interpreter) {
    wall = Clock.monotonic.now
    processor = Clock.processor.now
    (allocated, live) = (MemoryAccount.allocated, MemoryAccount.live)
    luaBytes = sonde_lua_bytes(interpreter.lua)
    let runtime = interpreter.session.runtime
    (steps, collections) = (sonde_collector_steps(runtime), sonde_collections(runtime))
  }

  /// The difference to an earlier moment.
  func text(since before: Usage) -> String {
    let lua = luaBytes - before.luaBytes
    let parts = [
      "\(Quantity.seconds(wall - before.wall)), \(Quantity.seconds(processor - before.processor)) of processor",
      "tensors: \(Quantity.bytes(allocated - before.allocated)) made, "
        + "\(Quantity.bytes(MemoryAccount.peak - before.live)) at most above before",
      "Lua: \(lua < 0 ? "-" : "+")\(Quantity.bytes(abs(lua))), "
        + "\(steps - before.steps + collections - before.collections) collector steps for tensors",
    ]
    return parts.joined(separator: "; ")
  }
}

/// The two clocks a time is told by.
private enum Clock {
  case monotonic
  case processor

  /// Seconds since an arbitrary start, or those of processor time that all threads have had.
  var now: Double {
    var time = timespec()
    clock_gettime(self == .monotonic ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Times a chunk in batches: one run is as long as the clock's steps.
private struct Bench {
  private static let batches = 7
  private static let shortestBatch = 0.1

  private let prompt: Prompt
  private let chunk: Chunk
  private var lua: LuaState { prompt.interpreter.lua }

  init(_ prompt: Prompt, _ chunk: Chunk) { (self.prompt, self.chunk) = (prompt, chunk) }

  /// Finds how many runs make a batch, times the batches, and tells.
  func run() {
    let isExpression = prompt.compiles(chunk.expression)
    guard isExpression || prompt.compiles(chunk.bytes) else {
      // which tells what is wrong with it
      prompt.evaluate(chunk)
      return
    }
    // a function that is made by an expression sees what an expression sees
    let body = isExpression ? Array("return ".utf8) + chunk.code : chunk.bytes
    let text = Array("function(...) ".utf8) + body + Array("\nend".utf8)
    var function = LUA_NOREF
    guard prompt.evaluator.values(of: Chunk(text), typed: chunk) == 1, sonde_try_reference(lua, &function) == LUA_OK
    else { return }
    defer { sonde_unreference(lua, function) }
    var runs = 0
    var total = 0
    let wasSuccess = measure(function, &runs, &total)
    prompt.record.add(.repeated(chunk, runs: total))
    if !wasSuccess { sonde_complain(":bench: stopped after \(total) runs\n") }
  }

  private func measure(_ function: Int32, _ runs: inout Int, _ total: inout Int) -> Bool {
    runs = 1
    var times: [Double] = []
    while true {
      guard let seconds = batch(function, runs) else { return false }
      total += runs
      if seconds >= Bench.shortestBatch || runs >= 1 << 40 {
        times.append(seconds)
        break
      }
      // a batch that is a little too short would be made again and again
      runs = max(runs + 1, Int(Double(runs) * min(10, 1.2 * Bench.shortestBatch / max(seconds, 1e-9))))
    }
    // what takes a second a run is not run seven times
    let wanted = times[0] >= 1 ? 2 : times[0] >= 0.3 ? 3 : Bench.batches
    while times.count < wanted {
      guard let seconds = batch(function, runs) else { return false }
      total += runs
      times.append(seconds)
    }
    tell(times.map { $0 / Double(runs) }.sorted(), runs)
    return true
  }

  private func tell(_ times: [Double], _ runs: Int) {
    let middle = times.count / 2
    let median = times.count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2
    print(
      "\(Quantity.seconds(times[0])) a run at best, \(Quantity.seconds(median)) at the median; "
        + "\(times.count) batches of \(runs) run\(runs == 1 ? "" : "s")")
  }

  /// The seconds that so many runs take; nil, and the error told, when one fails.
  private func batch(_ function: Int32, _ runs: Int) -> Double? {
    let text = "local f, n = ... for _ = 1, n do f() end"
    lua_settop(lua, 0)
    guard sonde_try_load(lua, text, text.utf8.count, "=sonde:bench") == LUA_OK else {
      sonde_complain_error(lua, nil)
      return nil
    }
    lua_rawgeti(lua, sonde_registry(), lua_Integer(function))
    lua_pushinteger(lua, lua_Integer(runs))
    let start = Clock.monotonic.now
    return prompt.evaluator.call(arguments: 2, of: chunk) ? Clock.monotonic.now - start : nil
  }
}
