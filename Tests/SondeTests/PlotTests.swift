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
}
