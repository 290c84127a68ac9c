import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Whole sessions, compared word for word: typed on a terminal, and piped in.
struct TranscriptTests {
  private static let directory = Project.path("Tests/SondeTests/Transcripts")

  /// Every file of the directory.
  private static let transcripts: [TranscriptFile] = {
    guard let names = opendir(directory) else { return [] }
    defer { closedir(names) }
    var found: [TranscriptFile] = []
    while let entry = readdir(names) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard name.hasSuffix(".txt"), let text = Project.text("Tests/SondeTests/Transcripts/\(name)") else { continue }
      do {
        found.append(try TranscriptFile(name: name, contents: text))
      } catch {
        Issue.record(error)
      }
    }
    return found.sorted { $0.name < $1.name }
  }()

  @Test func areThere() { #expect(TranscriptTests.transcripts.count >= 3) }

  @Test(arguments: transcripts)
  func areShownOnATerminal(_ transcript: TranscriptFile) throws {
    let place = try Workplace()
    let environment = place.environment.merging(["SONDE_INDENT": "0"]) { $1 }.merging(transcript.environment) { $1 }
    let terminal = try Terminal(
      Workplace.sonde, ["-i"] + transcript.arguments, environment: environment, directory: place.directory.path,
      rows: 24, columns: transcript.columns, seconds: 10)
    for step in transcript.steps {
      guard show(terminal, step.shown) else { return }
      terminal.type(step.typed + "\r")
    }
    guard show(terminal, transcript.text + "> ") else { return }
    terminal.type("\u{4}")
    #expect(try terminal.end() == 0)
  }

  /// Whether the terminal comes to show the text, tabs and blanks at the ends of lines aside.
  ///
  /// The hints that tell at the right margin what is open are not part of it.
  private func show(_ terminal: Terminal, _ text: String) -> Bool {
    let expected = TranscriptTests.asOnScreen(text)
    let isShown = { (screen: Screen) in
      TranscriptTests.withoutHints(TranscriptTests.session(screen.history)) == expected
    }
    do {
      try terminal.expectScreen(text, isShown)
      return true
    } catch {
      Issue.record("\(TranscriptFile.difference(TranscriptTests.session(terminal.screen.history), expected) ?? "")")
      return false
    }
  }

  private static func withoutHints(_ text: String) -> String {
    asOnScreen(text.replacing(/(?m)^(>>.*?) {2,}\S.* at line \d+$/) { $0.output.1 })
  }

  @Test(arguments: transcripts)
  func areTheSameWhenPipedIn(_ transcript: TranscriptFile) throws {
    let place = try Workplace()
    // both streams go to one pipe, as they go to one terminal
    place.write("run.sh", "exec \"$@\" 2>&1\n")
    let outcome = try place.run(
      ["\(place.directory.path)/run.sh", Workplace.sonde, "-i"] + transcript.arguments, input: transcript.input,
      environment: transcript.environment, program: "/bin/sh")
    let shown = TranscriptTests.session(outcome.output)
    if let difference = TranscriptFile.difference(
      TranscriptTests.asOnScreen(shown), TranscriptTests.asOnScreen(transcript.text + "> \n"))
    {
      Issue.record("\(difference)")
    }
    #expect(!outcome.output.contains("\u{1b}"), "a control code is written into a pipe")
    #expect(outcome.status == 0)
  }

  /// What follows the greeting, which a narrow terminal wraps.
  private static func session(_ text: String) -> String {
    guard text.hasPrefix(Workplace.banner), let prompt = text.firstRange(of: "\n>") else { return text }
    return String(text[text.index(after: prompt.lowerBound)...])
  }

  /// The text as a screen has it, which knows no tabs and no blanks at a line's end.
  private static func asOnScreen(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      var shown = ""
      for character in line {
        shown += character == "\t" ? String(repeating: " ", count: 8 - shown.count % 8) : String(character)
      }
      let end = shown.lastIndex { $0 != " " }.map { shown.index(after: $0) } ?? shown.startIndex
      return String(shown[..<end])
    }.joined(separator: "\n")
  }
}
