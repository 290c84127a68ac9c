import Files

/// What a sweep has brought so far.
final class SweepResults {
  let plan: SweepPlan
  /// Where they are kept, if anywhere.
  let path: String?
  /// Whether Ctrl-C ended it.
  var isInterrupted = false
  /// What went wrong around the runs, and the cure.
  var warning: String?

  private var byIndex: [Int: SweepRun] = [:]
  private var sorted: [SweepRun]?
  private var summaries: [SweepCell]?

  init(plan: SweepPlan, path: String?) {
    self.plan = plan
    self.path = path
  }

  /// Takes in a run that has ended, in the place of an earlier one.
  func add(_ run: SweepRun) {
    byIndex[run.index] = run
    (sorted, summaries) = (nil, nil)
  }

  /// The runs that have ended, by their numbers.
  var runs: [SweepRun] {
    if let sorted { return sorted }
    let runs = byIndex.values.sorted { $0.index < $1.index }
    sorted = runs
    return runs
  }

  /// The numbers of the runs that have yet to be made; those that ended in an error among them if asked for.
  func missing(withErrors: Bool) -> [Int] {
    (1...plan.runCount).filter { index in byIndex[index].map { withErrors && $0.error != nil } ?? true }
  }

  /// How many runs ended in an error.
  var errors: Int { runs.count { $0.error != nil } }

  /// The names of results that are numbers in a run at least, sorted.
  var metrics: [String] {
    var names: Set<String> = []
    for run in runs { for member in run.results where run.number(member.name) != nil { names.insert(member.name) } }
    return names.sorted()
  }

  /// What came of each cell, in the order of the plan.
  var cells: [SweepCell] {
    if let summaries { return summaries }
    let metrics = metrics
    let groups = Dictionary(grouping: runs) { plan.position($0.index).cell }
    let cells = (1...plan.cells.count).map { SweepCell(number: $0, runs: groups[$0] ?? [], metrics: metrics) }
    summaries = cells
    return cells
  }

  /// The cell whose mean is the largest or the smallest, the first of equals; nil where no mean is a number.
  func best(_ metric: String, isLowest: Bool) -> SweepCell? {
    let means = cells.compactMap { cell in cell.summaries[metric].map { (cell, $0.mean) } }.filter { !$0.1.isNaN }
    return (isLowest ? means.min { $0.1 < $1.1 } : firstMaximum(means))?.0
  }

  private func firstMaximum(_ means: [(SweepCell, Double)]) -> (SweepCell, Double)? {
    means.reduce(nil) { best, next in best.map { $0.1 >= next.1 } == true ? best : next }
  }

  /// Whether the smallest number of a result is the best, going by its name.
  static func isLowestBest(_ metric: String) -> Bool {
    let words = ["loss", "error", "perplexity", "time", "seconds", "mse", "mae", "rmse"]
    let name = metric.lowercased()
    return words.contains { name.contains($0) }
  }
}

/// What came of the runs of one cell.
struct SweepCell {
  /// The mean of a result over the runs that have it, and how far they scatter.
  struct Summary: Equatable {
    let mean: Double
    /// The standard deviation with n - 1, NaN for a single run.
    let sd: Double
    let n: Int

    init(_ values: [Double]) {
      n = values.count
      let mean = values.reduce(0, +) / Double(n)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      self.mean = mean
      sd = n > 1 ? (squares / Double(n - 1)).squareRoot() : .nan
    }
  }

  /// Its number, from 1.
  let number: Int
  /// By the results' names; none where no run has such a number.
  let summaries: [String: Summary]
  /// How many runs have ended, those with an error among them.
  let ended: Int
  /// The errors' texts.
  let errors: [String]

  init(number: Int, runs: [SweepRun], metrics: [String]) {
    self.number = number
    ended = runs.count
    errors = runs.compactMap(\.error)
    var summaries: [String: Summary] = [:]
    for metric in metrics {
      let values = runs.compactMap { $0.number(metric) }
      if !values.isEmpty { summaries[metric] = Summary(values) }
    }
    self.summaries = summaries
  }
}
