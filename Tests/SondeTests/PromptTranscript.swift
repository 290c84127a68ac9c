import TestSupport
import Testing

extension Workplace {
  /// Types the lines of a transcript that stand behind a prompt, and expects the rest of it.
  ///
  /// That is all that is shown, errors among it. The lines are piped in, which shows what a terminal shows, without colours.
  func expect(_ transcript: String, location: SourceLocation = #_sourceLocation) throws {
    let lines = transcript.split(separator: "\n", omittingEmptySubsequences: false)
    let typed = lines.compactMap { line in
      line.hasPrefix(">> ") ? line.dropFirst(3) : line.hasPrefix("> ") ? line.dropFirst(2) : nil
    }
    let outcome = try run(
      ["-c", "exec \"$0\" -i 2>&1", Workplace.sonde], input: typed.joined(separator: "\n") + "\n", program: "/bin/sh")
    let shown = outcome.output.drop { $0 != "\n" }.dropFirst()
    #expect(shown == transcript + "\n> \n", sourceLocation: location)
    #expect(outcome.status == 0, sourceLocation: location)
  }
}
