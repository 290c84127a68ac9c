import CReadline
import LuaAPI

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Completion as readline asks for it: the matches for the line being typed, and their list.
final class LineCompletion {
  private let completer: Completer
  /// What is listed if readline asks for a list.
  private var candidates: [Candidate] = []

  init(_ completer: Completer) { self.completer = completer }

  /// Makes it the one that readline asks.
  func install() {
    sonde_completion_open(
      Unmanaged.passUnretained(self).toOpaque(),
      { context, earlier, line, length, point, matches in
        let earlier = earlier.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } ?? []
        LineCompletion.of(context)?.complete(
          UnsafeRawBufferPointer(start: line, count: length), point, earlier, matches)
      },
      { context, columns, rows in LineCompletion.of(context)?.list(columns: Int(columns), rows: Int(rows)) })
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> LineCompletion? {
    context.map { Unmanaged<LineCompletion>.fromOpaque($0).takeUnretainedValue() }
  }

  private func complete(
    _ line: UnsafeRawBufferPointer, _ point: Int, _ earlier: [UInt8], _ matches: OpaquePointer?
  ) {
    candidates = []
    guard let completion = completer.complete(Array(line[..<point]), rest: Array(line[point...]), earlier: earlier)
    else { return }
    candidates = completion.candidates
    let typed = Array(line[completion.start..<point])
    (completion.replacement ?? typed).withUnsafeBytes {
      sonde_matches_begin(matches, completion.start, $0.baseAddress, $0.count)
    }
    guard candidates.count > 1 else { return }
    for candidate in candidates {
      candidate.text.withUnsafeBytes { sonde_matches_add(matches, $0.baseAddress, $0.count) }
    }
  }

  /// Writes the list; one that is higher than the screen is cut unless `rows` is 0.
  private func list(columns: Int, rows: Int) {
    for line in CandidateList(candidates).lines(columns: columns, rows: rows) {
      var line = line
      line.withUTF8 { sonde_list_line($0.baseAddress, $0.count) }
    }
  }
}
