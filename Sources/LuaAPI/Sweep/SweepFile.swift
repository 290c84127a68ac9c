import Files

/// The results of a sweep as lines of JSON: first what sweep it is, then a line a run, as they ended.
///
/// A run's later line stands in the place of an earlier one.
final class SweepFile {
  /// What the file says of its sweep, nil where there is no file or an empty one.
  let header: JSONValue?

  private let origin: Origin
  private let file: LineFile

  /// Opens a file, which is not touched before `begin`.
  ///
  /// - Throws: `FileError`; `LuaFailure` for a file of another kind.
  init(_ origin: Origin) throws {
    self.origin = origin
    file = try LineFile(origin)
    let first = file.lines.first ?? file.rest
    guard SweepPlan.isHeader(first) else {
      let shown = first.isEmpty ? "an empty line" : "'\(first.prefix(40))'"
      throw SweepFile.failure(origin, "expected a file of a sweep's results, got one that begins with \(shown)")
    }
    // the beginning of a header alone: whoever wrote it was killed then, and there is nothing in it
    header = try file.lines.first.map { try JSONValue(reading: $0, named: "line 1", origin) }
    if let format = header.flatMap(SweepPlan.otherFormat) {
      throw SweepFile.failure(origin, "expected results in format 1, got format \(format) of another version of Sonde")
    }
  }

  /// The file's number in this process, -1 while there is none.
  var number: Int32 { file.number }

  /// Reads the runs that have ended, the last line of each.
  ///
  /// - Throws: `LuaFailure` where the file belongs to another sweep or a line is none of it.
  func runs(of plan: SweepPlan) throws -> [Int: SweepRun] {
    guard let header else { return [:] }
    if let difference = plan.difference(from: header) {
      throw SweepFile.failure(
        origin, "it belongs to another sweep: \(difference); it was left as it was, give another path")
    }
    var runs: [Int: SweepRun] = [:]
    for (place, line) in file.lines.enumerated().dropFirst() {
      guard let value = try? JSONValue(reading: line, named: "line \(place + 1)", origin),
        let run = SweepRun(line: value, of: plan)
      else {
        throw SweepFile.failure(
          origin, "line \(place + 1) is no result of this sweep; take it out, and its run is made again")
      }
      runs[run.index] = run
    }
    return runs
  }

  /// Writes the header where the file is new, so that a path that can't be written is told before anything is run.
  ///
  /// - Throws: `FileError` when the file can't be made.
  func begin(_ plan: SweepPlan) throws {
    if header == nil { try file.append(try plan.header.text(origin)) }
  }

  /// Appends a run.
  ///
  /// - Throws: `FileError` when the disk is full or fails.
  func append(_ run: SweepRun, of plan: SweepPlan) throws {
    try file.append(try run.line(of: plan).text(origin))
  }

  private static func failure(_ origin: Origin, _ text: String) -> LuaFailure {
    .message("\(origin.operation): '\(origin.path)': \(text)")
  }
}
