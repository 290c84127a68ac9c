import CLua
import Files
import Kernels
import Tensors

/// The options of `sonde.sweep` as a plan reads them, before anything is drawn.
struct SweepOptions {
  let space: SweepPlan.Space
  let names: [String]
  let repeats: Int
  let workers: Int
  let timeout: Double?
  let seed: Int?
  /// The settings of a random space that functions draw.
  let functions: Set<String>

  /// What `c` holds beside the settings.
  static let reserved = ["seed", "repetition", "index", "cell", "generator"]
}

extension Call {
  /// Reads the options and refuses what can't be run.
  func sweepOptions() throws -> SweepOptions {
    let (space, functions) = try sweepSpace()
    let choices: [JSONValue.Member]
    switch space {
    case .grid(let members), .random(let members, _): choices = members
    }
    guard !choices.isEmpty else { throw failure("expected at least one setting to vary, got none") }
    for name in choices.map(\.name) where SweepOptions.reserved.contains(name) {
      throw failure("a setting can't be called '\(name)', which c holds of every run; give it another name")
    }
    let options = SweepOptions(
      space: space, names: choices.map(\.name), repeats: try positive("repeats", 1),
      workers: try positive("workers", WorkerPool.threads), timeout: option("timeout").asNumber,
      seed: option("seed").asInteger, functions: functions)
    guard options.workers <= WorkerPool.maximumThreads else {
      throw failure("option 'workers' expected 1 to \(WorkerPool.maximumThreads), got \(options.workers)")
    }
    if let timeout = options.timeout, !(timeout > 0) {
      throw failure("option 'timeout' expected seconds above 0, got \(PlainData.text(.number(timeout)))")
    }
    if let seed = options.seed, seed < 0 { throw failure("option 'seed' expected 0 or more, got \(seed)") }
    return options
  }

  private func positive(_ name: String, _ fallback: Int) throws -> Int {
    let value = option(name).asInteger ?? fallback
    guard value >= 1 else { throw failure("option '\(name)' expected 1 or more, got \(value)") }
    return value
  }

  private func sweepSpace() throws -> (SweepPlan.Space, functions: Set<String>) {
    switch (option("grid"), option("random")) {
    case (.table, .table): throw failure("expected one of the options 'grid' and 'random', got both")
    case (.table(let index), _):
      guard option("samples").isAbsent else {
        throw failure("option 'samples' goes with 'random'; of a grid all cells are run")
      }
      return (.grid(try grid(at: index)), [])
    case (_, .table(let index)):
      guard !option("samples").isAbsent else { throw failure("option 'samples' is missing: how many cells to draw") }
      let (choices, functions) = try distributions(at: index)
      return (.random(choices, samples: try positive("samples", 1)), functions)
    default: throw failure("expected the option 'grid' or 'random', got neither; for example grid={lr={0.01, 0.1}}")
    }
  }

  /// The settings of a table by name, sorted; `read` gets the place of each value.
  private func choices(
    _ option: String, at table: Int32, _ read: (_ name: String, _ place: Int32) throws -> JSONValue
  ) throws -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    try forEachPair(in: table) { key, place in
      guard case .string(let key) = key else {
        throw failure("option '\(option)' expected names of settings, got the key \(key.text)")
      }
      let name = "option '\(option).\(key)'"
      do {
        members.append(JSONValue.Member(PlainData.encoded(name: key), try read(key, place)))
      } catch let problem as NotPlain {
        throw failure("\(name) expected \(NotPlain.expected), got \(problem.got)\(problem.place)")
      } catch let mistake as SweepDistribution.Mistake {
        throw failure("\(name) expected \(mistake.expected), got \(mistake.got)")
      }
    }
    return members.sorted { $0.name < $1.name }
  }

  /// The lists of a grid; one value stands for a list of it.
  private func grid(at table: Int32) throws -> [JSONValue.Member] {
    try choices("grid", at: table) { name, place in
      let data = try plainData(at: place)
      if case .object = data, PlainData.number(data) == nil {
        throw failure(
          "option 'grid.\(name)' expected a list of values, got \(isEmpty(data) ? "an empty one" : "a table of names")")
      }
      guard case .list(let values) = data else { return .list([data]) }
      var seen: Set<JSONValue> = []
      for value in values where !seen.insert(value).inserted {
        throw failure("option 'grid.\(name)' has \(PlainData.text(value)) twice; 'repeats' runs a cell again")
      }
      return data
    }
  }

  private func isEmpty(_ data: JSONValue) -> Bool { data == .object([]) }

  /// What a random sweep draws from, and the settings for which that is a function.
  private func distributions(at table: Int32) throws -> ([JSONValue.Member], Set<String>) {
    var functions: Set<String> = []
    let members = try choices("random", at: table) { name, place in
      if case .function = LuaValue(lua, place) {
        functions.insert(PlainData.encoded(name: name))
        return .text("a function")
      }
      let data = try plainData(at: place)
      _ = try SweepDistribution(data)
      return data
    }
    return (members, functions)
  }

  // MARK: The plan

  /// Lays the cells out; what is random is drawn now.
  func sweepPlan(_ options: SweepOptions, seed: Int) throws -> SweepPlan {
    let cells: [[JSONValue]]
    let perCell = SweepPlan.mostRuns / options.repeats
    switch options.space {
    case .grid(let choices):
      let count = choices.reduce(1) { $0 > SweepPlan.mostRuns ? $0 : $0 * SweepPlan.count($1.value) }
      try requireCells(count, atMost: perCell)
      cells = SweepPlan.combinations(choices)
    case .random(let choices, let samples):
      try requireCells(samples, atMost: perCell)
      cells = try (1...samples).map { try draw(choices, options.functions, SweepPlan.generator(seed: seed, cell: $0)) }
    }
    return SweepPlan(
      space: options.space, names: options.names, cells: cells, repeats: options.repeats, seed: seed)
  }

  private func requireCells(_ count: Int, atMost most: Int) throws {
    guard count > most else { return }
    throw failure("expected at most \(SweepPlan.mostRuns) runs, got more; vary fewer settings, or draw samples of them")
  }

  private func draw(
    _ choices: [JSONValue.Member], _ functions: Set<String>, _ generator: Generator
  ) throws -> [JSONValue] {
    try Interrupt.check()
    return try choices.map { choice in
      guard functions.contains(choice.name) else { return try SweepDistribution(choice.value).draw(generator) }
      return try drawFromFunction(PlainData.decoded(name: choice.name), generator)
    }
  }

  private func drawFromFunction(_ name: String, _ generator: Generator) throws -> JSONValue {
    guard case .table(let table) = option("random") else { return .null }
    return try restoring {
      try check(sonde_try_get_field(lua, table, name))
      _ = try push(generator, .generator)
      try check(sonde_try_call(lua, 1, 1))
      do {
        return try plainData(at: lua_gettop(lua))
      } catch let problem as NotPlain {
        throw failure(
          "the function 'random.\(name)' expected to return \(NotPlain.expected), got \(problem.got)\(problem.place)")
      }
    }
  }
}
