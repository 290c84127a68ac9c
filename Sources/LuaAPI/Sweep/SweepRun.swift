import Files

/// One run of a sweep that has ended.
struct SweepRun: Equatable {
  /// What came of it.
  enum Outcome: Equatable {
    /// What the function returned, by name.
    case result([JSONValue.Member])
    /// Why there is no result.
    case error(String)
  }

  /// Its number among all runs, from 1.
  let index: Int
  let outcome: Outcome
  /// How long it took.
  let seconds: Double

  /// The error's text, if it ended in one.
  var error: String? {
    if case .error(let text) = outcome { return text }
    return nil
  }

  /// The results by name, none of an error.
  var results: [JSONValue.Member] {
    if case .result(let members) = outcome { return members }
    return []
  }

  /// The number of a result; booleans count as 0 and 1, other values don't.
  func number(_ metric: String) -> Double? {
    guard let value = results.first(where: { $0.name == metric })?.value else { return nil }
    if case .boolean(let flag) = value { return flag ? 1 : 0 }
    return PlainData.number(value)
  }

  // MARK: As JSON

  /// What a run's process sends to its parent, and the end of its line in a file.
  static func report(_ outcome: Outcome, seconds: Double) -> [JSONValue.Member] {
    let end = JSONValue.Member("seconds", .number(seconds))
    switch outcome {
    case .result(let members): return [JSONValue.Member("result", .object(members)), end]
    case .error(let text): return [JSONValue.Member("error", .text(text)), end]
    }
  }

  /// Reads a report; nil when it is none.
  init?(index: Int, report: JSONValue) {
    guard let seconds = report["seconds"].flatMap(PlainData.number) else { return nil }
    switch (report["result"], report["error"]) {
    case (.object(let members)?, nil): self.init(index: index, outcome: .result(members), seconds: seconds)
    case (nil, .text(let text)?): self.init(index: index, outcome: .error(text), seconds: seconds)
    default: return nil
    }
  }

  init(index: Int, outcome: Outcome, seconds: Double) {
    self.index = index
    self.outcome = outcome
    self.seconds = seconds
  }

  /// The run as a line of a results file, which can be read without the line before.
  func line(of plan: SweepPlan) -> JSONValue {
    let position = plan.position(index)
    return .object(
      [
        JSONValue.Member("run", .integer(index)), JSONValue.Member("cell", .integer(position.cell)),
        JSONValue.Member("repetition", .integer(position.repetition)),
        JSONValue.Member("seed", .integer(plan.seed(of: position))),
        JSONValue.Member("settings", .object(plan.settings(ofCell: position.cell))),
      ] + SweepRun.report(outcome, seconds: seconds))
  }

  /// Reads a line of a results file; nil when it is none of this plan's.
  init?(line: JSONValue, of plan: SweepPlan) {
    guard case .integer(let index) = line["run"], 1...plan.runCount ~= index,
      line["seed"] == .integer(plan.seed(of: plan.position(index)))
    else { return nil }
    self.init(index: index, report: line)
  }
}
