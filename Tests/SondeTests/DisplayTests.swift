import TestSupport
import Testing

/// What is seen of entries that readline alone shows badly.
struct DisplayTests {
  private let up = "\u{1b}[A"

  private func prompt(rows: Int, columns: Int, _ environment: [String: String] = [:]) throws -> Terminal {
    let place = try Workplace()
    let terminal = try Terminal(
      Workplace.sonde, environment: place.environment.merging(["SONDE_HISTORY": ""]) { $1 }.merging(environment) { $1 },
      rows: rows, columns: columns)
    terminal.retained = place.directory
    try terminal.expect("\n> ")
    return terminal
  }

  private func rows(_ numbers: ClosedRange<Int>) -> String { numbers.map { "  \($0)," }.joined(separator: "\n") }

  @Test func timesAndFiguresBreakBetweenWords() throws {
    let terminal = try prompt(rows: 24, columns: 60)
    let time = try terminal.ask(":time 1 + 1").split(separator: "\n")
    #expect(time.count > 2 && time[0] == "2" && time.allSatisfy { $0.count <= 60 }, "\(time)")
    let cost = time.dropFirst().joined(separator: "\n").replacing("\n  ", with: " ")
    #expect(cost.contains(" of processor; tensors: 0 B made, 0 B at most above before; Lua: "), "\(time)")
    let figures = try terminal.ask("sonde.ones(4):stats()").split(separator: "\n")
    #expect(figures.count > 2 && figures.allSatisfy { $0.count <= 60 }, "\(figures)")
    let text = figures.joined(separator: "\n").replacing("\n  ", with: "  ")
    let first = "count 4  mean 1.000  variance 0  std 0  rms 1.000  norm 2.000  min 1.000  max 1.000  skewness nan"
    #expect(text.hasPrefix(first), "\(text)")
  }

  /// On a terminal a network's layers are broken into lines; in a pipe each is one line, however long.
  @Test func networksFitTheTerminal() throws {
    let net = "print(nn.mlp{inputs=784, depth=1, outputs=10, norm='batch'})"
    let terminal = try prompt(rows: 24, columns: 80)
    let shown = try terminal.ask(net).split(separator: "\n").map(String.init)
    #expect(shown.allSatisfy { $0.count <= 80 }, "\(shown)")
    #expect(
      shown.prefix(3) == [
        "   layer                                      output        params  init",
        "1  Block(Linear(784 -> 100), BatchNorm(100),  [batch, 100]  78700   he_normal", "     ReLU)",
      ])
    let piped = try Workplace().run(["-e", net]).output.split(separator: "\n")
    #expect(piped[1] == "1  Block(Linear(784 -> 100), BatchNorm(100), ReLU)  [batch, 100]  78700       he_normal")
  }

  @Test func aBlockHigherThanTheScreenShowsTheCursorsPart() throws {
    let terminal = try prompt(rows: 8, columns: 40)
    terminal.type("\u{1b}[200~x = {\n\(rows(1...30))\n}\u{1b}[201~")
    try terminal.expectScreen("the end") { $0.text.hasSuffix("\n\(rows(26...30))\n}") && $0.column == 1 }
    terminal.skipShown()
    terminal.type("\r")
    try terminal.expect("\n> ")
    terminal.type(up)
    try terminal.expectScreen("the end again") { $0.text.hasSuffix("\n\(rows(26...30))\n}") && $0.column == 1 }
    // up beyond what is shown, and further to the first line
    terminal.type(String(repeating: up, count: 10))
    try terminal.expectScreen("the middle") { $0.text.hasSuffix("  21,\n\(rows(22...27))") }
    terminal.type(String(repeating: up, count: 21) + "\u{5}")
    try terminal.expectScreen("the start") { $0.text.hasSuffix("> x = {\n\(rows(1...6))") }
    terminal.skipShown()
    // what is changed out of sight counts
    terminal.type("0,\r")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("#x") == "31")
  }

  @Test func linesThatWrapTakeTheirRows() throws {
    let terminal = try prompt(rows: 6, columns: 20)
    let long = String(repeating: "y", count: 30)
    terminal.type("\u{1b}[200~a = 1\n\(Array(repeating: "b = '\(long)'", count: 4).joined(separator: "\n"))\u{1b}[201~")
    let (first, last) = ("b = 'yyyyyyyyyyyyy\nyyyyyyyyyyyyyyyyy'", "b = 'yyyyyyyyyyyyyyy\nyyyyyyyyyyyyyyy'")
    try terminal.expectScreen("two lines") { $0.text.hasSuffix("\n> \(first)\n\(last)") }
    terminal.skipShown()
    terminal.type("\r")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("#b") == "30")
  }

  @Test func aTerminalThatCanNotGoUpMarksTheEndsOfLines() throws {
    let terminal = try prompt(rows: 10, columns: 60, ["TERM": "dumb"])
    terminal.type("do\rx = 5\rend\r\(up)")
    try terminal.expectScreen("the entry in a line") { $0.text.hasSuffix("\n> do↵ x = 5↵ end") && $0.column == 16 }
    terminal.skipShown()
    terminal.type("\u{2}\u{2}\u{2}\u{2}6\r")
    try terminal.expect("\n> ")
    #expect(try terminal.ask("x") == "56")
  }

  @Test func aSizeThatChangesKeepsTheCursorInSight() throws {
    let terminal = try prompt(rows: 20, columns: 40)
    terminal.type("\u{1b}[200~x = {\n\(rows(1...12))\n}\u{1b}[201~")
    try terminal.expectScreen("all of it") { $0.text.hasSuffix("> x = {\n\(rows(1...12))\n}") }
    terminal.resize(rows: 6, columns: 40)
    let end = ">   9,\n\(rows(10...12))\n}"
    try terminal.expectScreen("the end") { $0.text == end }
    terminal.type("\u{1}")
    try terminal.expectScreen("the start of the last line") { $0.text == end && $0.column == 0 }
    terminal.resize(rows: 18, columns: 30)
    try terminal.expectScreen("all of it again") { $0.text.hasSuffix("> x = {\n\(rows(1...12))\n}") && $0.column == 0 }
    // the prompts that were drawn anew are not to be taken for the answer's
    terminal.type("\rprint('size ' .. #x)\r")
    try terminal.expect("\nsize 12\n")
  }

  @Test func aWidthThatChangesWrapsTheLineAnew() throws {
    let terminal = try prompt(rows: 6, columns: 40)
    let text = "x = '" + String(repeating: "abcdefghi-", count: 5)
    terminal.type(text)
    try terminal.expectScreen("two rows") { $0.text.hasSuffix("> \(text.prefix(38))\n\(text.dropFirst(38))") }
    terminal.resize(rows: 6, columns: 30)
    try terminal.expectScreen("narrower rows") {
      $0.text.hasSuffix("> \(text.prefix(28))\n\(text.dropFirst(28))") && $0.column == 27
    }
    terminal.resize(rows: 5, columns: 80)
    try terminal.expectScreen("a row") { $0.text.hasSuffix("> \(text)") && $0.column == 57 }
    terminal.type("'\rprint('size ' .. #x)\r")
    try terminal.expect("\nsize 50\n")
  }

  /// Other programs type to a terminal that does not echo, and wait for the prompt.
  @Test func aTerminalThatDoesNotEchoShowsPrompts() throws {
    let terminal = try Workplace().prompt(environment: ["SONDE_HISTORY": ""], echo: false)
    terminal.type("print(6 * 7)\r")
    #expect(try terminal.expect("> ") == "\n42\n")
    terminal.type("for i = 1, 2 do\r")
    try terminal.expect("\n>> ")
    terminal.type("print(i)\r")
    try terminal.expect("\n>> ")
    terminal.type("end\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n1\n2"))
    terminal.type("x = 1\u{3}")
    try terminal.expect("\n> ")
    terminal.type("x\r")
    #expect(try terminal.expect("> ") == "\nnil\n")
  }
}
