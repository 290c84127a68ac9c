import TestSupport
import Testing

/// How pictures follow the place where they are shown.
@Suite struct PlotTests {
  private static let script = "plot.lines({1, 2, 3}, {title='日本'})"

  private func printed(_ environment: [String: String]) throws -> [Substring] {
    let outcome = try Child.run(Child.built("sonde"), ["-e", PlotTests.script], environment: environment)
    #expect(outcome.errors == "" && outcome.status == 0)
    return outcome.output.split(separator: "\n")
  }

  @Test func aPipeGets80ColumnsWithoutControlCodes() throws {
    let lines = try printed(["TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"])
    #expect(lines.first == "日本")
    #expect(lines.contains { $0.hasSuffix("─") && $0.count == 80 })
    #expect(!lines.contains { $0.contains("\u{1B}") })
  }

  @Test func otherLocalesGetASCII() throws {
    let lines = try printed(["LC_ALL": "C", "COLUMNS": "50"])
    #expect(lines.first == "??")
    #expect(lines.allSatisfy { $0.utf8.count <= 50 && $0.unicodeScalars.allSatisfy(\.isASCII) })
    #expect(lines.contains { $0.hasSuffix("-") && $0.count == 50 })
  }

  @Test func aTerminalIsFilled() throws {
    // the terminal of the tests has 200 columns
    let terminal = try Terminal(
      Child.built("sonde"), ["-e", PlotTests.script], environment: ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8"])
    let status = try terminal.end()
    #expect(status == 0)
    #expect(terminal.rest.split(separator: "\n").contains { $0.hasSuffix("─") && $0.count == 200 })
  }

  /// A program in gnuplot's place that ignores what it may ends with the session, when its terminal is closed and when it is killed.
  @Test(arguments: ["HUP", "KILL"]) func gnuplotEndsWithTheSession(signal: String) throws {
    let place = try Workplace()
    place.write("gnuplot.sh", "#!/bin/sh\ntrap '' HUP INT TERM QUIT\necho $$ >started\nexec sleep 1000\n")
    let script = """
      chmod +x gnuplot.sh
      SONDE_GNUPLOT=./gnuplot.sh \(Workplace.sonde) -e "plot.lines({1, 2}, {path='p.svg'})" & session=$!
      while kill -0 $session 2>&- && ! [ -s started ]; do sleep 0.01; done
      kill -\(signal) $session
      wait
      sleep 0.05
      grep -s '^State:.[^ZX]' /proc/$(cat started)/status
      ls
      """
    let outcome = try place.run(["-c", script], program: "/bin/sh")
    // nothing is left of the picture either where it could be taken away
    #expect(outcome.output.split(separator: "\n").filter { $0.hasPrefix("State") }.isEmpty, "\(outcome)")
    #expect(place.read("started") != "")
  }

  /// What pictures need beside the file that is asked for is nowhere: no directory for temporary files has to be there.
  @Test func picturesNeedNoTemporaryFiles() throws {
    let place = try Workplace()
    let outcome = try place.run(
      ["-e", "for _, ending in ipairs{'svg', 'png', 'pdf'} do plot.lines({1, 2}, {path='p.' .. ending}) end"],
      environment: ["TMPDIR": "/nonexistent"])
    #expect(outcome.errors == "" && outcome.status == 0)
    #expect(place.read("p.svg").hasSuffix("</svg>\n\n") || place.read("p.svg").contains("</svg>"))
  }
}
