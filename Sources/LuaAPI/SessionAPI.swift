import CLua
import Kernels
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension FunctionRecord {
  /// `sonde.threads`, `sonde.time`, `sonde.memory` and what else belongs to the session.
  static let sessionFunctions: [FunctionRecord] = [defaultDType, threads, time, memory]

  private static let defaultDType = FunctionRecord(
    "sonde.default_dtype", "Sets the dtype of new tensors and nets that do not name one; without an argument tells it.",
    [Parameter("dtype", .choice(["float32", "float64"]), default: "nil", "float32 or float64")],
    returns: "the dtype's name",
    example: "assert(sonde.default_dtype() == 'float32')"
  ) { call in
    if let name = call.argument(0).asString, let dtype = DType(name: name) { call.session.defaultDType = dtype }
    return try call.push(call.session.defaultDType.name)
  }

  private static let threads = FunctionRecord(
    "sonde.threads",
    "Sets how many threads large computations share; without an argument tells it. Results do not depend on it.",
    [Parameter("n", .integer, default: "nil", "1 to 64; at the start the number of cores")],
    returns: "the number of threads", errors: "a number below 1 or above 64",
    example: "local n = sonde.threads(); assert(sonde.threads(1) == 1 and sonde.threads(n) == n)"
  ) { call in
    if !call.argument(0).isAbsent {
      let count = try call.integer(0)
      guard 1...WorkerPool.maximumThreads ~= count else {
        throw call.failure("expected 1 to \(WorkerPool.maximumThreads) threads, got \(count)")
      }
      WorkerPool.threads = count
    }
    return call.push(WorkerPool.threads)
  }

  private static let time = FunctionRecord(
    "sonde.time", "Reads a monotonic clock.",
    returns: "seconds since an arbitrary start, as a number",
    example: "local start = sonde.time(); assert(sonde.time() >= start)"
  ) { call in
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return call.push(Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9)
  }

  private static let memory = FunctionRecord(
    "sonde.memory", "Tells what tensors hold, in bytes.",
    returns:
      "a table: live, allocated (since the start), limit, tensors (storages alive), objects (handles that Lua holds)",
    example: "local m = sonde.memory(); assert(m.live >= 0 and m.limit > 0)"
  ) { call in
    // nobody holds it
    call.session.spare.clear()
    try check(sonde_try_table(call.lua, 0, 5))
    try call.set("live") { call.push(MemoryAccount.live) }
    try call.set("allocated") { call.push(MemoryAccount.allocated) }
    try call.set("limit") { call.push(MemoryAccount.limit) }
    try call.set("tensors") { call.push(MemoryAccount.storages) }
    try call.set("objects") { call.push(call.session.liveObjects) }
    return 1
  }
}
