import CLua
import LuaAPI
import TestSupport
import Testing

@testable import sonde

/// How candidates are shown, and Tab in a terminal.
struct CompletionListTests {
  // MARK: Lists

  private func lines(_ names: [String], columns: Int, rows: Int = 0) -> [String] {
    CandidateList(names.map { Candidate($0) }, isUnicode: false).lines(columns: columns, rows: rows)
  }

  @Test func manyStandInColumns() {
    let names = ["alpha", "beta", "gamma", "delta", "eps", "zeta", "eta"]
    #expect(lines(names, columns: 24) == ["alpha  delta  eta", "beta   eps", "gamma  zeta"])
    #expect(lines(names, columns: 14) == ["alpha  eps", "beta   zeta", "gamma  eta", "delta"])
    #expect(lines([], columns: 80) == [])
  }

  @Test func moreThanTheScreenHoldsIsCut() {
    let names = (100..<200).map { "name\($0)" }
    #expect(
      lines(names, columns: 28, rows: 3)
        == ["name100  name102  name104", "name101  name103  name105", "... 94 more, Tab again shows all 100"])
    #expect(lines(names, columns: 28, rows: 34).count == 34 && lines(names, columns: 28).count == 34)
  }

  @Test func aFewAreExplained() {
    let few = [
      Candidate("relu", summary: "max(0, x), the most common of all"), Candidate("tanh"),
      Candidate("x", summary: "a\nb"),
    ]
    #expect(
      CandidateList(few, isUnicode: false).lines(columns: 29)
        == ["relu  max(0, x), the most...", "tanh", "x     a\\nb"])
    #expect(CandidateList(few).lines(columns: 120)[0] == "relu  max(0, x), the most common of all")
  }

  @Test func namesCanDoNothingToTheTerminal() {
    #expect(lines(["a\u{1b}[2J", "b\r"], columns: 40) == ["a\\x1b[2J  b\\r"])
    let wide = lines([String(repeating: "w", count: 200), "x"], columns: 100)
    #expect(wide.allSatisfy { $0.count <= 60 } && wide.count == 2)
  }

  // MARK: In a terminal

  private let setup = "net = nn.mlp{inputs=4, width=4, depth=2};"

  @Test func tabCompletes() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask(setup) == "")
    for (typed, answer) in [
      ("#net.par\t", "4"), ("nn.mlp{wid\t7, depth=1, inputs=2}.width", "7"), ("net:batchn\t()", "off"),
      ("nn.relu\t ~= nil", "true"), ("('x'):upp\t()", "X"), ("net:batchnorm('be\t) == net", "true"),
    ] {
      terminal.type(typed + "\r")
      #expect(try terminal.expect("\n> ").hasSuffix("\n\(answer)"), "\(typed)")
    }
  }

  @Test func tabListsWhatThereIs() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask(setup) == "")
    terminal.type("net:batch\t\t")
    try terminal.expect("net:batchnorm\n")
    let list = try terminal.expect("\n> net:batchnorm").split(separator: "\n").map(String.init)
    #expect(list.count == 2)
    #expect(list.first?.hasPrefix("batchnorm       Sets batch normalisation before or after the activation") == true)
    #expect(list.last?.hasPrefix("batchnorm_mode  ") == true)
    terminal.type("('off')[1].kind\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\nBlock"))
  }

  @Test func tabIndentsAndKnowsTheLinesBefore() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("local function sum(values)", prompt: ">> ") == "")
    #expect(try terminal.ask("local total = 0", prompt: ">> ") == "")
    terminal.type("\tfor _, v in ipairs(val\t) do tot\t = tot\t + v end\r")
    #expect(try terminal.expect("\n>> ").hasSuffix("  for _, v in ipairs(values) do total = total + v end"))
    #expect(try terminal.ask("return total end print(sum{1, 2, 3})") == "6")
  }

  @Test func tabSeesTheLocalsOfEarlierLines() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("local basket = {apples = 3};") == "")
    terminal.type("bask\t.app\t + 1\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n4"))
  }

  @Test func tabWorksInTheMiddleOfALine() throws {
    let terminal = try Workplace().prompt()
    // five to the left: before the parenthesis
    terminal.type("math.flo(3.7)\u{1b}[D\u{1b}[D\u{1b}[D\u{1b}[D\u{1b}[D\t\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n3"))
  }

  @Test func completionFollowsInputrc() throws {
    let place = try Workplace()
    place.write("vi", "set editing-mode vi\nset show-all-if-ambiguous on\n")
    let terminal = try place.prompt(environment: ["INPUTRC": "\(place.directory.path)/vi"])
    terminal.type("math.flo\t(3.7)\r")
    #expect(try terminal.expect("\n> ").hasSuffix("\n3"))
    // all is listed at once, though there is something to add
    terminal.type("math.m\t")
    try terminal.expect("modf")
  }

  @Test func allMatchesCanBeInserted() throws {
    let terminal = try Workplace().prompt()
    #expect(try terminal.ask("one_a, one_b = 1, 2") == "")
    terminal.type("{one_\u{1b}*}\r")
    #expect(try terminal.expect("\n> ").contains("{one_a one_b }"))
  }
}
