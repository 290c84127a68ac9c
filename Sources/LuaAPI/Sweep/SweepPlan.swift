import Files
import Tensors

/// What a sweep is to run: its cells, each some settings by name, and how often each is repeated.
///
/// A run's seed follows from the sweep's seed, the cell and the repetition alone, so that it does not matter which process
/// runs it, or when.
struct SweepPlan {
  /// What the settings of the cells come from, as its file tells it.
  enum Space: Equatable {
    /// Every combination of the values.
    case grid([JSONValue.Member])
    /// So many draws of each.
    case random([JSONValue.Member], samples: Int)
  }

  /// One run among all of them.
  struct Position: Hashable {
    /// The cell and the repetition, both from 1.
    let cell: Int
    let repetition: Int
  }

  /// The most runs of a sweep.
  static let mostRuns = 1_000_000

  let space: Space
  /// The names of the settings, sorted.
  let names: [String]
  /// The values of each cell, in the order of the names.
  let cells: [[JSONValue]]
  let repeats: Int
  let seed: Int

  var runCount: Int { cells.count * repeats }

  /// The run at an index from 1: the repetitions of the first cell come first.
  func position(_ index: Int) -> Position {
    Position(cell: (index - 1) / repeats + 1, repetition: (index - 1) % repeats + 1)
  }

  func index(_ position: Position) -> Int { (position.cell - 1) * repeats + position.repetition }

  /// The seed of a run, below 2^53 so that every reader of JSON has it exactly.
  func seed(of position: Position) -> Int { draw(position, lane: 0) }

  /// The seed of the generator that a run is handed, beside the session's own.
  func generatorSeed(of position: Position) -> Int { draw(position, lane: 1) }

  /// The seed of the session in a run: another than the run's, which a net may be given, or inputs that are drawn behind it would
  /// be the numbers its first weights were drawn from.
  func sessionSeed(of position: Position) -> Int { draw(position, lane: 2) }

  /// The generator that draws the settings of a cell: another part of the stream than the seeds of runs.
  static func generator(seed: Int, cell: Int) -> Generator {
    let generator = Generator(seed: UInt64(seed))
    generator.state.counter = 1 << 63 | UInt64(cell) << 32
    return generator
  }

  /// A number of the sweep's stream at a place that no other run and lane has.
  private func draw(_ position: Position, lane: UInt64) -> Int {
    let generator = Generator(seed: UInt64(seed))
    generator.state.counter = UInt64(position.cell) << 32 | UInt64(position.repetition) << 2 | lane
    return generator.next(below: 1 << 53)
  }

  /// The settings of a cell by name.
  func settings(ofCell cell: Int) -> [JSONValue.Member] {
    zip(names, cells[cell - 1]).map { JSONValue.Member($0, $1) }
  }

  /// The settings of a cell as a message tells them: `lr 0.1, norm batch`.
  func text(ofCell cell: Int) -> String {
    settings(ofCell: cell).map { "\(PlainData.decoded(name: $0.name)) \(PlainData.text($0.value))" }
      .joined(separator: ", ")
  }

  /// How many values a list has.
  static func count(_ choice: JSONValue) -> Int {
    if case .list(let values) = choice { return values.count }
    return 1
  }

  /// Every combination of values, the last name's changing fastest.
  static func combinations(_ choices: [JSONValue.Member]) -> [[JSONValue]] {
    choices.reduce([[]]) { cells, choice in
      guard case .list(let values) = choice.value else { return cells }
      return cells.flatMap { cell in values.map { cell + [$0] } }
    }
  }
}

// MARK: The first line of a results file

extension SweepPlan {
  private static let format = 1
  private static let key = "sonde_sweep"

  /// What the first line of its file says.
  var header: JSONValue {
    var members = [
      JSONValue.Member(SweepPlan.key, .integer(SweepPlan.format)), JSONValue.Member("version", .text(Session.version)),
      JSONValue.Member("seed", .integer(seed)), JSONValue.Member("repeats", .integer(repeats)),
    ]
    switch space {
    case .grid(let choices): members.append(JSONValue.Member("grid", .object(choices)))
    case .random(let choices, let samples):
      members.append(JSONValue.Member("samples", .integer(samples)))
      members.append(JSONValue.Member("random", .object(choices)))
      let draws = (1...cells.count).map { JSONValue.object(settings(ofCell: $0)) }
      members.append(JSONValue.Member("cells", .list(draws)))
    }
    return .object(members)
  }

  /// Whether a text is the beginning of such a line, or such a line.
  static func isHeader(_ text: String) -> Bool {
    let start = "{\"\(key)\":"
    return text.hasPrefix(start) || start.hasPrefix(text)
  }

  /// The format that a header names, where it is not this one.
  static func otherFormat(_ header: JSONValue) -> Int? {
    guard case .integer(let number) = header[key], number != format else { return nil }
    return number
  }

  /// The seed that a header names.
  static func seed(_ header: JSONValue) -> Int? {
    guard case .integer(let seed) = header["seed"], seed >= 0 else { return nil }
    return seed
  }

  /// What a header says otherwise than this plan's, as the rest of a sentence; nil where nothing is.
  func difference(from header: JSONValue) -> String? {
    let ours = self.header
    for name in ["grid", "random"] {
      guard case .object(let mine) = ours[name] else { continue }
      guard case .object(let theirs) = header[name] else { return "it has no \(name)" }
      if let difference = SweepPlan.difference(mine, theirs, of: name) { return difference }
    }
    for name in ["samples", "repeats", "seed"] where ours[name] != header[name] {
      return "its \(name) is \(SweepPlan.text(header[name])), here it is \(SweepPlan.text(ours[name]))"
    }
    return ours["cells"] == header["cells"] ? nil : "what it has drawn is something else"
  }

  private static func difference(
    _ mine: [JSONValue.Member], _ theirs: [JSONValue.Member], of kind: String
  ) -> String? {
    for member in mine {
      let name = "\(kind).\(PlainData.decoded(name: member.name))"
      guard let other = theirs.first(where: { $0.name == member.name })?.value else { return "it has no \(name)" }
      if other != member.value { return "its \(name) is \(text(other)), here it is \(text(member.value))" }
    }
    let more = theirs.first { other in !mine.contains { $0.name == other.name } }
    return more.map { "its \(kind).\(PlainData.decoded(name: $0.name)) is missing here" }
  }

  private static func text(_ value: JSONValue?) -> String {
    let text = value.map(PlainData.text) ?? "missing"
    return text.count <= 60 ? text : text.prefix(57) + "..."
  }
}
